"""Studying: what a learner sees of a module, and how far the reading has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from lti_tool import assessments, courses, credentials, gradebook, lti, modules, people
from lti_tool.core.db import Tx
from lti_tool.core.errors import NotFound
from lti_tool.workflows.timing import deadline_for, window_for


@dataclass(frozen=True)
class Study:
    """Where one enrolled person stands in one module: everything that a learner's page may tell."""

    person: people.Person
    placement: courses.Placement
    enrolment_id: int
    version: modules.ModuleVersion
    progress: modules.Progress
    attempts: Sequence[assessments.Attempt]
    standing: gradebook.Standing
    completion: gradebook.Completion | None
    delivery: gradebook.Delivery | None
    credential: credentials.Credential | None
    # A certificate of the same module that the person holds from another activity: there will be no second one.
    held: credentials.Credential | None
    window: courses.Window
    accommodation: assessments.Accommodation
    # How many attempts this person may make, and until when one that is open may go on.
    attempts_allowed: int | None
    deadline: assessments.Deadline

    @property
    def definition(self) -> modules.ModuleDefinition:
        return self.version.definition

    @property
    def open_attempt(self) -> assessments.Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.open), None)

    @property
    def best_percent(self) -> Fraction | None:
        """The percentage that counts; None before the first hand-in."""
        return self.standing.percent if any(attempt.graded for attempt in self.attempts) else None


def look(tx: Tx, session: lti.Session) -> Study:
    """The standing of the session's person in the session's placement."""
    enrolment_id, _ = enrolled(session)
    placement, dates = courses.placement_for(tx, enrolment_id)
    record = assessments.record_of(tx, enrolment_id)
    attempts = record.attempts
    version = version_for(tx, placement, attempts)
    handed_in = any(attempt.graded for attempt in attempts)
    completion = gradebook.completion_of(tx, enrolment_id) if handed_in else None
    own, held = _certificates(tx, completion, session.person_id, version)
    return Study(
        person=people.find_person(tx, session.person_id),
        placement=placement,
        enrolment_id=enrolment_id,
        version=version,
        progress=modules.progress_of(tx, enrolment_id, version.id),
        attempts=attempts,
        standing=standing_of(record, version),
        completion=completion,
        delivery=_delivery(tx, placement, session.person_id),
        credential=own or (held if completion else None),
        held=held,
        # By what the LMS told this person, and by the offer.
        window=window_for(placement, dates, record.accommodation),
        attempts_allowed=record.allowed(version.definition.form.attempts),
        accommodation=record.accommodation,
        deadline=_deadline(record, version, placement, dates),
    )


def _deadline(
    record: assessments.Record,
    version: modules.ModuleVersion,
    placement: courses.Placement,
    dates: Mapping[str, str],
) -> assessments.Deadline:
    attempt = record.running
    if attempt is None:
        return assessments.Deadline()
    return deadline_for(
        version.definition.form,
        placement,
        dates,
        record.accommodation,
        started_at=attempt.started_at,
        extended_until=attempt.extended_until,
    )


def note_reading(
    tx: Tx, session: lti.Session, *, page_key: str, block: int, done: bool, now: datetime
) -> modules.ModuleVersion:
    """Remembers where the reader is on a page, and that the page was read to its end."""
    enrolment_id, placement_id = enrolled(session)
    placement = courses.find_placement(tx, placement_id)
    version = version_for(tx, placement, assessments.attempts_of(tx, enrolment_id))
    page_of(version, page_key)
    modules.note_position(
        tx, enrolment_id=enrolment_id, version_id=version.id, page_key=page_key, block=block, done=done, now=now
    )
    return version


def enrolled(session: lti.Session) -> tuple[int, int]:
    """The session's (enrolment, placement); NotFound in a session that is not about one activity."""
    if session.enrolment_id is None or session.placement_id is None:
        raise NotFound("courses.no_enrolment", "This page belongs to an activity of a course.")
    return session.enrolment_id, session.placement_id


def version_for(tx: Tx, placement: courses.Placement, attempts: Sequence[assessments.Attempt]) -> modules.ModuleVersion:
    """The version to show: that of an open attempt, which is pinned to it, else the newest."""
    for attempt in attempts:
        if attempt.open:
            return modules.find_version(tx, attempt.module_version_id)
    return modules.newest_version(tx, placement.offer.module_id)


def page_of(version: modules.ModuleVersion, key: str) -> tuple[int, modules.Page]:
    """A page of a version by its key, with its place (from 0)."""
    for place, page in enumerate(version.definition.pages):
        if page.key == key:
            return place, page
    raise NotFound(
        "modules.no_page",
        "This module has no such page. It may have been changed since you opened it.",
        "Go to the module's first page and choose from the list.",
    )


def standing_of(record: assessments.Record, version: modules.ModuleVersion) -> gradebook.Standing:
    """The standing after all attempts that were handed in and count."""
    results = [
        (attempt.percent, bool(attempt.passed))
        for attempt in record.attempts
        if attempt.graded and attempt.percent is not None
    ]
    return gradebook.standing(results, attempts_allowed=record.allowed(version.definition.form.attempts))


def _certificates(
    tx: Tx, completion: gradebook.Completion | None, person_id: int, version: modules.ModuleVersion
) -> tuple[credentials.Credential | None, credentials.Credential | None]:
    """The completion's own credential, and an active one for the same module that another completion earned."""
    known = credentials.credentials_of_person(tx, person_id)
    own = next((one for one in known if completion and one.completion_id == completion.id), None)
    active = credentials.CredentialStatus.ACTIVE
    same = (one for one in known if one.achievement == achievement_of(version) and one.status is active)
    return own, next((one for one in same if own is None or one.id != own.id), None)


def achievement_of(version: modules.ModuleVersion) -> str:
    """What a credential attests: the module, whichever version of it."""
    return f"module:{version.module_id}"


def _delivery(tx: Tx, placement: courses.Placement, person_id: int) -> gradebook.Delivery | None:
    column = grades_go_to(placement)
    return None if column is None else gradebook.delivery_of(tx, line_item_url=column, person_id=person_id)


def grades_go_to(placement: courses.Placement) -> str | None:
    """Where the grades of a placement are kept in the outbox: under its column's address, or waiting for one.

    None where the LMS takes no grades from this course at all.
    """
    if placement.line_item_url is not None:
        return placement.line_item_url
    return gradebook.waiting_for(placement.link_key) if placement.line_items_url else None
