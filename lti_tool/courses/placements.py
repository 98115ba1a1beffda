"""Placements: one resource link in one course shows one offer.

A link that was edited may carry another offer than before. As long as nobody has begun, it simply shows the new one;
from then on the first stays, and a teacher is asked (`turning`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, column, not_, select, table, update

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import NotFound, Side
from lti_tool.courses.contexts import note_context
from lti_tool.courses.copies import ASIDE, ancestors_of, inherited_offer
from lti_tool.courses.offers import COLUMNS as OFFER
from lti_tool.courses.offers import Offer, find_offer, offer_if_known
from lti_tool.courses.tables import enrolments, offers, placements


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
    context_history: tuple[str, ...] = ()
    link_history: tuple[str, ...] = ()
    lms_assignment_id: str | None = None
    # None in a learner's launch: what it says of dates is that person's.
    dates: Mapping[str, str] | None = None


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
    lms_resource_link_id: str
    context_history: tuple[str, ...]
    link_history: tuple[str, ...]
    lms_assignment_id: str | None
    dates: Mapping[str, str] = field(hash=False)
    # Those that a teacher has set here; None while nobody has, so that the offer's count.
    set_dates: Mapping[str, str] | None = field(hash=False)
    # The offer that the link carries by now, where it is another and learners have begun; and a teacher's word to stay.
    wanted_offer: str | None
    keeps_offer: bool
    offer: Offer
    # The grade column that the link had until the launch that placed it just now, where that named another.
    left_column: str | None = None

    @property
    def link_key(self) -> str:
        """Names the link, for a placement that stands aside as for the one that has taken its place."""
        known = self.lms_resource_link_id
        link = known[len(ASIDE) :].partition(":")[0] if known.startswith(ASIDE) else ids.digest(known)
        return ids.digest(f"{self.deployment_id}\x1f{self.lms_context_id}\x1f{link}")

    @property
    def asks(self) -> bool:
        """Whether a teacher has to say what the link is to show."""
        return self.wanted_offer is not None and not self.keeps_offer

    @property
    def own_dates(self) -> Mapping[str, object]:
        """The dates that hold here beside those of the LMS: a teacher's, else the offer's."""
        return self.offer.settings if self.set_dates is None else self.set_dates


# In the order of the fields of Placement.
COLUMNS = (
    placements.c.id,
    placements.c.public_id,
    placements.c.deployment_id,
    placements.c.lms_context_id,
    placements.c.title,
    placements.c.line_item_url,
    placements.c.line_items_url,
    placements.c.memberships_url,
    placements.c.lms_resource_link_id,
    placements.c.context_history,
    placements.c.link_history,
    placements.c.lms_assignment_id,
    placements.c.dates,
    placements.c.set_dates,
    placements.c.wanted_offer,
    placements.c.keeps_offer,
)
_KEPT_IF_UNSAID = (
    "line_item_url",
    "line_items_url",
    "memberships_url",
    "context_history",
    "link_history",
    "lms_assignment_id",
)
_with_offer = select(*COLUMNS, *OFFER).join(offers, offers.c.id == placements.c.offer_id)
_by_link = _with_offer.where(
    placements.c.deployment_id == bindparam("deployment_id"),
    placements.c.lms_context_id == bindparam("lms_context_id"),
    placements.c.lms_resource_link_id == bindparam("lms_resource_link_id"),
)
_by_id = _with_offer.where(placements.c.id == bindparam("id"))
_by_enrolment = (
    select(enrolments.c.dates.label("told"), *COLUMNS, *OFFER)
    .select_from(enrolments)
    .join(placements, placements.c.id == enrolments.c.placement_id)
    .join(offers, offers.c.id == placements.c.offer_id)
    .where(enrolments.c.id == bindparam("id"))
)
_by_assignment = (
    _with_offer.where(
        placements.c.deployment_id == bindparam("deployment_id"),
        placements.c.lms_assignment_id == bindparam("lms_assignment_id"),
        not_(placements.c.lms_resource_link_id.startswith(ASIDE)),
    )
    .order_by(placements.c.id.desc())
    .limit(1)
)
_refresh = update(placements).where(placements.c.id == bindparam("row"))
# Named as a foreign key names it: attempts belong to a room below this one, and one statement must do.
_attempts = table("attempts", column("enrolment_id"))
_begun = (
    select(enrolments.c.id)
    .join(_attempts, _attempts.c.enrolment_id == enrolments.c.id)
    .where(enrolments.c.placement_id == bindparam("placement_id"))
    .limit(1)
)


def find_placement(tx: Tx, placement_id: int) -> Placement:
    """The placement with this id; NotFound if there is none."""
    row = tx.execute(_by_id, {"id": placement_id}).one_or_none()
    if row is None:
        raise NotFound("courses.no_placement", "There is no such activity.")
    return read_placement(row)


def placement_for(tx: Tx, enrolment_id: int) -> tuple[Placement, Mapping[str, str]]:
    """The placement of an enrolment, and the dates that the platform told its person; NotFound if there is none."""
    row = tx.execute(_by_enrolment, {"id": enrolment_id}).one_or_none()
    if row is None:
        raise NotFound("courses.no_enrolment", "There is no such enrolment.")
    return read_placement(row[1:]), row[0]


def place(tx: Tx, link: Link, *, organisation_id: int, now: datetime) -> Placement:
    """The placement of a launched link: found, or made from the offer that the link carries.

    A known link whose title or services have changed in the LMS is brought up to date; its offer stays, unless the
    teacher has chosen another one, which a new offer id in the link tells, and nobody has begun.
    """
    key = {
        "deployment_id": link.deployment_id,
        "lms_context_id": link.lms_context_id,
        "lms_resource_link_id": link.lms_resource_link_id,
    }
    row = tx.execute(_by_link, key).one_or_none()
    if row is None:
        return _make(tx, link, organisation_id=organisation_id, now=now)
    known = read_placement(row)
    kept = {name: getattr(link, name) or getattr(known, name) for name in _KEPT_IF_UNSAID}
    dates = known.dates if link.dates is None else link.dates
    now_so = _turned(tx, replace(known, title=link.title, dates=dates, **kept), link, organisation_id)
    if now_so != known:
        _write(tx, now_so, title=now_so.title, offer_id=now_so.offer.id, dates=dict(dates), **kept)
    if now_so.line_item_url == known.line_item_url:
        return now_so
    return replace(now_so, left_column=known.line_item_url or "")


def _turned(tx: Tx, known: Placement, link: Link, organisation_id: int) -> Placement:
    """The placement, showing the offer that its link carries; or asking about it, where somebody has begun.

    An offer that is not here (any more, or in this organisation) changes nothing: a teacher has chosen another one.
    """
    if not link.offer or link.offer == known.offer.public_id:
        return replace(known, wanted_offer=None, keeps_offer=False)
    if link.offer == known.wanted_offer:
        return known
    other = offer_if_known(tx, link.offer, organisation_id=organisation_id)
    if other is None:
        return known
    if has_begun(tx, known.id):
        return replace(known, wanted_offer=other.public_id, keeps_offer=False)
    return replace(known, offer=other, wanted_offer=None, keeps_offer=False)


def has_begun(tx: Tx, placement_id: int) -> bool:
    """Whether anybody has begun the assessment here."""
    return tx.execute(_begun, {"placement_id": placement_id}).first() is not None


def keep_offer(tx: Tx, placement: Placement) -> None:
    """A teacher's word that the link goes on showing what learners have begun with."""
    _write(tx, replace(placement, keeps_offer=True))


def find_by_assignment(tx: Tx, deployment_id: int, lms_assignment_id: str) -> Placement | None:
    """The newest placement behind one of Canvas's assignments."""
    key = {"deployment_id": deployment_id, "lms_assignment_id": lms_assignment_id}
    row = tx.execute(_by_assignment, key).one_or_none()
    return None if row is None else read_placement(row)


def _write(tx: Tx, placement: Placement, **more: object) -> None:
    tx.execute(
        _refresh,
        {"row": placement.id, "wanted_offer": placement.wanted_offer, "keeps_offer": placement.keeps_offer, **more},
    )


def parts_of(offer: Offer) -> tuple[object, ...]:
    """An offer as the row that `read_placement` reads it from."""
    return tuple(getattr(offer, name) for name in Offer.__dataclass_fields__)


def read_placement(row: Sequence[Any]) -> Placement:
    """The placement in a row of placement and offer."""
    told = dict(zip((one.name for one in COLUMNS), row, strict=False))
    told |= {name: tuple(told[name]) for name in ("context_history", "link_history")}
    return Placement(**told, offer=Offer(*row[len(COLUMNS) :]))


def _make(tx: Tx, link: Link, *, organisation_id: int, now: datetime) -> Placement:
    offer = _offer_of(tx, link, organisation_id)
    if link.lms_context_id:
        note_context(
            tx, link.deployment_id, link.lms_context_id, label=link.context_label, title=link.context_title, now=now
        )
    fresh = insert(tx, placements).values(
        public_id=ids.public_id(),
        deployment_id=link.deployment_id,
        lms_context_id=link.lms_context_id,
        lms_resource_link_id=link.lms_resource_link_id,
        offer_id=offer.id,
        title=link.title,
        dates=dict(link.dates or {}),
        created_at=now,
        **{name: getattr(link, name) for name in _KEPT_IF_UNSAID},
    )
    # Two learners may be the first at once: the second finds the first one's row.
    keys = ["deployment_id", "lms_context_id", "lms_resource_link_id"]
    made = fresh.on_conflict_do_update(index_elements=keys, set_={"title": link.title}).returning(*COLUMNS)
    return read_placement((*tx.execute(made).one(), *parts_of(offer)))


def _offer_of(tx: Tx, link: Link, organisation_id: int) -> Offer:
    """What a new link shows: the offer that it carries, else that of the link it was copied from."""
    if link.offer:
        return find_offer(tx, link.offer, organisation_id=organisation_id)
    found = inherited_offer(
        tx,
        deployment_id=link.deployment_id,
        organisation_id=organisation_id,
        title=link.title,
        links=link.link_history,
        courses=ancestors_of(tx, link.deployment_id, link.lms_context_id, link.context_history),
    )
    if found is None:
        raise NotFound(
            "courses.no_module",
            "Your teacher has not chosen a module for this activity yet.",
            "Nothing is lost: open it again later, or tell your teacher, who can choose one by opening the activity.",
            side=Side.LMS,
        )
    return found
