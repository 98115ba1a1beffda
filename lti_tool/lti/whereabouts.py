"""Which platform a door belongs to, for pages that are shown before there is a session, or after it is gone.

Nothing here lets anybody in: the answers decide who may frame a page and where its way back leads.
"""

from sqlalchemy import bindparam, select

from lti_tool.core import ids
from lti_tool.core.db import Tx
from lti_tool.lti.login import LoginRequest
from lti_tool.lti.origins import origin_of
from lti_tool.lti.refusals import refused
from lti_tool.lti.registrations import Registration, find_registration, registration_for
from lti_tool.lti.tables import logins, registrations, sessions

_of_state = select(logins.c.registration_id).where(logins.c.state_hash == bindparam("state_hash"))
_of_session = (
    select(registrations.c.auth_url)
    .join(sessions, sessions.c.registration_id == registrations.c.id)
    .where(sessions.c.public_id == bindparam("public_id"))
)


def registration_for_login(tx: Tx, request: LoginRequest) -> Registration:
    """The platform that a login initiation names; raises LtiRefused `lti.unknown_platform`."""
    found = registration_for(tx, issuer=request.issuer, client_id=request.client_id)
    if found is None:
        raise refused("lti.unknown_platform", log={"issuer": request.issuer, "client_id": request.client_id})
    return found


def registration_of_state(tx: Tx, state: str) -> Registration | None:
    """The platform that a login under way belongs to, if its row is still there."""
    row = tx.execute(_of_state, {"state_hash": ids.digest(state)}).one_or_none()
    return None if row is None else find_registration(tx, row.registration_id)


def platform_origin_of(tx: Tx, session_id: str) -> str | None:
    """The platform by which a session was opened, live or not."""
    row = tx.execute(_of_session, {"public_id": session_id}).one_or_none()
    return None if row is None else origin_of(row.auth_url)
