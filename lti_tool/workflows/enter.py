"""Entering: a verified launch becomes a session (LTI Core 1.3 §5, Deep Linking 2.0 §3).

The launch was verified before this transaction began, as that may fetch the platform's keys. Here the login row is used
up, exactly once; person, placement and enrolment are found or made, each behind its own unique constraint.
"""

from datetime import datetime

from lti_tool import courses, lti, people
from lti_tool.core.db import Tx
from lti_tool.core.errors import NotAllowed, Side

OFFER_PARAMETER = "offer"
"""The custom parameter that carries an offer's public id in every link that we hand out."""


def enter(tx: Tx, launch: lti.Launch, *, browser: lti.Browser, now: datetime) -> lti.Session | None:
    """The session of a fresh launch; None when an administrator must first allow the deployment (which is noted)."""
    deployment = lti.admit_deployment(tx, launch.registration.id, launch.lms_deployment_id, now=now)
    lti.consume_login(tx, launch)
    if not deployment.allowed:
        return None
    person = _recognise(tx, launch, deployment, now=now)
    people.require_welcome(person)
    if launch.message is lti.MessageType.DEEP_LINKING:
        _require_author(launch.role)
        return lti.open_session(tx, launch, browser=browser, deployment=deployment, person_id=person.id, now=now)
    if not (launch.role.is_assessed or launch.role.sees_learners or launch.role.may_author):
        raise NotAllowed(
            "courses.observer",
            "Your role in this course is that of an observer, and this activity has nothing to show to observers.",
            "If you should take part, ask the teacher to change your role in the course.",
            side=Side.LMS,
        )
    placement = courses.place(
        tx, _link(launch, deployment), organisation_id=launch.registration.organisation_id, now=now
    )
    enrolment = courses.enrol(tx, person_id=person.id, placement_id=placement.id, role=launch.role.value, now=now)
    return lti.open_session(
        tx,
        launch,
        browser=browser,
        deployment=deployment,
        person_id=person.id,
        enrolment_id=enrolment.id,
        placement_id=placement.id,
        now=now,
    )


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
    by_deployment = launch.registration.identity_scope is lti.IdentityScope.DEPLOYMENT
    portrait = people.Portrait(launch.name, launch.given_name, launch.family_name, launch.email, launch.locale)
    return people.recognise(
        tx,
        registration_id=launch.registration.id,
        identity_scope=deployment.lms_deployment_id if by_deployment else people.EVERYWHERE,
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


def _link(launch: lti.Launch, deployment: lti.Deployment) -> courses.Link:
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
        offer=launch.custom.get(OFFER_PARAMETER),
    )
