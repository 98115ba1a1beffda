"""From tries to a mark: once, at once, with hints and penalties, by certainty."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.assessments import Form, Item, ItemOutcome
from lti_tool.assessments.model import Behaviour, ItemKind
from lti_tool.assessments.scoring.behaviours import Certainty, Try
from lti_tool.assessments.scoring.score import score_histories, score_tries
from lti_tool.assessments.variants import draw
from tests.rooms.assessments.samples import form_of, multiple, single, text

THIRD = Fraction(1, 3)


def of(behaviour: Behaviour, item: Item, *tries: Try, hints: int = 2) -> ItemOutcome:
    item = replace(item, hints=("<p>Think.</p>",) * hints)
    form = replace(form_of(item), behaviour=behaviour, penalty=THIRD)
    return score_tries(form, item, tries)


def test_deferred_the_last_answer_counts_and_at_once_the_first() -> None:
    tries = (Try("a"), Try("b"))

    assert of(Behaviour.DEFERRED, single(), *tries).points == 1
    assert of(Behaviour.IMMEDIATE, single(), *tries).points == 0
    assert of(Behaviour.IMMEDIATE, single(), Try(None), *reversed(tries)).points == 1


@pytest.mark.parametrize(
    ("answers", "points"),
    [("b", "1"), ("ab", "2/3"), ("acb", "1/3"), ("acdb", "0"), ("aaa", "0"), ("ba", "0")],
)
def test_each_earlier_try_costs_a_third(answers: str, points: str) -> None:
    """Two hints make three tries; a fourth does not count."""
    mark = of(Behaviour.INTERACTIVE, single(), *map(Try, answers))

    assert mark.points == Fraction(points)
    assert sum(step.points for step in mark.trace) == mark.points


def test_a_part_that_stays_right_is_charged_for_the_tries_before_it_only() -> None:
    one, other = single("one").interactions[0], text("word").interactions[0]
    both = Item("both", "", "<p>?</p>", (replace(one, id="1"), replace(other, id="2")), points=Fraction(2))

    mark = of(Behaviour.INTERACTIVE, both, Try({"1": "b", "2": "x"}), Try({"1": "b", "2": "controller"}))

    assert mark.points == 1 + Fraction(2, 3)
    assert str(mark.trace[-1]) == "Earlier tries that were not yet right: 1. Each costs 1/3 of the points."


@pytest.mark.parametrize(
    ("answer", "sure", "points"),
    [
        ("b", Certainty.LOW, "1/3"),
        ("b", Certainty.MIDDLE, "2/3"),
        ("b", Certainty.HIGH, "1"),
        ("a", Certainty.LOW, "0"),
        ("a", Certainty.MIDDLE, "-2/3"),
        ("a", Certainty.HIGH, "-2"),
        (None, Certainty.HIGH, "0"),
    ],
)
def test_certainty_earns_and_costs(answer: str | None, sure: Certainty, points: str) -> None:
    mark = of(Behaviour.CERTAINTY, single(), Try(answer, sure))

    assert mark.points == Fraction(points)
    assert sum(step.points for step in mark.trace) == mark.points


def test_an_attempt_never_falls_below_nothing() -> None:
    form: Form = replace(form_of(single("q1"), single("q2")), behaviour=Behaviour.CERTAINTY)

    outcome = score_histories(form, draw(form, 1), {"q1": (Try("a", Certainty.HIGH),), "q2": (Try("b"),)})

    assert (outcome.points, outcome.percent, outcome.passed) == (0, 0, False)


TRIES = st.lists(
    st.builds(Try, st.sampled_from([None, ("a",), ("a", "b"), ("a", "b", "c"), ("d",)]), st.sampled_from(Certainty)),
    max_size=5,
)


@settings(deadline=None)
@given(st.sampled_from(Behaviour), TRIES, st.integers(0, 3))
def test_whatever_the_tries_the_bounds_hold_and_the_trace_adds_up(
    behaviour: Behaviour, tries: list[Try], hints: int
) -> None:
    item = multiple()
    assert item.interactions[0].kind is ItemKind.MULTIPLE

    mark = of(behaviour, item, *tries, hints=hints)

    lowest = -2 if behaviour is Behaviour.CERTAINTY else 0
    assert lowest <= mark.fraction <= 1
    assert sum(step.points for step in mark.trace) == mark.points
