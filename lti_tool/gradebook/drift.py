"""The nightly look: what the LMS shows against what we sent. Differences are noted for the teacher, never mended.

One request a column (and page), in the night after a score was delivered and each night after that, for a while.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import RowMapping, select, update

from lti_tool.core import logs
from lti_tool.core.db import Database, Tx
from lti_tool.core.errors import Upstream
from lti_tool.gradebook.nights import next_night
from lti_tool.gradebook.passback import Lms
from lti_tool.gradebook.rules import percent_of
from lti_tool.gradebook.sending import is_same
from lti_tool.gradebook.tables import grade_deliveries
from lti_tool.lti import Result, grade_rules

# A term, and then some: an old course's gradebook is not asked for ever.
_WATCHED = timedelta(days=200)
_SAME_NIGHT = timedelta(hours=3)

log = logs.get("gradebook")


def check_due(db: Database, lms: Lms, *, clock: Callable[[], datetime]) -> int:
    """Compares one column whose turn it is, if there is one; returns how many grades were looked at."""
    with db.reading() as tx:
        if _column_due(tx, clock()) is None:
            return 0
    with db.transaction() as tx:
        rows = _claim_column(tx, clock())
    if not rows:
        return 0
    registration_id, url = rows[0]["registration_id"], rows[0]["line_item_url"]
    try:
        shown = lms.results(registration_id, url)
    except Upstream as fault:
        # Nothing depends on it: next night again.
        log.info("drift.not_shown", code=fault.code, registration=registration_id)
        return len(rows)
    held = {result.user_id: result for result in shown}
    with db.transaction() as tx:
        different = sum(_note(tx, row, held.get(row["lms_user_id"]), clock()) for row in rows)
    log.info("drift.checked", registration=registration_id, grades=len(rows), different=different)
    return len(rows)


def _claim_column(tx: Tx, now: datetime) -> Sequence[RowMapping]:
    """The delivered grades of the column that has waited longest; whoever else looks finds it done for this night."""
    rows, first = grade_deliveries.c, _column_due(tx, now)
    if first is None:
        return []
    old = update(grade_deliveries).where(rows.line_item_url == first, rows.delivered_at <= now - _WATCHED)
    tx.execute(old.values(check_at=None))
    # All of a column at once: one answer of the LMS tells of everybody.
    mine = (
        update(grade_deliveries)
        .where(rows.line_item_url == first, rows.check_at.is_not(None), rows.check_at <= now + _SAME_NIGHT)
        .values(check_at=next_night(now))
    )
    delivered = tx.execute(mine.returning(*rows)).mappings().all()
    return [row for row in delivered if row["delivered_revision"] == row["revision"]]


def _column_due(tx: Tx, now: datetime) -> str | None:
    rows = grade_deliveries.c
    due = select(rows.line_item_url).where(rows.check_at.is_not(None), rows.check_at <= now)
    return tx.execute(due.order_by(rows.check_at).limit(1)).scalar_one_or_none()


def _note(tx: Tx, row: RowMapping, seen: Result | None, now: datetime) -> bool:
    """Writes down what was seen of one grade, unless a newer one was wished meanwhile; whether it differs."""
    if seen is None and grade_rules(row["line_item_url"]).counts_attempts:
        # Canvas lists an emptied cell, but nobody who has left, and no test student: that says nothing of a grade.
        return False
    share = None if seen is None else seen.share
    same = share is not None and is_same(share, Fraction(row["percent"]))
    tx.execute(
        update(grade_deliveries)
        .where(
            grade_deliveries.c.id == row["id"],
            grade_deliveries.c.revision == row["revision"],
            grade_deliveries.c.fence == row["fence"],
        )
        .values(
            seen_at=now,
            seen_percent=None if share is None else str(percent_of(share)),
            differs=not same,
            confirmed_at=now if same else row["confirmed_at"],
            overruled_at=None if same else row["overruled_at"],
        )
    )
    return not same
