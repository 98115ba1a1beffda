"""The end of an attempt: score, completion, the wish to have the grade in the LMS and the audit row, all or nothing.

A learner hands in; or the clock does, once the deadline and its grace are over, with what was saved by then. Whoever of
the two comes second finds it done.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from lti_tool import assessments, courses, gradebook, lti, modules, people
from lti_tool.core import audit
from lti_tool.core.db import Database, Tx
from lti_tool.workflows.attempt import require_assessed
from lti_tool.workflows.columns import column_for
from lti_tool.workflows.study import enrolled, standing_of
from lti_tool.workflows.timing import brought_up_to_date

CLOCK = "clock"
"""The actor of what the server does by itself when the time is up."""


@dataclass(frozen=True)
class _Seat:
    """Whose attempt it is and in which activity, told by a session or found by the clock."""

    enrolment_id: int
    placement_id: int
    person_id: int
    actor: str
    launch: str = ""


def hand_in(tx: Tx, session: lti.Session, attempt_id: str, *, now: datetime) -> assessments.Attempt:
    """Hands in an attempt and draws every consequence; a second hand-in gives the first one's result."""
    require_assessed(session.role)
    enrolment_id, placement_id = enrolled(session)
    record = assessments.hold(tx, enrolment_id)
    attempt = assessments.find_in(record, attempt_id, enrolment_id=enrolment_id)
    if attempt.open and attempt.deadline_at is not None and now > attempt.deadline_at:
        attempt = brought_up_to_date(tx, attempt, record.accommodation)
    actor = f"person:{session.person_id}"
    seat = _Seat(enrolment_id, placement_id, session.person_id, actor, session.public_id)
    return _end(tx, seat, record, attempt, now=now)


def hand_in_for(tx: Tx, enrolment: courses.Enrolment, attempt_id: str, *, actor: str, now: datetime) -> None:
    """Hands in for a learner who is not there."""
    record = assessments.hold(tx, enrolment.id)
    attempt = assessments.find_in(record, attempt_id, enrolment_id=enrolment.id)
    seat = _Seat(enrolment.id, enrolment.placement_id, enrolment.person_id, actor)
    _end(tx, seat, record, attempt, now=now)


def end_what_is_over(db: Database, *, now: datetime) -> int:
    """Hands in what has no time left, one transaction each; how many were looked at.

    One that fails keeps no other waiting: it is tried again once its lease is over, and its fault is raised at the end.
    """
    with db.transaction() as tx:
        over = assessments.claim_over(tx, now=now)
    faults: list[Exception] = []
    for one in over:
        try:
            with db.transaction() as tx:
                _expire(tx, one, now=now)
        except Exception as fault:
            faults.append(fault)
    if faults:
        raise faults[0]
    return len(over)


def _expire(tx: Tx, over: assessments.Over, *, now: datetime) -> None:
    record = assessments.hold(tx, over.enrolment_id)
    attempt = assessments.find_in(record, over.attempt, enrolment_id=over.enrolment_id)
    if not attempt.open:
        return
    attempt = brought_up_to_date(tx, attempt, record.accommodation)
    if not attempt.is_over(now):
        return
    enrolment = courses.find_enrolment(tx, over.enrolment_id)
    seat = _Seat(enrolment.id, enrolment.placement_id, enrolment.person_id, CLOCK)
    _end(tx, seat, record, attempt, now=now)


def _end(
    tx: Tx, seat: _Seat, record: assessments.Record, attempt: assessments.Attempt, *, now: datetime
) -> assessments.Attempt:
    version = modules.find_version(tx, attempt.module_version_id)
    result, fresh = assessments.submit(tx, attempt, form=version.definition.form, actor=seat.actor, now=now)
    if not fresh:
        return result
    assert result.percent is not None, "a handed-in attempt has a percentage"
    if result.passed and result.counts:
        gradebook.complete(
            tx,
            enrolment_id=seat.enrolment_id,
            module_version_id=version.id,
            attempt_id=result.id,
            percent=result.percent,
            now=now,
        )
    after = replace(record, attempts=tuple(result if one.id == result.id else one for one in record.attempts))
    wish_grade(tx, seat.placement_id, seat.person_id, after, version, now=now, handed_in=result)
    audit.record(
        tx,
        now=now,
        actor=seat.actor,
        act="attempt.hand_in" if result.closed_as is assessments.EventKind.SUBMITTED else "attempt.expire",
        subject=f"attempt:{attempt.public_id}",
        percent=str(result.percent),
        passed=bool(result.passed),
        launch=seat.launch,
    )
    return result


def wish_grade(
    tx: Tx,
    placement_id: int,
    person_id: int,
    record: assessments.Record,
    version: modules.ModuleVersion,
    *,
    now: datetime,
    handed_in: assessments.Attempt | None = None,
) -> None:
    """The standing after `record` is what the LMS should show; where it takes no grades there is nobody to tell."""
    person = people.find_person(tx, person_id)
    if _is_unknown_to_the_lms(person):
        return
    placement = courses.find_placement(tx, placement_id)
    column = column_for(tx, placement, registration_id=person.registration_id, now=now)
    if column is None:
        return
    standing = standing_of(record, version)
    gradebook.want_delivered(
        tx,
        registration_id=person.registration_id,
        lms_deployment_id=lti.find_deployment(tx, placement.deployment_id).lms_deployment_id,
        line_item_url=column,
        person_id=person.id,
        lms_user_id=person.lms_user_id,
        percent=standing.percent,
        finished=standing.finished,
        now=now,
        hand_in=None if handed_in is None else gradebook.HandIn(handed_in.public_id, handed_in.submitted_at or now),
    )


def _is_unknown_to_the_lms(person: people.Person) -> bool:
    """Whoever acts as a learner has no place in the gradebook, and the learner's must stay as it is."""
    return person.is_stand_in
