"""Organisations award credentials; each registration of a platform belongs to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import NotFound
from lti_tool.people.tables import organisations


@dataclass(frozen=True)
class Organisation:
    """Who stands behind a credential. `country` is an ISO 3166 code or empty, `website` a URL or empty."""

    id: int
    public_id: str
    name: str
    country: str
    website: str


_COLUMNS = (
    organisations.c.id,
    organisations.c.public_id,
    organisations.c.name,
    organisations.c.country,
    organisations.c.website,
)
_by_id = select(*_COLUMNS).where(organisations.c.id == bindparam("id"))
_all = select(*_COLUMNS).order_by(organisations.c.name)
_by_name = select(*_COLUMNS).where(organisations.c.name == bindparam("name"))


def find_organisation(tx: Tx, organisation_id: int) -> Organisation:
    """The organisation with this id; NotFound if there is none."""
    row = tx.execute(_by_id, {"id": organisation_id}).one_or_none()
    if row is None:
        raise NotFound("people.no_organisation", "There is no such organisation.")
    return Organisation(*row)


def list_organisations(tx: Tx) -> Sequence[Organisation]:
    """All organisations, by name."""
    return [Organisation(*row) for row in tx.execute(_all)]


def ensure_organisation(tx: Tx, name: str, *, country: str, website: str, now: datetime) -> Organisation:
    """The organisation of this name, made or brought up to date."""
    values = {"name": name, "country": country, "website": website}
    fresh = insert(tx, organisations).values(public_id=ids.public_id(), created_at=now, **values)
    tx.execute(fresh.on_conflict_do_update(index_elements=["name"], set_={"country": country, "website": website}))
    return Organisation(*tx.execute(_by_name, {"name": name}).one())
