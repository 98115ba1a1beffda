"""What happened to an attempt after it was begun: rows that are only ever added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from lti_tool.assessments.attempts.states import EventKind
from lti_tool.assessments.tables import attempt_events
from lti_tool.core.db import Tx

_note = attempt_events.insert()
_of_attempt = (
    select(attempt_events.c.at, attempt_events.c.kind, attempt_events.c.actor, attempt_events.c.facts)
    .where(attempt_events.c.attempt_id == bindparam("attempt_id"))
    .order_by(attempt_events.c.id)
)


@dataclass(frozen=True)
class AttemptEvent:
    """One thing that happened; `actor` is a person of ours, or the clock."""

    at: datetime
    kind: EventKind
    actor: str
    facts: Mapping[str, object]


def note(tx: Tx, attempt_id: int, kind: EventKind, *, actor: str, now: datetime, **facts: object) -> None:
    """Adds an event, in the transaction of the act itself."""
    tx.execute(_note, {"attempt_id": attempt_id, "at": now, "kind": kind.value, "actor": actor, "facts": facts})


def events_of(tx: Tx, attempt_id: int) -> Sequence[AttemptEvent]:
    """All events of an attempt, in order."""
    rows = tx.execute(_of_attempt, {"attempt_id": attempt_id})
    return tuple(AttemptEvent(row.at, EventKind(row.kind), row.actor, row.facts) for row in rows)
