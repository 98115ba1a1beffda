"""Overseeing: what a teacher sees of a placement's learners, and sending a grade again."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from lti_tool import courses, gradebook, insights, lti, modules
from lti_tool.core import audit
from lti_tool.core.db import Tx
from lti_tool.core.errors import NotFound
from lti_tool.workflows.columns import look_again
from lti_tool.workflows.study import achievement_of, enrolled, grades_go_to


@dataclass(frozen=True)
class LearnerState:
    """One learner's line: how far, how good, and whether the LMS has the grade."""

    # As the launch gave it, else as the LMS's list shares it; empty where neither does.
    name: str
    # The enrolment's public id, by which their work can be looked at.
    enrolment: str
    pages_done: int
    attempts: int
    sitting: bool
    percent: Fraction | None
    passed: bool
    delivery: gradebook.Delivery | None
    # The certificate's number; empty before there is one.
    certificate: str
    # Since when the LMS's list has them no more.
    left_at: datetime | None


@dataclass(frozen=True)
class Overview:
    """A placement with everybody in it; `roster` is the LMS's own list of who should be, None where it has none.

    `absent` are the learners on that list who have not opened the activity, also those who have left since.
    """

    placement: courses.Placement
    version: modules.ModuleVersion
    learners: Sequence[LearnerState]
    absent: Sequence[courses.Member]
    roster: courses.Roster | None
    origin: courses.Origin | None
    window: courses.Window
    # What the link carries by now, where a teacher has to decide about it.
    wanted: modules.ModuleVersion | None


def overview(tx: Tx, session: lti.Session, *, now: datetime) -> Overview:
    """Everybody who has opened this activity as a learner, but for the staff that only acted as one; and who has not.

    The number of statements is the same for three learners and for a thousand.
    """
    _, placement_id = enrolled(session)
    placement = courses.find_placement(tx, placement_id)
    version = modules.newest_version(tx, placement.offer.module_id)
    column = grades_go_to(placement)
    deliveries = gradebook.deliveries_of(tx, column) if column else {}
    known = insights.class_list(tx, placement_id, version_id=version.id, achievement=achievement_of(version))
    roster = courses.roster_of(tx, placement, now=now)
    members = {} if roster is None else {one.lms_user_id: one for one in courses.members_of(tx, roster.id)}
    return Overview(
        placement=placement,
        version=version,
        learners=[
            _state(one, version, deliveries.get(one.person.id), members.get(one.person.lms_user_id))
            for one in known
            if lti.Role(one.role).is_assessed and not one.person.is_stand_in
        ],
        absent=_absent(tx, placement, members.values(), {one.person.lms_user_id for one in known}),
        roster=roster,
        origin=courses.origin_of(tx, placement),
        window=courses.window_of(placement.dates, placement.own_dates),
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
    placement = courses.find_placement(tx, placement_id)
    column = grades_go_to(placement)
    known = gradebook.deliveries_of(tx, column) if column else {}
    delivery = next((delivery for delivery in known.values() if delivery.id == delivery_id), None)
    if delivery is None or not _is_own(tx, placement_id, delivery):
        raise NotFound("gradebook.no_delivery", "There is no such grade in this activity.")
    looks = look_again(tx, placement, registration_id=session.registration_id, now=now)
    if not gradebook.send_again(tx, delivery_id, now=now) and not looks:
        return
    subject, actor = f"delivery:{delivery_id}", f"person:{session.person_id}"
    audit.record(tx, now=now, actor=actor, act="grade.send_again", subject=subject, launch=session.public_id)


def _is_own(tx: Tx, placement_id: int, delivery: gradebook.Delivery) -> bool:
    """Whether a grade is of somebody in this placement: a launch may claim any column, also another tenant's."""
    return delivery.person_id in {enrolment.person_id for enrolment in courses.enrolments_of(tx, placement_id)}


def _absent(
    tx: Tx, placement: courses.Placement, members: Iterable[courses.Member], come: Collection[str]
) -> Sequence[courses.Member]:
    """The learners on the LMS's list who have not come, those included who are no longer on it.

    Whoever has come to the course as staff is none of them, whatever the list says: Moodle lists a non-editing teacher
    as a learner.
    """
    away = [one for one in members if one.role.is_assessed and one.lms_user_id not in come]
    if not away:
        return ()
    assessed = [role.value for role in lti.Role if role.is_assessed]
    staff = insights.staff_of_course(tx, placement.deployment_id, placement.lms_context_id, assessed)
    return [one for one in away if one.lms_user_id not in staff]


def _state(
    known: insights.Learner,
    version: modules.ModuleVersion,
    delivery: gradebook.Delivery | None,
    member: courses.Member | None,
) -> LearnerState:
    standing = gradebook.standing(known.results, attempts_allowed=version.definition.form.attempts)
    return LearnerState(
        name=known.person.shown_name or (member.name if member else None) or "",
        enrolment=known.enrolment,
        pages_done=known.pages_done,
        attempts=len(known.results),
        sitting=known.sitting,
        percent=standing.percent if known.results else None,
        passed=standing.passed,
        delivery=delivery,
        certificate=known.certificate,
        left_at=member.left_at if member else None,
    )
