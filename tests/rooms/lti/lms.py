"""A platform for tests of one room: it has a key, knows the tool, begins logins and signs whatever it is told to."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database

CLAIM = "https://purl.imsglobal.org/spec/lti/claim"
PUBLIC_URL = "http://127.0.0.1:9801"
BROWSER = "the-secret-of-the-learner-s-own-browser-abc"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
LIS = "http://purl.imsglobal.org/vocab/lis/v2"
DROP = object()


def refusal(act: Callable[[], object]) -> str:
    """The code by which an act is refused."""
    with pytest.raises(lti.LtiRefused) as caught:
        act()
    assert caught.value.text
    assert caught.value.hint_text
    return caught.value.code


@cache
def private_key(bits: int = 2048, which: int = 0) -> rsa.RSAPrivateKey:
    """A key of that size, made once a test process; `which` tells several apart."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk(key: rsa.RSAPrivateKey, kid: str, **more: str) -> dict[str, Any]:
    """The public half of a key as platforms publish it."""
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {"kty": "RSA", "n": public["n"], "e": public["e"], "kid": kid, "use": "sig", "alg": "RS256", **more}


def part(value: object) -> str:
    """One part of a hand-made JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@dataclass(frozen=True)
class Begun:
    """A login under way, as the platform sees it."""

    state: str
    nonce: str
    query: Mapping[str, str]


@dataclass
class Lms:
    """The platform and the tool's side of one registration."""

    db: Database
    clock: FixedClock
    key_sets: lti.KeySets
    registration: lti.Registration
    kid: str = "lms-key-1"
    key: rsa.RSAPrivateKey = field(default_factory=private_key)

    def begin(self, *, browser: str = BROWSER, target: str = "/lti/launch", deployment: str | None = "3") -> Begun:
        """A login, up to the platform's door."""
        params = {
            "iss": self.registration.issuer,
            "client_id": self.registration.client_id,
            "login_hint": "6",
            "lti_message_hint": '{"cmid":3}',
            "target_link_uri": PUBLIC_URL + target,
        }
        if deployment:
            params["lti_deployment_id"] = deployment
        request = lti.read_login(params, public_url=PUBLIC_URL)
        with self.db.transaction() as tx:
            url = lti.begin_login(
                tx,
                request,
                lti.registration_for_login(tx, request),
                browser=lti.Browser(browser),
                public_url=PUBLIC_URL,
                now=self.clock.now(),
            )
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return Begun(query["state"], query["nonce"], query)

    def claims(self, begun: Begun, **changes: object) -> dict[str, Any]:
        """The claims of a good launch; a change of `DROP` leaves a claim out, `_` in a name stands for its prefix."""
        made = int(self.clock.now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.registration.issuer,
            "aud": self.registration.client_id,
            "sub": "6",
            "iat": made,
            "exp": made + 60,
            "nonce": begun.nonce,
            "name": "Nguyễn Thị Ánh",
            f"{CLAIM}/version": "1.3.0",
            f"{CLAIM}/message_type": "LtiResourceLinkRequest",
            f"{CLAIM}/deployment_id": "3",
            f"{CLAIM}/target_link_uri": f"{PUBLIC_URL}/lti/launch",
            f"{CLAIM}/resource_link": {"id": "17", "title": "Data protection essentials"},
            f"{CLAIM}/roles": [LEARNER],
            f"{CLAIM}/context": {"id": "2", "label": "BIO101", "title": "Biologie"},
        }
        for name, value in changes.items():
            full = f"{CLAIM}/{name[1:]}" if name.startswith("_") else name
            claims[full] = value
        return {name: value for name, value in claims.items() if value is not DROP}

    def sign(self, claims: object, **header: object) -> str:
        """The claims as the platform's token; a header of None leaves a field out."""
        headers = {"alg": "RS256", "typ": "JWT", "kid": self.kid, **header}
        signed = part({name: value for name, value in headers.items() if value is not None}) + "." + part(claims)
        return signed + "." + self.signature(signed)

    def signature(self, signed: str) -> str:
        algorithm = jwt.get_algorithm_by_name("RS256")
        return base64.urlsafe_b64encode(algorithm.sign(signed.encode(), self.key)).rstrip(b"=").decode()

    def verify(self, token: str, begun: Begun, *, browser: str = BROWSER, leeway: int = 60) -> lti.Launch:
        """Hands a token to the tool, as the browser's post does."""
        with self.db.reading() as tx:
            login = lti.find_login(tx, begun.state)
        return lti.verify_launch(
            login,
            self.key_sets,
            id_token=token,
            state=begun.state,
            browser=browser,
            public_url=PUBLIC_URL,
            leeway=leeway,
            now=self.clock.now(),
        )

    def launch(self, **changes: object) -> lti.Launch:
        """A launch from login to verified claims."""
        begun = self.begin()
        return self.verify(self.sign(self.claims(begun, **changes)), begun)
