"""Tables of assessments: attempts, what happened to them, the append-only journal of answers, accommodations."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint, true

from lti_tool.core.db import Json, UTCDateTime, metadata, pk
from lti_tool.core.leases import work_columns

attempts = Table(
    "attempts",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("enrolment_id", BigInteger, ForeignKey("enrolments.id"), nullable=False),
    # An attempt is judged by the version it began with, whatever is published meanwhile.
    Column("module_version_id", BigInteger, ForeignKey("module_versions.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("drawn", Json, nullable=False),
    Column("started_at", UTCDateTime, nullable=False),
    Column("submitted_at", UTCDateTime, nullable=True),
    # Fractions written out, such as 200/3: exact, and the same on every database.
    Column("points", String(80), nullable=True),
    Column("max_points", String(80), nullable=True),
    Column("percent", String(80), nullable=True),
    Column("passed", Boolean, nullable=True),
    Column("outcome", Json, nullable=True),
    # How the last sitting ended: `submitted` by the learner or `expired` by the clock; null while it is open.
    Column("closed_as", String(20), nullable=True),
    # False for test users and whoever acts as a learner: no completion comes of it.
    Column("counts", Boolean, nullable=False, server_default=true()),
    # What `deadline` made of all the dates when one of them last changed; the truth is that function.
    Column("deadline_at", UTCDateTime, nullable=True),
    Column("extended_until", UTCDateTime, nullable=True),
    # Signs the answers that a page without a connection saves as a file.
    Column("page_secret", String(64), nullable=False, server_default=""),
    # The fingerprint of what was handed in.
    Column("receipt", String(64), nullable=True),
    # Due once the deadline and its grace are over: then the server hands in what it has.
    *work_columns(),
    UniqueConstraint("enrolment_id", "number"),
)

attempt_events = Table(
    "attempt_events",
    metadata,
    # An attempt's own row is its beginning; what follows is here, in order.
    pk(),
    Column("attempt_id", BigInteger, ForeignKey("attempts.id"), nullable=False, index=True),
    Column("at", UTCDateTime, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("facts", Json, nullable=False),
)

accommodations = Table(
    "accommodations",
    metadata,
    pk(),
    Column("enrolment_id", BigInteger, ForeignKey("enrolments.id"), nullable=False, unique=True),
    Column("time_percent", Integer, nullable=False),
    Column("extra_attempts", Integer, nullable=False),
    Column("extra_days", Integer, nullable=False),
    Column("set_by", String(200), nullable=False),
    Column("set_at", UTCDateTime, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    # The id is the server's order of arrival, which says whose answer counts.
    pk(),
    Column("attempt_id", BigInteger, ForeignKey("attempts.id"), nullable=False),
    Column("item_id", String(100), nullable=False),
    # 64 random bits a page load, and the page's own count: two tabs never collide, a repeated save is recognised.
    Column("page_key", String(64), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("response", Json, nullable=True),
    Column("saved_at", UTCDateTime, nullable=False),
    # False for what came after the end: it is kept and shown, and counts for nothing.
    Column("counts", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("attempt_id", "page_key", "sequence"),
)
