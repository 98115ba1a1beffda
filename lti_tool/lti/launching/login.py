"""Third-party initiated login (LTI Security 1.0 §5.1.1): one row binds state, nonce, platform, target and browser.

The row lives five minutes and is used once, by the launch that it began. Only hashes of state, nonce and browser secret
are kept: who reads the table cannot finish anybody's launch.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from lti_tool.core import ids
from lti_tool.core.db import Tx
from lti_tool.lti.launching.rules import PARAMETERS, Asked, hold_login
from lti_tool.lti.origins import with_query
from lti_tool.lti.quirks import DEPLOYMENT_ALIAS
from lti_tool.lti.refusals import refused
from lti_tool.lti.registering.registrations import COLUMNS as REGISTRATION
from lti_tool.lti.registering.registrations import Registration, read_registration
from lti_tool.lti.sessions.binding import Browser, Keeping, Layer, hash_of, storage_key
from lti_tool.lti.tables import logins, registrations

LAUNCH_PATH = "/lti/launch"
_LIFETIME = timedelta(minutes=5)
_PURGE_AT_ONCE = 20
# Field of LoginRequest → the parameter that it comes from.
_FIELDS = {
    "issuer": "iss",
    "login_hint": "login_hint",
    "target_link_uri": "target_link_uri",
    "client_id": "client_id",
    "lti_message_hint": "lti_message_hint",
    "lms_deployment_id": "lti_deployment_id",
    "storage_target": "lti_storage_target",
}
_STATE = re.compile(r"[A-Za-z0-9_-]{20,100}")


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
        found = {name: getattr(self, field) for field, name in _FIELDS.items()}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True)
class Login:
    """A login that no launch has used up, and the platform that it is of."""

    nonce_hash: str
    target_link_uri: str
    lms_deployment_id: str | None
    browser_hash: str
    layer: Layer
    storage_target: str | None
    begun_at: datetime
    expires_at: datetime
    registration: Registration

    @property
    def keeping(self) -> Keeping:
        """Where the browser keeps its secret, for a page that has to ask."""
        return Keeping(storage_key(self.browser_hash), self.layer, self.storage_target, self.registration.origin)

    def is_open(self, now: datetime) -> bool:
        """Whether there is time left to use it."""
        return now < self.expires_at


_LOGIN = (
    logins.c.nonce_hash,
    logins.c.target_link_uri,
    logins.c.lms_deployment_id,
    logins.c.browser_hash,
    logins.c.layer,
    logins.c.storage_target,
    logins.c.created_at,
    logins.c.expires_at,
)
_by_state = (
    select(*_LOGIN, *REGISTRATION)
    .join(registrations, registrations.c.id == logins.c.registration_id)
    .where(logins.c.state_hash == bindparam("state_hash"))
)
_begin = logins.insert()
_expired = select(logins.c.id).where(logins.c.expires_at <= bindparam("now")).limit(_PURGE_AT_ONCE)
_purge = delete(logins).where(logins.c.id.in_(_expired.scalar_subquery()))
_consume = delete(logins).where(logins.c.state_hash == bindparam("state_hash")).returning(logins.c.id)


def read_login(params: Mapping[str, str], *, public_url: str) -> LoginRequest:
    """Reads a login initiation, from a query or a form; raises LtiRefused."""
    values = {name: value for name in PARAMETERS if (value := params.get(name))}
    if "lti_deployment_id" not in values and params.get(DEPLOYMENT_ALIAS):
        values["lti_deployment_id"] = params[DEPLOYMENT_ALIAS]
    hold_login(Asked(values, public_url))
    return LoginRequest(**{field: values[name] for field, name in _FIELDS.items() if name in values})


def begin_login(
    tx: Tx, request: LoginRequest, registration: Registration, *, browser: Browser, public_url: str, now: datetime
) -> str:
    """Notes the login at the platform that it names; returns the platform's address to go on to."""
    tx.execute(_purge, {"now": now})
    state, nonce = ids.token(), ids.token()
    row = {
        "state_hash": ids.digest(state),
        "nonce_hash": ids.digest(nonce),
        "registration_id": registration.id,
        "target_link_uri": request.target_link_uri,
        "lms_deployment_id": request.lms_deployment_id,
        "browser_hash": hash_of(browser.secret),
        "layer": browser.layer,
        "storage_target": browser.storage_target,
        "created_at": now,
        "expires_at": now + _LIFETIME,
    }
    tx.execute(_begin, row)
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
    return with_query(registration.auth_url, query)


def find_login(tx: Tx, state: str) -> Login | None:
    """The login that this state belongs to, with its platform; also one that has run out, until it is cleared away."""
    if not _STATE.fullmatch(state):
        return None
    row = tx.execute(_by_state, {"state_hash": ids.digest(state)}).one_or_none()
    if row is None:
        return None
    nonce_hash, target, deployment, browser_hash, layer, storage, begun_at, expires_at = row[: len(_LOGIN)]
    registration = read_registration(row[len(_LOGIN) :])
    return Login(
        nonce_hash, target, deployment, browser_hash, Layer(layer), storage, begun_at, expires_at, registration
    )


def consume(tx: Tx, state: str) -> None:
    """Uses the login up; whoever comes second, however close, is refused."""
    if tx.execute(_consume, {"state_hash": ids.digest(state)}).one_or_none() is None:
        raise refused("lti.login_used_or_expired")
