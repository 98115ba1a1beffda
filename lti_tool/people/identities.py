"""People as platforms name them: recognised at each launch, names kept as given (NFC, never split or re-cased)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, bindparam, func, select, update

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert, per_dialect
from lti_tool.core.errors import NotAllowed, NotFound, Side
from lti_tool.people.tables import people

EVERYWHERE = ""
"""The identity scope of a platform whose user ids name one person in all deployments: no deployment's id is empty."""
# No user id of a platform holds a control character: `lti` refuses it.
_STAND_IN = "\x1facting:"


@dataclass(frozen=True)
class Portrait:
    """What one launch says of a person; None where the platform does not share it."""

    name: str | None
    given_name: str | None
    family_name: str | None
    email: str | None
    locale: str | None


@dataclass(frozen=True)
class Person:
    """A person within one identity scope of one registration."""

    id: int
    public_id: str
    registration_id: int
    lms_user_id: str
    name: str | None
    given_name: str | None
    family_name: str | None
    email: str | None
    locale: str | None
    blocked_at: datetime | None

    @property
    def is_stand_in(self) -> bool:
        """Whether this is a member of the staff acting as somebody, whose name it bears, and not that person."""
        return self.lms_user_id.startswith(_STAND_IN)

    @property
    def shown_name(self) -> str:
        """The name to show; empty when the platform shares none."""
        if self.name:
            return self.name
        return " ".join(part for part in (self.given_name, self.family_name) if part)


def stand_in(lms_user_id: str, masquerader: str) -> str:
    """The id of somebody who acts as this person: a row of their own, so that the person's stays as it is.

    It is of no use to the platform, and no platform can send it.
    """
    return _STAND_IN + ids.digest(f"{masquerader}\x1f{lms_user_id}")


# In the order of the fields of Person.
_COLUMNS = (
    people.c.id,
    people.c.public_id,
    people.c.registration_id,
    people.c.lms_user_id,
    people.c.name,
    people.c.given_name,
    people.c.family_name,
    people.c.email,
    people.c.locale,
    people.c.blocked_at,
)
_by_id = select(*_COLUMNS).where(people.c.id == bindparam("id"))
_by_public_id = select(*_COLUMNS).where(people.c.public_id == bindparam("public_id"))
_by_lms_id = select(*_COLUMNS).where(
    people.c.registration_id == bindparam("registration_id"),
    people.c.identity_scope == bindparam("identity_scope"),
    people.c.lms_user_id == bindparam("lms_user_id"),
)
_any = select(people.c.id).where(people.c.registration_id == bindparam("registration_id")).limit(1)
_set_blocked = update(people).where(people.c.id == bindparam("person")).values(blocked_at=bindparam("at"))


def find_person(tx: Tx, person_id: int) -> Person:
    """The person with this id; NotFound if there is none."""
    row = tx.execute(_by_id, {"id": person_id}).one_or_none()
    if row is None:
        raise NotFound("people.no_person", "There is no such person.")
    return _read(row)


def person_with_id(tx: Tx, public_id: str) -> Person:
    """The person with this public id; NotFound if there is none."""
    known = ids.is_public_id(public_id)
    row = tx.execute(_by_public_id, {"public_id": public_id}).one_or_none() if known else None
    if row is None:
        raise NotFound("people.no_person", "There is no such person.")
    return _read(row)


def find_by_lms_id(tx: Tx, *, registration_id: int, identity_scope: str, lms_user_id: str) -> Person | None:
    """The person whom a platform calls so; None for somebody who has never come."""
    key = {"registration_id": registration_id, "identity_scope": identity_scope, "lms_user_id": lms_user_id}
    row = tx.execute(_by_lms_id, key).one_or_none()
    return None if row is None else _read(row)


def are_known(tx: Tx, registration_id: int) -> bool:
    """Whether anybody has come from this platform."""
    return tx.execute(_any, {"registration_id": registration_id}).one_or_none() is not None


def block(tx: Tx, person_id: int, *, now: datetime) -> None:
    """Keeps a person out from now on: no new session, and the live ones are read no more (`lti.read_session` asks)."""
    tx.execute(_set_blocked, {"person": person_id, "at": now})


def unblock(tx: Tx, person_id: int) -> None:
    """Lets a person in again; sessions that were not over meanwhile go on."""
    tx.execute(_set_blocked, {"person": person_id, "at": None})


def require_welcome(person: Person) -> None:
    """Raises NotAllowed for a person whom an operator keeps out."""
    if person.blocked_at is not None:
        raise NotAllowed(
            "people.blocked",
            "The people who run this tool have closed it to you.",
            "What you had saved is kept. Give the code on this page to your teacher or to those who run this tool.",
            side=Side.TOOL,
            log={"person": person.public_id},
        )


def recognise(
    tx: Tx, *, registration_id: int, identity_scope: str, lms_user_id: str, portrait: Portrait, now: datetime
) -> Person:
    """The person behind a platform's `sub`, made on first sight; what the platform newly says replaces the old."""
    row = {
        "public_id": ids.public_id(),
        "registration_id": registration_id,
        "identity_scope": identity_scope,
        "lms_user_id": lms_user_id,
        "created_at": now,
        "updated_at": now,
        **{name: value or None for name, value in vars(portrait).items()},
    }
    return _read(tx.execute(_recognise(tx), row).one())


@per_dialect
def _recognise(tx: Tx) -> Insert:
    fresh = insert(tx, people)
    said = {name: func.coalesce(fresh.excluded[name], people.c[name]) for name in Portrait.__dataclass_fields__}
    return fresh.on_conflict_do_update(
        index_elements=["registration_id", "identity_scope", "lms_user_id"],
        set_={"updated_at": fresh.excluded.updated_at, **said},
    ).returning(*_COLUMNS)


def _read(row: Sequence[Any]) -> Person:
    return Person(*row)
