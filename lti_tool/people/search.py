"""Finding people, for an operator who is asked about one: within the platforms of the operator's organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, column, func, or_, select, table

from lti_tool.core.db import Tx
from lti_tool.core.errors import NotFound
from lti_tool.people.tables import people

_MOST = 50
# Named as a foreign key names it: registrations belong to a room that stands beside this one.
_registrations = table("registrations", column("id"), column("organisation_id"), column("name"))
_rows = people.c
_found = (
    select(
        _rows.public_id,
        func.coalesce(_rows.name, "").label("name"),
        func.coalesce(_rows.email, "").label("email"),
        _registrations.c.name.label("platform"),
        _rows.created_at,
        _rows.blocked_at,
    )
    .join(_registrations, _registrations.c.id == _rows.registration_id)
    .where(_registrations.c.organisation_id == bindparam("organisation_id"))
    .order_by(_rows.name, _rows.id)
    .limit(_MOST)
)
_called = _found.where(
    or_(_rows.name.ilike(bindparam("pattern"), escape="\\"), func.lower(_rows.email) == bindparam("exact"))
)
_blocked = _found.where(_rows.blocked_at.is_not(None))
_by_id = _found.where(_rows.id == bindparam("person"))
_by_public_id = _found.where(_rows.public_id == bindparam("public_id"))


@dataclass(frozen=True)
class Found:
    """A person, as an operator recognises them."""

    public_id: str
    name: str
    email: str
    platform: str
    first_seen_at: datetime
    blocked_at: datetime | None


def people_called(tx: Tx, text: str, *, organisation_id: int) -> Sequence[Found]:
    """Up to fifty people whose name has this text in it, or whose e-mail address it is; without one, the blocked."""
    if not text.strip():
        return [Found(*row) for row in tx.execute(_blocked, {"organisation_id": organisation_id})]
    plain = text.strip()
    literal = plain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    asked = {"organisation_id": organisation_id, "pattern": f"%{literal}%", "exact": plain.lower()}
    return [Found(*row) for row in tx.execute(_called, asked)]


def person_of(tx: Tx, person: int | str, *, organisation_id: int) -> Found:
    """The person with this id or public id, if it is this organisation's; NotFound else."""
    asked: dict[str, object] = {"organisation_id": organisation_id}
    if isinstance(person, int):
        row = tx.execute(_by_id, {**asked, "person": person}).one_or_none()
    else:
        row = tx.execute(_by_public_id, {**asked, "public_id": person}).one_or_none()
    if row is None:
        raise NotFound("people.no_person", "There is no such person.")
    return Found(*row)
