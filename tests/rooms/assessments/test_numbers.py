"""Numbers as people type them: what is read, what is in doubt, what is no number."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool import assessments
from lti_tool.assessments.scoring.numbers import as_text, read_number, without_unit
from tests.rooms.assessments.samples import number


def bare(text: str) -> str:
    """The text without the unit of the question."""
    without = without_unit(text, "hours")
    return text if without is None else without


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("72", "72"),
        (" 72 ", "72"),
        ("+72", "72"),
        ("-72", "-72"),
        ("−72", "-72"),
        ("– 72", "-72"),
        ("72.", "72"),
        ("72.0", "72"),
        ("1.5", "1.5"),
        ("1,5", "1.5"),
        (",5", "0.5"),
        (".5", "0.5"),
        ("0,125", "0.125"),
        ("3.142", "3.142"),
        ("1000,5", "1000.5"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1.234.567,89", "1234567.89"),
        ("1 234", "1234"),
        ("1\u00a0234,5", "1234.5"),
        ("1\u202f234\u202f567", "1234567"),
        ("1'234.5", "1234.5"),
        ("1’234", "1234"),
        ("1e3", "1000"),
        ("1.5E-2", "0.015"),
        ("1,5×10^3", "1500"),
        ("2 * 10^3", "2000"),
        ("72 hours", "72"),
        ("72hours", "72"),
        ("72 Hours", "72"),
        ("٧٢", "72"),
        ("١٫٥", "1.5"),
        ("१६", "16"),
        ("７２", "72"),
        ("\u200f72\u200f", "72"),
    ],
)
def test_is_read_as(typed: str, value: str) -> None:
    reading = read_number(bare(typed))

    assert reading.value == Fraction(value)
    assert reading.other is None


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "seventy-two",
        "72h",
        "72 days",
        "1.2.3",
        "1,2,3",
        "12,34,567",
        "1,234.567,8",
        "1 2",
        "1 23,5",
        "--1",
        "1-2",
        "1/2",
        "²",
        "1e999",
        "inf",
        "NaN",
        "0x10",
        "1_000",
        "5 %",
        "hours",
    ],
)
def test_is_no_number(typed: str) -> None:
    assert read_number(bare(typed)).value is None


@pytest.mark.parametrize(
    ("typed", "small", "large"),
    [("16,000", "16", "16000"), ("1,500", "1.5", "1500"), ("-999,125", "-999.125", "-999125")],
)
def test_a_single_comma_before_three_digits_leaves_two_meanings(typed: str, small: str, large: str) -> None:
    reading = read_number(typed)

    assert (reading.value, reading.other) == (Fraction(small), Fraction(large))


def test_the_learner_is_told_of_two_meanings_and_how_to_avoid_them() -> None:
    assert assessments.unclear(number(), "16,000") == "“16,000” can mean 16 or 16000. Type 16.0 or 16000 instead."
    assert assessments.unclear(number(), "1,500") == "“1,500” can mean 1.5 or 1500. Type 1.5 or 1500 instead."
    assert "cannot be read as a number" in assessments.unclear(number(), "about 72")
    assert assessments.unclear(number(), "72,5 hours") == ""
    assert assessments.unclear(number(), None) == ""


@pytest.mark.parametrize("key", ["16", "16000"])
def test_in_doubt_the_learner_has_the_benefit_and_the_trace_says_so(key: str) -> None:
    mark = assessments.score_item(number(value=key), "16,000")

    assert mark.right and mark.understood == key
    assert str(mark.trace[0]) == f"“16,000” can mean 16 or 16000; we read it as {key}."
    assert not assessments.score_item(number(value="160"), "16,000").right


@pytest.mark.parametrize(
    ("value", "tolerance", "relative", "right", "wrong"),
    [
        ("72", "0", False, ["72", "72,0", "7.2e1"], ["71.999999999", "73", "-72"]),
        ("3.14", "0.01", False, ["3.13", "3,15", "3.142"], ["3.1299", "3.1501"]),
        ("50", "5", True, ["47.5", "52,5"], ["47.49", "52.51"]),
        ("-50", "5", True, ["-47.5", "-52.5"], ["-47.49", "50"]),
        ("0.1", "0.2", False, ["0.3", "-0.1"], ["0.30000000000000001"]),
        ("0", "0", False, ["0", "-0", "0.00"], ["0.0001"]),
    ],
)
def test_both_ends_of_the_tolerance_count(
    value: str, tolerance: str, relative: bool, right: list[str], wrong: list[str]
) -> None:
    item = number("n", value, tolerance, relative=relative)

    assert [typed for typed in right if not assessments.score_item(item, typed).right] == []
    assert [typed for typed in wrong if assessments.score_item(item, typed).right] == []


def test_the_right_number_is_told_with_its_range() -> None:
    assert assessments.describe_key(number()) == "72 hours"
    assert assessments.describe_key(number("n", "50", "5", relative=True)) == "50 hours (47.5 to 52.5 count as right)"


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_a_number_is_read_alike_however_it_is_written(value: Decimal) -> None:
    plain = f"{value:f}"
    grouped = f"{value:,.4f}"
    swapped = grouped.translate(str.maketrans(",.", ".,"))
    spaced = grouped.replace(",", "\u202f")

    assert {read_number(text).value for text in (plain, grouped, swapped, spaced, f" {plain} ")} == {Fraction(value)}
    assert Fraction(as_text(Fraction(value))) == Fraction(value)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_whatever_breaks_the_reader(text: str) -> None:
    assert assessments.score_item(number(), text).points in (0, 1)
    assessments.unclear(number(), text)
    assessments.describe(number(), text)
