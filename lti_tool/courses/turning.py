"""Turning an edited link to the other module that it carries by now, where learners have begun with the first.

Who decides for the new one begins a new placement: the old one stands aside with all its attempts, so that nothing is
lost and nothing crosses.
"""

from datetime import datetime

from sqlalchemy import bindparam, select, update

from lti_tool.core import ids
from lti_tool.core.db import Tx
from lti_tool.core.errors import Conflict
from lti_tool.courses.copies import ASIDE
from lti_tool.courses.offers import find_offer
from lti_tool.courses.placements import COLUMNS, Placement, find_placement, parts_of, read_placement
from lti_tool.courses.tables import placements

_whole = select(placements).where(placements.c.id == bindparam("id"))
_stand_aside = (
    update(placements)
    .where(placements.c.id == bindparam("row"), placements.c.wanted_offer.is_not(None))
    .values(lms_resource_link_id=bindparam("aside"), wanted_offer=None, keeps_offer=False)
)
_aside = select(placements.c.id).where(
    placements.c.deployment_id == bindparam("deployment_id"),
    placements.c.lms_context_id == bindparam("lms_context_id"),
    placements.c.offer_id == bindparam("offer_id"),
    placements.c.lms_resource_link_id.like(bindparam("mark")),
)


def begin_anew(tx: Tx, placement: Placement, *, organisation_id: int, now: datetime) -> Placement:
    """A placement of the same link with the offer that it carries by now; the old one stands aside, whole.

    A placement of that offer that had stood aside before comes back, with all that was done in it.
    """
    assert placement.wanted_offer is not None, "there is an offer to turn to"
    offer = find_offer(tx, placement.wanted_offer, organisation_id=organisation_id)
    whole = tx.execute(_whole, {"id": placement.id}).one()._asdict()
    mark = f"{ASIDE}{ids.digest(placement.lms_resource_link_id)}:"
    if tx.execute(_stand_aside, {"row": placement.id, "aside": mark + placement.public_id}).rowcount == 0:
        raise Conflict(
            "courses.settled",
            "Somebody else has decided this at the same moment.",
            "Open the activity again to see what it shows now.",
        )
    shown = {"wanted_offer": None, "keeps_offer": False}
    key = {"deployment_id": placement.deployment_id, "lms_context_id": placement.lms_context_id}
    before = tx.execute(_aside, {**key, "offer_id": offer.id, "mark": f"{mark}%"}).scalar()
    if before is not None:
        told = {
            name: value for name, value in whole.items() if name not in ("id", "public_id", "offer_id", "created_at")
        }
        tx.execute(update(placements).where(placements.c.id == before).values({**told, **shown}))
        return find_placement(tx, before)
    del whole["id"]
    anew = {"public_id": ids.public_id(), "offer_id": offer.id, "created_at": now}
    made = placements.insert().values({**whole, **shown, **anew}).returning(*COLUMNS)
    return read_placement((*tx.execute(made).one(), *parts_of(offer)))
