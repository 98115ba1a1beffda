"""Choice questions: one right of several, or several right of several."""

from collections.abc import Collection, Sequence
from fractions import Fraction

from lti_tool.assessments.interactions.kind import Mark
from lti_tool.assessments.interactions.words import count, plain
from lti_tool.assessments.model.item import Item, MultipleScoring, Response
from lti_tool.core.errors import Invalid


class Single:
    """One choice is right, and it earns all the points."""

    def read(self, item: Item, values: Sequence[str]) -> Response | None:
        chosen = _chosen(item, values)
        _check_one(item, chosen)
        return chosen[0] if chosen else None

    def unclear(self, item: Item, response: Response) -> str:
        return ""

    def describe(self, item: Item, response: Response) -> str:
        return _words(item, _known(item, response))

    def describe_key(self, item: Item) -> str:
        return _words(item, _right_ids(item))

    def mark(self, item: Item, response: Response) -> Mark:
        chosen = _known(item, response)
        words = _words(item, chosen)
        right = len(chosen) == 1 and chosen[0] in _right_ids(item)
        verdict = f"You chose “{words}”, which is {'right' if right else 'not right'}."
        return Mark(Fraction(int(right)), words, (verdict,))


class Multiple:
    """Several choices may be right; how ticks turn into points is the item's `scoring`."""

    def read(self, item: Item, values: Sequence[str]) -> Response | None:
        chosen = set(_chosen(item, values))
        # In the author's order, whatever order the learner saw: the response does not depend on the shuffle.
        return tuple(choice.id for choice in item.choices if choice.id in chosen) or None

    def unclear(self, item: Item, response: Response) -> str:
        return ""

    def describe(self, item: Item, response: Response) -> str:
        return _words(item, _known(item, response))

    def describe_key(self, item: Item) -> str:
        return _words(item, _right_ids(item))

    def mark(self, item: Item, response: Response) -> Mark:
        chosen = set(_known(item, response))
        right_ids = _right_ids(item)
        hits, misses = len(chosen & right_ids), len(chosen - right_ids)
        found = f"You ticked {hits} of the {count(len(right_ids), 'right answer', 'right answers')} and {misses} wrong."
        if item.scoring is MultipleScoring.ALL:
            fraction = Fraction(int(chosen == right_ids))
            rule = "All the right answers and no other earn the points; anything else earns none."
        else:
            fraction = max(Fraction(0), Fraction(hits - misses, len(right_ids) or 1))
            rule = f"Each wrong tick takes back a right one: {hits} − {misses}, of {len(right_ids)}, never below 0."
        return Mark(fraction, _words(item, chosen), (found, rule))


def _chosen(item: Item, values: Sequence[str]) -> list[str]:
    chosen = [value for value in dict.fromkeys(values) if value]
    _check_known(item, chosen)
    return chosen


def _check_known(item: Item, chosen: Sequence[str]) -> None:
    known = {choice.id for choice in item.choices}
    if not known.issuperset(chosen):
        raise Invalid(
            "assessments.unknown_choice",
            "This answer is not one of the choices of the question.",
            "Reload the page and choose again. What was saved before is still there.",
            log={"item": item.id},
        )


def _check_one(item: Item, chosen: Sequence[str]) -> None:
    if len(chosen) > 1:
        raise Invalid(
            "assessments.one_choice_only",
            "This question takes one answer, and more than one came in.",
            "Choose one answer and save again.",
            log={"item": item.id},
        )


def _known(item: Item, response: Response) -> tuple[str, ...]:
    chosen = (response,) if isinstance(response, str) else response
    return tuple(choice.id for choice in item.choices if choice.id in chosen)


def _right_ids(item: Item) -> set[str]:
    return {choice.id for choice in item.choices if choice.right}


def _words(item: Item, chosen: Collection[str]) -> str:
    return "; ".join(plain(choice.html) for choice in item.choices if choice.id in chosen)
