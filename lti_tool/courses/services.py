"""Where the services of a platform's courses are found, as the placements of its last launches say."""

from dataclasses import dataclass

from sqlalchemy import bindparam, column, select, table

from lti_tool.core.db import Tx
from lti_tool.courses.tables import placements

_AT_MOST = 50


@dataclass(frozen=True)
class ServiceAddresses:
    """One address for each service, of the newest placement that has it; None where none of them has."""

    line_item_url: str | None
    line_items_url: str | None
    memberships_url: str | None


# Named as a foreign key names it: deployments belong to a room below this one.
_deployments = table("deployments", column("id"), column("registration_id"))
_newest = (
    select(placements.c.line_item_url, placements.c.line_items_url, placements.c.memberships_url)
    .join(_deployments, _deployments.c.id == placements.c.deployment_id)
    .where(_deployments.c.registration_id == bindparam("registration_id"))
    .order_by(placements.c.id.desc())
    .limit(_AT_MOST)
)


def newest_services(tx: Tx, registration_id: int) -> ServiceAddresses:
    """The services of a platform's newest placements, to see whether they answer."""
    rows = tx.execute(_newest, {"registration_id": registration_id}).all()
    line_item, line_items, memberships = (
        next((row[place] for row in rows if row[place]), None) for place in range(len(_newest.selected_columns))
    )
    return ServiceAddresses(line_item, line_items, memberships)
