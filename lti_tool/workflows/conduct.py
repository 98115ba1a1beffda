"""Conducting an assessment: what a teacher sees of everybody's attempts, and may decide about one.

More time, away with it, open again, what a learner is granted, answers brought in a file: each is an event of the
attempt and a row of the audit, with its consequences for grade and completion, in one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lti_tool import assessments, courses, credentials, gradebook, insights, lti, modules, people
from lti_tool.core import audit
from lti_tool.core.db import Tx
from lti_tool.core.errors import Conflict, Invalid, NotAllowed, NotFound, Side
from lti_tool.workflows.attempt import Sitting, sitting_of
from lti_tool.workflows.finish import wish_grade
from lti_tool.workflows.study import achievement_of, enrolled
from lti_tool.workflows.timing import brought_up_to_date

_MOST_MINUTES = 30 * 24 * 60


@dataclass(frozen=True)
class Candidate:
    """A learner of the activity with their attempts."""

    name: str
    enrolment: str
    attempts: Sequence[assessments.Attempt]


@dataclass(frozen=True)
class Conducted:
    """The assessment of one activity with everybody in it."""

    version: modules.ModuleVersion
    candidates: Sequence[Candidate]


@dataclass(frozen=True)
class Inspection:
    """One attempt, opened by a teacher: as it stands, every answer that came, and what happened to it."""

    person: people.Person
    enrolment: courses.Enrolment
    sitting: Sitting
    journal: Sequence[assessments.Entry]
    events: Sequence[assessments.AttemptEvent]
    actors: Mapping[str, str]
    accommodation: assessments.Accommodation


@dataclass(frozen=True)
class Granted:
    """What one learner is granted in the assessment of a version."""

    version: modules.ModuleVersion
    name: str
    accommodation: assessments.Accommodation


def conducted(tx: Tx, session: lti.Session) -> Conducted:
    """Everybody's attempts; as many statements for three learners as for a thousand."""
    _, placement_id = enrolled(session)
    placement = courses.find_placement(tx, placement_id)
    version = modules.newest_version(tx, placement.offer.module_id)
    known = insights.class_list(tx, placement_id, version_id=version.id, achievement=achievement_of(version))
    ids = {one.public_id: one.id for one in courses.enrolments_of(tx, placement_id)}
    tried: dict[int, list[assessments.Attempt]] = {}
    for attempt in assessments.attempts_in(tx, placement_id):
        tried.setdefault(attempt.enrolment_id, []).append(attempt)
    return Conducted(
        version,
        [
            Candidate(one.person.shown_name, one.enrolment, tried.get(ids[one.enrolment], ()))
            for one in known
            if lti.Role(one.role).is_assessed and not one.person.is_stand_in
        ],
    )


def inspect(tx: Tx, session: lti.Session, attempt_id: str) -> Inspection:
    """One attempt of the session's activity; NotFound for any other."""
    enrolment = require_of_activity(tx, session, attempt_id)
    record = assessments.record_of(tx, enrolment.id)
    attempt = assessments.find_in(record, attempt_id, enrolment_id=enrolment.id)
    events = assessments.events_of(tx, attempt.id)
    return Inspection(
        people.find_person(tx, enrolment.person_id),
        enrolment,
        sitting_of(tx, attempt, record),
        assessments.journal_of(tx, attempt.id),
        events,
        {actor: _called(tx, actor) for actor in {event.actor for event in events}},
        record.accommodation,
    )


def _called(tx: Tx, actor: str) -> str:
    kind, _, number = actor.partition(":")
    return people.find_person(tx, int(number)).shown_name if kind == "person" and number.isdecimal() else ""


def granted(tx: Tx, session: lti.Session, enrolment_id: str) -> Granted:
    """What a learner of the session's activity is granted."""
    _, placement_id = enrolled(session)
    placement = courses.find_placement(tx, placement_id)
    enrolment = courses.enrolment_with_id(tx, enrolment_id, placement_id=placement_id)
    return Granted(
        modules.newest_version(tx, placement.offer.module_id),
        people.find_person(tx, enrolment.person_id).shown_name,
        assessments.record_of(tx, enrolment.id).accommodation,
    )


def extend(tx: Tx, session: lti.Session, attempt_id: str, *, minutes: int, now: datetime) -> None:
    """Gives an open attempt so many minutes from its deadline on, or from now where that is over."""
    _, record, attempt = _held(tx, session, attempt_id)
    if attempt.deadline_at is None:
        raise Conflict(
            "assessments.no_end",
            "This attempt has no end, so there is nothing to extend.",
            "The learner may go on as long as they like.",
        )
    until = max(attempt.deadline_at, now) + _minutes(minutes)
    attempt = assessments.extend(tx, attempt, until=until, actor=_actor(session), now=now)
    brought_up_to_date(tx, attempt, record.accommodation)
    _record(tx, session, "attempt.extend", attempt_id, now=now, until=until.isoformat())


def void(tx: Tx, session: lti.Session, attempt_id: str, *, reason: str, now: datetime) -> None:
    """Takes an attempt out of the count, with what rests on it; its answers and mark are kept."""
    enrolment, record, attempt = _held(tx, session, attempt_id)
    undo(tx, attempt)
    gone = assessments.void(tx, attempt, actor=_actor(session), reason=_said(reason), now=now)
    after = replace(record, attempts=tuple(gone if one.id == gone.id else one for one in record.attempts))
    version = modules.find_version(tx, attempt.module_version_id)
    for other in after.attempts:
        if other.graded and other.passed and other.counts and other.percent is not None:
            gradebook.complete(
                tx,
                enrolment_id=enrolment.id,
                module_version_id=other.module_version_id,
                attempt_id=other.id,
                percent=other.percent,
                now=now,
            )
    if attempt.graded:
        wish_grade(tx, enrolment.placement_id, enrolment.person_id, after, version, now=now)
    _record(tx, session, "attempt.void", attempt_id, now=now, reason=_said(reason))


def reopen(tx: Tx, session: lti.Session, attempt_id: str, *, minutes: int, reason: str, now: datetime) -> None:
    """Opens an attempt again for so many minutes. The grade in the LMS stays until it is handed in once more."""
    _, record, attempt = _held(tx, session, attempt_id)
    require_none_else(record, attempt)
    undo(tx, attempt)
    until = now + _minutes(minutes)
    again = assessments.reopen(tx, attempt, until=until, actor=_actor(session), reason=_said(reason), now=now)
    brought_up_to_date(tx, again, record.accommodation)
    _record(tx, session, "attempt.reopen", attempt_id, now=now, until=until.isoformat(), reason=_said(reason))


def accommodate(
    tx: Tx, session: lti.Session, enrolment_id: str, granted: assessments.Accommodation, *, now: datetime
) -> None:
    """Grants one learner more time, attempts or days from now on, in an attempt that runs as well."""
    require_grading(session.role)
    _, placement_id = enrolled(session)
    enrolment = courses.enrolment_with_id(tx, enrolment_id, placement_id=placement_id)
    assessments.accommodate(tx, enrolment.id, granted, actor=_actor(session), now=now)
    record = assessments.hold(tx, enrolment.id)
    if record.running is not None:
        brought_up_to_date(tx, record.running, granted)
    audit.record(
        tx,
        now=now,
        actor=_actor(session),
        act="enrolment.accommodate",
        subject=f"enrolment:{enrolment.public_id}",
        launch=session.public_id,
        time_percent=granted.time_percent,
        extra_attempts=granted.extra_attempts,
        extra_days=granted.extra_days,
    )


def require_grading(role: lti.Role) -> None:
    """Refuses whoever may see learners and decide nothing about them."""
    if not role.may_grade:
        raise NotAllowed(
            "assessments.not_grading",
            "Only those who teach or assist in this course decide about attempts.",
            "You can look at everything here. Ask the teacher to do it.",
            side=Side.LMS,
            log={"role": role.value},
        )


def _held(
    tx: Tx, session: lti.Session, attempt_id: str
) -> tuple[courses.Enrolment, assessments.Record, assessments.Attempt]:
    require_grading(session.role)
    enrolment = require_of_activity(tx, session, attempt_id)
    record = assessments.hold(tx, enrolment.id)
    return enrolment, record, assessments.find_in(record, attempt_id, enrolment_id=enrolment.id)


def require_of_activity(tx: Tx, session: lti.Session, attempt_id: str) -> courses.Enrolment:
    """Whose attempt it is, if it is one of this activity."""
    _, placement_id = enrolled(session)
    attempt = assessments.attempt_with_id(tx, attempt_id)
    enrolment = None if attempt is None else courses.find_enrolment(tx, attempt.enrolment_id)
    if enrolment is None or not _is_here(enrolment, placement_id):
        raise NotFound("assessments.no_attempt", "There is no such attempt.", "Go back to the list of attempts.")
    return enrolment


def require_none_else(record: assessments.Record, attempt: assessments.Attempt) -> None:
    """Refuses to open an attempt while another one of the learner's is open."""
    if record.running is not None and record.running.id != attempt.id:
        raise Conflict(
            "assessments.another_open",
            "This learner is in the middle of another attempt, and there is one at a time.",
            "Wait until that one is handed in, or void it.",
        )


def _is_here(enrolment: courses.Enrolment, placement_id: int) -> bool:
    return enrolment.placement_id == placement_id


def undo(tx: Tx, attempt: assessments.Attempt) -> None:
    """Takes back the completion that rests on an attempt; Conflict while a certificate does."""
    completion = gradebook.completion_by(tx, attempt.id)
    if completion is None:
        return
    made = credentials.credential_of_completion(tx, completion.id)
    if made is not None and made.status is credentials.CredentialStatus.ACTIVE:
        raise Conflict(
            "assessments.certificate_rests",
            "A certificate was issued for this attempt, so the attempt cannot be changed.",
            "Have the certificate revoked first; whoever runs this tool can do that. Nothing was changed.",
        )
    if made is None:
        gradebook.withdraw(tx, completion)


def _minutes(minutes: int) -> timedelta:
    if not 1 <= minutes <= _MOST_MINUTES:
        raise Invalid(
            "assessments.minutes", "That is not a number of minutes that can be given.", "Give 1 minute to 30 days."
        )
    return timedelta(minutes=minutes)


def _said(reason: str) -> str:
    return " ".join(reason.split())[:300]


def _actor(session: lti.Session) -> str:
    return f"person:{session.person_id}"


def _record(tx: Tx, session: lti.Session, act: str, attempt_id: str, *, now: datetime, **facts: object) -> None:
    subject = f"attempt:{attempt_id}"
    audit.record(tx, now=now, actor=_actor(session), act=act, subject=subject, launch=session.public_id, **facts)
