"""How the tries at one question become its mark: pure functions over their history.

Each takes the tries with how right each was, the penalty for an earlier try and the number of tries there are, and
gives the try that counts with the reasons of the mark, whose points add up to the fraction.
(After Moodle's question behaviours; interactive tries with its "countback", certainty with its marks ÷ 3.)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

from lti_tool.assessments.model.form import Behaviour
from lti_tool.assessments.model.item import Response
from lti_tool.assessments.model.outcome import NOTHING, Step


class Certainty(IntEnum):
    """How sure a learner says to be of an answer: under 67 %, under 80 %, or surer."""

    LOW = 1
    MIDDLE = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Try:
    """One answer that was given to be marked, in the order of the server's journal."""

    response: Response | None
    certainty: Certainty = Certainty.LOW


@dataclass(frozen=True, slots=True)
class Judged:
    """How right one try was: `shares` of its interactions, which are worth `weights` of the whole."""

    answered: bool
    reasons: tuple[Step, ...]
    shares: tuple[Fraction, ...]
    weights: tuple[Fraction, ...]
    understood: str
    pending: bool


Marked = tuple[Judged, tuple[Step, ...]]

# What a right answer earns and a wrong one costs, of the points of the question: Moodle's 1, 2, 3 and 0, −2, −6 of 3.
_EARNS = {Certainty.LOW: Fraction(1, 3), Certainty.MIDDLE: Fraction(2, 3), Certainty.HIGH: Fraction(1)}
_COSTS = {Certainty.LOW: Fraction(0), Certainty.MIDDLE: Fraction(-2, 3), Certainty.HIGH: Fraction(-2)}


def deferred(judged: Sequence[Judged], tries: Sequence[Try], penalty: Fraction, allowed: int) -> Marked:
    """Marked after the hand-in: the last answer counts."""
    return judged[-1], judged[-1].reasons


def immediate(judged: Sequence[Judged], tries: Sequence[Try], penalty: Fraction, allowed: int) -> Marked:
    """Marked at once, and then closed: the first answer counts."""
    first = next((each for each in judged if each.answered), judged[0])
    return first, first.reasons


def interactive(judged: Sequence[Judged], tries: Sequence[Try], penalty: Fraction, allowed: int) -> Marked:
    """Marked at once, with a hint after each wrong try: the last allowed try counts, less a penalty for earlier ones.

    Each interaction is charged only for the tries before the one from which its mark did not change any more.
    """
    counted = judged[:allowed]
    final = counted[-1]
    lost = NOTHING
    tries_charged = 0
    for part, (share, weight) in enumerate(zip(final.shares, final.weights, strict=True)):
        since = len(counted) - 1
        while since and counted[since - 1].shares[part] == share:
            since -= 1
        tries_charged = max(tries_charged, since if share else 0)
        lost += min(share, penalty * since) * weight
    if not lost:
        return final, final.reasons
    text = "Earlier tries that were not yet right: %(tries)s. Each costs %(penalty)s of the points."
    why = Step(text, {"tries": str(tries_charged), "penalty": str(penalty)}, -lost)
    return final, (*final.reasons, why)


def certainty(judged: Sequence[Judged], tries: Sequence[Try], penalty: Fraction, allowed: int) -> Marked:
    """The last answer counts, by how sure the learner was of it; one that earns nothing may cost more than nothing."""
    final, sure = judged[-1], tries[-1].certainty
    if not final.answered or final.pending:
        return final, final.reasons
    share = sum((reason.points for reason in final.reasons), NOTHING)
    worth = share * _EARNS[sure] if share > 0 else _COSTS[sure]
    facts = {"level": str(int(sure)), "factor": str(_EARNS[sure] if share > 0 else _COSTS[sure])}
    text = "You were sure of it on level %(level)s of 3, on which a right answer earns %(factor)s of its points."
    if share <= 0:
        text = "You were sure of it on level %(level)s of 3, on which a wrong answer counts %(factor)s of the points."
    return final, (*final.reasons, Step(text, facts, worth - share))


BEHAVIOURS: Mapping[Behaviour, Callable[[Sequence[Judged], Sequence[Try], Fraction, int], Marked]] = {
    Behaviour.DEFERRED: deferred,
    Behaviour.IMMEDIATE: immediate,
    Behaviour.INTERACTIVE: interactive,
    Behaviour.CERTAINTY: certainty,
}
