"""Signing and checking with `eddsa-rdfc-2022` (W3C VC Data Integrity EdDSA): the only user of openbadgeslib.

The library carries the JSON-LD contexts and never fetches one. Its proof covers the RDF that the JSON expands to, so
a member no context defines would be in the JSON and not under the signature: such a document is neither signed nor
believed.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3.contexts import bundled_contexts
from openbadgeslib.ob3.ldp import add_data_integrity_proof, verify_data_integrity_proof

from lti_tool.core.errors import Invalid

CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)


def add_proof(credential: Mapping[str, Any], *, private_pem: bytes, method: str, created: datetime) -> dict[str, Any]:
    """A copy of the credential with one proof, in an array as the Open Badges schema wants it."""
    document = dict(credential)
    stray = _undefined(document)
    if stray is not None:
        raise Invalid(
            "credentials.undefined_term",
            "The credential has a member that its signature would not cover: %(term)s.",
            "This is a fault of the tool; please report it.",
            term=stray,
        )
    signed: dict[str, Any] = add_data_integrity_proof(document, private_pem, method, created=created)
    return {**signed, "proof": [signed["proof"]]}


def verify_proof(credential: Mapping[str, Any], public_key: Ed25519PublicKey) -> bool:
    """Whether the credential's one proof was made with this key over exactly what stands in the credential."""
    pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return _verified(json.dumps(credential, ensure_ascii=False, sort_keys=True), pem)


# A pure function of its two texts, and 20 ms dear: a page that many look at need not compute it anew each time.
@lru_cache(maxsize=2048)
def _verified(text: str, public_pem: bytes) -> bool:
    credential = json.loads(text)
    try:
        if _undefined(credential) is not None:
            return False
        verify_data_integrity_proof(credential, public_pem)
    except (LibOpenBadgesException, ValueError, TypeError, KeyError, RecursionError):
        return False
    return True


def _undefined(credential: Mapping[str, Any]) -> str | None:
    """The first member that the pinned contexts do not define; also any other list of contexts than ours."""
    if tuple(credential.get("@context", ())) != CONTEXTS:
        return "@context"
    known = _terms()
    members = _members({name: value for name, value in credential.items() if name != "@context"})
    return next((name for name in members if name not in known), None)


def _members(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _members(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _members(inner)


@cache
def _terms() -> frozenset[str]:
    """Every term that the two contexts define, at any depth."""
    contexts = bundled_contexts()
    return frozenset(name for url in CONTEXTS for name in _members(contexts[url]) if not name.startswith("@"))
