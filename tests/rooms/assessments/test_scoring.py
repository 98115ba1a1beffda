"""Scoring: within bounds, blind to order, never raising, explained, exact."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool import assessments
from lti_tool.assessments import Form, Item, Response, Section
from lti_tool.assessments.model import Scoring
from tests.rooms.assessments.samples import form_of, multiple, number, single, text

ITEMS = (single(), multiple(), multiple("all", Scoring.ALL), text(), number())
RESPONSES = st.one_of(st.none(), st.text(max_size=40), st.lists(st.sampled_from("abcdexyz"), max_size=9).map(tuple))


@settings(deadline=None)
@given(st.sampled_from(ITEMS), RESPONSES)
def test_a_mark_is_within_its_bounds_and_its_trace_names_it(item: Item, response: Response | None) -> None:
    mark = assessments.score_item(item, response)

    assert 0 <= mark.fraction <= 1
    assert mark.points == mark.fraction * item.points
    assert mark.right is (mark.fraction == 1)
    assert assessments.is_answered(response) or not mark.answered
    assert sum(step.points for step in mark.trace) == mark.points
    assert mark.trace and all(str(step).endswith(".") for step in mark.trace)


@settings(deadline=None)
@given(st.sampled_from(ITEMS[1:3]), st.permutations("abcde").map(tuple), st.integers(1, 5))
def test_the_order_of_ticks_does_not_matter(item: Item, order: tuple[str, ...], count: int) -> None:
    ticked = order[:count]

    assert assessments.score_item(item, ticked) == assessments.score_item(item, tuple(sorted(ticked)))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["one", "many", "all", "word", "count", "foreign"]), RESPONSES))
def test_an_outcome_is_the_sum_of_its_marks(given_responses: dict[str, Response | None]) -> None:
    form = form_of(*ITEMS)
    responses = {id_: response for id_, response in given_responses.items() if response is not None}

    outcome = assessments.score(form, assessments.draw(form, 1), responses)

    assert outcome.points == sum(mark.points for mark in outcome.items)
    assert outcome.max_points == sum(item.points for item in ITEMS)
    assert outcome.percent == 100 * outcome.points / outcome.max_points
    assert outcome.passed is (outcome.percent >= 70)
    assert assessments.Outcome.from_json(outcome.to_json()) == outcome


@pytest.mark.parametrize(
    ("ticked", "net", "all_or_nothing"),
    [
        ("abc", "1", "1"),
        ("ab", "2/3", "0"),
        ("abcd", "2/3", "0"),
        ("ad", "0", "0"),
        ("de", "0", "0"),
        ("abcde", "1/3", "0"),
        ("", "0", "0"),
    ],
)
def test_several_right_choices(ticked: str, net: str, all_or_nothing: str) -> None:
    for scoring, fraction in ((Scoring.NET, net), (Scoring.ALL, all_or_nothing)):
        item = multiple("many", scoring)
        assert assessments.score_item(item, tuple(ticked)).fraction == Fraction(fraction)


def told(item: Item, response: Response | None) -> list[tuple[str, Fraction]]:
    return [(str(step), step.points) for step in assessments.score_item(item, response).trace]


def test_why_this_mark_is_told_in_plain_sentences() -> None:
    assert told(single(), "a") == [("You chose “choice a”, which is not right.", 0)]
    assert told(multiple(), ("a", "b", "d")) == [
        ("Right ones that you took: 2 of 3.", 2),
        ("Wrong ones that you took: 1. Each takes back a right one.", -1),
    ]
    assert told(text(), None) == [("There was no answer.", 0)]


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("controller", True),
        ("  Data\u00a0 Controller\n", True),
        ("DATA CONTROLLER", True),
        ("\u200edata controller", True),
        ("the data controller", False),
        ("datacontroller", False),
    ],
)
def test_short_text(typed: str, right: bool) -> None:
    assert assessments.score_item(text(), typed).right is right


@pytest.mark.parametrize(
    ("answer", "typed"),
    [
        ("Zoë", "Zoe\u0308"),
        ("the subject's right", "the subject’s right"),
        ("opt-in", "opt‑in"),
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("एन्क्रिप्शन", "एन्क्रिप्शन"),
    ],
)
def test_what_a_keyboard_changes_by_itself_does_not_count(answer: str, typed: str) -> None:
    assert assessments.score_item(text("word", answer), typed).right


def test_capital_letters_count_where_the_author_says_so() -> None:
    item = text("word", "pH", case_matters=True)

    assert assessments.score_item(item, "pH").right
    assert not assessments.score_item(item, "PH").right


def test_the_pass_mark_itself_is_a_pass() -> None:
    form = replace(form_of(single("q1"), single("q2"), single("q3")), pass_percent=Fraction(200, 3))
    drawn = assessments.draw(form, 1)

    assert assessments.score(form, drawn, {"q1": "b", "q2": "b"}).passed
    assert not assessments.score(form, drawn, {"q1": "b"}).passed


def test_only_drawn_questions_count() -> None:
    form = replace(form_of(single("q1"), single("q2")), sections=(Section("", 1, False, ("q1", "q2")),))
    drawn = assessments.draw(form, 3)

    outcome = assessments.score(form, drawn, {"q1": "b", "q2": "b"})

    assert (outcome.points, outcome.percent) == (1, 100)


@settings(deadline=None)
@given(st.fractions(0, 100), st.fractions(Fraction(1, 1000), 999), st.booleans())
def test_a_form_is_the_same_after_a_trip_through_json(percent: Fraction, points: Fraction, shuffle: bool) -> None:
    items = (replace(single(), points=points), multiple(), text(), number("n", "1E+2", "0.10", relative=True))
    form = replace(form_of(*items, shuffle=shuffle), pass_percent=percent)

    assert Form.from_json(form.to_json()) == form
    assert str(Form.from_json(form.to_json()).items["n"].interactions[0]) == str(form.items["n"].interactions[0])
