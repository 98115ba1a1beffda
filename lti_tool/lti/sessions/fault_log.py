"""The errors that people were shown within a session, so that the code on their screen leads to the launch.

The newest twenty of each session, for seven days: code, status, which page, and the session's public id, which opens
nothing. Nothing of what was sent, of what the page said, or of whom it was about is written down. A session's id is no
secret, so whoever cannot show that they are in it takes nobody's place: their errors are kept while there is room.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, exists, func, select

from lti_tool.core.db import Tx
from lti_tool.core.errors import ToolError
from lti_tool.lti.tables import session_faults, sessions

KEPT_PER_SESSION = 20
KEPT_FOR = timedelta(days=7)
_PURGE_AT_ONCE = 200

_rows = session_faults.c
_COLUMNS = (_rows.support_code, _rows.session_id, _rows.at, _rows.code, _rows.status, _rows.place)
_names = ("support_code", "session_id", "at", "code", "status", "place")
_values = [bindparam(name, type_=_rows[name].type) for name in _names]
# Of a session that there is: ids can be made up, and a row for each would be anybody's to write.
_known = select(*_values).where(exists().where(sessions.c.public_id == bindparam("session_id")))
_kept = (
    select(func.count())
    .select_from(session_faults)
    .where(_rows.session_id == bindparam("session_id"))
    .scalar_subquery()
)
_keep = session_faults.insert().from_select(_names, _known)
_keep_if_room = session_faults.insert().from_select(_names, _known.where(_kept < KEPT_PER_SESSION))
_spare = (
    select(_rows.id)
    .where(_rows.session_id == bindparam("session_id"))
    .order_by(_rows.id.desc())
    .offset(KEPT_PER_SESSION)
    .with_for_update(skip_locked=True)
)
_drop_spare = delete(session_faults).where(_rows.id.in_(_spare.scalar_subquery()))
_old = select(_rows.id).where(_rows.at <= bindparam("since")).limit(_PURGE_AT_ONCE).with_for_update(skip_locked=True)
_drop_old = delete(session_faults).where(_rows.id.in_(_old.scalar_subquery()))
_by_code = (
    select(*_COLUMNS)
    .where(_rows.support_code == bindparam("support_code"), _rows.at > bindparam("since"))
    .order_by(_rows.id.desc())
    .limit(1)
)
_of_session = (
    select(*_COLUMNS)
    .where(_rows.session_id == bindparam("session_id"), _rows.at > bindparam("since"))
    .order_by(_rows.id)
)


@dataclass(frozen=True)
class SessionFault:
    """An error that somebody was shown within a session."""

    support_code: str
    session_id: str
    at: datetime
    code: str
    status: int
    place: str


def keep_fault(
    tx: Tx,
    fault: ToolError,
    *,
    session_id: str,
    status: int,
    support_code: str,
    place: str,
    inside: bool,
    now: datetime,
) -> None:
    """Keeps an error that was shown at an address of this session, in a transaction of its own; `inside` it or not."""
    row = {
        "support_code": support_code,
        "session_id": session_id,
        "at": now,
        "code": fault.code,
        "status": status,
        "place": place[:80],
    }
    tx.execute(_keep if may_displace(inside=inside) else _keep_if_room, row)
    tx.execute(_drop_spare, {"session_id": session_id})
    forget_faults(tx, now=now)


def may_displace(*, inside: bool) -> bool:
    """Whether an error may take the place of the oldest one: only of whoever is in the session."""
    return inside


def forget_faults(tx: Tx, *, now: datetime) -> None:
    """Lets go of what was kept long enough."""
    tx.execute(_drop_old, {"since": now - KEPT_FOR})


def fault_with_code(tx: Tx, support_code: str, *, now: datetime) -> SessionFault | None:
    """The error that a support code names, if it is still kept."""
    row = tx.execute(_by_code, {"support_code": support_code, "since": now - KEPT_FOR}).one_or_none()
    return None if row is None else SessionFault(*row)


def faults_of_session(tx: Tx, session_id: str, *, now: datetime) -> Sequence[SessionFault]:
    """The errors that were shown within a session, in order, as far as they are kept."""
    return [SessionFault(*row) for row in tx.execute(_of_session, {"session_id": session_id, "since": now - KEPT_FOR})]
