"""Which course was copied from which, as platforms tell it: in a launch (LTI Core 1.3 Appendix B), or by a notice.

A notice (Platform Notification Service 1.0) may come before any launch, long after, twice or never, and a course may
get content from several others. So what is kept does not depend on the order in which it was heard.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, case, not_, select

from lti_tool.core.db import Tx, insert
from lti_tool.courses.offers import COLUMNS, Offer
from lti_tool.courses.tables import context_copies, offers, placements

ASIDE = "\x1f"
"""Begins the link id of a placement that stands aside: no platform's id holds a control character."""
_MOST_ANCESTORS = 20

_rows = context_copies.c
_sources = (
    select(_rows.origin_lms_context_id)
    .where(_rows.deployment_id == bindparam("deployment_id"), _rows.lms_context_id == bindparam("lms_context_id"))
    .order_by(_rows.copied_at.desc(), _rows.origin_lms_context_id)
    .limit(_MOST_ANCESTORS)
)
_shown = (
    select(*COLUMNS)
    .distinct()
    .join(placements, placements.c.offer_id == offers.c.id)
    .where(
        placements.c.deployment_id == bindparam("deployment_id"),
        offers.c.organisation_id == bindparam("organisation_id"),
        not_(placements.c.lms_resource_link_id.startswith(ASIDE)),
    )
)
_by_link = _shown.where(placements.c.lms_resource_link_id == bindparam("link"))
_by_title = _shown.where(placements.c.lms_context_id == bindparam("context"), placements.c.title == bindparam("title"))


def note_copy(
    tx: Tx, *, deployment_id: int, lms_context_id: str, origins: Sequence[str], copied_at: datetime, now: datetime
) -> None:
    """Keeps that a course got the content of others, at the platform's own time; told twice, it is as told once."""
    for origin in origins:
        fresh = insert(tx, context_copies).values(
            deployment_id=deployment_id,
            lms_context_id=lms_context_id,
            origin_lms_context_id=origin,
            copied_at=copied_at,
            created_at=now,
        )
        later = case((fresh.excluded.copied_at > _rows.copied_at, fresh.excluded.copied_at), else_=_rows.copied_at)
        keys = ["deployment_id", "lms_context_id", "origin_lms_context_id"]
        tx.execute(fresh.on_conflict_do_update(index_elements=keys, set_={"copied_at": later}))


def ancestors_of(tx: Tx, deployment_id: int, lms_context_id: str, told: Sequence[str]) -> tuple[str, ...]:
    """The courses that one was copied from, nearest first: what its launches told, then what notices add to it."""
    found = list(dict.fromkeys(told))
    look = [lms_context_id, *found]
    # The list grows while it is walked: a copy of a copy has both behind it.
    for course in look:
        if len(found) >= _MOST_ANCESTORS:
            break
        key = {"deployment_id": deployment_id, "lms_context_id": course}
        for origin in tx.execute(_sources, key).scalars():
            if origin not in look:
                look.append(origin)
                found.append(origin)
    return tuple(found[:_MOST_ANCESTORS])


def inherited_offer(
    tx: Tx, *, deployment_id: int, organisation_id: int, title: str, links: Sequence[str], courses: Sequence[str]
) -> Offer | None:
    """The offer of the link that one without any was copied from: by its own history, else by its name in the course
    it came from. None where nothing or several are found, as only a teacher can tell then.
    """
    key = {"deployment_id": deployment_id, "organisation_id": organisation_id}
    for link in links:
        found = tx.execute(_by_link, {**key, "link": link}).all()
        if found:
            return _only([Offer(*row) for row in found])
    for course in courses if title else ():
        found = tx.execute(_by_title, {**key, "context": course, "title": title}).all()
        if found:
            return _only([Offer(*row) for row in found])
    return None


def _only(found: Sequence[Offer]) -> Offer | None:
    """The offer that is meant, where there is no doubt."""
    return found[0] if len(found) == 1 else None
