"""The issuers' keys (Ed25519), sealed at rest, and the DID document that publishes their public halves.

The issuer is `did:web` of the tool's own host (W3C did:web); each organisation signs with its own key under it. Retired
keys stay in the document, or every credential they signed would stop verifying.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import bindparam, select

from lti_tool.core.db import Tx, insert
from lti_tool.core.secrets import Vault
from lti_tool.credentials.tables import issuer_keys

_PURPOSE = "issuer-key"
_ED25519 = b"\xed\x01"  # The multicodec prefix of an Ed25519 public key.
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True)
class IssuerKey:
    """A key of one organisation. `kid` is its public half as multibase, which is also its fragment under the DID."""

    id: int
    did: str
    kid: str
    private_sealed: bytes

    @property
    def method(self) -> str:
        """The verification method that a proof names."""
        return f"{self.did}#{self.kid}"

    def private_pem(self, vault: Vault) -> bytes:
        """The private half, opened."""
        return vault.open(self.private_sealed, _PURPOSE)


_COLUMNS = (issuer_keys.c.id, issuer_keys.c.did, issuer_keys.c.kid, issuer_keys.c.private_sealed)
_current = select(*_COLUMNS).where(
    issuer_keys.c.organisation_id == bindparam("organisation_id"),
    issuer_keys.c.did == bindparam("did"),
    issuer_keys.c.retired_at.is_(None),
)
_published = select(issuer_keys.c.kid).where(issuer_keys.c.did == bindparam("did")).order_by(issuer_keys.c.id)


def did_web(public_url: str) -> str:
    """`did:web` of the host: `https://learn.example.edu:8443` becomes `did:web:learn.example.edu%3A8443`."""
    return "did:web:" + urlsplit(public_url).netloc.replace(":", "%3A")


def issuer_key(tx: Tx, vault: Vault, *, organisation_id: int, public_url: str, now: datetime) -> IssuerKey:
    """The key with which an organisation signs today, made on first need."""
    where = {"organisation_id": organisation_id, "did": did_web(public_url)}
    row = tx.execute(_current, where).one_or_none()
    if row is None:
        private = Ed25519PrivateKey.generate()
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        fresh = insert(tx, issuer_keys).values(
            kid=multibase(private.public_key()), private_sealed=vault.seal(pem, _PURPOSE), created_at=now, **where
        )
        tx.execute(fresh.on_conflict_do_nothing())
        row = tx.execute(_current, where).one()
    return IssuerKey(*row)


def did_document(tx: Tx, public_url: str) -> dict[str, Any]:
    """What stands at `/.well-known/did.json`: all keys ever used under this DID."""
    did = did_web(public_url)
    kids = tx.execute(_published, {"did": did}).scalars().all()
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {"id": f"{did}#{kid}", "type": "Multikey", "controller": did, "publicKeyMultibase": kid} for kid in kids
        ],
        "assertionMethod": [f"{did}#{kid}" for kid in kids],
    }


def multibase(key: Ed25519PublicKey) -> str:
    """A public key as `z6Mk…` (Multikey)."""
    number = int.from_bytes(_ED25519 + key.public_bytes(Encoding.Raw, PublicFormat.Raw), "big")
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return "z" + digits


def public_key(kid: str) -> Ed25519PublicKey:
    """The public key that a `z6Mk…` says; ValueError if it says none."""
    number = 0
    for char in kid.removeprefix("z"):
        number = number * 58 + _BASE58.index(char)
    raw = number.to_bytes(34, "big")
    if raw[:2] != _ED25519:
        raise ValueError("not an Ed25519 key")
    return Ed25519PublicKey.from_public_bytes(raw[2:])
