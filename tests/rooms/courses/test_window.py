"""From when until when an activity is open: each date a reason, the narrower counts, and what does not fit is told."""

from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.courses import Edge, State, window_of

MARCH = "2026-03-01T08:00:00Z"
APRIL = "2026-04-01T08:00:00+02:00"
MAY = "2026-05-01T00:00:00+00:00"
FIRST_OF_MARCH = datetime(2026, 3, 1, 8, tzinfo=UTC)
FIRST_OF_APRIL = datetime(2026, 4, 1, 6, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_an_activity_without_dates_is_always_open() -> None:
    window = window_of({})
    assert (window.reasons, window.conflicts, window.state_at(FIRST_OF_MARCH)) == ((), (), State.OPEN)


def test_the_dates_of_the_lms_open_and_close_it_to_the_second() -> None:
    window = window_of({"available_from": MARCH, "submit_until": APRIL})
    assert window.state_at(FIRST_OF_MARCH - SECOND) is State.BEFORE
    assert window.state_at(FIRST_OF_MARCH) is State.OPEN
    assert window.state_at(FIRST_OF_APRIL) is State.OPEN
    assert window.state_at(FIRST_OF_APRIL + SECOND) is State.AFTER
    assert {(reason.edge, reason.by_lms) for reason in window.reasons} == {(Edge.OPENS, True), (Edge.CLOSES, True)}


def test_what_is_told_for_one_person_stands_in_place_of_what_holds_for_all() -> None:
    later = window_of({"submit_until": MARCH, "own_submit_until": APRIL})
    assert (later.closes_at, later.conflicts) == (FIRST_OF_APRIL, ())


def test_canvas_s_due_date_closes_nothing_even_where_it_is_sent_as_the_end_of_submission() -> None:
    late = window_of({"submit_until": MARCH, "canvas_due_at": MARCH, "canvas_lock_at": APRIL})
    assert (late.due_at, late.closes_at) == (FIRST_OF_MARCH, FIRST_OF_APRIL)
    assert late.state_at(FIRST_OF_MARCH + SECOND) is State.OPEN


def test_the_offer_s_own_dates_count_beside_those_of_the_lms() -> None:
    window = window_of({"available_until": APRIL}, {"submit_until": MARCH, "theme": "dark"})
    assert window.closes_at == FIRST_OF_MARCH
    assert [reason.by_lms for reason in window.reasons] == [True, False]


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({"available_from": MAY, "available_until": APRIL}, "comes before the beginning"),
        ({"available_until": MARCH, "canvas_lock_at": APRIL}, "Two dates are told for the end of the activity"),
        ({"available_until": MARCH, "submit_until": APRIL}, "but the activity closes"),
        ({"available_until": "next week"}, "cannot be read"),
        ({"available_until": "9999-99-99"}, "cannot be read"),
    ],
)
def test_what_does_not_fit_together_is_told(dates: dict[str, str], words: str) -> None:
    (told,) = window_of(dates).conflicts
    assert words in told


def test_dates_that_agree_are_no_conflict() -> None:
    assert window_of({"available_until": APRIL, "canvas_lock_at": "2026-04-01T06:00:00Z"}).conflicts == ()
