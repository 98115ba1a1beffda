"""Handing in: score, completion, the wish to have the grade in the LMS and the audit row stand or fall together."""

from datetime import datetime

from lti_tool import assessments, courses, gradebook, lti, modules, people
from lti_tool.core import audit
from lti_tool.core.db import Tx
from lti_tool.workflows.attempt import require_assessed
from lti_tool.workflows.study import enrolled, standing_of


def hand_in(tx: Tx, session: lti.Session, attempt_id: str, *, now: datetime) -> assessments.Attempt:
    """Hands in an attempt and draws every consequence; a second hand-in gives the first one's result."""
    require_assessed(session.role)
    enrolment_id, placement_id = enrolled(session)
    attempt = assessments.find_attempt(tx, attempt_id, enrolment_id=enrolment_id)
    version = modules.find_version(tx, attempt.module_version_id)
    result, fresh = assessments.submit(tx, attempt, form=version.definition.form, now=now)
    if not fresh:
        return result
    assert result.percent is not None, "a handed-in attempt has a percentage"
    if result.passed and session.counts:
        gradebook.complete(
            tx,
            enrolment_id=enrolment_id,
            module_version_id=version.id,
            attempt_id=result.id,
            percent=result.percent,
            now=now,
        )
    if _is_told_to_the_lms(session):
        _wish_grade(tx, session, placement_id, version, result, now=now)
    audit.record(
        tx,
        now=now,
        actor=f"person:{session.person_id}",
        act="attempt.hand_in",
        subject=f"attempt:{attempt.public_id}",
        percent=str(result.percent),
        passed=bool(result.passed),
        launch=session.public_id,
    )
    return result


def _is_told_to_the_lms(session: lti.Session) -> bool:
    """Whether the person of this session has a place in the gradebook: whoever acts as a learner has not, and theirs
    must stay as it is."""
    return not session.is_masquerade


def _wish_grade(
    tx: Tx,
    session: lti.Session,
    placement_id: int,
    version: modules.ModuleVersion,
    attempt: assessments.Attempt,
    *,
    now: datetime,
) -> None:
    """The standing after this hand-in is what the LMS should show; without a line item there is nobody to tell."""
    placement = courses.find_placement(tx, placement_id)
    if placement.line_item_url is None:
        return
    enrolment_id, _ = enrolled(session)
    standing = standing_of(assessments.attempts_of(tx, enrolment_id), version)
    gradebook.want_delivered(
        tx,
        registration_id=session.registration_id,
        lms_deployment_id=lti.find_deployment(tx, session.deployment_id).lms_deployment_id,
        line_item_url=placement.line_item_url,
        person_id=session.person_id,
        lms_user_id=people.find_person(tx, session.person_id).lms_user_id,
        percent=standing.percent,
        finished=standing.finished,
        now=now,
        hand_in=gradebook.HandIn(attempt.public_id, attempt.submitted_at or now),
    )
