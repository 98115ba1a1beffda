"""Tables of lti: registrations, deployments, keys of both sides, logins, sessions, tokens, notices, refused launches.

Columns of later releases have a default in the database, so that the release before still writes its rows.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
)

from lti_tool.core.db import Json, UTCDateTime, metadata, pk
from lti_tool.core.leases import work_columns

registrations = Table(
    "registrations",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("organisation_id", BigInteger, ForeignKey("organisations.id"), nullable=False),
    Column("issuer", String(500), nullable=False),
    Column("client_id", String(255), nullable=False),
    Column("name", String(300), nullable=False),
    Column("auth_url", String(2000), nullable=False),
    Column("token_url", String(2000), nullable=False),
    Column("jwks_url", String(2000), nullable=False),
    Column("audience", String(2000), nullable=True),
    Column("deployments", String(10), nullable=False),
    # Where the LMS's own pages and services live beside its addresses, confirmed by an operator.
    Column("origins", Json, nullable=False, server_default="[]"),
    Column("identity_scope", String(12), nullable=False, server_default="deployment"),
    # Since when an operator keeps the whole platform out.
    Column("disabled_at", UTCDateTime, nullable=True),
    # Seconds; empty for what the settings say.
    Column("clock_leeway", Integer, nullable=True),
    Column("algorithms", Json, nullable=False, server_default='["RS256"]'),
    Column("line_items", String(10), nullable=False, server_default="create"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    # Many Canvas customers share one issuer, so the issuer alone names nobody.
    UniqueConstraint("issuer", "client_id"),
)

deployments = Table(
    "deployments",
    metadata,
    pk(),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=False),
    Column("lms_deployment_id", String(255), nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    UniqueConstraint("registration_id", "lms_deployment_id"),
)

tool_keys = Table(
    "tool_keys",
    metadata,
    pk(),
    Column("kid", String(26), nullable=False, unique=True),
    # Empty for a key from before each organisation had its own.
    Column("organisation_id", BigInteger, ForeignKey("organisations.id"), nullable=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("public_jwk", Json, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    # A retiring key signs nothing new but is still published; a retired one is neither.
    Column("retiring_at", UTCDateTime, nullable=True),
    Column("retired_at", UTCDateTime, nullable=True),
)

platform_key_sets = Table(
    "platform_key_sets",
    metadata,
    pk(),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=False, unique=True),
    Column("jwks_url", String(2000), nullable=False),
    Column("keys", Json, nullable=False),
    Column("fetched_at", UTCDateTime, nullable=True),
    # When the platform was asked last, and how often without a minute's rest, by all processes together.
    Column("window_at", UTCDateTime, nullable=False),
    Column("window_tries", Integer, nullable=False),
)

logins = Table(
    "lti_logins",
    metadata,
    pk(),
    Column("state_hash", String(64), nullable=False, unique=True),
    Column("nonce_hash", String(64), nullable=False),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=False),
    Column("target_link_uri", String(2000), nullable=False),
    Column("lms_deployment_id", String(255), nullable=True),
    Column("browser_hash", String(64), nullable=False),
    # By what the browser is known again: cookie, session (sessionStorage), storage (the platform's) or tab.
    Column("layer", String(8), nullable=False, server_default="cookie"),
    Column("storage_target", String(255), nullable=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False, index=True),
)

sessions = Table(
    "lti_sessions",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    # The state that opened it: a second session from one launch cannot be written, and Reload finds the first.
    Column("state_hash", String(64), nullable=False, unique=True),
    Column("browser_hash", String(64), nullable=False),
    Column("layer", String(8), nullable=False, server_default="cookie"),
    Column("storage_target", String(255), nullable=True),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=False),
    Column("deployment_id", BigInteger, ForeignKey("deployments.id"), nullable=False),
    Column("person_id", BigInteger, ForeignKey("people.id"), nullable=False),
    # No foreign keys: enrolments and placements belong to a room above this one.
    Column("enrolment_id", BigInteger, nullable=True),
    Column("placement_id", BigInteger, nullable=True),
    Column("role", String(40), nullable=False),
    Column("is_test_user", Boolean, nullable=False),
    # Somebody of the school's staff looks at the activity as this learner.
    Column("is_masquerade", Boolean, nullable=False, server_default=false()),
    Column("message", String(40), nullable=False),
    Column("platform_name", String(300), nullable=False),
    Column("return_url", String(2000), nullable=True),
    Column("context_title", String(1000), nullable=False),
    Column("deep_linking", Json, nullable=True),
    # The enrolment whose work a submission review shows.
    Column("review_of", String(26), nullable=True),
    Column("started_at", UTCDateTime, nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
    Index("ix_lti_sessions_started_at", "started_at"),
)

# A session on its way into a tab of its own: its code is shown once and used once.
handovers = Table(
    "lti_handovers",
    metadata,
    pk(),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("session_id", String(26), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False, index=True),
)

# Whoever shows one may connect an LMS, once. `attempt` fences off a try that was given up.
invitations = Table(
    "platform_invitations",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("organisation_id", BigInteger, ForeignKey("organisations.id"), nullable=False),
    Column("name", String(300), nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("asked_at", UTCDateTime, nullable=True),
    Column("used_at", UTCDateTime, nullable=True),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=True),
    Column("outcome", Json, nullable=False),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    pk(),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=False),
    Column("scopes", String(1000), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    # By registration, never by issuer: on Canvas one tenant's token would serve another.
    UniqueConstraint("registration_id", "scopes"),
)

# Where an installation's notices are asked for, as the last launch said; `handler` is where the platform sends them by
# now, by its own word, empty while it has not agreed.
notice_subscriptions = Table(
    "notice_subscriptions",
    metadata,
    pk(),
    Column("deployment_id", BigInteger, ForeignKey("deployments.id"), nullable=False, unique=True),
    Column("service_url", String(2000), nullable=False),
    Column("handler", String(2000), nullable=False, server_default=""),
    Column("heard_at", UTCDateTime, nullable=True),
    *work_columns(),
    Column("created_at", UTCDateTime, nullable=False),
)

# Each genuine notice once: a platform may send it again, and so may whoever got hold of one.
notices_taken = Table(
    "notices_taken",
    metadata,
    pk(),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=False),
    Column("once_hash", String(64), nullable=False),
    Column("text_hash", String(64), nullable=False),
    Column("taken_at", UTCDateTime, nullable=False, index=True),
    UniqueConstraint("registration_id", "once_hash"),
)

# Errors that people were shown within a session, for `lti-tool timeline`: few of each session, and not for long.
session_faults = Table(
    "session_faults",
    metadata,
    pk(),
    Column("support_code", String(9), nullable=False, index=True),
    Column("session_id", String(26), nullable=False, index=True),
    Column("at", UTCDateTime, nullable=False, index=True),
    Column("code", String(80), nullable=False),
    Column("status", Integer, nullable=False),
    # Which of our pages, by its name in the program.
    Column("place", String(80), nullable=False),
)

# The newest test of each platform: who asks again while one waits or runs gets that one.
connection_tests = Table(
    "connection_tests",
    metadata,
    pk(),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=False, unique=True),
    Column("asked_at", UTCDateTime, nullable=False),
    Column("done_at", UTCDateTime, nullable=True),
    Column("findings", Json, nullable=False),
    *work_columns(),
)

# Newest first and few: what a refused login or launch may leave behind, for `lti-tool timeline`.
refused_launches = Table(
    "refused_launches",
    metadata,
    pk(),
    # Empty for a platform that nobody knows.
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=True),
    Column("at", UTCDateTime, nullable=False, index=True),
    Column("support_code", String(9), nullable=False, index=True),
    Column("code", String(80), nullable=False),
    Column("side", String(8), nullable=False),
    Column("status", Integer, nullable=False),
    Column("facts", Json, nullable=False),
    Index("ix_refused_launches_registration_id_id", "registration_id", "id"),
)
