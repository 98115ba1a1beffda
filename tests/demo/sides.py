"""The two who talk to the demo LMS in these tests: a browser without a screen, and the tool's server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.demo import CLIENT_ID, DEPLOYMENT_ID, Lms

LMS = "http://lms.localhost:8400"
TOOL = "http://tool.localhost:8401"
DEEP = "https://purl.imsglobal.org/spec/lti-dl/claim/"
CORE = "https://purl.imsglobal.org/spec/lti/claim/"
SCOPES = " ".join(
    [f"https://purl.imsglobal.org/spec/lti-ags/scope/{name}" for name in ("lineitem", "result.readonly", "score")]
    + ["https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"]
)


@dataclass
class Hand:
    """A clock that moves when told to."""

    at: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class ToolSide:
    """What the tool signs, and the keys it hands out."""

    clock: Hand
    key: RSAPrivateKey
    kid: str = "tool-1"
    fetched: int = 0
    published: list[str] = field(default_factory=lambda: ["tool-1"])

    def key_set(self, url: str) -> object:
        assert url == f"{TOOL}/lti/jwks.json"
        self.fetched += 1
        row = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**row, "kid": kid, "alg": "RS256", "use": "sig"} for kid in self.published]}

    def sign(self, claims: Mapping[str, object], **header: str) -> str:
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self.key, algorithm="RS256", headers={"kid": self.kid, **header})

    def assertion(self, **changes: object) -> str:
        now = int(self.clock().timestamp())
        facts = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": f"{LMS}/mod/lti/token.php", "iat": now, "exp": now + 300}
        return self.sign({**facts, "jti": "1", **changes})

    def token_form(self, scope: str = SCOPES, **changes: object) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.assertion(**changes),
            "scope": scope,
        }

    def choice(self, *items: Mapping[str, object], **changes: object) -> str:
        now = int(self.clock().timestamp())
        facts: dict[str, object] = {
            "iss": CLIENT_ID,
            "aud": LMS,
            "iat": now,
            "exp": now + 300,
            "nonce": "n",
            f"{CORE}message_type": "LtiDeepLinkingResponse",
            f"{CORE}version": "1.3.0",
            f"{CORE}deployment_id": DEPLOYMENT_ID,
            f"{DEEP}content_items": list(items),
        }
        return self.sign({**facts, **changes})


class Visitor:
    """A browser without a screen, on the LMS's own pages."""

    def __init__(self, client: FlaskClient, base: str) -> None:
        self._client = client
        self._base = base

    def get(self, path: str, **more: object) -> TestResponse:
        return self._client.get(path, base_url=self._base, **more)

    def post(self, path: str, data: Mapping[str, object], **more: object) -> TestResponse:
        """A form of the LMS's own page; a browser adds the page's origin."""
        headers = {"Origin": self._base, **more.pop("headers", {})}
        return self._client.post(path, data=dict(data), base_url=self._base, headers=headers, **more)

    def be(self, name: str, lms: Lms) -> None:
        assert self.post("/be", {"person": lms.person(name).id}).status_code == 303


class ToolClient:
    """The tool's server, with a token in its hand."""

    def __init__(self, client: FlaskClient, token: str, base: str) -> None:
        self._client = client
        self._token = token
        self._base = base

    def ask(self, url: str, *, accept: str | None = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self._token}"} | ({"Accept": accept} if accept else {})
        return self._client.get(url.removeprefix(self._base), base_url=self._base, headers=headers)

    def send(self, url: str, body: str, kind: str, method: str = "POST") -> TestResponse:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": kind}
        path = url.removeprefix(self._base)
        return self._client.open(path, method=method, base_url=self._base, headers=headers, data=body.encode())
