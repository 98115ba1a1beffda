"""Whether a platform shares names, seen by the people who came from it last."""

from sqlalchemy import bindparam, select

from lti_tool.core.db import Tx
from lti_tool.people.tables import people

_AT_MOST = 200
_newest = (
    select(people.c.name)
    .where(people.c.registration_id == bindparam("registration_id"))
    .order_by(people.c.id.desc())
    .limit(_AT_MOST)
)


def names_shared(tx: Tx, registration_id: int) -> tuple[int, int]:
    """Of the newest people of a platform: how many have a name, and how many there are."""
    names = tx.execute(_newest, {"registration_id": registration_id}).scalars().all()
    return sum(1 for name in names if name), len(names)
