"""A question as a whole: from a form to its response, from its response to words, and what its page needs.

The form field of a control is `a-<item>`, then `.<interaction>` in a question of several, then `.<spot>` where an
interaction has several controls.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lti_tool.assessments.interactions.kind import Layout, Orders, Seen, Widget
from lti_tool.assessments.interactions.registry import kind_of
from lti_tool.assessments.model.interaction import Interaction
from lti_tool.assessments.model.item import Item, Place, Response, is_answered
from lti_tool.assessments.model.variables import Value

Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One interaction of a question as a page shows it: `field` begins the names of its form fields."""

    field: str
    id: str
    widget: Widget

    def name(self, spot: str) -> str:
        """The name of the form field of a control."""
        return f"{self.field}.{spot}" if spot else self.field

    def filled(self) -> list[tuple[str, str]]:
        """What its form would send as it stands: names and values of all that is filled in."""
        found = []
        for control in self.widget.controls:
            chosen = [option.id for option in control.options if option.chosen]
            values = chosen or ([control.value] if control.value else [])
            found += [(self.name(control.spot), value) for value in values]
        return found

    def as_typed(self, text: str) -> "Asked":
        """The same with another text in its first control: what came in and could not be kept."""
        first, *others = self.widget.controls
        widget = replace(self.widget, controls=(replace(first, value=text), *others))
        return replace(self, widget=widget)


def field_name(item: Item, asked: Interaction) -> str:
    """What the names of an interaction's form fields begin with."""
    return f"a-{item.id}.{asked.id}" if asked.id else f"a-{item.id}"


def read_response(item: Item, fields: Fields) -> Response | None:
    """The response to a question in form data, None for no answer.

    Raises Invalid for what the question's fields cannot have sent: an unknown or second choice, too long a text.
    A number that cannot be read is no fault: it is kept as typed, and `unclear` says what to tell the learner.
    """
    values: dict[str, Value] = {}
    for asked in item.interactions:
        value = kind_of(asked).read(asked, _given(field_name(item, asked), fields))
        if value:
            values[asked.id] = value
    return _response(item, values)


def _given(field: str, fields: Fields) -> Mapping[str, Sequence[str]]:
    inside = f"{field}."
    given = {name.removeprefix(inside): values for name, values in fields.items() if name.startswith(inside)}
    return {**given, "": fields[field]} if field in fields else given


def _response(item: Item, values: Mapping[str, Value]) -> Response | None:
    return (values or None) if _is_composite(item) else values.get("")


def _is_composite(item: Item) -> bool:
    return len(item.interactions) != 1 or bool(item.interactions[0].id)


def values_of(item: Item, response: Response | None) -> Iterator[tuple[Interaction, Value | None]]:
    """Each interaction with its value in canonical form; None where there is none, or one of another shape."""
    if not _is_composite(item):
        asked = item.interactions[0]
        yield asked, kind_of(asked).declaration(asked).canonical(response)
        return
    values = response if isinstance(response, Mapping) else {}
    for asked in item.interactions:
        yield asked, kind_of(asked).declaration(asked).canonical(values.get(asked.id))


def widgets(item: Item, response: Response | None, orders: Mapping[str, Sequence[str]]) -> tuple[Asked, ...]:
    """What a page needs to ask each interaction; `orders` are the drawn ones of the attempt. No key is in it."""
    placed = {place.interaction for place in item.flow if isinstance(place, Place)}
    found = []
    for asked, value in values_of(item, response):
        widget = kind_of(asked).widget(asked, value, orders_of(item, asked, orders))
        if asked.id in placed:
            widget = replace(widget, layout=Layout.TEXT)
        found.append(Asked(field_name(item, asked), asked.id, widget))
    return tuple(found)


def seen(item: Item, response: Response | None, orders: Mapping[str, Sequence[str]]) -> tuple[Seen, ...]:
    """Each choice of the question with what the key says; for after the attempt only."""
    return tuple(
        each
        for asked, value in values_of(item, response)
        for each in kind_of(asked).seen(asked, value, orders_of(item, asked, orders))
    )


def feedback(item: Item, response: Response | None) -> tuple[str, ...]:
    """What the author says to just this response, as HTML; for after the attempt only."""
    said = (kind_of(asked).feedback(asked, value) for asked, value in values_of(item, response) if value)
    return tuple(html for html in said if html)


def order_key(item: Item, asked: Interaction, row: str) -> str:
    """What a drawn order is recorded under; the only list of the only interaction under the question itself."""
    return ".".join(part for part in (item.id, asked.id, row) if part)


def orders_of(item: Item, asked: Interaction, orders: Mapping[str, Sequence[str]]) -> Orders:
    """The drawn orders of one interaction, by the names of its rows."""
    keyed = ((row.name, order_key(item, asked, row.name)) for row in kind_of(asked).rows(asked))
    return {name: orders[key] for name, key in keyed if key in orders}


def unclear(item: Item, response: Response | None) -> str:
    """What to tell the learner where we may not read the response as meant ("16,000"); empty when all is clear."""
    found = (kind_of(asked).unclear(asked, value) for asked, value in values_of(item, response) if value)
    return " ".join(text for text in found if text)


def describe(item: Item, response: Response | None) -> str:
    """The response in plain words."""
    if not is_answered(response):
        return "No answer"
    values = {asked.id: value for asked, value in values_of(item, response)}
    return _numbered(item, lambda asked: kind_of(asked).describe(asked, value) if (value := values[asked.id]) else "–")


def describe_key(item: Item) -> str:
    """The right answer in plain words. For after the attempt only: whoever shows it earlier gives the answer away."""
    return _numbered(item, lambda asked: kind_of(asked).describe_key(asked))


def _numbered(item: Item, words: Callable[[Interaction], str]) -> str:
    if not _is_composite(item):
        return words(item.interactions[0])
    return "; ".join(f"({number}) {words(asked)}" for number, asked in enumerate(item.interactions, start=1))
