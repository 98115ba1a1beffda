"""Tables of people: organisations, people."""

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, UniqueConstraint

from lti_tool.core.db import UTCDateTime, metadata, pk

organisations = Table(
    "organisations",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("name", String(300), nullable=False, unique=True),
    Column("country", String(2), nullable=False),
    Column("website", String(500), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
)

people = Table(
    "people",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=False),
    Column("identity_scope", String(255), nullable=False),
    Column("lms_user_id", String(255), nullable=False),
    Column("name", String(500), nullable=True),
    Column("given_name", String(300), nullable=True),
    Column("family_name", String(300), nullable=True),
    Column("email", String(320), nullable=True),
    Column("locale", String(35), nullable=True),
    # Since when an operator keeps this person out.
    Column("blocked_at", UTCDateTime, nullable=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    UniqueConstraint("registration_id", "identity_scope", "lms_user_id"),
)
