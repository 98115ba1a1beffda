"""Everybody who has opened an activity, and how far each has come: five statements, for three people or a thousand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import bindparam, func, select

from lti_tool import people
from lti_tool.assessments.tables import attempts
from lti_tool.core.db import Tx
from lti_tool.courses.tables import enrolments, placements
from lti_tool.credentials.tables import credentials
from lti_tool.gradebook.tables import completions
from lti_tool.modules.tables import reading_progress
from lti_tool.people.tables import people as person_rows

_OPEN, _GRADED, _ACTIVE = "open", "graded", "active"


@dataclass(frozen=True)
class Learner:
    """One enrolment: who, with which role, what was read and handed in, and the number of the certificate it earned.

    `results` has the percentage of each attempt that was handed in and counts, and whether it passed.
    """

    person: people.Person
    enrolment: str
    role: str
    pages_done: int
    results: tuple[tuple[Fraction, bool], ...]
    sitting: bool
    certificate: str


_PERSON = tuple(person_rows.c[name] for name in people.Person.__dataclass_fields__)
_here = enrolments.c.placement_id == bindparam("placement_id")
_people = (
    select(enrolments.c.id, enrolments.c.public_id, enrolments.c.role, *_PERSON)
    .join(person_rows, person_rows.c.id == enrolments.c.person_id)
    .where(_here)
    .order_by(enrolments.c.id)
)
_attempts = (
    select(attempts.c.enrolment_id, attempts.c.state, attempts.c.percent, attempts.c.passed)
    .join(enrolments, enrolments.c.id == attempts.c.enrolment_id)
    .where(_here)
    .order_by(attempts.c.enrolment_id, attempts.c.number)
)
_pages = (
    select(reading_progress.c.enrolment_id, func.count())
    .join(enrolments, enrolments.c.id == reading_progress.c.enrolment_id)
    .where(_here, reading_progress.c.module_version_id == bindparam("version_id"), reading_progress.c.done)
    .group_by(reading_progress.c.enrolment_id)
)
# Of several completions the newest is the last one.
_completed = (
    select(completions.c.enrolment_id, completions.c.id)
    .join(enrolments, enrolments.c.id == completions.c.enrolment_id)
    .where(_here)
    .order_by(completions.c.id)
)
_certificates = (
    select(
        enrolments.c.id,
        credentials.c.completion_id,
        credentials.c.achievement,
        credentials.c.status,
        credentials.c.number,
    )
    .join(enrolments, enrolments.c.person_id == credentials.c.person_id)
    .where(_here)
    .order_by(credentials.c.issued_at.desc(), credentials.c.id.desc())
)
_of_course = select(placements.c.id).where(
    placements.c.deployment_id == bindparam("deployment_id"), placements.c.lms_context_id == bindparam("lms_context_id")
)
_staff = (
    select(person_rows.c.lms_user_id)
    .join(enrolments, enrolments.c.person_id == person_rows.c.id)
    .where(enrolments.c.placement_id.in_(_of_course), enrolments.c.role.not_in(bindparam("assessed", expanding=True)))
    .distinct()
)


def class_list(tx: Tx, placement_id: int, *, version_id: int, achievement: str) -> Sequence[Learner]:
    """Everybody who is enrolled in a placement, oldest enrolment first; pages are counted in one version.

    A certificate is the one that the enrolment's own completion earned, else an active one for the same achievement.
    """
    here = {"placement_id": placement_id}
    tried = _grouped(tx.execute(_attempts, here).all())
    read = {row[0]: row[1] for row in tx.execute(_pages, {**here, "version_id": version_id})}
    completed = {row[0]: row[1] for row in tx.execute(_completed, here)}
    certified = _grouped(tx.execute(_certificates, here).all())
    return [
        Learner(
            person=people.Person(*row[3:]),
            enrolment=row[1],
            role=row[2],
            pages_done=read.get(row[0], 0),
            results=tuple(_results(tried.get(row[0], ()))),
            sitting=any(attempt.state == _OPEN for attempt in tried.get(row[0], ())),
            certificate=_certificate(completed.get(row[0]), certified.get(row[0], ()), achievement),
        )
        for row in tx.execute(_people, here)
    ]


def staff_of_course(tx: Tx, deployment_id: int, lms_context_id: str, assessed: Iterable[str]) -> frozenset[str]:
    """Who has come to a course in another role than those that are assessed, by the LMS's user ids."""
    course = {"deployment_id": deployment_id, "lms_context_id": lms_context_id}
    return frozenset(tx.execute(_staff, {**course, "assessed": list(assessed)}).scalars())


def _grouped(rows: Iterable[Any]) -> Mapping[int, Sequence[Any]]:
    """Rows by the enrolment in their first column."""
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _results(tried: Iterable[Any]) -> Iterable[tuple[Fraction, bool]]:
    handed_in = (row for row in tried if row.state == _GRADED)
    return ((Fraction(row.percent), bool(row.passed)) for row in handed_in)


def _certificate(completion_id: int | None, known: Sequence[Any], achievement: str) -> str:
    if completion_id is None:
        return ""
    own = [one.number for one in known if one.completion_id == completion_id]
    held = [one.number for one in known if one.achievement == achievement and one.status == _ACTIVE]
    return next(iter((*own, *held)), "")
