"""Tables of credentials: the record, its files, its history, and the issuers' keys."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from lti_tool.core.db import Json, UTCDateTime, metadata, pk
from lti_tool.core.leases import work_columns

# Without a value the column is NULL, not the JSON text `null`: two ways of saying "not signed" would be one too many.
_NullableJson = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_ACTIVE = text("status = 'active'")
_CURRENT = text("retired_at IS NULL")

credentials = Table(
    "credentials",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("number", String(14), nullable=False, unique=True),
    # The address in the QR code begins with this, for good: a later change of host must not move old paper.
    Column("origin", String(500), nullable=False),
    Column("completion_id", BigInteger, ForeignKey("completions.id"), nullable=False, unique=True),
    Column("person_id", BigInteger, ForeignKey("people.id"), nullable=False, index=True),
    Column("organisation_id", BigInteger, ForeignKey("organisations.id"), nullable=False),
    Column("module_version_id", BigInteger, ForeignKey("module_versions.id"), nullable=False),
    Column("achievement", String(200), nullable=False),
    Column("facts", Json, nullable=False),
    Column("issued_at", UTCDateTime, nullable=False),
    Column("status", String(20), nullable=False),
    Column("revoked_at", UTCDateTime, nullable=True),
    Column("revoked_reason", String(40), nullable=True),
    Column("revoked_words", String(1000), nullable=True),
    Column("signed", _NullableJson, nullable=True),
    Column("signed_at", UTCDateTime, nullable=True),
    Column("key_id", BigInteger, ForeignKey("issuer_keys.id"), nullable=True),
    Column("held_reason", String(1000), nullable=True),
    *work_columns(),
    CheckConstraint("status IN ('active', 'revoked', 'replaced', 'withdrawn')", name="status"),
    Index(
        "uq_credentials_one_active",
        "person_id",
        "achievement",
        unique=True,
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    ),
)

credential_files = Table(
    "credential_files",
    metadata,
    pk(),
    Column("credential_id", BigInteger, ForeignKey("credentials.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("made_at", UTCDateTime, nullable=False),
    UniqueConstraint("credential_id", "kind"),
)

# Append-only: the dated history that the verification page shows.
credential_events = Table(
    "credential_events",
    metadata,
    pk(),
    Column("credential_id", BigInteger, ForeignKey("credentials.id"), nullable=False, index=True),
    Column("at", UTCDateTime, nullable=False),
    Column("act", String(40), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("facts", Json, nullable=False),
)

issuer_keys = Table(
    "issuer_keys",
    metadata,
    pk(),
    Column("organisation_id", BigInteger, ForeignKey("organisations.id"), nullable=False),
    # The DID is chosen once: a credential signed under it must find its key there for as long as anybody checks.
    Column("did", String(600), nullable=False),
    Column("kid", String(100), nullable=False),
    Column("private_sealed", LargeBinary, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    # A retired key signs nothing any more but stays published, or its credentials would die with it.
    Column("retired_at", UTCDateTime, nullable=True),
    UniqueConstraint("did", "kid"),
    Index(
        "uq_issuer_keys_one_current",
        "organisation_id",
        "did",
        unique=True,
        sqlite_where=_CURRENT,
        postgresql_where=_CURRENT,
    ),
)
