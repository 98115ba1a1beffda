"""PyLTI1p3 behind an adapter: its skeleton of a launch, with every decision that it leaves open taken here.

Kept from the library: how a JWT is taken apart, how registration, key, signature and deployment are asked for, and its
message validators. Taken over: state and browser (it falls back to an MD5 of the token), the order (it checks the nonce
before the signature), algorithm and key (it believes the key set), `aud`, `azp` and all times, the nonce (it never uses
one up), types (a text for an object is a crash), the target (unchecked) and storage (it keeps the claims in a cookie).
The library itself writes nothing and fetches nothing; `docs/spec-choices.md` lists the reasons.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment as LibraryDeployment
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.registration import Registration as LibraryRegistration
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config.abstract import ToolConfAbstract

from lti_tool.core import ids
from lti_tool.core.errors import ToolError
from lti_tool.lti.binding import is_same_browser
from lti_tool.lti.claims import Claims
from lti_tool.lti.envelope import ALGORITHM, check_parties, check_times, read_header
from lti_tool.lti.evidence import evidence_of_claims, evidence_of_header
from lti_tool.lti.key_sets import KeySets
from lti_tool.lti.launch import Expected, Launch, read_launch
from lti_tool.lti.login import Login
from lti_tool.lti.refusals import refused
from lti_tool.lti.registrations import Registration

_LONGEST_TOKEN = 100_000
_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# Times, audience and subject are judged by `envelope` and `launch`, by our own clock; the library checks the signature.
_SIGNATURE_ALONE = {
    f"verify_{what}": what == "signature" for what in ("signature", "exp", "nbf", "iat", "aud", "iss", "sub", "jti")
}


def verify_launch(
    login: Login | None,
    key_sets: KeySets,
    *,
    id_token: str,
    state: str,
    browser: str,
    public_url: str,
    leeway: int,
    now: datetime,
) -> Launch:
    """The launch that a platform posts, verified; writes nothing. `login` is what `find_login` knows of the state.

    `browser` is the secret of the one that posts, `leeway` in seconds. Raises LtiRefused with the first rule that it
    breaks, Upstream when the platform's keys cannot be had. To be called outside a transaction, as it may fetch those
    keys; then `consume_login` uses the login up.
    """
    for name, value in (("id_token", id_token), ("state", state)):
        if not value:
            raise refused("lti.missing_parameter", name=name)
    if login is None or not login.is_open(now):
        raise refused("lti.login_used_or_expired")
    case = _Case(login, login.registration, id_token, state, browser, public_url, leeway, now)
    exchange = _Exchange(case, key_sets)
    try:
        exchange.validate()
    except ToolError as fault:
        fault.evidence = exchange.evidence()
        raise
    return exchange.launch


def check_browser(login: Login, browser: str) -> None:
    """The browser that posts the launch is the one that began the login (login CSRF, LTI Security 1.0 §5.1.1.5)."""
    if not is_same_browser(login.browser_hash, browser):
        raise refused("lti.other_browser")


@dataclass(frozen=True)
class _Case:
    """All that one launch is judged by."""

    login: Login
    registration: Registration
    id_token: str
    state: str
    browser: str
    public_url: str
    leeway: int
    now: datetime


class _Post(Request):
    """The two fields of the platform's post."""

    def __init__(self, case: _Case) -> None:
        self._fields = {"id_token": case.id_token, "state": case.state}

    def is_secure(self) -> bool:
        return True

    def get_param(self, key: str) -> str:
        return self._fields[key]


class _NoCookies(CookieService):
    """The binding to the browser is ours; the library sets and reads no cookie."""

    def get_cookie(self, name: str) -> str | None:
        return None

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> None:
        raise AssertionError("the library sets no cookies")


class _NoNetwork:
    """In place of a requests session: keys come from `KeySets`, and nothing else is fetched."""

    def get(self, *_arguments: object, **_named: object) -> None:
        raise AssertionError("the library fetches nothing")

    post = get


class _LoginRow(SessionService):
    """The login row in place of the library's session storage."""

    def __init__(self, login: Login) -> None:
        # The base class would set up a storage in a web session; there is none here.
        self._login = login

    def check_nonce(self, nonce: str) -> bool:
        return ids.same(ids.digest(nonce), self._login.nonce_hash)


class _Platform(ToolConfAbstract[Any]):
    """The one registration that the login names; the library's own table of issuers is shared by all its instances."""

    def __init__(self, registration: Registration) -> None:
        self._registration = registration

    def check_iss_has_one_client(self, iss: str) -> bool:
        return False

    def check_iss_has_many_clients(self, iss: str) -> bool:
        return True

    def find_registration_by_issuer(self, iss: str, *_arguments: object, **_named: object) -> LibraryRegistration:
        raise AssertionError("a registration is found by issuer and client id")

    def find_registration_by_params(
        self, iss: str, client_id: str, *_arguments: object, **_named: object
    ) -> LibraryRegistration:
        if (iss, client_id) != (self._registration.issuer, self._registration.client_id):
            raise LtiException("another issuer or client id than the login's")
        return LibraryRegistration().set_issuer(iss).set_client_id(client_id)

    def find_deployment(self, iss: str, deployment_id: str) -> LibraryDeployment | None:
        raise AssertionError("a deployment is found by issuer and client id")

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *_arguments: object, **_named: object
    ) -> LibraryDeployment:
        # Whether it is the login's is judged by `launch`, whether it is let in by `admit_deployment`.
        return LibraryDeployment().set_deployment_id(deployment_id)


class _Exchange(MessageLaunch[Any, Any, Any, Any]):
    """One launch on its way through the library's steps, in our order."""

    launch: Launch

    def __init__(self, case: _Case, key_sets: KeySets) -> None:
        platform, row = _Platform(case.registration), _LoginRow(case.login)
        network: Any = _NoNetwork()
        super().__init__(_Post(case), platform, row, _NoCookies(), requests_session=network)
        self._case = case
        self._key_sets = key_sets
        self._kid = ""
        self._header: Mapping[str, Any] = {}
        self._signed = False
        self.set_auto_validation(False)
        self.set_jwt_verify_options(_SIGNATURE_ALONE)

    def validate(self) -> "_Exchange":
        """All steps. Before the signature nothing is believed; after the last one nothing is left to doubt."""
        self.validate_state()
        self.validate_jwt_format()
        self.validate_registration()
        self.validate_jwt_signature()
        self.validate_times()
        self.validate_nonce()
        self.validate_deployment()
        self.validate_message()
        return self

    def validate_state(self) -> "_Exchange":
        """That the state is a login's was seen when the row was found; here, that the browser is the login's too."""
        check_browser(self._case.login, self._case.browser)
        return self

    def validate_jwt_format(self) -> "_Exchange":
        token = self._case.id_token
        if len(token) > _LONGEST_TOKEN or not _JWT.fullmatch(token):
            raise refused("lti.token_form", log={"length": len(token)})
        with _as_refusal("lti.token_form"):
            super().validate_jwt_format()
        for part in ("header", "body"):
            if not isinstance(self._jwt[part], dict):
                raise refused("lti.token_form", log={part: type(self._jwt[part]).__name__})
        self._header = self._jwt["header"]
        self._kid = read_header(Claims(self._header))
        return self

    def validate_registration(self) -> "_Exchange":
        check_parties(self._claims(), self._case.registration)
        with _as_refusal("lti.audience"):
            super().validate_registration()
        return self

    def validate_jwt_signature(self) -> "_Exchange":
        with _as_refusal("lti.signature"):
            super().validate_jwt_signature()
        self._signed = True
        return self

    def validate_times(self) -> "_Exchange":
        """A step that the library lacks."""
        case = self._case
        check_times(self._claims(), begun_at=case.login.begun_at, leeway=case.leeway, now=case.now)
        return self

    def validate_nonce(self) -> "_Exchange":
        self._claims().required_id("nonce")
        with _as_refusal("lti.nonce"):
            super().validate_nonce()
        return self

    def validate_deployment(self) -> "_Exchange":
        self._claims().required_id("https://purl.imsglobal.org/spec/lti/claim/deployment_id")
        with _as_refusal("lti.deployment"):
            super().validate_deployment()
        return self

    def validate_message(self) -> "_Exchange":
        case = self._case
        login = case.login
        self.launch = read_launch(
            self._body(),
            Expected(case.registration, login.target_link_uri, login.lms_deployment_id, case.public_url, case.state),
        )
        with _as_refusal("lti.message"):
            super().validate_message()
        return self

    def evidence(self) -> dict[str, str]:
        """What may be kept of this launch when it is refused: of the claims nothing before the signature is right."""
        said = evidence_of_header(self._header)
        return {**said, **evidence_of_claims(self._body())} if self._signed else said

    def get_client_id(self) -> str:
        """Us: `aud` was checked to be nobody else. The library would take its first entry."""
        return self._case.registration.client_id

    def get_public_key(self) -> tuple[Any, str]:
        """The platform's key from our own cache, for the one algorithm; the library hands it to PyJWT as it is."""
        return self._key_sets.key(self._case.registration, self._kid), ALGORITHM

    def _get_request_param(self, key: str) -> str:
        value: str = self._request.get_param(key)
        return value

    def _body(self) -> Mapping[str, Any]:
        body: Mapping[str, Any] = self._jwt["body"]
        return body

    def _claims(self) -> Claims:
        return Claims(self._body())


@contextmanager
def _as_refusal(code: str) -> Iterator[None]:
    """The library's word for a fault, as a refusal of ours."""
    try:
        yield
    except LtiException as fault:
        raise refused(code, log={"reason": str(fault)[:500]}) from fault
