"""Scores one question, and one attempt: `points = fraction × max_points`, `percent = 100 × points ÷ max_points`."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from lti_tool.assessments.interactions.kind import Mark
from lti_tool.assessments.interactions.reading import values_of
from lti_tool.assessments.interactions.registry import kind_of
from lti_tool.assessments.model.form import Form
from lti_tool.assessments.model.interaction import Interaction
from lti_tool.assessments.model.item import Item, Response
from lti_tool.assessments.model.outcome import NOTHING, ItemOutcome, Outcome, Step
from lti_tool.assessments.scoring.behaviours import BEHAVIOURS, Judged, Try
from lti_tool.assessments.variants.draw import DrawnForm

NO_ANSWER = Mark(NOTHING, "", (Step("There was no answer."),))
WHOLE = Fraction(1)


def score_item(item: Item, response: Response | None) -> ItemOutcome:
    """The mark of one question. Never raises: no answer, and one that cannot be read, earn nothing, and say so."""
    judged = _judged(item, response)
    return _outcome(item, judged, judged.reasons)


def score_tries(form: Form, item: Item, tries: Sequence[Try]) -> ItemOutcome:
    """The mark of one question over all tries, by the form's behaviour; no try is no answer."""
    if not tries:
        return score_item(item, None)
    judged = [_judged(item, each.response) for each in tries]
    final, reasons = BEHAVIOURS[form.behaviour](judged, tries, form.penalty, len(item.hints) + 1)
    return _outcome(item, final, reasons)


def score(form: Form, drawn: DrawnForm, responses: Mapping[str, Response]) -> Outcome:
    """The result of an attempt: the questions it drew, each with its mark. Answers to other questions count nothing."""
    return score_histories(form, drawn, {item_id: (Try(response),) for item_id, response in responses.items()})


def score_histories(form: Form, drawn: DrawnForm, histories: Mapping[str, Sequence[Try]]) -> Outcome:
    """The result of an attempt from all tries at each question."""
    items = tuple(score_tries(form, form.items[item_id], histories.get(item_id, ())) for item_id in drawn.item_ids)
    points = max(NOTHING, sum((item.points for item in items), NOTHING))
    max_points = sum((item.max_points for item in items), NOTHING)
    percent = 100 * points / max_points if max_points else NOTHING
    return Outcome(
        items=items, points=points, max_points=max_points, percent=percent, passed=percent >= form.pass_percent
    )


def _judged(item: Item, response: Response | None) -> Judged:
    """How right a response is: each interaction's mark, weighed against the others'."""
    found = list(values_of(item, response))
    marks = [kind_of(asked).mark(asked, value) if value else NO_ANSWER for asked, value in found]
    answered = any(value for _, value in found)
    understood = "; ".join(mark.understood for mark in marks if mark.understood)
    pending = any(mark.pending for mark in marks)
    if len(marks) == 1:
        return Judged(answered, marks[0].why, (marks[0].share,), (WHOLE,), understood, pending)
    if not answered:
        shares = tuple(NOTHING for _ in marks)
        return Judged(False, NO_ANSWER.why, shares, _weights(item.interactions), "", False)
    weights = _weights(item.interactions)
    reasons = tuple(
        Step(reason.text, reason.params, reason.points * weight, asked.id)
        for (asked, _), mark, weight in zip(found, marks, weights, strict=True)
        for reason in mark.why
    )
    return Judged(True, reasons, tuple(mark.share for mark in marks), weights, understood, pending)


def _weights(interactions: Sequence[Interaction]) -> tuple[Fraction, ...]:
    """The parts of the whole that the interactions of a question are worth."""
    whole = sum((asked.weight for asked in interactions), NOTHING)
    return tuple(asked.weight / whole for asked in interactions)


def _outcome(item: Item, judged: Judged, reasons: tuple[Step, ...]) -> ItemOutcome:
    fraction = reasons[0].points if len(reasons) == 1 else sum((reason.points for reason in reasons), NOTHING)
    return ItemOutcome(
        item_id=item.id,
        fraction=fraction,
        points=fraction * item.points,
        max_points=item.points,
        answered=judged.answered,
        right=fraction == 1,
        understood=judged.understood,
        trace=reasons if item.points == 1 else tuple(_worth(reason, item.points) for reason in reasons),
        pending=judged.pending,
    )


def _worth(reason: Step, points: Fraction) -> Step:
    return Step(reason.text, reason.params, reason.points * points, reason.part) if reason.points else reason
