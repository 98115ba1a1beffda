"""Who did what to which thing, when: one row, written in the same transaction as the act itself."""

from datetime import datetime

from sqlalchemy import Column, Index, String, Table

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


def record(tx: Tx, *, now: datetime, actor: str, act: str, subject: str, **facts: object) -> None:
    """Writes the audit row of an act, for example `actor="person:12", act="attempt.submit", subject="attempt:7"`."""
    tx.execute(_record, {"at": now, "actor": actor, "act": act, "subject": subject, "facts": facts})
