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


def find_offer(tx: Tx, public_id: str, *, organisation_id: int) -> Offer:
    """The offer a link carries; NotFound if there is none in this organisation: offers do not cross tenants."""
    row = tx.execute(_by_public_id, {"public_id": public_id, "organisation_id": organisation_id}).one_or_none()
    if row is None:
        raise NotFound(
            "courses.no_offer",
            "This link points to a module that is not here.",
            "Remove the activity from the course and add it again with the module picker.",
            side=Side.LMS,
            log={"offer": public_id},
        )
    return Offer(*row)
