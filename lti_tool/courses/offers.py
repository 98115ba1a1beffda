"""Offers: a module with its settings, as deep linking hands it out (LTI Deep Linking 2.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from lti_tool.core import ids
from lti_tool.core.db import Tx
from lti_tool.core.errors import NotFound, Side
from lti_tool.courses.tables import offers


@dataclass(frozen=True)
class Offer:
    """A module that an instructor has chosen for a course. `settings` override the module's own."""

    id: int
    public_id: str
    organisation_id: int
    module_id: int
    settings: Mapping[str, object]


# In the order of the fields of Offer.
COLUMNS = (
    offers.c.id,
    offers.c.public_id,
    offers.c.organisation_id,
    offers.c.module_id,
    offers.c.settings,
)
_by_public_id = select(*COLUMNS).where(
    offers.c.public_id == bindparam("public_id"), offers.c.organisation_id == bindparam("organisation_id")
)

_whoever = select(*COLUMNS).where(offers.c.public_id == bindparam("public_id"))


def make_offer(
    tx: Tx, *, organisation_id: int, module_id: int, made_by: str, settings: Mapping[str, object], now: datetime
) -> Offer:
    """Writes a new offer; `made_by` names the actor for the record."""
    values = {
        "public_id": ids.public_id(),
        "organisation_id": organisation_id,
        "module_id": module_id,
        "settings": dict(settings),
        "made_by": made_by,
        "created_at": now,
    }
    return Offer(*tx.execute(offers.insert().returning(*COLUMNS), values).one())


def offer_if_known(tx: Tx, public_id: str, *, organisation_id: int) -> Offer | None:
    """The offer with this public id; None if there is none in this organisation: offers do not cross tenants."""
    row = tx.execute(_by_public_id, {"public_id": public_id, "organisation_id": organisation_id}).one_or_none()
    return None if row is None else Offer(*row)


def offer_with_id(tx: Tx, public_id: str) -> Offer:
    """The offer with this public id, whoever's it is, to say what it is about; NotFound if there is none."""
    row = tx.execute(_whoever, {"public_id": public_id}).one_or_none() if ids.is_public_id(public_id) else None
    if row is None:
        raise NotFound("courses.no_offer", "There is no such module.")
    return Offer(*row)


def find_offer(tx: Tx, public_id: str, *, organisation_id: int) -> Offer:
    """The offer a link carries; NotFound if it is not known in this organisation."""
    offer = offer_if_known(tx, public_id, organisation_id=organisation_id)
    if offer is None:
        raise NotFound(
            "courses.no_offer",
            "This link points to a module that is not here.",
            "A teacher of the course can open the activity and choose a module for it.",
            side=Side.LMS,
            log={"offer": public_id},
        )
    return offer
