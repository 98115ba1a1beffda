"""One deadline with all its reasons: a pure judgement, and what an attempt makes of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool import assessments
from lti_tool.assessments import GRACE, Accommodation, Cause, Deadline, EventKind, Form, State
from lti_tool.core.errors import Conflict, Invalid
from tests.rooms.assessments.samples import Desk, single

NOTHING = Accommodation()
BEGUN = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return BEGUN + timedelta(minutes=minutes)


def deadline(
    minutes: int | None = 30,
    closes_at: datetime | None = None,
    granted: Accommodation = NOTHING,
    extended_until: datetime | None = None,
) -> Deadline:
    return assessments.deadline_of(
        started_at=BEGUN,
        minutes=minutes,
        closes_at=closes_at,
        closing_words="the end of the activity",
        accommodation=granted,
        extended_until=extended_until,
    )


@pytest.mark.parametrize(
    ("made", "at", "words"),
    [
        (deadline(None), None, ""),
        (deadline(30), after(30), "the time limit of 30 minutes"),
        (deadline(1), after(1), "the time limit of 1 minute"),
        (
            deadline(30, granted=Accommodation(150)),
            after(45),
            "the time limit of 30 minutes, made 45 minutes by an accommodation",
        ),
        (
            deadline(25, granted=Accommodation(125)),
            after(31.25),
            "the time limit of 25 minutes, made 31 minutes and 15 seconds by an accommodation",
        ),
        (deadline(30, after(20)), after(20), "the end of the activity"),
        (deadline(30, after(40)), after(30), "the time limit of 30 minutes"),
        (deadline(None, after(20)), after(20), "the end of the activity"),
        (
            deadline(None, after(20), Accommodation(extra_days=1)),
            after(20 + 24 * 60),
            "the end of the activity, 1 day later by an accommodation",
        ),
        (deadline(30, after(20), extended_until=after(50)), after(50), "an extension by a teacher"),
        (deadline(30, extended_until=after(10)), after(30), "the time limit of 30 minutes"),
        (deadline(None, extended_until=after(10)), None, ""),
    ],
)
def test_the_deadline_and_what_it_comes_from(made: Deadline, at: datetime | None, words: str) -> None:
    assert (made.at, made.words) == (at, words)


def test_every_reason_is_told_and_one_decides() -> None:
    made = deadline(30, after(20), extended_until=after(50))
    assert [(one.cause, one.at, one.decides) for one in made.reasons] == [
        (Cause.LIMIT, after(30), False),
        (Cause.CLOSING, after(20), False),
        (Cause.EXTENSION, after(50), True),
    ]


_moments = st.one_of(st.none(), st.integers(-100, 10_000).map(after))


@given(
    st.one_of(st.none(), st.integers(1, 999)),
    _moments,
    _moments,
    st.integers(100, 1000),
    st.integers(0, 365),
)
def test_nothing_granted_ever_shortens_an_attempt(
    minutes: int | None, closes: datetime | None, until: datetime | None, percent: int, days: int
) -> None:
    plain = deadline(minutes, closes)
    granted = deadline(minutes, closes, Accommodation(percent, 0, days), until)
    assert (plain.at is None) == (granted.at is None)
    assert sum(one.decides for one in granted.reasons) == (granted.at is not None)
    if plain.at is not None and granted.at is not None:
        assert granted.at >= plain.at
        assert granted.words


def test_the_state_is_the_fold_of_the_events() -> None:
    handed_in = [EventKind.EXTENDED, EventKind.SUBMITTED]
    assert assessments.fold([]) is State.OPEN
    assert assessments.fold(handed_in) is State.GRADED
    assert assessments.fold([*handed_in, EventKind.REOPENED, EventKind.BROUGHT, EventKind.EXPIRED]) is State.GRADED
    assert assessments.fold([*handed_in, EventKind.VOIDED]) is State.VOIDED
    for again in (EventKind.SUBMITTED, EventKind.EXPIRED, EventKind.EXTENDED, EventKind.BROUGHT):
        with pytest.raises(Conflict, match="not_now"):
            assessments.fold([*handed_in, again])


@pytest.mark.both_engines
def test_an_answer_within_the_grace_counts_and_one_after_it_is_kept_and_does_not(desk: Desk, form: Form) -> None:
    ends = desk.now + timedelta(minutes=20)
    attempt = desk.start(form, deadline_at=ends)
    for sequence, (late, counts) in enumerate(((-1, True), (0, True), (30, True), (31, False)), start=1):
        moment = ends + timedelta(seconds=late)
        assert desk.save(attempt, single(), "abcd"[sequence - 1], sequence=sequence, now=moment).counts is counts
    assert timedelta(seconds=30) == GRACE
    assert assessments.too_late(attempt).code == "assessments.time_is_up"
    assert desk.answers(attempt) == {"one": "c"}
    with desk.db.reading() as tx:
        assert [entry.saved.counts for entry in assessments.journal_of(tx, attempt.id)] == [True, True, True, False]


@pytest.mark.both_engines
def test_after_its_deadline_an_attempt_is_handed_in_by_the_clock_at_the_deadline(desk: Desk, form: Form) -> None:
    ends = desk.now + timedelta(minutes=20)
    attempt = desk.start(form, deadline_at=ends)
    desk.save(attempt, single(), "b")
    done, fresh = desk.submit(attempt, form, now=ends + timedelta(hours=9))
    assert (fresh, done.state, done.closed_as, done.submitted_at) == (True, State.GRADED, EventKind.EXPIRED, ends)
    with desk.db.reading() as tx:
        (event,) = assessments.events_of(tx, attempt.id)
    assert (event.kind, event.at) == (EventKind.EXPIRED, ends + timedelta(hours=9))
    assert event.facts["receipt"] == done.receipt


@pytest.mark.both_engines
def test_over_attempts_are_claimed_once_their_grace_is_over_and_by_one_worker(desk: Desk, form: Form) -> None:
    ends = desk.now + timedelta(minutes=20)
    attempt = desk.start(form, deadline_at=ends)
    for late, claimed in ((29, 0), (31, 1), (32, 0)):
        with desk.db.transaction() as tx:
            found = assessments.claim_over(tx, now=ends + timedelta(seconds=late))
        assert [one.attempt for one in found] == [attempt.public_id] * claimed


@pytest.mark.both_engines
def test_a_receipt_can_be_worked_out_again_and_tells_any_change(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    desk.save(attempt, single(), "b")
    done, _ = desk.submit(attempt, form)
    assert done.submitted_at is not None and done.receipt is not None and len(done.receipt) == 64
    same = assessments.receipt_of(done.public_id, done.submitted_at, desk.answers(attempt))
    assert same == done.receipt
    for other in (
        assessments.receipt_of(done.public_id, done.submitted_at, {}),
        assessments.receipt_of(done.public_id, done.submitted_at + timedelta(seconds=1), desk.answers(attempt)),
        assessments.receipt_of("0" * 26, done.submitted_at, desk.answers(attempt)),
    ):
        assert other != done.receipt


@pytest.mark.parametrize(
    "granted", [Accommodation(99), Accommodation(1001), Accommodation(100, 51), Accommodation(100, 0, 366)]
)
def test_what_makes_no_sense_is_not_granted(desk: Desk, granted: Accommodation) -> None:
    with desk.db.transaction() as tx, pytest.raises(Invalid, match="accommodation"):
        assessments.accommodate(tx, desk.enrolment_id, granted, actor="person:1", now=desk.now)


@pytest.mark.both_engines
def test_more_attempts_and_voided_ones_leave_room_for_another(desk: Desk, form: Form) -> None:
    """Three for everybody: one more is granted, and one that was voided is not among them."""
    with desk.db.transaction() as tx:
        assessments.accommodate(tx, desk.enrolment_id, Accommodation(100, 1), actor="person:1", now=desk.now)
    for number in range(1, 5):
        attempt = desk.start(form)
        assert attempt.number == number
        desk.submit(attempt, form)
    with pytest.raises(Conflict, match="no_attempts_left"):
        desk.start(form)
    with desk.db.transaction() as tx:
        held = assessments.hold(tx, desk.enrolment_id).attempts[0]
        assessments.void(tx, held, actor="person:1", reason="", now=desk.now)
    assert desk.start(form).number == 5
