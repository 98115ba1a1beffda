"""Models of partial credit: from what was right and wrong to shares of the points, each step with its reason.

What each model is for, with examples: docs/reference/partial-credit.md. Sets know no order: a model sees counts only.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lti_tool.assessments.model.interaction import Scoring
from lti_tool.assessments.model.outcome import Step

NONE, WHOLE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was taken: `hits` of the `right` ones there are, `misses` of the `wrong` ones."""

    hits: int
    misses: int
    right: int
    wrong: int


def _net(tally: Tally) -> tuple[Step, ...]:
    of = tally.right or 1
    gained, lost = Fraction(tally.hits, of), Fraction(tally.misses, of)
    reasons = [Step("Right ones that you took: %(hits)s of %(right)s.", _counts(tally), gained)]
    if lost:
        reasons.append(
            Step("Wrong ones that you took: %(misses)s. Each takes back a right one.", _counts(tally), -lost)
        )
    return floored(reasons, gained - lost)


def _all(tally: Tally) -> tuple[Step, ...]:
    share = Fraction(int(tally.hits == tally.right and not tally.misses))
    return (
        Step("Right ones that you took: %(hits)s of %(right)s. Wrong ones: %(misses)s.", _counts(tally)),
        Step("All the right ones and no other earn the points; anything else earns none.", {}, share),
    )


def _each(tally: Tally) -> tuple[Step, ...]:
    good, of = tally.hits + tally.wrong - tally.misses, tally.right + tally.wrong
    counts = {"good": str(good), "all": str(of)}
    text = "Each one is a decision to take it or to leave it. You decided rightly: %(good)s of %(all)s."
    return (Step(text, counts, Fraction(good, of or 1)),)


def _coverage(tally: Tally) -> tuple[Step, ...]:
    taken = tally.hits + tally.misses
    share = Fraction(tally.hits, tally.right or 1) * Fraction(tally.hits, taken or 1)
    counts = {**_counts(tally), "taken": str(taken)}
    text = "Of %(right)s right ones you took %(hits)s; of %(taken)s that you took, %(hits)s were right. Both multiply."
    return (Step(text, counts, share),)


def _pairs(tally: Tally) -> tuple[Step, ...]:
    of = max(tally.right, tally.hits + tally.misses)
    text = "Right matches: %(hits)s of %(all)s."
    if of > tally.right:
        text = "Right matches: %(hits)s of %(all)s, which is how many you made; only %(right)s were to be made."
    return (Step(text, {**_counts(tally), "all": str(of)}, Fraction(tally.hits, of or 1)),)


_SETS: Mapping[Scoring, Callable[[Tally], tuple[Step, ...]]] = {
    Scoring.NET: _net,
    Scoring.ALL: _all,
    Scoring.EACH: _each,
    Scoring.COVERAGE: _coverage,
    Scoring.PAIRS: _pairs,
}
FOR_CHOICES = (Scoring.NET, Scoring.ALL, Scoring.EACH, Scoring.COVERAGE, Scoring.POINTS)
FOR_PAIRS = (Scoring.PAIRS, Scoring.NET, Scoring.ALL)
FOR_ORDERS = (Scoring.NEIGHBOURS, Scoring.PLACES, Scoring.LONGEST, Scoring.ALL)


def of_tally(scoring: Scoring, tally: Tally) -> tuple[Step, ...]:
    """The reasons of a model for sets; their points add up to the share, from 0 to 1."""
    return _SETS[scoring](tally)


def of_shares(shares: Sequence[tuple[str, Fraction]]) -> tuple[Step, ...]:
    """The model `points`: what each taken thing earns or costs, by the author's word, kept between 0 and 1."""
    reasons = [
        Step("“%(what)s” earns or costs %(percent)s %%.", _percent(what, share), share) for what, share in shares
    ]
    earned = sum((share for _, share in shares), NONE)
    if earned > WHOLE:
        reasons.append(Step("No question earns more than its points.", {}, WHOLE - earned))
    return floored(reasons, earned)


def of_order(scoring: Scoring, places: Sequence[int | None], count: int) -> tuple[Step, ...]:
    """Reasons of a model for orders. `places` holds, for each thing in the right order, where it was put (from 0)."""
    if scoring is Scoring.ALL:
        share = Fraction(int(list(places) == list(range(count))))
        return (Step("The whole order must be right; anything else earns nothing.", {}, share),)
    good, of, text = _ORDERS[scoring](places, count)
    return (Step(text, {"good": str(good), "all": str(of)}, Fraction(good, of or 1)),)


def _in_place(places: Sequence[int | None], count: int) -> tuple[int, int, str]:
    good = sum(1 for right, put in enumerate(places) if put == right)
    return good, count, "In their right place: %(good)s of %(all)s."


def _next_to(places: Sequence[int | None], count: int) -> tuple[int, int, str]:
    good = sum(1 for one, other in pairwise(places) if one is not None and other is not None and other == one + 1)
    return good, count - 1, "Steps from one to the next that are right: %(good)s of %(all)s."


def _longest(places: Sequence[int | None], count: int) -> tuple[int, int, str]:
    tails: list[int] = []
    for put in places:
        if put is not None:
            at = bisect_left(tails, put)
            tails[at : at + 1] = [put]
    good = len(tails) if len(tails) > 1 else 0
    return good, count, "The longest run in the right order, others between them aside: %(good)s of %(all)s."


_ORDERS: Mapping[Scoring, Callable[[Sequence[int | None], int], tuple[int, int, str]]] = {
    Scoring.PLACES: _in_place,
    Scoring.NEIGHBOURS: _next_to,
    Scoring.LONGEST: _longest,
}


def floored(reasons: Sequence[Step], earned: Fraction) -> tuple[Step, ...]:
    """The reasons, with one more that lifts a negative sum to 0."""
    if earned < NONE:
        return (*reasons, Step("A question never earns less than 0.", {}, -earned))
    return tuple(reasons)


def total(reasons: Sequence[Step]) -> Fraction:
    """What the reasons add up to."""
    return sum((reason.points for reason in reasons), NONE)


def _counts(tally: Tally) -> dict[str, str]:
    return {"hits": str(tally.hits), "misses": str(tally.misses), "right": str(tally.right)}


def _percent(what: str, share: Fraction) -> dict[str, str]:
    return {"what": what, "percent": f"{float(100 * share):+.4g}".replace("-", "−")}
