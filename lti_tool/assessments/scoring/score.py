"""Scores one question, and one attempt: `points = fraction × max_points`, `percent = 100 × points ÷ max_points`."""

from collections.abc import Mapping
from fractions import Fraction

from lti_tool.assessments.interactions.registry import interaction_of
from lti_tool.assessments.interactions.words import count
from lti_tool.assessments.model.form import Form
from lti_tool.assessments.model.item import Item, Response
from lti_tool.assessments.model.outcome import ItemOutcome, Outcome
from lti_tool.assessments.variants.draw import DrawnForm


def score_item(item: Item, response: Response | None) -> ItemOutcome:
    """The mark of one question. Never raises: no answer, and one that cannot be read, earn nothing, and say so."""
    if not response:
        return ItemOutcome(
            item_id=item.id,
            fraction=Fraction(0),
            points=Fraction(0),
            max_points=item.points,
            answered=False,
            right=False,
            understood="",
            trace=("There was no answer.", _sum(Fraction(0), item.points)),
        )
    mark = interaction_of(item).mark(item, response)
    points = mark.fraction * item.points
    return ItemOutcome(
        item_id=item.id,
        fraction=mark.fraction,
        points=points,
        max_points=item.points,
        answered=True,
        right=mark.fraction == 1,
        understood=mark.understood,
        trace=(*mark.why, _sum(points, item.points)),
    )


def score(form: Form, drawn: DrawnForm, responses: Mapping[str, Response]) -> Outcome:
    """The result of an attempt: the questions it drew, each with its mark. Answers to other questions count nothing."""
    items = tuple(score_item(form.items[item_id], responses.get(item_id)) for item_id in drawn.item_ids)
    points = sum((item.points for item in items), Fraction(0))
    max_points = sum((item.max_points for item in items), Fraction(0))
    percent = 100 * points / max_points if max_points else Fraction(0)
    return Outcome(
        items=items, points=points, max_points=max_points, percent=percent, passed=percent >= form.pass_percent
    )


def _sum(points: Fraction, max_points: Fraction) -> str:
    return f"{points} of {count(max_points, 'point', 'points')}."
