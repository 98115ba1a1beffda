"""Overseeing: what a teacher sees of a placement's learners, and sending a grade again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from lti_tool import assessments, courses, credentials, gradebook, lti, modules, people
from lti_tool.core import audit
from lti_tool.core.db import Tx
from lti_tool.core.errors import NotFound
from lti_tool.workflows.study import credential_for, enrolled, standing_of


@dataclass(frozen=True)
class LearnerState:
    """One learner's line: how far, how good, and whether the LMS has the grade."""

    person: people.Person
    # The enrolment's public id, by which their work can be looked at.
    enrolment: str
    pages_done: int
    attempts: int
    sitting: bool
    percent: Fraction | None
    passed: bool
    delivery: gradebook.Delivery | None
    credential: credentials.Credential | None


@dataclass(frozen=True)
class Overview:
    """A placement with everybody in it."""

    placement: courses.Placement
    version: modules.ModuleVersion
    learners: Sequence[LearnerState]
    origin: courses.Origin | None
    window: courses.Window
    # What the link carries by now, where a teacher has to decide about it.
    wanted: modules.ModuleVersion | None


def overview(tx: Tx, session: lti.Session) -> Overview:
    """Everybody who has opened this activity as a learner, but for the staff that only acted as one."""
    _, placement_id = enrolled(session)
    placement = courses.find_placement(tx, placement_id)
    version = modules.newest_version(tx, placement.offer.module_id)
    deliveries = gradebook.deliveries_of(tx, placement.line_item_url) if placement.line_item_url else {}
    states = (
        _state(tx, enrolment, version, deliveries.get(enrolment.person_id))
        for enrolment in courses.enrolments_of(tx, placement_id)
        if lti.Role(enrolment.role).is_assessed
    )
    return Overview(
        placement=placement,
        version=version,
        learners=[state for state in states if not state.person.is_stand_in],
        origin=courses.origin_of(tx, placement),
        window=courses.window_of(placement.dates, placement.offer.settings),
        wanted=_wanted(tx, placement, session),
    )


def _wanted(tx: Tx, placement: courses.Placement, session: lti.Session) -> modules.ModuleVersion | None:
    if not placement.asks or placement.wanted_offer is None:
        return None
    offer = courses.offer_if_known(tx, placement.wanted_offer, organisation_id=session.organisation_id)
    return modules.newest_version(tx, offer.module_id) if offer else None


def preview(tx: Tx, session: lti.Session, module_id: str | None = None) -> modules.ModuleVersion:
    """The newest version of the session's module, or, while choosing, of any module of the organisation."""
    if module_id is not None:
        module = modules.find_module(tx, module_id, organisation_id=session.organisation_id)
        return modules.newest_version(tx, module.id)
    _, placement_id = enrolled(session)
    return modules.newest_version(tx, courses.find_placement(tx, placement_id).offer.module_id)


def send_again(tx: Tx, session: lti.Session, delivery_id: int, *, now: datetime) -> None:
    """Makes the grade of one of this placement's learners due again; once a minute at most, and silent in between."""
    _, placement_id = enrolled(session)
    url = courses.find_placement(tx, placement_id).line_item_url
    known = gradebook.deliveries_of(tx, url) if url else {}
    delivery = next((delivery for delivery in known.values() if delivery.id == delivery_id), None)
    if delivery is None or not _is_own(tx, placement_id, delivery):
        raise NotFound("gradebook.no_delivery", "There is no such grade in this activity.")
    if not gradebook.send_again(tx, delivery_id, now=now):
        return
    subject, actor = f"delivery:{delivery_id}", f"person:{session.person_id}"
    audit.record(tx, now=now, actor=actor, act="grade.send_again", subject=subject, launch=session.public_id)


def _is_own(tx: Tx, placement_id: int, delivery: gradebook.Delivery) -> bool:
    """Whether a grade is of somebody in this placement: a launch may claim any column, also another tenant's."""
    return delivery.person_id in {enrolment.person_id for enrolment in courses.enrolments_of(tx, placement_id)}


def _state(
    tx: Tx,
    enrolment: courses.Enrolment,
    version: modules.ModuleVersion,
    delivery: gradebook.Delivery | None,
) -> LearnerState:
    attempts = assessments.attempts_of(tx, enrolment.id)
    handed_in = [attempt for attempt in attempts if not attempt.open]
    standing = standing_of(attempts, version)
    progress = modules.progress_of(tx, enrolment.id, version.id)
    completion = gradebook.completion_of(tx, enrolment.id)
    return LearnerState(
        person=people.find_person(tx, enrolment.person_id),
        enrolment=enrolment.public_id,
        pages_done=sum(1 for page in progress.pages.values() if page.done),
        attempts=len(handed_in),
        sitting=len(handed_in) < len(attempts),
        percent=standing.percent if handed_in else None,
        passed=standing.passed,
        delivery=delivery,
        credential=credential_for(tx, completion, enrolment.person_id, version),
    )
