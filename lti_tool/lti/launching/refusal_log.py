"""The refused logins and launches, kept for the administrator who is asked for help: few, short, and not for long.

The newest 200 of each platform (and of all unknown ones together), for seven days, found by the support code that the
error page shows. What a row may say is judged by `evidence`; nothing else is stored for a token that did not verify.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select

from lti_tool.core.db import Tx
from lti_tool.core.errors import Side, ToolError
from lti_tool.lti.launching.evidence import facts_of
from lti_tool.lti.tables import refused_launches

KEPT_PER_PLATFORM = 200
KEPT_FOR = timedelta(days=7)
_PURGE_AT_ONCE = 200

_rows = refused_launches.c
# The fields of Refusal.
COLUMNS = (
    _rows.support_code,
    _rows.at,
    _rows.registration_id,
    _rows.code,
    _rows.side,
    _rows.status,
    _rows["facts"],
)
_by_code = (
    select(*COLUMNS)
    .where(_rows.support_code == bindparam("support_code"), _rows.at > bindparam("since"))
    .order_by(_rows.id.desc())
    .limit(1)
)
# What another process is clearing away at this moment is left to it.
_newest_first = select(_rows.id).order_by(_rows.id.desc()).offset(KEPT_PER_PLATFORM).with_for_update(skip_locked=True)
_of_platform = _newest_first.where(_rows.registration_id == bindparam("registration"))
_of_nobody = _newest_first.where(_rows.registration_id.is_(None))
_old = select(_rows.id).where(_rows.at <= bindparam("since")).limit(_PURGE_AT_ONCE).with_for_update(skip_locked=True)
_keep = refused_launches.insert()
_drop_old = delete(refused_launches).where(_rows.id.in_(_old.scalar_subquery()))
_drop_spare = delete(refused_launches).where(_rows.id.in_(_of_platform.scalar_subquery()))
_drop_spare_of_nobody = delete(refused_launches).where(_rows.id.in_(_of_nobody.scalar_subquery()))


@dataclass(frozen=True)
class Refusal:
    """A login or launch that was refused. `registration_id` is None for a platform that nobody knows."""

    support_code: str
    at: datetime
    registration_id: int | None
    code: str
    side: Side
    status: int
    facts: Mapping[str, str]


def keep_refusal(
    tx: Tx,
    fault: ToolError,
    *,
    status: int,
    support_code: str,
    registration_id: int | None,
    known: Mapping[str, str],
    now: datetime,
) -> None:
    """Keeps a refusal in a transaction of its own, and lets go of what is too old or too much."""
    row = {
        "registration_id": registration_id,
        "at": now,
        "support_code": support_code,
        "code": fault.code,
        "side": fault.side.value,
        "status": status,
        "facts": facts_of(fault, known),
    }
    tx.execute(_keep, row)
    forget_refusals(tx, now=now)
    if registration_id is None:
        tx.execute(_drop_spare_of_nobody)
    else:
        tx.execute(_drop_spare, {"registration": registration_id})


def forget_refusals(tx: Tx, *, now: datetime) -> None:
    """Lets go of what was kept long enough."""
    tx.execute(_drop_old, {"since": now - KEPT_FOR})


def find_refusal(tx: Tx, support_code: str, *, now: datetime) -> Refusal | None:
    """The refusal that a support code names, if it is still kept."""
    row = tx.execute(_by_code, {"support_code": support_code, "since": now - KEPT_FOR}).one_or_none()
    if row is None:
        return None
    return read_refusal(row)


def read_refusal(row: Any) -> Refusal:
    """The refusal in a row of the log."""
    said = dict(row._mapping)
    return Refusal(**{**said, "side": Side(said["side"])})
