"""Short text: wildcards, patterns in linear time, typing errors, accents."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool import assessments
from lti_tool.assessments.model import TextMatch
from lti_tool.assessments.scoring.texts import distance, fits_wildcards, pattern
from tests.rooms.assessments.samples import text


@settings(deadline=None)
@given(st.text("ab*", max_size=8), st.text("ab", max_size=10))
def test_a_mask_is_what_the_regular_expression_would_be(mask: str, words: str) -> None:
    expression = ".*".join(re.escape(piece) for piece in mask.split("*"))

    assert fits_wildcards(words, mask) is (re.fullmatch(expression, words) is not None)


def test_an_asterisk_may_be_meant_as_one() -> None:
    assert fits_wildcards("5 * 3", r"5 \* 3")
    assert not fits_wildcards("5 + 3", r"5 \* 3")


def slow_distance(one: str, other: str) -> int:
    """Optimal string alignment, the whole table."""
    table = [[max(i, j) if not i or not j else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = one[i - 1] != other[j - 1]
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@settings(deadline=None)
@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(1, 2))
def test_typing_errors_are_counted_up_to_the_most(one: str, other: str, most: int) -> None:
    assert distance(one, other, most=most) == min(slow_distance(one, other), most + 1)


@pytest.mark.parametrize(
    ("typed", "right"),
    [("controller", True), ("contoller", True), ("cnotroller", True), ("controllers", True), ("comtoller", False)],
)
def test_one_typing_error_is_forgiven_where_the_author_says_so(typed: str, right: bool) -> None:
    mark = assessments.score_item(text("word", "controller", typos=1), typed)

    assert mark.right is right
    if right and typed != "controller":
        assert "but for typing errors: 1" in str(mark.trace[0])


def test_accents_may_be_ignored() -> None:
    assert assessments.score_item(text("word", "Zoë", accents_matter=False), "zoe").right
    assert not assessments.score_item(text("word", "Zoë"), "zoe").right


def test_a_pattern_that_would_hang_another_engine_takes_no_time() -> None:
    item = text("word", r"(a|a)*(b|b)*(a+)+c", match=TextMatch.PATTERN)
    started = time.perf_counter()

    assert not assessments.score_item(item, "a" * 2000).right
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("bad", ["(", r"(?=a)", r"(a)\1", "a{1001}", "[z-a]"])
def test_what_cannot_be_run_in_linear_time_is_no_pattern(bad: str) -> None:
    with pytest.raises(ValueError):
        pattern(bad, False)


@pytest.mark.parametrize(("typed", "right"), [("colour", True), ("COLOR", True), ("  color ", True), ("colr", False)])
def test_a_pattern_fits_the_whole_answer_capitals_aside(typed: str, right: bool) -> None:
    assert assessments.score_item(text("word", "colou?r", match=TextMatch.PATTERN), typed).right is right


def test_a_pattern_that_would_need_too_much_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        pattern(r"\pL{1000}", case_matters=True)
