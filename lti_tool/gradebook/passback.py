"""Sending wished scores to the LMS (AGS 2.0 §3.4) until it has them, or has said plainly why not.

Each try carries the present time: Moodle refuses (409) a score whose timestamp is not later than the moment *it saved*
the last one, by its own clock in whole seconds, and Canvas one that is older. After a conflict the result is read
back: the LMS may have had the score all along, and only its answer was lost.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import RowMapping, case

from lti_tool.core import ids, leases, logs
from lti_tool.core.db import Database
from lti_tool.gradebook.rules import percent_text
from lti_tool.gradebook.tables import grade_deliveries
from lti_tool.lti import Score, ScoreOutcome, ScoreVerdict

_LEASE_SECONDS = 60
_FIRST_WAIT = 5.0
_LONGEST_WAIT = 1800.0
_TRIES_BEFORE_PARKING = 3

log = logs.get("gradebook")

Send = Callable[[int, str, Score], ScoreOutcome]
"""(registration, line item URL, score) → what the LMS made of it; never raises for an LMS that does not answer."""


def deliver_due(db: Database, send: Send, *, clock: Callable[[], datetime], limit: int = 20) -> int:
    """Sends what is due, one after the other; returns how many rows were worked on."""
    with db.transaction() as tx:
        rows = leases.claim(tx, grade_deliveries, now=clock(), limit=limit, lease_seconds=_LEASE_SECONDS)
    for row in rows:
        _deliver(db, send, row, clock)
    return len(rows)


def _deliver(db: Database, send: Send, row: RowMapping, clock: Callable[[], datetime]) -> None:
    logs.begin(delivery=row["id"])
    outcome = send(row["registration_id"], row["line_item_url"], _score(row, clock()))
    now = clock()
    values = _outcome_values(row, outcome, now)
    with db.transaction() as tx:
        kept = leases.finish(tx, grade_deliveries, row["id"], row["fence"], **values)
    log.info(
        "grade.sent",
        verdict=outcome.verdict,
        tries=row["tries"],
        reason=outcome.reason,
        lease_lost=not kept,
    )


def _score(row: RowMapping, now: datetime) -> Score:
    return Score(
        user_id=row["lms_user_id"],
        given=percent_text(Fraction(row["percent"])),
        maximum="100",
        finished=bool(row["finished"]),
        timestamp=now,
    )


def _outcome_values(row: RowMapping, outcome: ScoreOutcome, now: datetime) -> dict[str, Any]:
    if outcome.verdict is ScoreVerdict.ACCEPTED:
        # A newer wish may have come while this one was on its way: then the row stays due.
        newer = grade_deliveries.c.revision > row["revision"]
        return {
            "due_at": case((newer, now), else_=None),
            "delivered_revision": row["revision"],
            "delivered_at": now,
            "last_error": None,
            "tries": 0,
        }
    reason = outcome.reason[:1000]
    if outcome.verdict is ScoreVerdict.REFUSED and row["tries"] >= _TRIES_BEFORE_PARKING:
        same = grade_deliveries.c.revision == row["revision"]
        return {
            "due_at": case((same, None), else_=now),
            "parked_at": case((same, now), else_=None),
            "last_error": reason,
        }
    return {"due_at": now + timedelta(seconds=wait_before_retry(row["tries"], outcome)), "last_error": reason}


def wait_before_retry(tries: int, outcome: ScoreOutcome) -> float:
    """Seconds until the next try: what the LMS asks for, else doubling from 5 s to half an hour, with jitter."""
    if outcome.retry_after is not None:
        return max(1.0, outcome.retry_after)
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** max(0, tries - 1))
    return wait + ids.jitter(wait / 10)
