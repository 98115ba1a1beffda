"""Where a placement was copied from, as far as anybody can tell: by the platform's history, else by the shared offer.

LTI Core 1.3 Appendix B: `Context.id.history` and `ResourceLink.id.history`. Moodle 4.5 tells the first for restored
courses and never the second; Canvas the first, by a notice too, and the second under its older name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, bindparam, not_, select

from lti_tool.core.db import Tx
from lti_tool.courses.copies import ASIDE, ancestors_of
from lti_tool.courses.placements import Placement
from lti_tool.courses.tables import contexts, placements

_AT_MOST = 200


class Copy(StrEnum):
    """What was copied."""

    COURSE = "course"
    ACTIVITY = "activity"


@dataclass(frozen=True)
class Origin:
    """What a placement was copied from; `title` is the activity's, `course` empty where nobody has named it."""

    kind: Copy
    title: str
    course: str
    by_history: bool


_elders = (
    select(
        placements.c.id,
        placements.c.deployment_id,
        placements.c.lms_context_id,
        placements.c.lms_resource_link_id,
        placements.c.title,
        contexts.c.title.label("course"),
    )
    .outerjoin(
        contexts,
        and_(
            contexts.c.deployment_id == placements.c.deployment_id,
            contexts.c.lms_context_id == placements.c.lms_context_id,
        ),
    )
    .where(
        placements.c.offer_id == bindparam("offer_id"),
        placements.c.id < bindparam("id"),
        # Not its own forerunner, which stands aside, nor anybody else's.
        not_(placements.c.lms_resource_link_id.startswith(ASIDE)),
    )
    .order_by(placements.c.id.desc())
    .limit(_AT_MOST)
)


def origin_of(tx: Tx, placement: Placement) -> Origin | None:
    """What the placement was copied from; None where it is the first of its offer."""
    elders = tx.execute(_elders, {"offer_id": placement.offer.id, "id": placement.id}).all()
    near = [one for one in elders if one.deployment_id == placement.deployment_id]
    courses = ancestors_of(tx, placement.deployment_id, placement.lms_context_id, placement.context_history)
    found = _by_history(placement.link_history, courses, near)
    if found is None and not elders:
        return None
    # Without a history: a twin in the same course first, else the newest that shares the offer.
    twin = next((one for one in near if one.lms_context_id == placement.lms_context_id), None)
    source = found or twin or elders[0]
    same = source in near and source.lms_context_id == placement.lms_context_id
    return Origin(Copy.ACTIVITY if same else Copy.COURSE, source.title, source.course or "", found is not None)


def _by_history(links: Sequence[str], courses: Sequence[str], elders: Sequence[Any]) -> Any:
    for history, name in ((links, "lms_resource_link_id"), (courses, "lms_context_id")):
        for ancestor in history:
            for elder in elders:
                if getattr(elder, name) == ancestor:
                    return elder
    return None
