"""Work that must outlive a request is a row with a due time, a lease and a fencing token.

Any number of workers on any machines claim due rows. A lease that runs out (its worker died) makes the row due again;
the fence, one higher at each claim, keeps a worker that was only slow from finishing what another has taken over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, RowMapping, String, Table, or_, select, true, update

from lti_tool.core.db import Tx, UTCDateTime


def work_columns() -> tuple[Column[Any], ...]:
    """The columns that make a row work. `due_at` null means: nothing to do."""
    return (
        Column("due_at", UTCDateTime, nullable=True, index=True),
        Column("leased_until", UTCDateTime, nullable=True),
        Column("fence", Integer, nullable=False, default=0, server_default="0"),
        Column("tries", Integer, nullable=False, default=0, server_default="0"),
        Column("last_error", String(1000), nullable=True),
    )


def claim(
    tx: Tx,
    table: Table,
    *,
    now: datetime,
    limit: int,
    lease_seconds: float,
    only: ColumnElement[bool] | None = None,
) -> Sequence[RowMapping]:
    """Takes up to `limit` due rows for `lease_seconds`, of those that `only` allows; each as it is after the claim."""
    free = or_(table.c.leased_until.is_(None), table.c.leased_until <= now)
    due = (
        select(table.c.id)
        .where(table.c.due_at.is_not(None), table.c.due_at <= now, free, true() if only is None else only)
        .order_by(table.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = tx.execute(due).scalars().all()
    if not ids:
        return []
    take = (
        update(table)
        .where(table.c.id.in_(ids))
        .values(
            leased_until=now + timedelta(seconds=lease_seconds),
            fence=table.c.fence + 1,
            tries=table.c.tries + 1,
        )
        .returning(*table.c)
    )
    return tx.execute(take).mappings().all()


def finish(tx: Tx, table: Table, row_id: int, fence: int, **values: object) -> bool:
    """Writes the outcome and ends the lease, if the fence still stands; False if another has taken over."""
    done = (
        update(table)
        .where(table.c.id == row_id, table.c.fence == fence)
        .values(leased_until=None, **{"due_at": None, **values})
    )
    return tx.execute(done).rowcount == 1


def give_back(tx: Tx, table: Table, row_id: int, fence: int, **values: object) -> bool:
    """Ends the lease of a row that was not worked on: it is due as before, and the try does not count."""
    untouched = (
        update(table)
        .where(table.c.id == row_id, table.c.fence == fence)
        .values(leased_until=None, tries=table.c.tries - 1, **values)
    )
    return tx.execute(untouched).rowcount == 1
