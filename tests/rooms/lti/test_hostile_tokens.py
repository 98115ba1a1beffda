"""Forty tokens by people who know the tricks: none is accepted, and none makes us fetch anything.

Each carries the right claims for a login under way; what is hostile is who signed it, how, and what its header says.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_httpserver import HTTPServer

from lti_tool import lti
from tests.outgoing import outgoing
from tests.rooms.lti.lms import Begun, Lms, jwk, part, private_key, refusal


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True)
class Attack:
    """What an attacker has: a login of their own, the platform's public key, a key and a server of their own."""

    lms: Lms
    begun: Begun
    evil: str

    @property
    def claims(self) -> dict[str, Any]:
        return self.lms.claims(self.begun, sub="the-teacher")

    def raw(self, header: object, signature: str) -> str:
        return f"{part(header)}.{part(self.claims)}.{signature}"

    def own(self, **header: object) -> str:
        """Signed by the attacker's own RSA key."""
        stranger = Lms(self.lms.db, self.lms.clock, self.lms.key_sets, self.lms.registration, key=private_key(which=1))
        return stranger.sign(self.claims, **header)

    def password(self, secret: bytes, algorithm: str = "HS256") -> str:
        """The public key, or something like it, as the password of an HMAC."""
        signed = f"{part({'alg': algorithm, 'kid': self.lms.kid})}.{part(self.claims)}"
        return f"{signed}.{b64(hmac.digest(secret, signed.encode(), 'sha' + algorithm[2:]))}"

    def public(self, encoding: Encoding, form: PublicFormat) -> bytes:
        return self.lms.key.public_key().public_bytes(encoding, form)

    def try_all(self) -> dict[str, str]:
        """Which refusal each of them meets."""
        tried = HOSTILE.items()
        return {name: refusal(lambda make=make: self.lms.verify(make(self), self.begun)) for name, make in tried}

    def genuine(self) -> str:
        """A real token of this login: for somebody else."""
        return self.lms.sign(self.lms.claims(self.begun))


def none(alg: object) -> Callable[[Attack], str]:
    return lambda it: it.raw({"alg": alg, "typ": "JWT", "kid": it.lms.kid}, "AAAA")


def other_key(key: Any, algorithm: str) -> Callable[[Attack], str]:
    return lambda it: jwt.encode(it.claims, key, algorithm=algorithm, headers={"kid": it.lms.kid})


def kid(value: object) -> Callable[[Attack], str]:
    return lambda it: it.own(kid=value)


SPKI, PKCS1 = PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1

HOSTILE: dict[str, Callable[[Attack], str]] = {
    "alg none": none("none"),
    "alg None": none("None"),
    "alg NONE": none("NONE"),
    "alg nOnE": none("nOnE"),
    "alg empty": none(""),
    "alg null": none(None),
    "alg a list": none(["RS256", "none"]),
    "alg an object": none({"name": "RS256"}),
    "no alg": lambda it: it.raw({"typ": "JWT", "kid": it.lms.kid}, "AAAA"),
    "no signature": lambda it: it.raw({"alg": "RS256", "kid": it.lms.kid}, ""),
    "a signature of zeros": lambda it: it.raw({"alg": "RS256", "kid": it.lms.kid}, b64(bytes(256))),
    "a signature of ones": lambda it: it.raw({"alg": "RS256", "kid": it.lms.kid}, b64(b"\xff" * 256)),
    "a signature of another token": lambda it: it.raw(
        {"alg": "RS256", "typ": "JWT", "kid": it.lms.kid}, it.genuine().rpartition(".")[2]
    ),
    "a digest for a signature": lambda it: it.raw(
        {"alg": "RS256", "kid": it.lms.kid}, b64(hashlib.sha256(part(it.claims).encode()).digest())
    ),
    "HS256, public key in PEM": lambda it: it.password(it.public(Encoding.PEM, SPKI)),
    "HS256, PEM without its last line end": lambda it: it.password(it.public(Encoding.PEM, SPKI).rstrip()),
    "HS256, public key in PKCS 1": lambda it: it.password(it.public(Encoding.PEM, PKCS1)),
    "HS256, public key in DER": lambda it: it.password(it.public(Encoding.DER, SPKI)),
    "HS256, modulus": lambda it: it.password(jwk(it.lms.key, "x")["n"].encode()),
    "HS256, key set's entry": lambda it: it.password(json.dumps(jwk(it.lms.key, it.lms.kid)).encode()),
    "HS256, no password": lambda it: it.password(b""),
    "HS512, public key in PEM": lambda it: it.password(it.public(Encoding.PEM, SPKI), "HS512"),
    "ES256, own key": other_key(ec.generate_private_key(ec.SECP256R1()), "ES256"),
    "EdDSA, own key": other_key(ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    "PS256, own key": other_key(private_key(which=1), "PS256"),
    "RS512, own key": other_key(private_key(which=1), "RS512"),
    "own key under the platform's key id": lambda it: it.own(),
    "kid missing": kid(None),
    "kid unknown": kid("evil-1"),
    "kid a path": kid("../../../../dev/null"),
    "kid an address": lambda it: it.own(kid=f"{it.evil}/jwks"),
    "kid for a database": kid("lms-key-1' OR '1'='1"),
    "kid a number": kid(1),
    "kid overlong": kid("k" * 100_000),
    "jku": lambda it: it.own(jku=f"{it.evil}/jwks"),
    "x5u": lambda it: it.own(x5u=f"{it.evil}/chain"),
    "jwk": lambda it: it.own(jwk=jwk(private_key(which=1), it.lms.kid)),
    "x5c": lambda it: it.own(x5c=[b64(it.public(Encoding.DER, SPKI))]),
    "crit with its own address": lambda it: it.own(crit=["jku"], jku=f"{it.evil}/jwks"),
    "jku, jwk, x5u and a key id of its own": lambda it: it.own(
        kid="evil-2", jku=f"{it.evil}/jwks", x5u=f"{it.evil}/chain", jwk=jwk(private_key(which=1), "evil-2")
    ),
}


KNOWN = {"algorithm", "signature", "no_key_id", "unknown_key", "claim", "token_form"}


@pytest.fixture
def attack(lms: Lms, httpserver: HTTPServer) -> Attack:
    """An attacker with a login under way, and a server that would tell whatever it is asked."""
    for path in ("/jwks", "/chain"):
        httpserver.expect_request(path).respond_with_json({"keys": [jwk(private_key(which=1), "evil-1")]})
    return Attack(lms, lms.begin(), httpserver.url_for("").rstrip("/"))


def test_forty_hostile_tokens_get_nobody_in_and_nothing_fetched(attack: Attack, httpserver: HTTPServer) -> None:
    assert len(HOSTILE) == 40
    for _ in range(2):  # As often as this minute allows.
        assert refusal(lambda: attack.lms.verify(kid("not-yet")(attack), attack.begun)) == "lti.unknown_key"
    asked_before = len(httpserver.log)
    with outgoing() as connections:
        codes = attack.try_all()
    assert connections == []
    assert len(httpserver.log) == asked_before
    assert {code.removeprefix("lti.") for code in codes.values()} <= KNOWN, codes

    # A minute later there is leave to ask again, of the platform and at the address that we know, of nobody else.
    attack.lms.clock.advance(61)
    attack.try_all()
    assert {request.path for request, _ in httpserver.log} == {"/mod/lti/certs.php"}
    assert len(httpserver.log) <= asked_before + 2
    # The login that they were made for is as it was.
    assert attack.lms.verify(attack.genuine(), attack.begun).subject == "6"


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.faults)])
def test_unknown_key_ids_make_us_ask_twice_a_minute_at_most(
    lms: Lms, key_sets: lti.KeySets, httpserver: HTTPServer, count: int
) -> None:
    """All within one minute, over two processes' memories; each token is whole, but for who knows its key."""
    begun = lms.begin()
    body, signature = lms.sign(lms.claims(begun)).split(".")[1:]
    processes = [key_sets, lti.KeySets(lms.db, key_sets._http, lms.clock)]
    for number in range(count):
        lms.key_sets = processes[number % 2]
        token = f"{part({'alg': 'RS256', 'kid': f'guess-{number}'})}.{body}.{signature}"
        assert refusal(lambda token=token: lms.verify(token, begun)) == "lti.unknown_key"
        lms.clock.advance(59 / count)
    assert 1 <= len(httpserver.log) <= 2
    assert lms.verify(lms.sign(lms.claims(begun)), begun).subject == "6"  # Nobody who is honest was locked out.
