"""Which grade column of the LMS a link's grades go into, and which ones serve other links."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, column, not_, select, table, update

from lti_tool.core.db import Tx
from lti_tool.courses.copies import ASIDE
from lti_tool.courses.offers import COLUMNS as OFFER
from lti_tool.courses.placements import COLUMNS, Placement, read_placement
from lti_tool.courses.tables import offers, placements


@dataclass(frozen=True)
class LinkKey:
    """A link as its platform names it."""

    deployment_id: int
    lms_context_id: str
    lms_resource_link_id: str


# Named as a foreign key names it: deployments belong to a room below this one.
_deployments = table("deployments", column("id"), column("registration_id"))
_this_link = and_(
    placements.c.deployment_id == bindparam("deployment_id"),
    placements.c.lms_context_id == bindparam("lms_context_id"),
    placements.c.lms_resource_link_id == bindparam("lms_resource_link_id"),
)
_shown = not_(placements.c.lms_resource_link_id.startswith(ASIDE))
_with_offer = select(*COLUMNS, *OFFER).join(offers, offers.c.id == placements.c.offer_id)
_by_link = _with_offer.where(_this_link)
_by_column = (
    _with_offer.join(_deployments, _deployments.c.id == placements.c.deployment_id)
    .where(_deployments.c.registration_id == bindparam("registration_id"))
    .where(placements.c.line_item_url == bindparam("url"), _shown)
    .order_by(placements.c.id.desc())
)
_of_others = select(placements.c.line_item_url).where(
    placements.c.line_items_url == bindparam("container"),
    placements.c.line_item_url.is_not(None),
    not_(_this_link),
    _shown,
)


def key_of(placement: Placement) -> LinkKey:
    """The link that a placement shows."""
    return LinkKey(placement.deployment_id, placement.lms_context_id, placement.lms_resource_link_id)


def is_aside(placement: Placement) -> bool:
    """Whether another placement shows the link by now."""
    return placement.lms_resource_link_id.startswith(ASIDE)


def placement_behind(tx: Tx, link: LinkKey) -> Placement | None:
    """The placement that shows a link now."""
    row = tx.execute(_by_link, vars(link)).one_or_none()
    return None if row is None else read_placement(row)


def placements_with_column(tx: Tx, registration_id: int, line_item_url: str) -> Sequence[Placement]:
    """The placements of a platform whose grades go into this column, the newest first."""
    rows = tx.execute(_by_column, {"registration_id": registration_id, "url": line_item_url}).all()
    return [read_placement(row) for row in rows]


def columns_of_others(tx: Tx, link: LinkKey, line_items_url: str) -> frozenset[str]:
    """The columns, of those listed under this address, that the grades of other links go into."""
    return frozenset(tx.execute(_of_others, {**vars(link), "container": line_items_url}).scalars())


def use_column(tx: Tx, link: LinkKey, line_item_url: str) -> None:
    """From now on the grades of a link go into this column."""
    this = (placements.c[name] == value for name, value in vars(link).items())
    tx.execute(update(placements).where(*this).values(line_item_url=line_item_url))
