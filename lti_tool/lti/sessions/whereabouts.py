"""Which platform a door belongs to, for pages that are shown before there is a session, or after it is gone.

Nothing here lets anybody in: the answers decide who may frame a page and where its way back leads.
"""

from sqlalchemy import bindparam, select

from lti_tool.core.db import Tx
from lti_tool.lti.launching.login import LoginRequest
from lti_tool.lti.refusals import refused
from lti_tool.lti.registering.registrations import COLUMNS, Registration, read_registration, registration_for
from lti_tool.lti.tables import registrations, sessions

_of_session = (
    select(*COLUMNS)
    .join(sessions, sessions.c.registration_id == registrations.c.id)
    .where(sessions.c.public_id == bindparam("public_id"))
)


def registration_for_login(tx: Tx, request: LoginRequest) -> Registration:
    """The platform that a login initiation names; raises LtiRefused `lti.unknown_platform`."""
    found = registration_for(tx, issuer=request.issuer, client_id=request.client_id)
    if found is None:
        raise refused("lti.unknown_platform", log={"issuer": request.issuer, "client_id": request.client_id})
    return found


def registration_of_session(tx: Tx, session_id: str) -> Registration | None:
    """The platform by which a session was opened, live or not."""
    row = tx.execute(_of_session, {"public_id": session_id}).one_or_none()
    return None if row is None else read_registration(row)
