"""Connection tests that were asked for: one at a time for each platform, done by a worker, the findings kept.

A platform that hangs takes a minute of somebody's time, and that must be no web thread's. So a page asks, a worker
examines, and the page looks again. The row is the platform's own: asking twice is asking once, what was found stays
until the next test is over, and a worker that dies leaves a test that another begins anew, once.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, select

from lti_tool.core import leases
from lti_tool.core.clock import Clock
from lti_tool.core.db import Database, Tx, insert
from lti_tool.lti.connection.checks import Finding, Verdict
from lti_tool.lti.connection.examination import ConnectionReport
from lti_tool.lti.registering.registrations import Registration, find_registration
from lti_tool.lti.tables import connection_tests

# Some twenty questions of five seconds each, and some.
_LEASE_SECONDS = 180.0
_MOST_TRIES = 2
_rows = connection_tests.c
_is_idle = _rows.due_at.is_(None)
_due = select(_rows.id).where(_rows.due_at <= bindparam("now")).limit(1)
_of_platform = select(connection_tests).where(_rows.registration_id == bindparam("registration"))


@dataclass(frozen=True)
class Examination:
    """A test that was asked for, and the findings of the last one that ended; no report where it broke off."""

    asked_at: datetime
    is_running: bool
    done_at: datetime | None
    report: ConnectionReport | None


def ask_examination(tx: Tx, registration_id: int, *, now: datetime) -> None:
    """Has a platform examined as soon as a worker is free; one that waits or runs already is this one, too."""
    asked = {"asked_at": now, "due_at": now, "leased_until": None, "tries": 0, "last_error": None}
    fresh = insert(tx, connection_tests).values(registration_id=registration_id, findings=[], **asked)
    tx.execute(fresh.on_conflict_do_update(index_elements=["registration_id"], set_=asked, where=_is_idle))


def examination_of(tx: Tx, registration_id: int) -> Examination | None:
    """The test of a platform that was asked for last; None where there has been none."""
    row = tx.execute(_of_platform, {"registration": registration_id}).one_or_none()
    if row is None:
        return None
    found = tuple(_finding(one) for one in row.findings)
    report = ConnectionReport(found) if found and row.due_at is None and row.last_error is None else None
    return Examination(row.asked_at, row.due_at is not None, row.done_at, report)


def examine_due(db: Database, clock: Clock, examine: Callable[[Registration], ConnectionReport]) -> int:
    """Has one of the tests that wait done by `examine`; how many were done. One that breaks off is given up, and told.

    A worker that was so slow that another has begun anew writes nothing.
    """
    now = clock.now()
    with db.reading() as tx:
        if tx.execute(_due, {"now": now}).first() is None:
            return 0
    with db.transaction() as tx:
        taken = _take(tx, now)
        registration = None if taken is None else find_registration(tx, taken["registration_id"])
    if taken is None or registration is None:
        return 0
    try:
        report = examine(registration)
    except Exception as fault:
        _end(db, taken, clock.now(), last_error=type(fault).__name__)
        raise
    _end(db, taken, clock.now(), findings=[asdict(finding) for finding in report.findings])
    return 1


def _take(tx: Tx, now: datetime) -> RowMapping | None:
    """A test that waits, for this worker alone; one whose workers died twice is given up."""
    for row in leases.claim(tx, connection_tests, now=now, limit=1, lease_seconds=_LEASE_SECONDS):
        if row["tries"] <= _MOST_TRIES:
            return row
        leases.finish(tx, connection_tests, row["id"], row["fence"], done_at=now, last_error="died")
    return None


def _end(db: Database, taken: RowMapping, now: datetime, **outcome: object) -> None:
    with db.transaction() as tx:
        leases.finish(tx, connection_tests, taken["id"], taken["fence"], done_at=now, **outcome)


def _finding(kept: Mapping[str, Any]) -> Finding:
    return Finding(kept["check"], Verdict(kept["verdict"]), kept["says"], kept["fix"])
