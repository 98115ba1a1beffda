"""A session on its way from the LMS's frame into a tab of its own, which sees none of the frame's cookies.

The frame, which has the session, asks for a code; the tab shows it. A code lives a minute, is used once, and opens a
session beside the first, for the tab's own cookie.
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete

from lti_tool.core import ids
from lti_tool.core.db import Tx
from lti_tool.lti.refusals import refused
from lti_tool.lti.sessions.binding import Browser
from lti_tool.lti.sessions.session import Session, open_beside
from lti_tool.lti.tables import handovers

_LIFETIME = timedelta(minutes=1)
_take = delete(handovers).where(handovers.c.code_hash == bindparam("asked")).returning(handovers)
_clear = delete(handovers).where(handovers.c.expires_at <= bindparam("now"))


def hand_over(tx: Tx, session: Session, *, now: datetime) -> str:
    """A code for the session's person to open it in another tab; shown once, as only its hash is kept."""
    code = ids.token()
    tx.execute(_clear, {"now": now})
    row = {"code_hash": ids.digest(code), "session_id": session.public_id}
    tx.execute(handovers.insert(), {**row, "created_at": now, "expires_at": now + _LIFETIME})
    return code


def take_over(tx: Tx, code: str, *, browser: Browser, now: datetime) -> Session:
    """The session behind a code, opened for the browser that shows it; raises LtiRefused for any but the first use."""
    row = tx.execute(_take, {"asked": ids.digest(code)}).one_or_none()
    if row is None or row.expires_at <= now:
        raise refused("lti.handover_used_or_expired")
    session = open_beside(tx, row.session_id, browser=browser, key=code, now=now)
    if session is None:
        raise refused("lti.handover_used_or_expired")
    return session
