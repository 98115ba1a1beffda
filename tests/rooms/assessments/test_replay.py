"""The record is the truth: what was drawn, what was answered and what it was marked can be worked out again from it."""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from lti_tool import assessments, modules
from lti_tool.assessments import DrawnForm, Form, Item, Outcome, Response
from lti_tool.assessments.interactions.kind import Field
from lti_tool.assessments.model import response_from_json, response_to_json
from lti_tool.assessments.variants.prng import SplitMix64, stream

PACKAGE = Path(__file__).parent / "every-kind"
LEARNERS = 200


def answered(item: Item, orders: Mapping[str, Sequence[str]], chance: SplitMix64) -> Response | None:
    """What a learner gives at random, by the form of the page."""
    fields: dict[str, list[str]] = {}
    for part in assessments.widgets(item, None, orders):
        for control in part.widget.controls:
            if chance.below(5) == 0:
                continue
            told = [option.id for option in control.options] or ["12.5 m", "bow line", "3,1416", "60", "GER 1", "photo"]
            count = 1 + chance.below(len(told)) if control.field is Field.CHECKS else 1
            fields[part.name(control.spot)] = list(chance.shuffled(told)[:count])
    return assessments.read_response(item, fields)


def sitting(form: Form, learner: int) -> str:
    """One learner's attempt, as its record is stored."""
    drawn, chance = assessments.draw(form, learner), stream(learner, "answers")
    given = {id_: answered(form.items[id_], drawn.choice_orders, chance) for id_ in drawn.item_ids}
    responses = {id_: response for id_, response in given.items() if response is not None}
    outcome = assessments.score(form, drawn, responses)
    record = {
        "drawn": drawn.to_json(),
        "responses": {id_: response_to_json(response) for id_, response in responses.items()},
        "outcome": outcome.to_json(),
    }
    return json.dumps(record)


def test_every_score_of_two_hundred_learners_is_worked_out_again_from_its_record_bit_for_bit() -> None:
    published = json.dumps(modules.read_package(PACKAGE).definition.form.to_json())
    form = Form.from_json(json.loads(published))
    records = [sitting(form, learner) for learner in range(LEARNERS)]

    points = set()
    for text in records:
        record = json.loads(text)
        # As another process would do it: the version from its own JSON, nothing but the record.
        drawn = DrawnForm.from_json(record["drawn"])
        told = {id_: response_from_json(stored) for id_, stored in record["responses"].items()}
        responses = {id_: response for id_, response in told.items() if response is not None}
        again = assessments.score(form, drawn, responses)
        assert json.dumps(again.to_json()) == json.dumps(record["outcome"])
        assert Outcome.from_json(record["outcome"]) == again
        assert assessments.draw(form, drawn.seed) == drawn, "the seed proves the draw"
        points.add(again.points)
    assert len(points) > 20 and len(set(records)) == LEARNERS


OLD_ITEMS = {
    "one": {
        "id": "one",
        "kind": "single",
        "title": "One",
        "stem": "<p>Which?</p>",
        "points": "1",
        "choices": [
            {"id": "a", "html": "A", "right": False, "feedback": "no"},
            {"id": "b", "html": "B", "right": True, "feedback": ""},
        ],
        "texts": [],
        "number": None,
        "scoring": "net",
        "case_matters": False,
        "unit": "",
        "fixed": True,
        "feedback_right": "<p>Yes</p>",
        "feedback_wrong": "",
        "solution": "<p>B it is.</p>",
        "outcomes": [1],
    },
    "many": {
        "id": "many",
        "kind": "multiple",
        "title": "",
        "stem": "<p>Which?</p>",
        "points": "3",
        "choices": [{"id": key, "html": key, "right": key in "ab", "feedback": ""} for key in "abc"],
        "scoring": "all",
        "fixed": False,
    },
    "word": {"id": "word", "kind": "text", "title": "", "stem": "", "texts": ["pH", "acidity"], "case_matters": True},
    "count": {
        "id": "count",
        "kind": "number",
        "title": "",
        "stem": "",
        "number": {"value": "72", "tolerance": "5", "relative": True},
        "unit": "hours",
    },
}
OLD_FORM = {
    "title": "Check",
    "instructions": "",
    "attempts": 3,
    "time_minutes": None,
    "shuffle_choices": True,
    "review": "after",
    "pass_percent": "70",
    "sections": [{"title": "", "draw": None, "shuffle": False, "item_ids": list(OLD_ITEMS)}],
    "items": OLD_ITEMS,
}
OLD_DRAW = {
    "seed": 7,
    "generator_version": 1,
    "item_ids": list(OLD_ITEMS),
    "choice_orders": {"one": ["a", "b"], "many": ["c", "a", "b"]},
}
OLD_OUTCOME = {
    "items": [
        {
            "item_id": "one",
            "fraction": "1",
            "points": "1",
            "max_points": "1",
            "answered": True,
            "right": True,
            "understood": "B",
            "trace": ["You chose “B”, which is right.", "1 of 1 point, 100 % of it."],
        }
    ],
    "points": "1",
    "max_points": "1",
    "percent": "100",
    "passed": True,
}


def test_a_module_that_was_published_before_questions_had_parts_goes_on() -> None:
    form = Form.from_json(OLD_FORM)
    drawn = DrawnForm.from_json(OLD_DRAW)

    outcome = assessments.score(form, drawn, {"one": "b", "many": ("a", "b"), "word": "acidity", "count": "75,6 hours"})

    assert [(mark.points, mark.right) for mark in outcome.items] == [(1, True), (3, True), (1, True), (1, True)]
    assert outcome.percent == Fraction(100)
    one = form.items["one"]
    assert (one.feedback_right, one.solution, one.outcomes) == ("<p>Yes</p>", "<p>B it is.</p>", (1,))
    assert [seen.feedback for seen in assessments.seen(one, "a", drawn.choice_orders)] == ["no", ""]
    (asked,) = assessments.widgets(form.items["many"], ("b",), drawn.choice_orders)
    assert [(option.id, option.chosen) for option in asked.widget.controls[0].options] == [
        ("c", False),
        ("a", False),
        ("b", True),
    ]
    assert not assessments.score_item(form.items["word"], "PH").right
    assert Form.from_json(form.to_json()) == form


def test_an_outcome_of_before_reads_with_its_sentences() -> None:
    (mark,) = Outcome.from_json(OLD_OUTCOME).items

    assert [str(step) for step in mark.trace] == OLD_OUTCOME["items"][0]["trace"]  # type: ignore[index]
    assert sum(step.points for step in mark.trace) == mark.points == 1
    assert not mark.pending
