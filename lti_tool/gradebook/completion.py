"""Completions: that an enrolled person has passed a version of a module; once, and as long as its attempt counts."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, bindparam, delete, select

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.gradebook.tables import completions


@dataclass(frozen=True)
class Completion:
    """The attempt that completed a module version for an enrolment, and its percentage."""

    id: int
    enrolment_id: int
    module_version_id: int
    attempt_id: int
    percent: Fraction
    completed_at: datetime


_COLUMNS = (
    completions.c.id,
    completions.c.enrolment_id,
    completions.c.module_version_id,
    completions.c.attempt_id,
    completions.c.percent,
    completions.c.completed_at,
)
_newest = (
    select(*_COLUMNS)
    .where(completions.c.enrolment_id == bindparam("enrolment_id"))
    .order_by(completions.c.id.desc())
    .limit(1)
)
_by_id = select(*_COLUMNS).where(completions.c.id == bindparam("id"))
_by_attempt = select(*_COLUMNS).where(completions.c.attempt_id == bindparam("attempt_id"))


def complete(
    tx: Tx, *, enrolment_id: int, module_version_id: int, attempt_id: int, percent: Fraction, now: datetime
) -> tuple[Completion, bool]:
    """The completion of this version by this enrolment, and whether it is new; the first passing attempt stays."""
    fresh = insert(tx, completions).values(
        public_id=ids.public_id(),
        enrolment_id=enrolment_id,
        module_version_id=module_version_id,
        attempt_id=attempt_id,
        percent=str(percent),
        completed_at=now,
    )
    keys = ["enrolment_id", "module_version_id"]
    made = tx.execute(fresh.on_conflict_do_nothing(index_elements=keys).returning(*_COLUMNS)).one_or_none()
    if made is not None:
        return _read(made), True
    known = select(*_COLUMNS).where(
        completions.c.enrolment_id == enrolment_id, completions.c.module_version_id == module_version_id
    )
    return _read(tx.execute(known).one()), False


def completion_of(tx: Tx, enrolment_id: int) -> Completion | None:
    """The newest completion of an enrolment, if there is one."""
    row = tx.execute(_newest, {"enrolment_id": enrolment_id}).one_or_none()
    return None if row is None else _read(row)


def completion_by(tx: Tx, attempt_id: int) -> Completion | None:
    """The completion that rests on an attempt."""
    row = tx.execute(_by_attempt, {"attempt_id": attempt_id}).one_or_none()
    return None if row is None else _read(row)


def withdraw(tx: Tx, completion: Completion) -> None:
    """Takes a completion back whose attempt counts no more; nothing may have been made of it yet."""
    tx.execute(delete(completions).where(completions.c.id == completion.id))


def find_completion(tx: Tx, completion_id: int) -> Completion:
    """The completion with this id, which must exist."""
    return _read(tx.execute(_by_id, {"id": completion_id}).one())


def _read(row: Row[*tuple[Any, ...]]) -> Completion:
    return Completion(
        id=row.id,
        enrolment_id=row.enrolment_id,
        module_version_id=row.module_version_id,
        attempt_id=row.attempt_id,
        percent=Fraction(row.percent),
        completed_at=row.completed_at,
    )
