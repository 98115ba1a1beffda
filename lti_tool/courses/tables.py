"""Tables of courses: contexts and their copies, offers, placements, enrolments."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, String, Table, UniqueConstraint, false

from lti_tool.core.db import Json, UTCDateTime, metadata, pk
from lti_tool.core.leases import work_columns

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
    # Those that a teacher has set here, in place of the offer's; null while nobody has.
    Column("set_dates", Json, nullable=True),
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

# Which course got the content of which, as notices of the platform tell: of courses that nobody has opened yet, too.
context_copies = Table(
    "context_copies",
    metadata,
    pk(),
    Column("deployment_id", BigInteger, ForeignKey("deployments.id"), nullable=False),
    Column("lms_context_id", String(255), nullable=False),
    Column("origin_lms_context_id", String(255), nullable=False),
    # By the platform's own clock: the newest of several copies.
    Column("copied_at", UTCDateTime, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    UniqueConstraint("deployment_id", "lms_context_id", "origin_lms_context_id"),
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

# The list of who may open a link, as the platform tells it; reading it is work.
rosters = Table(
    "rosters",
    metadata,
    pk(),
    Column("deployment_id", BigInteger, ForeignKey("deployments.id"), nullable=False),
    Column("registration_id", BigInteger, ForeignKey("registrations.id"), nullable=False),
    Column("lms_context_id", String(255), nullable=False),
    Column("lms_resource_link_id", String(255), nullable=False),
    Column("url", String(2000), nullable=False),
    # When it was asked for last, and when it last came whole.
    Column("asked_at", UTCDateTime, nullable=True),
    Column("read_at", UTCDateTime, nullable=True),
    *work_columns(),
    UniqueConstraint("deployment_id", "lms_context_id", "lms_resource_link_id"),
)

members = Table(
    "members",
    metadata,
    pk(),
    Column("roster_id", BigInteger, ForeignKey("rosters.id"), nullable=False),
    Column("lms_user_id", String(255), nullable=False),
    # As the list shares it; NULL where it does not.
    Column("name", String(500), nullable=True),
    Column("role", String(40), nullable=False),
    # The first whole list that told them inactive, or did not name them. Nobody is ever deleted.
    Column("left_at", UTCDateTime, nullable=True),
    UniqueConstraint("roster_id", "lms_user_id"),
)
