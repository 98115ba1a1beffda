"""Tables of people: organisations, people, and the operators who run this tool with their sessions."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, UniqueConstraint

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

# Administrators of one organisation. Without a password an account waits to be set up by its link.
operators = Table(
    "operators",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("organisation_id", BigInteger, ForeignKey("organisations.id"), nullable=False),
    Column("name", String(200), nullable=False),
    # The name as it is compared: without case.
    Column("login", String(200), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=True),
    Column("totp_sealed", LargeBinary, nullable=False),
    # The half minute of the last code that let somebody in: no code serves twice.
    Column("totp_step", BigInteger, nullable=True),
    Column("setup_hash", String(64), nullable=True, unique=True),
    Column("setup_expires_at", UTCDateTime, nullable=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("disabled_at", UTCDateTime, nullable=True),
)

operator_sessions = Table(
    "operator_sessions",
    metadata,
    pk(),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("operator_id", BigInteger, ForeignKey("operators.id"), nullable=False, index=True),
    Column("started_at", UTCDateTime, nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
)

# Wrong tries to sign in, by what was given as a name, whether there is such an operator or not.
sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    pk(),
    Column("login_hash", String(64), nullable=False, unique=True),
    Column("tries", Integer, nullable=False),
    Column("last_at", UTCDateTime, nullable=False, index=True),
)
