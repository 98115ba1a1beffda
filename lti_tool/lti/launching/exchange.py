"""PyLTI1p3 behind an adapter: its skeleton of a launch, with every decision that it leaves open taken by `rules`.

Kept from the library: how a JWT is taken apart, how registration, key, signature and deployment are asked for, and its
message validators. Taken over: state and browser (it falls back to an MD5 of the token), the order (it checks the nonce
before the signature), algorithm and key (it believes the key set), `aud`, `azp` and all times, the nonce (it never uses
one up), types (a text for an object is a crash), the target (unchecked) and storage (it keeps the claims in a cookie).
The library itself writes nothing and fetches nothing; `docs/spec-choices.md` lists the reasons.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment as LibraryDeployment
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.registration import Registration as LibraryRegistration
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config.abstract import ToolConfAbstract

from lti_tool.core.errors import ToolError
from lti_tool.lti.keys.key_sets import KeySets
from lti_tool.lti.launching import rules
from lti_tool.lti.launching.evidence import evidence_of_claims, evidence_of_header
from lti_tool.lti.launching.launch import Launch
from lti_tool.lti.launching.login import Login
from lti_tool.lti.launching.rules import Case, Step
from lti_tool.lti.refusals import refused
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.registering.terms import Algorithm

# Times, audience and subject are judged by `rules`, by our own clock; the library checks the signature.
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

    `browser` is the secret of the one that posts, `leeway` that of the settings, in seconds. Raises LtiRefused with the
    first rule that it breaks, Upstream when the platform's keys cannot be had. To be called outside a transaction, as
    it may fetch those keys; then `consume_login` uses the login up.
    """

    def key_of(kid: str, algorithm: Algorithm) -> RSAPublicKey:
        return key_sets.key(case.registration, kid, algorithm)

    case = Case(login, id_token, state, browser, public_url, leeway, now, key_of)
    return verify_case(case)


def verify_case(case: Case) -> Launch:
    """The launch of a case, judged by `rules` in the library's steps; raises as `verify_launch` does."""
    rules.hold(case, Step.POST)
    exchange = _Exchange(case)
    try:
        exchange.validate()
    except ToolError as fault:
        fault.evidence = exchange.evidence()
        raise
    return exchange.launch


class _Post(Request):
    """The two fields of the platform's post."""

    def __init__(self, case: Case) -> None:
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


class _NoSession(SessionService):
    """The login row stands in place of the library's session storage, and `rules` have judged the nonce by it."""

    def __init__(self) -> None:
        # The base class would set up a storage in a web session; there is none here.
        pass

    def check_nonce(self, nonce: str) -> bool:
        return True


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

    def __init__(self, case: Case) -> None:
        platform = _Platform(case.registration)
        network: Any = _NoNetwork()
        super().__init__(_Post(case), platform, _NoSession(), _NoCookies(), requests_session=network)
        self._case = case
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
        rules.hold(self._case, Step.STATE)
        return self

    def validate_jwt_format(self) -> "_Exchange":
        rules.hold(self._case, Step.TOKEN)
        with _as_refusal("lti.token_form"):
            super().validate_jwt_format()
        self._case = replace(self._case, header=self._jwt["header"], body=self._jwt["body"])
        rules.hold(self._case, Step.HEADER)
        return self

    def validate_registration(self) -> "_Exchange":
        rules.hold(self._case, Step.REGISTRATION)
        with _as_refusal("lti.audience"):
            super().validate_registration()
        return self

    def validate_jwt_signature(self) -> "_Exchange":
        """The one step that is the library's alone, with the key and the algorithm that we give it."""
        with _as_refusal("lti.signature"):
            super().validate_jwt_signature()
        self._signed = True
        return self

    def validate_times(self) -> "_Exchange":
        """A step that the library lacks."""
        rules.hold(self._case, Step.TIMES)
        return self

    def validate_nonce(self) -> "_Exchange":
        rules.hold(self._case, Step.NONCE)
        with _as_refusal("lti.nonce"):
            super().validate_nonce()
        return self

    def validate_deployment(self) -> "_Exchange":
        rules.hold(self._case, Step.DEPLOYMENT)
        with _as_refusal("lti.deployment"):
            super().validate_deployment()
        return self

    def validate_message(self) -> "_Exchange":
        rules.hold(self._case, Step.MESSAGE)
        self.launch = rules.read(self._case)
        if self.launch.message.names_a_link:
            # The library refuses deep linking for plain links alone, and knows no data privacy launch.
            with _as_refusal("lti.message"):
                super().validate_message()
        return self

    def evidence(self) -> dict[str, str]:
        """What may be kept of this launch when it is refused: of the claims nothing before the signature is right."""
        header, body = self._case.header, self._case.body
        said = evidence_of_header(header) if isinstance(header, dict) else {}
        return {**said, **evidence_of_claims(body)} if self._signed and isinstance(body, dict) else said

    def get_client_id(self) -> str:
        """Us: `aud` was checked to be nobody else. The library would take its first entry."""
        return self._case.registration.client_id

    def get_public_key(self) -> tuple[Any, str]:
        """The platform's key from our own cache, for an algorithm that it is allowed; the library hands it to PyJWT."""
        return rules.key_of(self._case)

    def _get_request_param(self, key: str) -> str:
        value: str = self._request.get_param(key)
        return value


@contextmanager
def _as_refusal(code: str) -> Iterator[None]:
    """The library's word for a fault, as a refusal of ours."""
    try:
        yield
    except LtiException as fault:
        raise refused(code, log={"reason": str(fault)[:500]}) from fault
