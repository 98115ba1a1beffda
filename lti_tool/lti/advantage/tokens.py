"""Access tokens for a platform's services (LTI Security 1.0 §4.1): got with a signed assertion, kept until they end.

One token serves a registration and a set of scopes, in all processes. It lies in the database sealed, as any secret.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import bindparam, delete, select

from lti_tool.core import ids
from lti_tool.core.clock import Clock
from lti_tool.core.db import Database, Tx, insert
from lti_tool.core.errors import Side, Upstream
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.lti.keys.tool_keys import SigningKey, signing_key
from lti_tool.lti.quirks import is_rate_limit
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.tables import access_tokens

_PURPOSE = "lti.access_token"
_ASSERTION_LIFETIME = timedelta(minutes=5)
_MARGIN = timedelta(seconds=60)
_USUAL_LIFE = 3600.0
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_known = select(access_tokens.c.sealed).where(
    access_tokens.c.registration_id == bindparam("registration_id"),
    access_tokens.c.scopes == bindparam("scopes"),
    access_tokens.c.expires_at > bindparam("needed_until"),
)
_drop = delete(access_tokens).where(
    access_tokens.c.registration_id == bindparam("registration_id"), access_tokens.c.scopes == bindparam("scopes")
)


class TokenRefused(Upstream):
    """The platform gives no token: `again` tells whether asking later can help."""

    def __init__(self, code: str, detail: str, *, again: bool, answer: HttpAnswer) -> None:
        super().__init__(
            code,
            detail,
            "An administrator can compare the settings of this tool in the LMS with those here.",
            side=Side.LMS,
            log={"status": answer.status, "start": answer.text[:300]},
        )
        self.again = again
        self.answer = answer


@dataclass(frozen=True)
class _Granted:
    token: str
    lasts: float


class Tokens:
    """The access tokens of all registrations. Safe to share between threads."""

    def __init__(self, db: Database, http: HttpClient, vault: Vault, clock: Clock) -> None:
        self._db, self._http, self._vault, self._clock = db, http, vault, clock

    def token(self, registration: Registration, scopes: Iterable[str]) -> str:
        """A token that holds for a minute at least; raises TokenRefused or Upstream."""
        asked = " ".join(sorted(scopes))
        key: dict[str, object] = {"registration_id": registration.id, "scopes": asked}
        now = self._clock.now()
        with self._db.reading() as tx:
            sealed = tx.execute(_known, {**key, "needed_until": now + _MARGIN}).scalar_one_or_none()
            signing = signing_key(tx, self._vault, registration.organisation_id) if sealed is None else None
        if signing is None:
            return self._vault.open(sealed or b"", _PURPOSE).decode()
        granted = self._ask(registration, asked, signing, now)
        with self._db.transaction() as tx:
            self._keep(tx, key, granted, now)
        return granted.token

    def drop(self, registration: Registration, scopes: Iterable[str]) -> None:
        """Forgets a token that the platform does not take any more."""
        with self._db.transaction() as tx:
            tx.execute(_drop, {"registration_id": registration.id, "scopes": " ".join(sorted(scopes))})

    def _keep(self, tx: Tx, key: dict[str, object], granted: _Granted, now: datetime) -> None:
        values = {
            "sealed": self._vault.seal(granted.token.encode(), _PURPOSE),
            "expires_at": now + timedelta(seconds=granted.lasts),
        }
        fresh = insert(tx, access_tokens).values(**key, **values)
        tx.execute(fresh.on_conflict_do_update(index_elements=["registration_id", "scopes"], set_=values))

    def _ask(self, registration: Registration, scopes: str, key: SigningKey, now: datetime) -> _Granted:
        return read_grant(ask(self._http, registration, scopes, key, now), scopes)


def ask(http: HttpClient, registration: Registration, scopes: str, key: SigningKey, now: datetime) -> HttpAnswer:
    """The platform's answer to a request for a token."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": _ASSERTION_TYPE,
        "client_assertion": assertion(registration, key, now),
        "scope": scopes,
    }
    return http.post(registration.token_url, form=form, headers={"Accept": "application/json"})


def assertion(registration: Registration, key: SigningKey, now: datetime) -> str:
    """The signed statement of who we are: five minutes, for this platform, never the same twice."""
    claims = {
        "iss": registration.client_id,
        "sub": registration.client_id,
        "aud": registration.token_audience,
        "iat": int(now.timestamp()),
        "exp": int((now + _ASSERTION_LIFETIME).timestamp()),
        "jti": ids.token(),
    }
    # Our own key, whole as it was sealed: testing its primes anew takes longer (40 ms) than all the rest of a request.
    private = load_pem_private_key(key.pem, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(private, RSAPrivateKey)
    return jwt.encode(claims, private, algorithm="RS256", headers={"kid": key.kid})


def read_grant(answer: HttpAnswer, scopes: str) -> _Granted:
    """The token in a platform's answer, whatever its media type; raises TokenRefused."""
    if not answer.ok:
        limited = is_rate_limit(answer.status, answer.headers.get("X-Rate-Limit-Remaining"))
        again = limited or answer.status in (408, 425) or answer.status >= 500
        raise TokenRefused("lti.token_refused", "The LMS does not let this tool in.", again=again, answer=answer)
    said = answer.json()
    token = said.get("access_token") if isinstance(said, dict) else None
    if not isinstance(token, str) or not token.isprintable() or not token.isascii():
        raise TokenRefused("lti.token_answer", "The LMS's access token cannot be read.", again=True, answer=answer)
    granted = said.get("scope")
    # Moodle leaves out silently what it does not grant; a platform that says nothing grants what was asked.
    if isinstance(granted, str) and granted and not set(scopes.split()) <= set(granted.split()):
        raise TokenRefused(
            "lti.scope", "The LMS does not grant this tool what it asks for.", again=False, answer=answer
        )
    return _Granted(token, _lasting(said.get("expires_in")))


def _lasting(given: Any) -> float:
    """Seconds that a token lasts; an hour where the platform does not say so sensibly (it is the usual value)."""
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        return _USUAL_LIFE
    return min(seconds, 24 * _USUAL_LIFE) if math.isfinite(seconds) and seconds > 0 else _USUAL_LIFE
