"""The tool's own keys (LTI Security 1.0 §6): RSA-2048, sealed at rest, published with overlap; no kid comes twice."""

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import select

from lti_tool.core import ids
from lti_tool.core.db import Tx
from lti_tool.core.errors import NotFound
from lti_tool.core.secrets import Vault
from lti_tool.lti.tables import tool_keys

_PURPOSE = "lti.tool_key"
_active = (
    select(tool_keys.c.kid, tool_keys.c.sealed)
    .where(tool_keys.c.retiring_at.is_(None))
    .order_by(tool_keys.c.id)
    .limit(1)
)
_published = select(tool_keys.c.public_jwk).where(tool_keys.c.retired_at.is_(None)).order_by(tool_keys.c.id)


@dataclass(frozen=True)
class SigningKey:
    """The key that signs what we send, as PKCS#8 PEM. It stays in memory for as long as a message takes."""

    kid: str
    pem: bytes

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r})"


def ensure_tool_key(tx: Tx, vault: Vault, now: datetime) -> None:
    """Makes the tool's key if there is none that signs."""
    if tx.execute(_active).one_or_none() is not None:
        return
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    kid = ids.public_id()
    public = {**RSAAlgorithm.to_jwk(private.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256"}
    public.pop("key_ops", None)  # Beside `use` it is redundant, and some platforms refuse the two together.
    tx.execute(
        tool_keys.insert(),
        {"kid": kid, "sealed": vault.seal(pem, _PURPOSE), "public_jwk": public, "created_at": now},
    )


def signing_key(tx: Tx, vault: Vault) -> SigningKey:
    """The key to sign with; NotFound before the first platform was added."""
    row = tx.execute(_active).one_or_none()
    if row is None:
        raise NotFound("lti.no_tool_key", "This tool has no key yet.", "Add a platform first: that makes one.")
    return SigningKey(row.kid, vault.open(row.sealed, _PURPOSE))


def public_jwks(tx: Tx) -> dict[str, list[dict[str, str]]]:
    """The key set to publish: the keys that sign, and those that did until lately."""
    return {"keys": [dict(jwk) for jwk in tx.execute(_published).scalars()]}
