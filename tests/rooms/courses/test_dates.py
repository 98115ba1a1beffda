"""Dates that a teacher types, by the clock of a place: read to the minute, in summer and winter, and told in words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.courses import DatesRefused, OwnDates, State, local, place_words, read_dates, window_of, zones

OSLO, NEW_YORK, KATHMANDU = "Europe/Oslo", "America/New_York", "Asia/Kathmandu"


def faults(opens: str = "", closes: str = "", zone: str = OSLO) -> dict[str, str]:
    with pytest.raises(DatesRefused) as caught:
        read_dates(opens, closes, zone)
    return caught.value.faults


@pytest.mark.parametrize(
    ("typed", "zone", "moment"),
    [
        ("2026-12-01T09:00", OSLO, datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-07-01T09:00", OSLO, datetime(2026, 7, 1, 7, tzinfo=UTC)),
        ("2026-12-01 09:00", NEW_YORK, datetime(2026, 12, 1, 14, tzinfo=UTC)),
        (" 2026-12-01T09:00:30 ", KATHMANDU, datetime(2026, 12, 1, 3, 15, tzinfo=UTC)),
        ("2026-12-01T09:00", "UTC", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        # Summer time ends: the clock shows it twice, and the first time is meant.
        ("2026-10-25T02:30", OSLO, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_by_the_clock_of_the_place(typed: str, zone: str, moment: datetime) -> None:
    assert read_dates(typed, "", zone) == OwnDates(moment, None, zone)


def test_a_time_that_the_clocks_leave_out_is_refused_with_the_reason() -> None:
    """In Oslo, on 29 March 2026, 02:00 is 03:00."""
    assert "clocks go forward" in faults(opens="2026-03-29T02:30")["available_from"]
    assert read_dates("2026-03-29T02:30", "", "Africa/Lagos").opens_at is not None


def test_each_field_says_what_is_wrong_with_it() -> None:
    assert set(faults("tomorrow", "1999-01-01T00:00")) == {"available_from", "available_until"}
    assert "Write a date and a time" in faults(opens="tomorrow")["available_from"]
    assert "between 2000 and 2100" in faults(closes="2101-01-01T00:00")["available_until"]
    assert set(faults("2026-12-01T09:00", "2026-12-01T09:00")) == {"available_until"}
    assert set(faults(zone="Middle-earth/Shire")) == {"zone"}
    assert set(faults(zone="Etc/GMT+5")) == {"zone"}, "its sign means the contrary of what people think"


@given(typed=st.text(max_size=30), zone=st.sampled_from([*zones()[:50], "", "x"]))
def test_whatever_is_typed_is_read_or_refused(typed: str, zone: str) -> None:
    try:
        dates = read_dates(typed, "", zone)
    except DatesRefused as fault:
        assert fault.faults
    else:
        assert dates.opens_at is None or local(dates.opens_at, zone) == typed.strip().replace(" ", "T")[:16]


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 12, 30), timezones=st.just(UTC)), st.sampled_from(zones()))
def test_what_is_shown_is_what_was_meant(at: datetime, zone: str) -> None:
    """But for the hour that a clock shows twice, where the first one is meant."""
    minute = at.replace(second=0, microsecond=0)
    read = read_dates(local(minute, zone), "", zone).opens_at
    assert read is not None and local(read, zone) == local(minute, zone)
    assert timedelta() <= minute - read <= timedelta(hours=2)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (OSLO, "1 December 2026, 09:00 (Oslo time; 08:00 UTC)"),
        ("UTC", "1 December 2026, 08:00 UTC"),
        ("", "1 December 2026, 08:00 UTC"),
        ("Africa/Accra", "1 December 2026, 08:00 UTC"),
        ("Pacific/Auckland", "1 December 2026, 21:00 (Auckland time; 08:00 UTC)"),
        ("Pacific/Honolulu", "30 November 2026, 22:00 (Honolulu time; 1 December, 08:00 UTC)"),
        ("America/Argentina/Buenos_Aires", "1 December 2026, 05:00 (Buenos Aires time; 08:00 UTC)"),
    ],
)
def test_a_moment_is_told_by_the_clock_of_the_place_and_by_utc(zone: str, words: str) -> None:
    assert place_words(datetime(2026, 12, 1, 8, tzinfo=UTC), zone) == words


def test_they_count_beside_those_of_the_lms_and_conflicts_are_told() -> None:
    own = read_dates("2026-12-01T09:00", "2026-12-20T23:59", OSLO).stored
    window = window_of({"available_until": "2026-12-10T00:00:00Z", "canvas_unlock_at": "2026-12-02T00:00:00Z"}, own)
    assert (window.opens_at, window.closes_at) == (
        datetime(2026, 12, 2, tzinfo=UTC),
        datetime(2026, 12, 10, tzinfo=UTC),
    )
    assert window.zone == OSLO and len(window.reasons) == 4 and len(window.conflicts) == 2
    assert window.state_at(datetime(2026, 12, 1, 9, tzinfo=UTC)) is State.BEFORE


def test_no_dates_are_kept_as_none() -> None:
    assert read_dates(" ", "", OSLO).stored == {} == OwnDates().stored
    assert window_of({}, {}) == window_of({})
