"""People as platforms name them: recognised at each launch, names kept as given (NFC, never split or re-cased)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import NotFound
from lti_tool.people.tables import people


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

    @property
    def shown_name(self) -> str:
        """The name to show; empty when the platform shares none."""
        if self.name:
            return self.name
        return " ".join(part for part in (self.given_name, self.family_name) if part)


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
)
_by_id = select(*_COLUMNS).where(people.c.id == bindparam("id"))


def find_person(tx: Tx, person_id: int) -> Person:
    """The person with this id; NotFound if there is none."""
    row = tx.execute(_by_id, {"id": person_id}).one_or_none()
    if row is None:
        raise NotFound("people.no_person", "There is no such person.")
    return Person(*row)


def recognise(
    tx: Tx, *, registration_id: int, identity_scope: str, lms_user_id: str, portrait: Portrait, now: datetime
) -> Person:
    """The person behind a platform's `sub`, made on first sight; what the platform newly says replaces the old."""
    said = {name: value for name, value in vars(portrait).items() if value}
    fresh = insert(tx, people).values(
        public_id=ids.public_id(),
        registration_id=registration_id,
        identity_scope=identity_scope,
        lms_user_id=lms_user_id,
        created_at=now,
        updated_at=now,
        **vars(portrait),
    )
    made = fresh.on_conflict_do_update(
        index_elements=["registration_id", "identity_scope", "lms_user_id"], set_={"updated_at": now, **said}
    ).returning(*_COLUMNS)
    return Person(*tx.execute(made).one())
