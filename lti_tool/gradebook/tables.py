"""Tables of the gradebook: completions, deliveries with their attempts and tries, lanes of platforms, columns."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint, false

from lti_tool.core.db import Json, UTCDateTime, metadata, pk
from lti_tool.core.leases import work_columns

completions = Table(
    "completions",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("enrolment_id", BigInteger, ForeignKey("enrolments.id"), nullable=False),
    Column("module_version_id", BigInteger, ForeignKey("module_versions.id"), nullable=False),
    Column("attempt_id", BigInteger, ForeignKey("attempts.id"), nullable=False),
    # A fraction written out, such as 13/15: exact, and the same on every database.
    Column("percent", String(80), nullable=False),
    Column("completed_at", UTCDateTime, nullable=False),
    UniqueConstraint("enrolment_id", "module_version_id"),
)

grade_deliveries = Table(
    "grade_deliveries",
    metadata,
    pk(),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=False),
    Column("line_item_url", String(2000), nullable=False),
    Column("person_id", BigInteger, ForeignKey("people.id"), nullable=False),
    Column("lms_user_id", String(255), nullable=False),
    Column("lms_deployment_id", String(255), nullable=False),
    Column("percent", String(80), nullable=False),
    Column("finished", Integer, nullable=False),
    # Counts the wishes; what the LMS has is the wish of `delivered_revision`.
    Column("revision", Integer, nullable=False),
    Column("delivered_revision", Integer, nullable=False),
    Column("wanted_at", UTCDateTime, nullable=False),
    Column("delivered_at", UTCDateTime, nullable=True),
    Column("parked_at", UTCDateTime, nullable=True),
    # What the LMS took last, for certain; and what tries without a clear answer carried since.
    Column("held_percent", String(80), nullable=True),
    Column("may_hold", Json, nullable=False, server_default="[]"),
    # When the LMS was seen to hold the wished score; or a grade of somebody else's, which stays.
    Column("confirmed_at", UTCDateTime, nullable=True),
    Column("overruled_at", UTCDateTime, nullable=True),
    Column("last_sent_at", UTCDateTime, nullable=True),
    Column("resent_at", UTCDateTime, nullable=True),
    # The nightly look: when next, and what was seen at the last one.
    Column("check_at", UTCDateTime, nullable=True, index=True),
    Column("seen_at", UTCDateTime, nullable=True),
    Column("seen_percent", String(80), nullable=True),
    Column("differs", Boolean, nullable=False, default=False, server_default=false()),
    *work_columns(),
    UniqueConstraint("line_item_url", "person_id"),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    pk(),
    Column("delivery_id", BigInteger, ForeignKey("grade_deliveries.id"), nullable=False),
    Column("attempt", String(64), nullable=False),
    Column("handed_in_at", UTCDateTime, nullable=False),
    # When an LMS that counts attempts was told of this one.
    Column("told_at", UTCDateTime, nullable=True),
    UniqueConstraint("delivery_id", "attempt"),
)

# Only ever added to.
delivery_tries = Table(
    "delivery_tries",
    metadata,
    pk(),
    Column("delivery_id", BigInteger, ForeignKey("grade_deliveries.id"), nullable=False, index=True),
    Column("at", UTCDateTime, nullable=False),
    Column("percent", String(80), nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("http_status", Integer, nullable=True),
    Column("reason", String(1000), nullable=False),
)

# One for each platform: who sends to it now, and until when nobody does.
delivery_lanes = Table(
    "delivery_lanes",
    metadata,
    pk(),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=False, unique=True),
    Column("leased_until", UTCDateTime, nullable=True),
    Column("fence", Integer, nullable=False, default=0, server_default="0"),
    Column("failures", Integer, nullable=False, default=0, server_default="0"),
    Column("paused_until", UTCDateTime, nullable=True),
    Column("overdue_told_at", UTCDateTime, nullable=True),
)

# The grade columns that this tool looks after itself, one for each link: what to look for, and where it is.
grade_columns = Table(
    "grade_columns",
    metadata,
    pk(),
    # Of the link, also where a placement of it stands aside: under this its grades wait.
    Column("link_key", String(64), nullable=False, unique=True),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=False),
    Column("deployment_id", BigInteger, ForeignKey("deployments.id"), nullable=False),
    Column("lms_context_id", String(255), nullable=False),
    Column("lms_resource_link_id", String(255), nullable=False),
    Column("line_items_url", String(2000), nullable=False),
    Column("resource_id", String(26), nullable=False),
    Column("label", String(1000), nullable=False),
    # No two links share a column.
    Column("url", String(2000), nullable=True, unique=True),
    Column("parked_at", UTCDateTime, nullable=True),
    # Since when the column is thought to be gone, when it was looked for last, and whether somebody wants a new one.
    Column("lost_at", UTCDateTime, nullable=True),
    Column("looked_at", UTCDateTime, nullable=True),
    Column("remake", Boolean, nullable=False, default=False, server_default=false()),
    *work_columns(),
)
