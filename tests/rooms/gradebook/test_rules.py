"""What counts, and how a percentage is written: for people, and for an LMS."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.gradebook import percent_text, shown_percent, standing

PERCENTS = st.fractions(min_value=0, max_value=100)


@pytest.mark.parametrize(
    ("percent", "shown", "sent"),
    [
        (Fraction(86), "86", "86"),
        (Fraction(0), "0", "0"),
        (Fraction(100), "100", "100"),
        (Fraction(290, 3), "96.6", "96.6667"),
        (Fraction(20899, 300), "69.6", "69.6633"),
        (Fraction(9996, 100), "99.9", "99.96"),
        (Fraction(8601, 100), "86.0", "86.01"),
        (Fraction(1, 3), "0.3", "0.3333"),
    ],
)
def test_a_percentage_is_cut_for_people_and_exact_for_the_lms(percent: Fraction, shown: str, sent: str) -> None:
    assert (shown_percent(percent), percent_text(percent)) == (shown, sent)


@given(PERCENTS)
def test_nobody_reads_more_than_they_have(percent: Fraction) -> None:
    assert 0 <= percent - Fraction(shown_percent(percent)) < Fraction(1, 10)


@given(PERCENTS)
def test_the_lms_gets_the_nearest_of_four_decimals(percent: Fraction) -> None:
    assert abs(percent - Fraction(percent_text(percent))) <= Fraction(1, 20_000)


@given(st.lists(st.tuples(PERCENTS, st.booleans()), max_size=5), st.one_of(st.none(), st.integers(1, 5)))
def test_the_best_attempt_counts_and_passing_is_for_good(
    results: list[tuple[Fraction, bool]], allowed: int | None
) -> None:
    stands = standing(results, attempts_allowed=allowed)
    assert stands.percent == max((percent for percent, _ in results), default=0)
    assert stands.passed == any(passed for _, passed in results)
    assert stands.attempts_left is None or stands.attempts_left >= 0
    assert stands.finished == (stands.passed or stands.attempts_left == 0)
