"""Placements: one resource link in one course shows one offer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import NotFound, Side
from lti_tool.courses.offers import COLUMNS as OFFER
from lti_tool.courses.offers import Offer, find_offer
from lti_tool.courses.tables import contexts, offers, placements


@dataclass(frozen=True)
class Link:
    """What a launch says of the link it came by; empty text where it says nothing."""

    deployment_id: int
    lms_context_id: str
    context_label: str
    context_title: str
    lms_resource_link_id: str
    title: str
    line_item_url: str | None
    offer: str | None
    line_items_url: str | None = None
    memberships_url: str | None = None


@dataclass(frozen=True)
class Placement:
    """A link with the offer behind it. `line_item_url` is None where the platform takes no grades for it.

    `line_items_url` and `memberships_url` are those of its course, None where the platform does not offer the service.
    """

    id: int
    public_id: str
    deployment_id: int
    lms_context_id: str
    title: str
    line_item_url: str | None
    line_items_url: str | None
    memberships_url: str | None
    offer: Offer


# In the order of the fields of Placement.
_COLUMNS = (
    placements.c.id,
    placements.c.public_id,
    placements.c.deployment_id,
    placements.c.lms_context_id,
    placements.c.title,
    placements.c.line_item_url,
    placements.c.line_items_url,
    placements.c.memberships_url,
)
_SERVICES = ("line_item_url", "line_items_url", "memberships_url")
_with_offer = select(*_COLUMNS, *OFFER).join(offers, offers.c.id == placements.c.offer_id)
_by_link = _with_offer.where(
    placements.c.deployment_id == bindparam("deployment_id"),
    placements.c.lms_context_id == bindparam("lms_context_id"),
    placements.c.lms_resource_link_id == bindparam("lms_resource_link_id"),
)
_by_id = _with_offer.where(placements.c.id == bindparam("id"))
_refresh = update(placements).where(placements.c.id == bindparam("row"))


def find_placement(tx: Tx, placement_id: int) -> Placement:
    """The placement with this id; NotFound if there is none."""
    row = tx.execute(_by_id, {"id": placement_id}).one_or_none()
    if row is None:
        raise NotFound("courses.no_placement", "There is no such activity.")
    return _read(row)


def place(tx: Tx, link: Link, *, organisation_id: int, now: datetime) -> Placement:
    """The placement of a launched link: found, or made from the offer that the link carries.

    A known link whose title or services have changed in the LMS is brought up to date; its offer stays, unless the
    teacher has chosen another one, which a new offer id in the link tells.
    """
    key = {
        "deployment_id": link.deployment_id,
        "lms_context_id": link.lms_context_id,
        "lms_resource_link_id": link.lms_resource_link_id,
    }
    row = tx.execute(_by_link, key).one_or_none()
    if row is None:
        return _make(tx, link, organisation_id=organisation_id, now=now)
    known = _read(row)
    offer = known.offer
    if link.offer and link.offer != offer.public_id:
        offer = find_offer(tx, link.offer, organisation_id=organisation_id)
    services = {name: getattr(link, name) or getattr(known, name) for name in _SERVICES}
    now_so = replace(known, title=link.title, offer=offer, **services)
    if now_so != known:
        tx.execute(_refresh, {"row": known.id, "title": now_so.title, "offer_id": offer.id, **services})
    return now_so


def _read(row: Sequence[Any]) -> Placement:
    """The placement in a row of placement and offer."""
    return Placement(*(*row[: len(_COLUMNS)], Offer(*row[len(_COLUMNS) :])))


def _make(tx: Tx, link: Link, *, organisation_id: int, now: datetime) -> Placement:
    if not link.offer:
        raise NotFound(
            "courses.no_module",
            "This activity is not connected to a module yet.",
            "A teacher can edit the activity in the course and choose a module with “Select content”.",
            side=Side.LMS,
        )
    offer = find_offer(tx, link.offer, organisation_id=organisation_id)
    if link.lms_context_id:
        _note_context(tx, link, now=now)
    fresh = insert(tx, placements).values(
        public_id=ids.public_id(),
        deployment_id=link.deployment_id,
        lms_context_id=link.lms_context_id,
        lms_resource_link_id=link.lms_resource_link_id,
        offer_id=offer.id,
        title=link.title,
        line_item_url=link.line_item_url,
        line_items_url=link.line_items_url,
        memberships_url=link.memberships_url,
        created_at=now,
    )
    # Two learners may be the first at once: the second finds the first one's row.
    keys = ["deployment_id", "lms_context_id", "lms_resource_link_id"]
    made = fresh.on_conflict_do_update(index_elements=keys, set_={"title": link.title}).returning(*_COLUMNS)
    return Placement(*(*tx.execute(made).one(), offer))


def _note_context(tx: Tx, link: Link, *, now: datetime) -> None:
    names = {"label": link.context_label, "title": link.context_title}
    fresh = insert(tx, contexts).values(
        deployment_id=link.deployment_id, lms_context_id=link.lms_context_id, created_at=now, **names
    )
    tx.execute(fresh.on_conflict_do_update(index_elements=["deployment_id", "lms_context_id"], set_=names))
