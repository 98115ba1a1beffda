"""Numbers: stored as typed, read by `scoring.numbers`, right within the author's tolerance."""

from collections.abc import Sequence
from fractions import Fraction

from lti_tool.assessments.interactions.kind import Mark
from lti_tool.assessments.interactions.words import typed
from lti_tool.assessments.model.item import Item, NumberKey, Response
from lti_tool.assessments.scoring.numbers import Reading, as_text, read_number

MAX_NUMBER = 60


class Number:
    """A number, typed as people type numbers."""

    def read(self, item: Item, values: Sequence[str]) -> Response | None:
        return typed(values, limit=MAX_NUMBER)

    def unclear(self, item: Item, response: Response) -> str:
        reading = _reading(item, response)
        if reading.value is None:
            return f"“{_text(response)}” cannot be read as a number. Type digits only, such as 72 or 1.5."
        if reading.other is None:
            return ""
        small, large = as_text(reading.value), as_text(reading.other)
        plain = small if "." in small else f"{small}.0"
        return f"“{_text(response)}” can mean {small} or {large}. Type {plain} or {large} instead."

    def describe(self, item: Item, response: Response) -> str:
        text = _text(response).strip()
        return f"{text} {item.unit}" if item.unit and not text.endswith(item.unit) else text

    def describe_key(self, item: Item) -> str:
        if item.number is None:
            return ""
        aim, room = Fraction(item.number.value), _room(item.number)
        exact = f"{as_text(aim)} {item.unit}".strip()
        return f"{exact} ({as_text(aim - room)} to {as_text(aim + room)} count as right)" if room else exact

    def mark(self, item: Item, response: Response) -> Mark:
        reading = _reading(item, response)
        if reading.value is None or item.number is None:
            return Mark(Fraction(0), "", (f"“{_text(response)}” cannot be read as a number.",))
        key = item.number
        value = reading.value
        doubt: tuple[str, ...] = ()
        if reading.other is not None:
            # The benefit of the doubt: the comma is no mistake, and the learner cannot know which one we use.
            value = next((each for each in (value, reading.other) if _within(each, key)), value)
            small, large = as_text(reading.value), as_text(reading.other)
            doubt = (f"“{_text(response)}” can mean {small} or {large}; we read it as {as_text(value)}.",)
        right = _within(value, key)
        near = "within" if right else "not within"
        why = f"We read {as_text(value)}, which is {near} the accepted range around the right number."
        return Mark(Fraction(int(right)), as_text(value), (*doubt, why))


def _within(value: Fraction, key: NumberKey) -> bool:
    return abs(value - Fraction(key.value)) <= _room(key)


def _room(key: NumberKey) -> Fraction:
    """How far from the right number still counts; exact, so no rounding decides at the edge."""
    size = Fraction(key.tolerance)
    return abs(Fraction(key.value)) * size / 100 if key.relative else size


def _text(response: Response) -> str:
    return response if isinstance(response, str) else "; ".join(response)


def _reading(item: Item, response: Response) -> Reading:
    return read_number(_text(response), unit=item.unit)
