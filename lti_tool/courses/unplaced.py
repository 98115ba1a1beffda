"""Links that carry no module of ours: kept beside a teacher's session until the teacher has chosen one."""

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from lti_tool.core.db import Tx
from lti_tool.courses.placements import Link
from lti_tool.courses.tables import unplaced_links

_KEPT = timedelta(days=2)
_keep = unplaced_links.insert()
_of_session = select(unplaced_links.c.link).where(unplaced_links.c.session_id == bindparam("session"))
_forget = delete(unplaced_links).where(unplaced_links.c.session_id == bindparam("session"))
_forget_old = delete(unplaced_links).where(unplaced_links.c.created_at < bindparam("before"))


def keep_unplaced(tx: Tx, session_id: str, link: Link, *, now: datetime) -> None:
    """Keeps a link for the session that came by it; sessions are over long before it is forgotten."""
    tx.execute(_forget_old, {"before": now - _KEPT})
    tx.execute(_keep, {"session_id": session_id, "link": asdict(link), "created_at": now})


def find_unplaced(tx: Tx, session_id: str) -> Link | None:
    """The link that waits for a module in this session."""
    stored = tx.execute(_of_session, {"session": session_id}).scalar_one_or_none()
    if stored is None:
        return None
    lists = {name: tuple(stored[name]) for name in ("context_history", "link_history")}
    return Link(**{**stored, **lists})


def forget_unplaced(tx: Tx, session_id: str) -> None:
    """The link has its module now."""
    tx.execute(_forget, {"session": session_id})
