"""What is written down around a try: before it goes out what it carries, afterwards what came of it, and for good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import RowMapping, bindparam, func, insert, or_, select, update

from lti_tool.core import leases
from lti_tool.core.db import Tx
from lti_tool.gradebook.sending import Known, newly_told
from lti_tool.gradebook.tables import delivery_attempts, delivery_lanes, delivery_tries, grade_deliveries
from lti_tool.lti import ScoreOutcome, ScoreVerdict, grade_rules

_OVERDUE = timedelta(hours=1)

_journal = insert(delivery_tries)
_mark = (
    update(grade_deliveries)
    .where(grade_deliveries.c.id == bindparam("row"), grade_deliveries.c.fence == bindparam("held"))
    .values(may_hold=bindparam("may"))
)
_tell = (
    update(delivery_attempts)
    .where(
        delivery_attempts.c.delivery_id == bindparam("row"),
        delivery_attempts.c.told_at.is_(None),
        delivery_attempts.c.handed_in_at <= bindparam("until"),
    )
    .values(told_at=bindparam("at"))
)


@dataclass(frozen=True)
class Begun:
    """A claimed delivery, and what is known of it."""

    row: RowMapping
    known: Known


@dataclass(frozen=True)
class Overdue:
    """A platform with scores that have waited for more than an hour."""

    registration_id: int
    waiting: int
    oldest: datetime


def begin(tx: Tx, registration_id: int, *, now: datetime, limit: int, lease_seconds: float) -> Sequence[Begun]:
    """Claims what is due at a platform, the oldest first, and notes that the LMS may hold from now on what each says.

    Whoever takes over from a worker that died finds the note, and asks the LMS first.
    """
    only = grade_deliveries.c.registration_id == registration_id
    claimed = leases.claim(tx, grade_deliveries, now=now, limit=limit, lease_seconds=lease_seconds, only=only)
    rows = sorted(claimed, key=lambda row: (row["due_at"], row["id"]))
    attempts = _attempts(tx, [row["id"] for row in rows if grade_rules(row["line_item_url"]).counts_attempts])
    begun = [Begun(row, _known(row, attempts.get(row["id"], ()))) for row in rows]
    if begun:
        tx.execute(_mark, [_marked(one) for one in begun])
    return begun


def give_back(tx: Tx, begun: Begun, **values: object) -> None:
    """A claimed delivery that nothing was sent of: as it was."""
    row = begun.row
    leases.give_back(tx, grade_deliveries, row["id"], row["fence"], may_hold=_texts(begun.known.may_hold), **values)


def note(tx: Tx, begun: Begun, known: Known, outcome: ScoreOutcome, *, now: datetime, kept: bool, sent: bool) -> None:
    """Adds a try to the journal; the hand-ins that the LMS knows of now are told, unless another has taken over."""
    row = begun.row
    tx.execute(
        _journal,
        {
            "delivery_id": row["id"],
            "at": now,
            "percent": str(begun.known.wished),
            "verdict": _verdict(outcome, known, kept=kept, sent=sent),
            "http_status": outcome.status,
            "reason": outcome.reason[:1000],
        },
    )
    told = newly_told(begun.known, known)
    if told and kept:
        tx.execute(_tell, {"row": row["id"], "until": told[-1], "at": now})


def tell_overdue(tx: Tx, now: datetime) -> Sequence[Overdue]:
    """Platforms whose scores have waited for more than an hour; each is told once an hour."""
    due = grade_deliveries.c
    late = (
        select(due.registration_id, func.count().label("waiting"), func.min(due.wanted_at).label("oldest"))
        .join(delivery_lanes, delivery_lanes.c.registration_id == due.registration_id)
        .where(due.due_at.is_not(None), due.wanted_at <= now - _OVERDUE)
        .where(or_(delivery_lanes.c.overdue_told_at.is_(None), delivery_lanes.c.overdue_told_at <= now - _OVERDUE))
        .group_by(due.registration_id)
    )
    found = [Overdue(row.registration_id, row.waiting, row.oldest) for row in tx.execute(late).all()]
    for one in found:
        told = update(delivery_lanes).where(delivery_lanes.c.registration_id == one.registration_id)
        tx.execute(told.values(overdue_told_at=now))
    return found


def _verdict(outcome: ScoreOutcome, known: Known, *, kept: bool, sent: bool) -> str:
    if not kept:
        return "fenced"
    if outcome.verdict is not ScoreVerdict.ACCEPTED:
        return "unsettled" if sent and outcome.unsettled else outcome.verdict.value
    if known.overruled:
        return "overruled"
    return "confirmed" if known.confirmed else "sent"


def _known(row: RowMapping, attempts: Sequence[RowMapping]) -> Known:
    told = [attempt["handed_in_at"] for attempt in attempts if attempt["told_at"] is not None]
    return Known(
        wished=Fraction(row["percent"]),
        held=None if row["held_percent"] is None else Fraction(row["held_percent"]),
        may_hold=tuple(Fraction(text) for text in row["may_hold"]),
        untold=tuple(attempt["handed_in_at"] for attempt in attempts if attempt["told_at"] is None),
        told=told[-1] if told else None,
        sent_at=row["last_sent_at"],
        overruled=row["overruled_at"] is not None,
    )


def _attempts(tx: Tx, deliveries: Sequence[int]) -> Mapping[int, Sequence[RowMapping]]:
    """The hand-ins behind these deliveries, in order."""
    found: dict[int, list[RowMapping]] = {}
    if deliveries:
        asked = select(delivery_attempts).where(delivery_attempts.c.delivery_id.in_(deliveries))
        for row in tx.execute(asked.order_by(delivery_attempts.c.handed_in_at, delivery_attempts.c.id)).mappings():
            found.setdefault(row["delivery_id"], []).append(row)
    return found


def _marked(begun: Begun) -> dict[str, object]:
    may = (*begun.known.may_hold, begun.known.wished)
    return {"row": begun.row["id"], "held": begun.row["fence"], "may": _texts(may)}


def _texts(percents: Sequence[Fraction]) -> list[str]:
    return [str(percent) for percent in dict.fromkeys(percents)]
