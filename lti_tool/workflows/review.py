"""Looking at a submission (LTI Submission Review Service 1.0 §3): one learner's work, and nothing is changed."""

from dataclasses import dataclass

from lti_tool import assessments, courses, lti, modules, people
from lti_tool.core.db import Tx
from lti_tool.core.errors import NotAllowed, NotFound, Side
from lti_tool.workflows.attempt import Sitting
from lti_tool.workflows.study import enrolled


@dataclass(frozen=True)
class Submission:
    """A learner's newest handed-in attempt; `sitting` is None where nothing was handed in yet."""

    person: people.Person
    sitting: Sitting | None


def identity_scope(registration: lti.Registration, deployment: lti.Deployment) -> str:
    """Within what a user id of this platform names one person."""
    by_deployment = registration.identity_scope is lti.IdentityScope.DEPLOYMENT
    return deployment.lms_deployment_id if by_deployment else people.EVERYWHERE


def submission_to_review(
    tx: Tx, launch: lti.Launch, deployment: lti.Deployment, own: courses.Enrolment
) -> courses.Enrolment:
    """The enrolment that a review launch is about: a learner's own, or for the staff that of the one it names."""
    if not launch.role.sees_learners:
        _require_own(launch)
        return own
    person = people.find_by_lms_id(
        tx,
        registration_id=launch.registration.id,
        identity_scope=identity_scope(launch.registration, deployment),
        lms_user_id=launch.for_user,
    )
    found = person and courses.enrolment_of(tx, person_id=person.id, placement_id=own.placement_id)
    if not found:
        raise NotFound(
            "courses.no_submission",
            "This learner has not opened the activity yet, so there is nothing to look at.",
            "Once they have handed something in, it can be opened from the gradebook.",
            side=Side.NOBODY,
        )
    return found


def _require_own(launch: lti.Launch) -> None:
    if launch.for_user != launch.subject:
        raise NotAllowed(
            "lti.foreign_review",
            "You can look at your own work, and at nobody else's.",
            "If you grade in this course, ask the teacher to check your role in it.",
            side=Side.LMS,
        )


def review(tx: Tx, session: lti.Session, enrolment_id: str) -> Submission:
    """The newest handed-in attempt of one learner of the session's activity, for somebody who may see learners."""
    _, placement_id = enrolled(session)
    enrolment = courses.enrolment_with_id(tx, enrolment_id, placement_id=placement_id)
    person = people.find_person(tx, enrolment.person_id)
    handed_in = [attempt for attempt in assessments.attempts_of(tx, enrolment.id) if attempt.graded]
    if not handed_in:
        return Submission(person, None)
    newest = handed_in[-1]
    version = modules.find_version(tx, newest.module_version_id)
    return Submission(person, Sitting(newest, version, assessments.answers_of(tx, newest.id)))
