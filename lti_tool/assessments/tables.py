"""Tables of assessments: attempts, and the append-only journal of answers."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from lti_tool.core.db import Json, UTCDateTime, metadata, pk

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
    UniqueConstraint("enrolment_id", "number"),
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
    UniqueConstraint("attempt_id", "page_key", "sequence"),
)
