"""Until when: the clock hands in for whom does not come back; more time is more time at once; teachers decide."""

import hashlib
import hmac
import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from lti_tool import assessments, credentials, demo, lti, workflows
from lti_tool.assessments import Accommodation, EventKind, State
from lti_tool.core import ids
from lti_tool.core.errors import Conflict, Invalid, NotAllowed, NotFound
from lti_tool.workflows.finish import end_what_is_over
from tests.workflows.conftest import TOOL, World, right_answer

Answer = Callable[..., None]
TEACHER = {"subject": "3", "name": "Ingrid Solheim", "role": lti.Role.INSTRUCTOR}
AT_ONCE = 200


@pytest.fixture
def timed(world: World, tmp_path: Path) -> World:
    """The sample module with twenty minutes for an attempt."""
    folder = tmp_path / "timed" / demo.sample_modules()[0].name
    shutil.copytree(demo.sample_modules()[0], folder)
    form = folder / "assessment.md"
    form.write_text(form.read_text().replace("attempts: 3", "attempts: 3\ntime: 20 minutes"))
    package = workflows.read_package(folder)
    owner = world.registration.organisation_id
    with world.db.transaction() as tx:
        version = workflows.publish_package(tx, package, organisation_id=owner, actor="test", now=world.now())
    return replace(world, version=version)


def begin(world: World, session: lti.Session) -> assessments.Attempt:
    with world.db.transaction() as tx:
        return workflows.begin(tx, session, seed=7, now=world.now())


def answer_first(world: World, session: lti.Session, attempt: assessments.Attempt) -> workflows.Answered:
    item = sitting(world, session, attempt).item(1)
    with world.db.transaction() as tx:
        return workflows.answer(
            tx,
            session,
            attempt.public_id,
            number=1,
            fields={f"a-{item.id}": right_answer(item)},
            page_key=f"{ids.seed():016x}",
            sequence=1,
            now=world.now(),
        )


def sitting(world: World, session: lti.Session, attempt: assessments.Attempt) -> workflows.Sitting:
    with world.db.reading() as tx:
        return workflows.sit(tx, session, attempt.public_id)


def study(world: World, session: lti.Session) -> workflows.Study:
    with world.db.reading() as tx:
        return workflows.look(tx, session)


def inspect(world: World, teacher: lti.Session, attempt: assessments.Attempt) -> workflows.Inspection:
    with world.db.reading() as tx:
        return workflows.inspect(tx, teacher, attempt.public_id)


def end_what(world: World) -> int:
    return end_what_is_over(world.db, now=world.now())


def test_the_clock_hands_in_what_was_saved_for_a_learner_who_never_comes_back(timed: World) -> None:
    session = timed.enter()
    attempt = begin(timed, session)
    assert attempt.deadline_at == timed.now() + timedelta(minutes=20)
    assert answer_first(timed, session, attempt).refusal is None
    timed.clock.advance(20 * 60 + 29)
    assert end_what(timed) == 0
    timed.clock.advance(1)
    assert (end_what(timed), end_what(timed)) == (1, 0)
    done = sitting(timed, session, attempt).attempt
    assert (done.state, done.closed_as, done.submitted_at) == (State.GRADED, EventKind.EXPIRED, attempt.deadline_at)
    assert done.percent is not None and 0 < done.percent < 100
    wished = study(timed, session).delivery
    assert wished is not None and wished.percent == done.percent


@pytest.mark.both_engines
def test_workers_and_the_learner_at_once_end_it_once_and_wish_one_grade(timed: World, answer_all: Answer) -> None:
    session = timed.enter()
    attempt = begin(timed, session)
    answer_all(session, attempt.public_id, right=True)
    timed.clock.advance(20 * 60 + 31)

    def end(place: int) -> None:
        if place % 2:
            end_what(timed)
        else:
            with timed.db.transaction() as tx:
                workflows.hand_in(tx, session, attempt.public_id, now=timed.now())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(end, range(16)))
    with timed.db.reading() as tx:
        assert [event.kind for event in assessments.events_of(tx, attempt.id)] == [EventKind.EXPIRED]
        revision = tx.exec_driver_sql("SELECT revision FROM grade_deliveries").scalar_one()
    assert revision == 1


@pytest.mark.both_engines
@pytest.mark.timeout(120)
def test_two_hundred_starts_and_two_hundred_hand_ins_at_once(world: World) -> None:
    session = world.enter()

    def start(seed: int) -> str:
        with world.db.transaction() as tx:
            return workflows.begin(tx, session, seed=seed, now=world.now()).public_id

    with ThreadPoolExecutor(12) as pool:
        (attempt,) = set(pool.map(start, range(AT_ONCE)))

    def hand_in(_: int) -> tuple[object, object]:
        with world.db.transaction() as tx:
            done = workflows.hand_in(tx, session, attempt, now=world.now())
        return done.receipt, done.submitted_at

    with ThreadPoolExecutor(12) as pool:
        assert len(set(pool.map(hand_in, range(AT_ONCE)))) == 1
    with world.db.reading() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM attempts").scalar_one() == 1
        assert tx.exec_driver_sql("SELECT count(*) FROM attempt_events").scalar_one() == 1
        assert tx.exec_driver_sql("SELECT revision FROM grade_deliveries").scalars().all() == [1]


def test_an_answer_after_the_grace_is_refused_kept_and_shown(timed: World) -> None:
    session = timed.enter()
    attempt = begin(timed, session)
    timed.clock.advance(20 * 60 + 31)
    late = answer_first(timed, session, attempt)
    assert late.refusal is not None and late.refusal.code == "assessments.time_is_up"
    end_what(timed)
    seen = sitting(timed, session, attempt)
    assert seen.attempt.percent == 0 and seen.answered == 0
    assert [entry.saved.response for entry in seen.late] == [late.saved.response]
    after = answer_first(timed, session, attempt)
    assert after.refusal is not None and after.refusal.code == "assessments.attempt_closed"


def test_more_time_holds_at_once_and_the_worker_knows(timed: World) -> None:
    session, teacher = timed.enter(), timed.enter(**TEACHER)
    attempt = begin(timed, session)
    with timed.db.transaction() as tx:
        workflows.extend(tx, teacher, attempt.public_id, minutes=15, now=timed.now())
    timed.clock.advance(30 * 60)
    assert end_what(timed) == 0
    assert answer_first(timed, session, attempt).refusal is None
    deadline = sitting(timed, session, attempt).deadline
    assert (deadline.at, deadline.words) == (
        attempt.started_at + timedelta(minutes=35),
        "an extension by a teacher",
    )
    event = inspect(timed, teacher, attempt).events[-1]
    assert (event.kind, event.actor) == (EventKind.EXTENDED, f"person:{teacher.person_id}")


def test_what_is_granted_holds_in_an_attempt_that_runs(timed: World) -> None:
    session, teacher = timed.enter(), timed.enter(**TEACHER)
    attempt = begin(timed, session)
    enrolment = inspect(timed, teacher, attempt).enrolment.public_id
    with timed.db.transaction() as tx:
        workflows.accommodate(tx, teacher, enrolment, Accommodation(150, 1), now=timed.now())
    seen = sitting(timed, session, attempt)
    assert seen.attempt.deadline_at == seen.deadline.at == attempt.started_at + timedelta(minutes=30)
    assert seen.attempts_allowed == study(timed, session).attempts_allowed == 4
    timed.clock.advance(25 * 60)
    assert answer_first(timed, session, attempt).refusal is None


CLOSES = {"available_until": "2026-11-24T09:10:00Z"}


@pytest.mark.parametrize(("then", "minutes"), [("2026-11-24T09:05:00Z", 5), ("2026-11-24T09:15:00Z", 15), ("", 20)])
def test_a_date_that_the_lms_moves_moves_the_end_of_an_attempt_that_runs(timed: World, then: str, minutes: int) -> None:
    """The teacher moves the end of the activity and opens it; the learner need not launch again."""
    timed.enter(**TEACHER, custom={"offer": timed.offer, **CLOSES})
    session = timed.enter(custom={"offer": timed.offer, **CLOSES})
    attempt = begin(timed, session)
    assert attempt.deadline_at == timed.now() + timedelta(minutes=10)
    assert sitting(timed, session, attempt).deadline.words == "the end of the activity, set in the LMS"
    timed.enter(custom={"offer": timed.offer, "available_until": then or "2027-01-01T00:00:00Z"})
    moved = sitting(timed, session, attempt)
    assert moved.attempt.deadline_at == moved.deadline.at == attempt.started_at + timedelta(minutes=minutes)


def test_an_attempt_that_is_voided_counts_for_nothing_and_the_grade_follows(world: World, answer_all: Answer) -> None:
    session, teacher = world.enter(), world.enter(**TEACHER)
    sat = []
    for right in (False, True):
        sat.append(begin(world, session))
        answer_all(session, sat[-1].public_id, right=right)
        with world.db.transaction() as tx:
            workflows.hand_in(tx, session, sat[-1].public_id, now=world.now())
        world.clock.advance(60)
    before = study(world, session)
    assert before.completion is not None and before.standing.attempts_left == 1
    with world.db.transaction() as tx:
        workflows.void(tx, teacher, sat[1].public_id, reason="Two at one desk", now=world.now())
    after = study(world, session)
    assert after.completion is None and after.standing.attempts_left == 2
    assert after.delivery is not None and after.delivery.percent == after.standing.percent == 0
    with world.db.transaction() as tx, pytest.raises(Conflict, match="not_completed"):
        workflows.confirm_name(tx, session, typed="", public_url=TOOL, now=world.now())
    shown = inspect(world, teacher, sat[1])
    assert shown.sitting.attempt.state is State.VOIDED and shown.sitting.attempt.percent == 100
    assert shown.events[-1].facts["reason"] == "Two at one desk"


def test_what_a_certificate_rests_on_cannot_be_voided_or_reopened(world: World, answer_all: Answer) -> None:
    session, teacher = world.enter(), world.enter(**TEACHER)
    attempt = begin(world, session)
    answer_all(session, attempt.public_id, right=True)
    with world.db.transaction() as tx:
        workflows.hand_in(tx, session, attempt.public_id, now=world.now())
        credential = workflows.confirm_name(tx, session, typed="", public_url=TOOL, now=world.now())
    for act in (void, reopen):
        with pytest.raises(Conflict, match="certificate_rests"):
            act(world, teacher, attempt)
    with world.db.transaction() as tx:
        credentials.revoke(tx, credential.public_id, reason="issued_in_error", words="", actor="test", now=world.now())
    void(world, teacher, attempt)
    assert study(world, session).standing.percent == 0


def void(world: World, teacher: lti.Session, attempt: assessments.Attempt) -> None:
    with world.db.transaction() as tx:
        workflows.void(tx, teacher, attempt.public_id, reason="", now=world.now())


def reopen(world: World, teacher: lti.Session, attempt: assessments.Attempt) -> None:
    with world.db.transaction() as tx:
        workflows.reopen(tx, teacher, attempt.public_id, minutes=10, reason="", now=world.now())


def test_an_attempt_is_opened_again_for_a_while_and_handed_in_once_more(timed: World, answer_all: Answer) -> None:
    session, teacher = timed.enter(), timed.enter(**TEACHER)
    attempt = begin(timed, session)
    answer_all(session, attempt.public_id, right=False)
    timed.clock.advance(20 * 60 + 31)
    end_what(timed)
    timed.clock.advance(3600)
    reopen(timed, teacher, attempt)
    again = sitting(timed, session, attempt)
    assert (again.attempt.open, again.attempt.percent) == (True, None)
    assert again.attempt.deadline_at == timed.now() + timedelta(minutes=10)
    answer_all(session, attempt.public_id, right=True)
    timed.clock.advance(601)
    with timed.db.transaction() as tx:
        workflows.hand_in(tx, session, attempt.public_id, now=timed.now())
    done = inspect(timed, teacher, attempt)
    assert done.sitting.attempt.percent == 100
    kinds = [event.kind for event in done.events]
    assert kinds == [EventKind.EXPIRED, EventKind.REOPENED, EventKind.EXPIRED]
    assert assessments.fold(kinds) is done.sitting.attempt.state
    assert done.events[1].facts["percent"] == "0"


def test_there_is_one_attempt_at_a_time_and_time_has_bounds(timed: World, answer_all: Answer) -> None:
    session, teacher = timed.enter(), timed.enter(**TEACHER)
    first = begin(timed, session)
    with timed.db.transaction() as tx:
        workflows.hand_in(tx, session, first.public_id, now=timed.now())
    second = begin(timed, session)
    with pytest.raises(Conflict, match="another_open"):
        reopen(timed, teacher, first)
    for minutes in (0, 30 * 24 * 60 + 1):
        with timed.db.transaction() as tx, pytest.raises(Invalid, match="minutes"):
            workflows.extend(tx, teacher, second.public_id, minutes=minutes, now=timed.now())


def file_of(world: World, session: lti.Session, attempt: assessments.Attempt, secret: str | None = None) -> str:
    """What a page without a connection saves."""
    seen = sitting(world, session, attempt)
    saves = [
        {
            "path": f"attempts/{attempt.public_id}/{number}",
            "page": "0123456789abcdef",
            "sequence": number,
            "at": 0,
            "body": "&".join(f"a-{seen.item(number).id}={value}" for value in right_answer(seen.item(number))),
        }
        for number in range(1, len(attempt.drawn.item_ids) + 1)
    ]
    said = json.dumps({"attempt": attempt.public_id, "made_at": "2026-11-24T09:19:00.000Z", "saves": saves})
    mark = hmac.new((secret or attempt.page_secret).encode(), said.encode(), hashlib.sha256).hexdigest()
    return json.dumps({"what": "answers saved without a connection", "signed": said, "signature": mark})


def arrive_late(world: World, session: lti.Session, attempt: assessments.Attempt) -> None:
    """The connection comes back after the end, and the page sends its first answer: kept, and of no account."""
    item = sitting(world, session, attempt).item(1)
    with world.db.transaction() as tx:
        told = workflows.answer(
            tx,
            session,
            attempt.public_id,
            number=1,
            fields={f"a-{item.id}": right_answer(item)},
            page_key="0123456789abcdef",
            sequence=1,
            now=world.now(),
        )
    assert told.refusal is not None


def bring(world: World, teacher: lti.Session, text: str) -> workflows.Brought:
    with world.db.transaction() as tx:
        return workflows.bring(tx, teacher, text, now=world.now())


def test_answers_in_a_file_are_handed_in_by_a_teacher(timed: World) -> None:
    session, teacher = timed.enter(), timed.enter(**TEACHER)
    attempt = begin(timed, session)
    timed.clock.advance(20 * 60 + 31)
    end_what(timed)
    assert study(timed, session).standing.percent == 0
    text = file_of(timed, session, attempt)
    arrive_late(timed, session, attempt)
    for _once_and_again in range(2):
        timed.clock.advance(60)
        assert bring(timed, teacher, text).answers == len(attempt.drawn.item_ids)
        assert study(timed, session).standing.percent == Fraction(100)
    done = inspect(timed, teacher, attempt)
    assert len(done.journal) == len(attempt.drawn.item_ids), "the second time they were known already"
    once = [EventKind.REOPENED, EventKind.BROUGHT, EventKind.SUBMITTED]
    assert [event.kind for event in done.events] == [EventKind.EXPIRED, *once, *once]
    assert study(timed, session).completion is not None


@pytest.mark.parametrize("spoil", ["secret", "text", "nothing", "deep"])
def test_a_file_that_no_page_has_saved_changes_nothing(timed: World, spoil: str) -> None:
    session, teacher = timed.enter(), timed.enter(**TEACHER)
    attempt = begin(timed, session)
    text = {
        "secret": file_of(timed, session, attempt, "x" * 43),
        "text": file_of(timed, session, attempt).replace("09:19", "09:20"),
        "nothing": "",
        "deep": "[" * 100_000,
    }[spoil]
    with pytest.raises(Invalid):
        bring(timed, teacher, text)
    assert inspect(timed, teacher, attempt).journal == ()


def test_only_who_grades_decides_and_only_about_attempts_of_the_activity(timed: World) -> None:
    session = timed.enter()
    attempt = begin(timed, session)
    elsewhere = timed.enter(**TEACHER, resource_link_id="2")
    looking = timed.enter(subject="9", name="Admin", role=lti.Role.ADMINISTRATOR)
    enrolment = inspect(timed, timed.enter(**TEACHER), attempt).enrolment.public_id
    text, granted = file_of(timed, session, attempt), Accommodation(200)
    acts: list[Callable[[lti.Session], object]] = [
        lambda who: void(timed, who, attempt),
        lambda who: reopen(timed, who, attempt),
        lambda who: bring(timed, who, text),
        lambda who: _extend(timed, who, attempt),
        lambda who: _grant(timed, who, enrolment, granted),
    ]
    for act in acts:
        with pytest.raises(NotAllowed, match="not_grading"):
            act(looking)
        with pytest.raises(NotFound):
            act(elsewhere)
    with pytest.raises(NotFound):
        inspect(timed, elsewhere, attempt)
    assert sitting(timed, session, attempt).attempt == attempt


def _extend(world: World, who: lti.Session, attempt: assessments.Attempt) -> None:
    with world.db.transaction() as tx:
        workflows.extend(tx, who, attempt.public_id, minutes=1, now=world.now())


def _grant(world: World, who: lti.Session, enrolment: str, granted: Accommodation) -> None:
    with world.db.transaction() as tx:
        workflows.accommodate(tx, who, enrolment, granted, now=world.now())


def test_a_delivery_of_a_voided_attempt_that_was_still_open_is_none(timed: World) -> None:
    session, teacher = timed.enter(), timed.enter(**TEACHER)
    attempt = begin(timed, session)
    void(timed, teacher, attempt)
    assert study(timed, session).delivery is None
    timed.clock.advance(3600)
    assert end_what(timed) == 0
    late = answer_first(timed, session, attempt)
    assert late.refusal is not None
    assert begin(timed, session).number == 2
