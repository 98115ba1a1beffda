"""Third-party initiated login (LTI Security 1.0 §5.1.1): one row binds state, nonce, platform, target and browser.

The row lives five minutes and is used once, by the launch that it began. Only hashes of state, nonce and browser secret
are kept: who reads the table cannot finish anybody's launch.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from sqlalchemy import bindparam, delete, select

from lti_tool.core import ids
from lti_tool.core.db import Tx
from lti_tool.lti.binding import hash_of
from lti_tool.lti.origins import same_origin
from lti_tool.lti.refusals import refused
from lti_tool.lti.registrations import COLUMNS as REGISTRATION
from lti_tool.lti.registrations import Registration, read_registration, registration_for
from lti_tool.lti.tables import logins, registrations

LAUNCH_PATH = "/lti/launch"
_LIFETIME = timedelta(minutes=5)
_PURGE_AT_ONCE = 20
# Field of LoginRequest → parameter and its longest form; hints are opaque, and Canvas's is a JWT.
_PARAMETERS = {
    "issuer": ("iss", 500),
    "login_hint": ("login_hint", 8000),
    "target_link_uri": ("target_link_uri", 2000),
    "client_id": ("client_id", 255),
    "lti_message_hint": ("lti_message_hint", 8000),
    "lms_deployment_id": ("lti_deployment_id", 255),
    "storage_target": ("lti_storage_target", 255),
}
_STATE = re.compile(r"[A-Za-z0-9_-]{20,100}")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_REQUIRED = ("issuer", "login_hint", "target_link_uri")


@dataclass(frozen=True)
class LoginRequest:
    """What a platform asks for when somebody opens the tool; the hints are opaque and go back unchanged."""

    issuer: str
    login_hint: str
    target_link_uri: str
    client_id: str | None = None
    lti_message_hint: str | None = None
    lms_deployment_id: str | None = None
    storage_target: str | None = None

    def params(self) -> dict[str, str]:
        """The parameters as they came, to be posted once more."""
        found = {name: getattr(self, field) for field, (name, _) in _PARAMETERS.items()}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True)
class Login:
    """A login that no launch has used up, and the platform that it is of."""

    nonce_hash: str
    target_link_uri: str
    lms_deployment_id: str | None
    browser_hash: str
    begun_at: datetime
    expires_at: datetime
    registration: Registration

    def is_open(self, now: datetime) -> bool:
        """Whether there is time left to use it."""
        return now < self.expires_at


_LOGIN = (
    logins.c.nonce_hash,
    logins.c.target_link_uri,
    logins.c.lms_deployment_id,
    logins.c.browser_hash,
    logins.c.created_at,
    logins.c.expires_at,
)
_by_state = (
    select(*_LOGIN, *REGISTRATION)
    .join(registrations, registrations.c.id == logins.c.registration_id)
    .where(logins.c.state_hash == bindparam("state_hash"))
)
_expired = select(logins.c.id).where(logins.c.expires_at <= bindparam("now")).limit(_PURGE_AT_ONCE)
_purge = delete(logins).where(logins.c.id.in_(_expired.scalar_subquery()))
_consume = delete(logins).where(logins.c.state_hash == bindparam("state_hash")).returning(logins.c.id)


def read_login(params: Mapping[str, str], *, public_url: str) -> LoginRequest:
    """Reads a login initiation, from a query or a form; raises LtiRefused."""
    values: dict[str, str] = {}
    for field, (name, longest) in _PARAMETERS.items():
        value = params.get(name) or ""
        if not value and field in _REQUIRED:
            raise refused("lti.missing_parameter", name=name)
        if len(value) > longest:
            raise refused("lti.overlong_parameter", name=name, log={"length": len(value)})
        if _UNSENDABLE.search(value):
            raise refused("lti.parameter", name=name)
        if value:
            values[field] = value
    if not same_origin(values["target_link_uri"], public_url):
        raise refused("lti.foreign_target", log={"target_link_uri": values["target_link_uri"][:200]})
    return LoginRequest(**values)


def begin_login(tx: Tx, request: LoginRequest, *, browser: str, public_url: str, now: datetime) -> str:
    """Notes the login and returns the platform's address to go on to; raises LtiRefused for an unknown platform."""
    registration = registration_for(tx, issuer=request.issuer, client_id=request.client_id)
    if registration is None:
        raise refused("lti.unknown_platform", log={"issuer": request.issuer, "client_id": request.client_id})
    tx.execute(_purge, {"now": now})
    state, nonce = ids.token(), ids.token()
    row = {
        "state_hash": ids.digest(state),
        "nonce_hash": ids.digest(nonce),
        "registration_id": registration.id,
        "target_link_uri": request.target_link_uri,
        "lms_deployment_id": request.lms_deployment_id,
        "browser_hash": hash_of(browser),
        "created_at": now,
        "expires_at": now + _LIFETIME,
    }
    tx.execute(logins.insert(), row)
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": registration.client_id,
        "redirect_uri": public_url + LAUNCH_PATH,
        "login_hint": request.login_hint,
        "state": state,
        "nonce": nonce,
    }
    if request.lti_message_hint is not None:
        query["lti_message_hint"] = request.lti_message_hint
    return _with_query(registration.auth_url, query)


def find_login(tx: Tx, state: str) -> Login | None:
    """The login that this state belongs to, with its platform; also one that has run out, until it is cleared away."""
    if not _STATE.fullmatch(state):
        return None
    row = tx.execute(_by_state, {"state_hash": ids.digest(state)}).one_or_none()
    return None if row is None else Login(*(*row[: len(_LOGIN)], read_registration(row[len(_LOGIN) :])))


def consume(tx: Tx, state: str) -> None:
    """Uses the login up; whoever comes second, however close, is refused."""
    if tx.execute(_consume, {"state_hash": ids.digest(state)}).one_or_none() is None:
        raise refused("lti.login_used_or_expired")


def _with_query(url: str, query: Mapping[str, str]) -> str:
    """The address with `query` added to what it has already."""
    parts = urlsplit(url)
    joined = "&".join(part for part in (parts.query, urlencode(query)) if part)
    return parts._replace(query=joined, fragment="").geturl()
