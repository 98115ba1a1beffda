"""Tables of modules: modules, module_versions, media, reading_progress."""

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
)

from lti_tool.core.db import Json, UTCDateTime, metadata, pk

modules = Table(
    "modules",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("organisation_id", BigInteger, ForeignKey("organisations.id"), nullable=False),
    Column("slug", String(80), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    UniqueConstraint("organisation_id", "slug"),
)

module_versions = Table(
    "module_versions",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("module_id", BigInteger, ForeignKey("modules.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("title", String(300), nullable=False),
    Column("language", String(35), nullable=False),
    Column("definition", Json, nullable=False),
    Column("published_at", UTCDateTime, nullable=False),
    Column("published_by", String(200), nullable=False),
    # The digest is not unique: an author may go back to an earlier text, and that is a new version with an old content.
    UniqueConstraint("module_id", "number"),
)

media = Table(
    "media",
    metadata,
    pk(),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("media_type", String(100), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("width", Integer, nullable=True),
    Column("height", Integer, nullable=True),
    Column("size", Integer, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
)

reading_progress = Table(
    "reading_progress",
    metadata,
    pk(),
    Column("enrolment_id", BigInteger, ForeignKey("enrolments.id"), nullable=False),
    Column("module_version_id", BigInteger, ForeignKey("module_versions.id"), nullable=False),
    Column("page_key", String(100), nullable=False),
    Column("block", Integer, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    UniqueConstraint("enrolment_id", "module_version_id", "page_key"),
    Index(None, "module_version_id"),
)
