"""Tables of the gradebook: completions and grade deliveries."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from lti_tool.core.db import UTCDateTime, metadata, pk
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
    *work_columns(),
    UniqueConstraint("line_item_url", "person_id"),
)
