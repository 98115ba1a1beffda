"""What a teacher, or a date that moves, does to an attempt: more time, away with it, open again. Each is an event.

Every attempt given here is held (`hold`) in the caller's transaction.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, update

from lti_tool.assessments.attempts.attempt import COLUMNS, Attempt, read_attempt
from lti_tool.assessments.attempts.deadline import GRACE
from lti_tool.assessments.attempts.events import note
from lti_tool.assessments.attempts.states import EventKind, after
from lti_tool.assessments.tables import attempts
from lti_tool.core import leases
from lti_tool.core.db import Tx

_LEASE_SECONDS = 60.0
_AT_ONCE = 20


class Over(NamedTuple):
    """An attempt that waits for the clock to hand it in: whose it is, and its public id."""

    enrolment_id: int
    attempt: str


_change = update(attempts).where(attempts.c.id == bindparam("row")).returning(*COLUMNS)


def reschedule(tx: Tx, attempt: Attempt, deadline_at: datetime | None) -> Attempt:
    """Writes down the deadline that the dates make by now."""
    return _write(tx, attempt, deadline_at=deadline_at, due_at=_due(deadline_at), leased_until=None)


def extend(tx: Tx, attempt: Attempt, *, until: datetime, actor: str, now: datetime) -> Attempt:
    """Notes that an open attempt has more time; the caller reschedules it. Conflict where it is not open."""
    after(attempt.state, EventKind.EXTENDED)
    note(tx, attempt.id, EventKind.EXTENDED, actor=actor, now=now, until=until.isoformat())
    return _write(tx, attempt, extended_until=until)


def void(tx: Tx, attempt: Attempt, *, actor: str, reason: str, now: datetime) -> Attempt:
    """From now on the attempt counts for nothing, not even as one that was used. Its answers and mark are kept."""
    state = after(attempt.state, EventKind.VOIDED)
    note(tx, attempt.id, EventKind.VOIDED, actor=actor, now=now, reason=reason, was=attempt.state.value)
    return _write(tx, attempt, state=state.value, due_at=None, leased_until=None)


def reopen(tx: Tx, attempt: Attempt, *, until: datetime, actor: str, reason: str, now: datetime) -> Attempt:
    """Opens an attempt again, until a moment. The mark it had stays in the event."""
    state = after(attempt.state, EventKind.REOPENED)
    had = {"percent": str(attempt.percent), "receipt": attempt.receipt} if attempt.percent is not None else {}
    note(tx, attempt.id, EventKind.REOPENED, actor=actor, now=now, reason=reason, until=until.isoformat(), **had)
    emptied = ("closed_as", "submitted_at", "points", "max_points", "percent", "passed", "outcome", "receipt")
    return _write(tx, attempt, state=state.value, extended_until=until, **dict.fromkeys(emptied))


def claim_over(tx: Tx, *, now: datetime) -> tuple[Over, ...]:
    """Some open attempts whose time and grace are over, leased to whoever asks."""
    rows = leases.claim(tx, attempts, now=now, limit=_AT_ONCE, lease_seconds=_LEASE_SECONDS)
    return tuple(Over(row["enrolment_id"], row["public_id"]) for row in rows)


def _due(deadline_at: datetime | None) -> datetime | None:
    return None if deadline_at is None else deadline_at + GRACE


def _write(tx: Tx, attempt: Attempt, **values: object) -> Attempt:
    return read_attempt(tx.execute(_change.values(**values), {"row": attempt.id}).one())
