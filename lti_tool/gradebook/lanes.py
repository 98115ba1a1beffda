"""One lane for each platform: a single worker sends to it at a time, for a bounded while, and nobody while it is down.

So a platform that hangs holds up one worker for one request, and no other platform at all; when it is back, one score
goes ahead and the rest follow. A lane is leased and fenced as work is: its worker may die.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

from lti_tool.core.db import Tx, insert
from lti_tool.gradebook.tables import delivery_lanes, grade_deliveries

LEASE_SECONDS = 120.0
"""A turn, and the longest that its last request may take."""
_PAUSE = 30.0
_LONGEST_PAUSE = 120.0
# A server that stumbles now and then is not down; one that answers nothing, or lets nobody in, is.
_STUMBLES = 5


@dataclass(frozen=True)
class Lane:
    """A platform's lane, held until its lease ends. `failures` came one after the other, the last just now."""

    registration_id: int
    fence: int
    failures: int


def has_work(tx: Tx, now: datetime) -> bool:
    """Whether a lane is free that has something to do; for a look that locks nothing."""
    return tx.execute(_with_work(now)).first() is not None


def take(tx: Tx, now: datetime) -> Lane | None:
    """The free lane whose work has waited longest, now held; None where there is nothing to do for anybody."""
    for registration_id in tx.execute(_with_work(now)).scalars().all():
        fresh = insert(tx, delivery_lanes).values(registration_id=registration_id)
        tx.execute(fresh.on_conflict_do_nothing(index_elements=["registration_id"]))
        held = (
            update(delivery_lanes)
            .where(delivery_lanes.c.registration_id == registration_id, _is_free(now), _is_open(now))
            .values(leased_until=now + timedelta(seconds=LEASE_SECONDS), fence=delivery_lanes.c.fence + 1)
            .returning(delivery_lanes.c.fence, delivery_lanes.c.failures)
        )
        row = tx.execute(held).one_or_none()
        if row is not None:
            return Lane(registration_id, row.fence, row.failures)
    return None


def leave(tx: Tx, lane: Lane, *, failures: int, paused_until: datetime | None) -> bool:
    """Frees the lane, or keeps everybody out of it for a while; False when another has taken it over meanwhile."""
    done = (
        update(delivery_lanes)
        .where(delivery_lanes.c.registration_id == lane.registration_id, delivery_lanes.c.fence == lane.fence)
        .values(leased_until=None, failures=failures, paused_until=paused_until)
    )
    return tx.execute(done).rowcount == 1


def pause_after(failures: int, *, whole_platform: bool, asked: float | None) -> float:
    """Seconds for which nothing is sent to a platform after so many failures in a row; 0 to go on.

    What the platform asks for is honoured to the second.
    """
    if asked is not None:
        return asked
    if whole_platform:
        return min(_LONGEST_PAUSE, _PAUSE * 2.0 ** max(0, min(failures, 10) - 1))
    if failures >= _STUMBLES:
        return min(_LONGEST_PAUSE, _PAUSE * 2.0 ** min(failures - _STUMBLES, 10))
    return 0.0


def _with_work(now: datetime) -> Select[int]:
    due = grade_deliveries.c
    return (
        select(due.registration_id)
        .outerjoin(delivery_lanes, delivery_lanes.c.registration_id == due.registration_id)
        .where(due.due_at.is_not(None), due.due_at <= now)
        .where(or_(due.leased_until.is_(None), due.leased_until <= now))
        .where(or_(delivery_lanes.c.id.is_(None), and_(_is_free(now), _is_open(now))))
        .group_by(due.registration_id)
        .order_by(func.min(due.due_at))
        .limit(10)
    )


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(delivery_lanes.c.leased_until.is_(None), delivery_lanes.c.leased_until <= now)


def _is_open(now: datetime) -> ColumnElement[bool]:
    return or_(delivery_lanes.c.paused_until.is_(None), delivery_lanes.c.paused_until <= now)
