"""Accommodations: what a teacher grants one learner in one activity. The newest word counts, also while they sit."""

from datetime import datetime

from lti_tool.assessments.attempts.deadline import Accommodation
from lti_tool.assessments.tables import accommodations
from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import Invalid

_MOST = {"time_percent": (100, 1000), "extra_attempts": (0, 50), "extra_days": (0, 365)}


def accommodate(tx: Tx, enrolment_id: int, granted: Accommodation, *, actor: str, now: datetime) -> None:
    """Grants this from now on; Invalid `assessments.accommodation` where a number makes no sense."""
    _check(granted)
    values = {
        "time_percent": granted.time_percent,
        "extra_attempts": granted.extra_attempts,
        "extra_days": granted.extra_days,
        "set_by": actor,
        "set_at": now,
    }
    fresh = insert(tx, accommodations).values(enrolment_id=enrolment_id, **values)
    tx.execute(fresh.on_conflict_do_update(index_elements=["enrolment_id"], set_=values))


def _check(granted: Accommodation) -> None:
    if any(not low <= getattr(granted, name) <= high for name, (low, high) in _MOST.items()):
        raise Invalid(
            "assessments.accommodation",
            "One of these numbers is too small or too large.",
            "Time runs from 100 to 1000 percent, more attempts up to 50, more days up to 365.",
        )
