"""The tool's own keys (LTI Security 1.0 §6): RSA-2048, a set for each organisation, sealed at rest; no kid comes twice.

A key lives in three stages: it signs; it signs no more but is still published, so that what it signed lately is
believed; it is retired, and its private half is destroyed. Several may be published at once, and the newest signs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import bindparam, or_, select, update

from lti_tool.core import ids
from lti_tool.core.db import Tx
from lti_tool.core.errors import NotFound
from lti_tool.core.secrets import Vault
from lti_tool.lti.tables import registrations, tool_keys

_PURPOSE = "lti.tool_key"
_keys = tool_keys.c
_signs = _keys.retiring_at.is_(None)
# A key of no organisation is from before each had its own; it signs for those that have none yet.
_own_or_common = or_(_keys.organisation_id == bindparam("organisation_id"), _keys.organisation_id.is_(None))
_signing = (
    select(_keys.kid, _keys.sealed)
    .where(_signs, _own_or_common)
    .order_by(_keys.organisation_id.is_(None), _keys.id.desc())
    .limit(1)
)
_published = select(_keys.public_jwk).where(_keys.retired_at.is_(None)).order_by(_keys.id)
_all = select(
    _keys.id, _keys.kid, _keys.organisation_id, _keys.created_at, _keys.retiring_at, _keys.retired_at
).order_by(_keys.id)
_older = update(tool_keys).where(_signs, _keys.kid != bindparam("newest"))
_retire_own = _older.where(_keys.organisation_id == bindparam("owner")).values(retiring_at=bindparam("at"))
_retire_common = _older.where(_keys.organisation_id.is_(None)).values(retiring_at=bindparam("at"))
_has_own = select(_keys.organisation_id).where(_signs, _keys.organisation_id.is_not(None))
_without_own = select(registrations.c.id).where(registrations.c.organisation_id.not_in(_has_own)).limit(1)
_retire = (
    update(tool_keys)
    .where(_keys.retiring_at <= bindparam("since"), _keys.retired_at.is_(None))
    .values(retired_at=bindparam("at"), sealed=b"")
    .returning(_keys.kid)
)


class KeyStage(StrEnum):
    """How far a key's life is."""

    SIGNS = "signs"
    RETIRING = "retiring"
    RETIRED = "retired"


@dataclass(frozen=True)
class SigningKey:
    """The key that signs what we send, as PKCS#8 PEM. It stays in memory for as long as a message takes."""

    kid: str
    pem: bytes

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r})"


@dataclass(frozen=True)
class ToolKey:
    """What may be told of a key. `organisation_id` is None for one that several organisations share."""

    id: int
    kid: str
    organisation_id: int | None
    created_at: datetime
    retiring_at: datetime | None
    retired_at: datetime | None

    @property
    def stage(self) -> KeyStage:
        if self.retired_at is not None:
            return KeyStage.RETIRED
        return KeyStage.SIGNS if self.retiring_at is None else KeyStage.RETIRING


def ensure_tool_key(tx: Tx, vault: Vault, organisation_id: int, now: datetime) -> None:
    """Makes a key for an organisation that has none to sign with."""
    if tx.execute(_signing, {"organisation_id": organisation_id}).one_or_none() is None:
        _make(tx, vault, organisation_id, now)


def rotate_tool_key(tx: Tx, vault: Vault, organisation_id: int, now: datetime) -> str:
    """Makes a new key that signs from now on, and returns its kid; the others of this organisation are retiring.

    What is under way goes on: whatever an older key has signed is believed for as long as that is published.
    """
    kid = _make(tx, vault, organisation_id, now)
    tx.execute(_retire_own, {"newest": kid, "owner": organisation_id, "at": now})
    if tx.execute(_without_own).one_or_none() is None:
        tx.execute(_retire_common, {"newest": kid, "at": now})
    return kid


def retire_tool_keys(tx: Tx, *, overlap: timedelta, now: datetime) -> Sequence[str]:
    """Publishes no more what has been retiring for this long, and destroys the private halves; which they were."""
    return tx.execute(_retire, {"since": now - overlap, "at": now}).scalars().all()


def list_tool_keys(tx: Tx) -> Sequence[ToolKey]:
    """All keys that ever were, oldest first."""
    return [ToolKey(*row) for row in tx.execute(_all)]


def signing_key(tx: Tx, vault: Vault, organisation_id: int) -> SigningKey:
    """The key to sign with for an organisation; NotFound before its first platform was added."""
    row = tx.execute(_signing, {"organisation_id": organisation_id}).one_or_none()
    if row is None:
        raise NotFound("lti.no_tool_key", "This tool has no key yet.", "Add a platform first: that makes one.")
    return SigningKey(row.kid, vault.open(row.sealed, _PURPOSE))


def public_jwks(tx: Tx) -> dict[str, list[dict[str, str]]]:
    """The key set to publish, of all organisations: the keys that sign, and those that did until lately."""
    return {"keys": [dict(jwk) for jwk in tx.execute(_published).scalars()]}


def _make(tx: Tx, vault: Vault, organisation_id: int, now: datetime) -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    kid = ids.public_id()
    public = {**RSAAlgorithm.to_jwk(private.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256"}
    public.pop("key_ops", None)  # Beside `use` it is redundant, and some platforms refuse the two together.
    row = {
        "kid": kid,
        "organisation_id": organisation_id,
        "sealed": vault.seal(pem, _PURPOSE),
        "public_jwk": public,
        "created_at": now,
    }
    tx.execute(tool_keys.insert(), row)
    return kid
