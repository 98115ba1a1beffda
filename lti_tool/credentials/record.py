"""The record of a credential: what will be signed is written down first, once per completion, and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Row, bindparam, select

from lti_tool.core import audit, ids
from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import Conflict, NotFound
from lti_tool.credentials.facts import CredentialFacts, check_texts, printable_name
from lti_tool.credentials.tables import credential_events, credentials

_TRIES = 5  # A number drawn twice is one in 10^16; a handful of new draws is plenty.


class CredentialStatus(StrEnum):
    """What the issuer, or the holder, has made of a credential."""

    ACTIVE = "active"
    REVOKED = "revoked"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Credential:
    """One issued credential. `signed` is None until the worker has signed it; `held_reason` says why no PDF exists."""

    id: int
    public_id: str
    number: str
    origin: str
    completion_id: int
    person_id: int
    organisation_id: int
    module_version_id: int
    achievement: str
    facts: CredentialFacts
    issued_at: datetime
    status: CredentialStatus
    revoked_at: datetime | None
    revoked_reason: str | None
    revoked_words: str | None
    signed: dict[str, Any] | None
    signed_at: datetime | None
    held_reason: str | None

    @property
    def address(self) -> str:
        """The verification address: what the QR code holds and what stands beside it in print."""
        return f"{self.origin}/c/{self.public_id}"


@dataclass(frozen=True)
class Event:
    """One line of a credential's history."""

    at: datetime
    act: str
    actor: str


COLUMNS: tuple[Column[Any], ...] = (
    credentials.c.id,
    credentials.c.public_id,
    credentials.c.number,
    credentials.c.origin,
    credentials.c.completion_id,
    credentials.c.person_id,
    credentials.c.organisation_id,
    credentials.c.module_version_id,
    credentials.c.achievement,
    credentials.c.facts,
    credentials.c.issued_at,
    credentials.c.status,
    credentials.c.revoked_at,
    credentials.c.revoked_reason,
    credentials.c.revoked_words,
    credentials.c.signed,
    credentials.c.signed_at,
    credentials.c.held_reason,
)
_by_public_id = select(*COLUMNS).where(credentials.c.public_id == bindparam("public_id"))
_by_completion = select(*COLUMNS).where(credentials.c.completion_id == bindparam("completion_id"))
_active = select(*COLUMNS).where(
    credentials.c.person_id == bindparam("person_id"),
    credentials.c.achievement == bindparam("achievement"),
    credentials.c.status == "active",
)
_of_person = (
    select(*COLUMNS)
    .where(credentials.c.person_id == bindparam("person_id"))
    .order_by(credentials.c.issued_at.desc(), credentials.c.id.desc())
)
_newest = select(*COLUMNS).order_by(credentials.c.id.desc()).limit(bindparam("limit"))
_history = (
    select(credential_events.c.at, credential_events.c.act, credential_events.c.actor)
    .where(credential_events.c.credential_id == bindparam("credential_id"))
    .order_by(credential_events.c.id)
)
_note = credential_events.insert()


def issue(
    tx: Tx,
    facts: CredentialFacts,
    *,
    completion_id: int,
    person_id: int,
    organisation_id: int,
    module_version_id: int,
    achievement: str,
    public_url: str,
    now: datetime,
) -> Credential:
    """The credential of this completion, made on first call; signing and drawing follow in `prepare_due`.

    Where the person already holds an active credential for the same achievement, that one comes back instead.
    Raises NameRefused or Invalid when a text cannot stand in a credential.
    """
    facts = replace(facts, holder_name=printable_name(facts.holder_name))
    check_texts(facts)
    values = {
        "origin": public_url.rstrip("/"),
        "completion_id": completion_id,
        "person_id": person_id,
        "organisation_id": organisation_id,
        "module_version_id": module_version_id,
        "achievement": achievement,
        "facts": facts.as_json(),
        "issued_at": now.replace(microsecond=0),
        "status": CredentialStatus.ACTIVE,
        "due_at": now,
    }
    for _ in range(_TRIES):
        made = _record(tx, values) or credential_of_completion(tx, completion_id)
        made = made or _active_one(tx, person_id, achievement)
        if made is not None:
            return made
    raise Conflict(
        "credentials.no_number",
        "No free certificate number was found.",
        "Nothing is lost: your result stands. Try again in a minute.",
    )


def _record(tx: Tx, values: dict[str, Any]) -> Credential | None:
    """The new record; None if the completion, the person or the number drawn has one already."""
    fresh = insert(tx, credentials).values(public_id=ids.public_id(), number=ids.paper_number(), **values)
    row = tx.execute(fresh.on_conflict_do_nothing().returning(*COLUMNS)).one_or_none()
    if row is None:
        return None
    made = _read(row)
    note(tx, made.id, act="issued", actor=f"person:{made.person_id}", now=values["due_at"], number=made.number)
    return made


def find_credential(tx: Tx, public_id: str) -> Credential:
    """The credential behind a public id; NotFound for an unknown and for a malformed id alike."""
    row = tx.execute(_by_public_id, {"public_id": public_id}).one_or_none()
    if row is None:
        raise NotFound(
            "credentials.not_found",
            "No certificate was issued under this address.",
            "Compare the address with the one in print, character by character.",
        )
    return _read(row)


def credential_of_completion(tx: Tx, completion_id: int) -> Credential | None:
    """The credential that a completion earned, if it was issued."""
    row = tx.execute(_by_completion, {"completion_id": completion_id}).one_or_none()
    return None if row is None else _read(row)


def credentials_of_person(tx: Tx, person_id: int) -> Sequence[Credential]:
    """All credentials of a person, the newest first."""
    return [_read(row) for row in tx.execute(_of_person, {"person_id": person_id})]


def list_credentials(tx: Tx, limit: int = 100) -> Sequence[Credential]:
    """The newest credentials of all people."""
    return [_read(row) for row in tx.execute(_newest, {"limit": limit})]


def history_of(tx: Tx, credential_id: int) -> Sequence[Event]:
    """What happened to a credential, in order."""
    return [Event(*row) for row in tx.execute(_history, {"credential_id": credential_id})]


def note(tx: Tx, credential_id: int, *, act: str, actor: str, now: datetime, **facts: object) -> None:
    """Adds a line to the credential's history, and to the audit log beside it."""
    tx.execute(_note, {"credential_id": credential_id, "at": now, "act": act, "actor": actor, "facts": facts})
    audit.record(tx, now=now, actor=actor, act=f"credential.{act}", subject=f"credential:{credential_id}", **facts)


def _active_one(tx: Tx, person_id: int, achievement: str) -> Credential | None:
    row = tx.execute(_active, {"person_id": person_id, "achievement": achievement}).one_or_none()
    return None if row is None else _read(row)


def read_credential(values: dict[str, Any]) -> Credential:
    """A credential out of the columns of its row."""
    facts, status = CredentialFacts.from_json(values["facts"]), CredentialStatus(values["status"])
    return Credential(**{**values, "facts": facts, "status": status})


def _read(row: Row[Any]) -> Credential:
    return read_credential(dict(row._mapping))
