"""Entering: a verified launch becomes a session (LTI Core 1.3 §5, Deep Linking 2.0 §3, Submission Review 1.0 §3).

The launch was verified before this transaction began, as that may fetch the platform's keys. Here the login row is used
up, exactly once; person, placement and enrolment are found or made, each behind its own unique constraint.
"""

from dataclasses import dataclass
from datetime import datetime

from lti_tool import courses, lti, people
from lti_tool.core.db import Tx
from lti_tool.core.errors import NotAllowed, NotFound, Side
from lti_tool.workflows.columns import follow_column
from lti_tool.workflows.review import identity_scope, submission_to_review
from lti_tool.workflows.timing import follow_dates


def enter(tx: Tx, launch: lti.Launch, *, browser: lti.Browser, now: datetime) -> lti.Session | None:
    """The session of a fresh launch; None when an administrator must first allow the deployment (which is noted)."""
    deployment = lti.admit_deployment(tx, launch.registration.id, launch.lms_deployment_id, now=now)
    lti.consume_login(tx, launch)
    if not deployment.allowed:
        return None
    lti.note_service(tx, deployment.id, launch.notices, now=now)
    person = _recognise(tx, launch, deployment, now=now)
    people.require_welcome(person)
    come = _Come(launch, browser, deployment, person, now)
    if launch.message is lti.MessageType.DATA_PRIVACY:
        return come.open(tx)
    if launch.message is lti.MessageType.DEEP_LINKING:
        _require_author(launch.role)
        return come.open(tx)
    return _enter_activity(tx, come)


@dataclass(frozen=True)
class _Come:
    """Somebody at the door: their launch, by which browser, through which deployment, and who they are."""

    launch: lti.Launch
    browser: lti.Browser
    deployment: lti.Deployment
    person: people.Person
    now: datetime

    def open(self, tx: Tx, enrolment: courses.Enrolment | None = None, review_of: str | None = None) -> lti.Session:
        return lti.open_session(
            tx,
            self.launch,
            browser=self.browser,
            deployment=self.deployment,
            person_id=self.person.id,
            enrolment_id=enrolment.id if enrolment else None,
            placement_id=enrolment.placement_id if enrolment else None,
            review_of=review_of,
            now=self.now,
        )


def _enter_activity(tx: Tx, come: _Come) -> lti.Session:
    """The session of a launch about one activity, or about one learner's work in it."""
    launch, now = come.launch, come.now
    if not (launch.role.is_assessed or launch.role.sees_learners or launch.role.may_author):
        raise NotAllowed(
            "courses.observer",
            "Your role in this course is that of an observer, and this activity has nothing to show to observers.",
            "If you should take part, ask the teacher to change your role in the course.",
            side=Side.LMS,
        )
    link = link_of(launch, come.deployment)
    try:
        placement = courses.place(tx, link, organisation_id=launch.registration.organisation_id, now=now)
    except NotFound:
        if not launch.role.may_author:
            raise
        # Nobody but a teacher can say which module is meant: they choose one, and the link is placed by that.
        session = come.open(tx)
        courses.keep_unplaced(tx, session.public_id, link, now=now)
        return session
    enrolment = courses.enrol(
        tx,
        person_id=come.person.id,
        placement_id=placement.id,
        role=launch.role.value,
        dates=lti.stated_dates(launch.custom),
        now=now,
    )
    if lti.stated_dates(launch.custom):
        # They may be others than at the last launch, for all or for this learner: who sits here goes by them at once.
        follow_dates(tx, placement.id)
    follow_column(tx, placement, registration_id=launch.registration.id, now=now)
    if launch.role.sees_learners:
        courses.want_roster(tx, placement, registration_id=launch.registration.id, now=now)
    if launch.message is lti.MessageType.SUBMISSION_REVIEW:
        return come.open(tx, enrolment, submission_to_review(tx, launch, come.deployment, enrolment).public_id)
    return come.open(tx, enrolment)


def deployment_waits(launch: lti.Launch) -> NotAllowed:
    """What a person reads whose deployment an administrator has not allowed yet."""
    return NotAllowed(
        "lti.deployment_waits",
        "Your LMS is known here, but this part of it has not been allowed yet.",
        "An administrator of this tool has to allow it once. Tell your teacher or LMS administrator; nothing is lost.",
        side=Side.TOOL,
        log={"registration": launch.registration.id, "deployment": launch.lms_deployment_id},
    )


def _recognise(tx: Tx, launch: lti.Launch, deployment: lti.Deployment, *, now: datetime) -> people.Person:
    """The person of a launch: somebody else, never the learner, where a member of the staff only acts as them."""
    portrait = people.Portrait(launch.name, launch.given_name, launch.family_name, launch.email, launch.locale)
    return people.recognise(
        tx,
        registration_id=launch.registration.id,
        identity_scope=identity_scope(launch.registration, deployment),
        lms_user_id=people.stand_in(launch.subject, launch.masquerader) if launch.is_masquerade else launch.subject,
        portrait=portrait,
        now=now,
    )


def _require_author(role: lti.Role) -> None:
    if not role.may_author:
        raise NotAllowed(
            "lti.not_an_author",
            "Only teachers of the course can add a module to it.",
            "If you teach this course, ask the LMS's administrator to check your role in it.",
            side=Side.LMS,
            log={"role": role.value},
        )


def link_of(launch: lti.Launch, deployment: lti.Deployment) -> courses.Link:
    """What a launch says of its link. Dates are the activity's by a teacher's launch, else that person's own."""
    custom = launch.custom
    return courses.Link(
        deployment_id=deployment.id,
        lms_context_id=launch.context_id,
        context_label=launch.context_label,
        context_title=launch.context_title,
        lms_resource_link_id=launch.resource_link_id,
        title=launch.resource_link_title,
        line_item_url=launch.line_item_url,
        line_items_url=launch.line_items_url,
        memberships_url=launch.memberships_url,
        offer=custom.get(lti.OFFER_PARAMETER),
        context_history=lti.context_history(custom),
        link_history=lti.link_history(custom),
        lms_assignment_id=custom.get(lti.ASSIGNMENT_PARAMETER, "")[:255] or None,
        dates=None if launch.role.is_assessed else lti.stated_dates(custom),
    )
