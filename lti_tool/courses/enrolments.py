"""Enrolments: a person in a placement. Everything a learner does hangs on one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Insert, bindparam, select

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert, per_dialect
from lti_tool.core.errors import NotFound
from lti_tool.courses.tables import enrolments


@dataclass(frozen=True)
class Enrolment:
    """A person in a placement, with the role of the latest launch."""

    id: int
    public_id: str
    person_id: int
    placement_id: int
    role: str
    # What the platform told this person of the activity's dates at the latest launch, by parameter.
    dates: Mapping[str, str] = field(hash=False)


_COLUMNS = (
    enrolments.c.id,
    enrolments.c.public_id,
    enrolments.c.person_id,
    enrolments.c.placement_id,
    enrolments.c.role,
    enrolments.c.dates,
)
_by_id = select(*_COLUMNS).where(enrolments.c.id == bindparam("id"))
_by_public_id = select(*_COLUMNS).where(
    enrolments.c.public_id == bindparam("public_id"), enrolments.c.placement_id == bindparam("placement_id")
)
_by_person = select(*_COLUMNS).where(
    enrolments.c.person_id == bindparam("person_id"), enrolments.c.placement_id == bindparam("placement_id")
)
_of_person = select(*_COLUMNS).where(enrolments.c.person_id == bindparam("person_id")).order_by(enrolments.c.id)
_by_placement = (
    select(*_COLUMNS).where(enrolments.c.placement_id == bindparam("placement_id")).order_by(enrolments.c.id)
)


def find_enrolment(tx: Tx, enrolment_id: int) -> Enrolment:
    """The enrolment with this id; NotFound if there is none."""
    row = tx.execute(_by_id, {"id": enrolment_id}).one_or_none()
    if row is None:
        raise NotFound("courses.no_enrolment", "There is no such enrolment.")
    return Enrolment(*row)


def enrolment_with_id(tx: Tx, public_id: str, *, placement_id: int) -> Enrolment:
    """The enrolment with this public id, if it is in this placement; NotFound otherwise, with no difference shown."""
    row = tx.execute(_by_public_id, {"public_id": public_id, "placement_id": placement_id}).one_or_none()
    if row is None:
        raise NotFound("courses.no_enrolment", "There is no such enrolment.")
    return Enrolment(*row)


def enrolment_of(tx: Tx, *, person_id: int, placement_id: int) -> Enrolment | None:
    """The person's enrolment in the placement."""
    row = tx.execute(_by_person, {"person_id": person_id, "placement_id": placement_id}).one_or_none()
    return None if row is None else Enrolment(*row)


def enrolments_of(tx: Tx, placement_id: int) -> Sequence[Enrolment]:
    """All enrolments of a placement, oldest first."""
    return [Enrolment(*row) for row in tx.execute(_by_placement, {"placement_id": placement_id})]


def enrolments_of_person(tx: Tx, person_id: int) -> Sequence[Enrolment]:
    """All enrolments of a person, oldest first."""
    return [Enrolment(*row) for row in tx.execute(_of_person, {"person_id": person_id})]


def enrol(
    tx: Tx, *, person_id: int, placement_id: int, role: str, dates: Mapping[str, str] | None = None, now: datetime
) -> Enrolment:
    """The person's enrolment in the placement, made on first sight; role and dates follow the latest launch."""
    row = {
        "public_id": ids.public_id(),
        "person_id": person_id,
        "placement_id": placement_id,
        "role": role,
        "dates": dict(dates or {}),
        "created_at": now,
    }
    return Enrolment(*tx.execute(_enrol(tx), row).one())


@per_dialect
def _enrol(tx: Tx) -> Insert:
    fresh = insert(tx, enrolments)
    return fresh.on_conflict_do_update(
        index_elements=["person_id", "placement_id"], set_={"role": fresh.excluded.role, "dates": fresh.excluded.dates}
    ).returning(*_COLUMNS)
