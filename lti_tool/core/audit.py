"""Who did what to which thing, when: one row, written in the same transaction as the act itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, String, Table, bindparam, select

from lti_tool.core.db import Json, Tx, UTCDateTime, metadata, pk

audit = Table(
    "audit",
    metadata,
    pk(),
    Column("at", UTCDateTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("act", String(80), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("facts", Json, nullable=False),
    Index("ix_audit_subject", "subject"),
)

_record = audit.insert()
_columns = (audit.c.at, audit.c.actor, audit.c.act, audit.c.subject, audit.c.facts)
_trail = select(*_columns).where(audit.c.subject.in_(bindparam("subjects", expanding=True))).order_by(audit.c.id)

_MOST = 200
_of_launch = (
    select(*_columns)
    .where(audit.c.facts["launch"].as_string() == bindparam("launch"))
    .order_by(audit.c.id)
    .limit(_MOST)
)


@dataclass(frozen=True)
class Entry:
    """An act that was recorded."""

    at: datetime
    actor: str
    act: str
    subject: str
    facts: Mapping[str, Any]


def record(tx: Tx, *, now: datetime, actor: str, act: str, subject: str, **facts: object) -> None:
    """Writes the audit row of an act, for example `actor="person:12", act="attempt.submit", subject="attempt:7"`."""
    tx.execute(_record, {"at": now, "actor": actor, "act": act, "subject": subject, "facts": facts})


def trail(tx: Tx, subjects: Sequence[str]) -> Sequence[Entry]:
    """What happened to some things, in order."""
    return [Entry(*row) for row in tx.execute(_trail, {"subjects": list(subjects)})]


def of_launch(tx: Tx, launch: str) -> Sequence[Entry]:
    """What was done in a launch, in order. Reads the whole table: for operators, not for pages."""
    return [Entry(*row) for row in tx.execute(_of_launch, {"launch": launch})]
