"""Tables of courses: contexts, offers, placements, enrolments."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, String, Table, UniqueConstraint, false

from lti_tool.core.db import Json, UTCDateTime, metadata, pk

contexts = Table(
    "contexts",
    metadata,
    pk(),
    Column("deployment_id", BigInteger, ForeignKey("deployments.id"), nullable=False),
    Column("lms_context_id", String(255), nullable=False),
    Column("label", String(500), nullable=False),
    Column("title", String(1000), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    UniqueConstraint("deployment_id", "lms_context_id"),
)

offers = Table(
    "offers",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("organisation_id", BigInteger, ForeignKey("organisations.id"), nullable=False),
    Column("module_id", BigInteger, ForeignKey("modules.id"), nullable=False),
    Column("settings", Json, nullable=False),
    Column("made_by", String(200), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
)

placements = Table(
    "placements",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("deployment_id", BigInteger, ForeignKey("deployments.id"), nullable=False),
    # '' where a launch names no course: NULL would let the unique constraint pass any number of rows.
    Column("lms_context_id", String(255), nullable=False),
    Column("lms_resource_link_id", String(255), nullable=False),
    Column("offer_id", BigInteger, ForeignKey("offers.id"), nullable=False),
    Column("title", String(1000), nullable=False),
    Column("line_item_url", String(2000), nullable=True),
    # Where the course's grade columns and its people are found, as the last launch said.
    Column("line_items_url", String(2000), nullable=True),
    Column("memberships_url", String(2000), nullable=True),
    # Where the platform says the course and the link were copied from: ids, the newest first.
    Column("context_history", Json, nullable=False, server_default="[]"),
    Column("link_history", Json, nullable=False, server_default="[]"),
    # Canvas's assignment, by which a link that is edited again is known.
    Column("lms_assignment_id", String(255), nullable=True, index=True),
    # The dates of the activity as the platform told a teacher, by parameter.
    Column("dates", Json, nullable=False, server_default="{}"),
    # Another offer that the link carries by now, while learners have begun with the first; whether a teacher has
    # decided to stay.
    Column("wanted_offer", String(26), nullable=True),
    Column("keeps_offer", Boolean, nullable=False, server_default=false()),
    Column("created_at", UTCDateTime, nullable=False),
    UniqueConstraint("deployment_id", "lms_context_id", "lms_resource_link_id"),
)

unplaced_links = Table(
    "unplaced_links",
    metadata,
    pk(),
    # A teacher's session in which a module is still to be chosen for the link it came by.
    Column("session_id", String(26), nullable=False, unique=True),
    Column("link", Json, nullable=False),
    Column("created_at", UTCDateTime, nullable=False, index=True),
)

enrolments = Table(
    "enrolments",
    metadata,
    pk(),
    Column("public_id", String(26), nullable=False, unique=True),
    Column("person_id", BigInteger, ForeignKey("people.id"), nullable=False),
    Column("placement_id", BigInteger, ForeignKey("placements.id"), nullable=False, index=True),
    Column("role", String(40), nullable=False),
    # The dates of the activity as the platform told this person at the latest launch, by parameter.
    Column("dates", Json, nullable=False, server_default="{}"),
    Column("created_at", UTCDateTime, nullable=False),
    UniqueConstraint("person_id", "placement_id"),
)
