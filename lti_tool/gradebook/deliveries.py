"""Grade deliveries: what score an LMS should have of whom, and whether it has it (the outbox of AGS 2.0 scores)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from lti_tool.core.db import Tx, insert
from lti_tool.gradebook.tables import grade_deliveries


class DeliveryState(StrEnum):
    """How far a wished score has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    PARKED = "parked"


@dataclass(frozen=True)
class Delivery:
    """The newest wished score for one line item and person. `problem` says in plain words why it is not there."""

    id: int
    person_id: int
    line_item_url: str
    percent: Fraction
    finished: bool
    state: DeliveryState
    wanted_at: datetime
    delivered_at: datetime | None
    next_try_at: datetime | None
    tries: int
    problem: str | None


_COLUMNS = tuple(grade_deliveries.c)
_one = select(*_COLUMNS).where(
    grade_deliveries.c.line_item_url == bindparam("url"), grade_deliveries.c.person_id == bindparam("person_id")
)
_of_item = select(*_COLUMNS).where(grade_deliveries.c.line_item_url == bindparam("url"))


def want_delivered(
    tx: Tx,
    *,
    registration_id: int,
    lms_deployment_id: str,
    line_item_url: str,
    person_id: int,
    lms_user_id: str,
    percent: Fraction,
    finished: bool,
    now: datetime,
) -> None:
    """Wishes that the LMS hold this score; replaces an older wish, delivered or not."""
    wish = {
        "percent": str(percent),
        "finished": int(finished),
        "wanted_at": now,
        "due_at": now,
        "parked_at": None,
        "tries": 0,
    }
    fresh = insert(tx, grade_deliveries).values(
        registration_id=registration_id,
        lms_deployment_id=lms_deployment_id,
        line_item_url=line_item_url,
        person_id=person_id,
        lms_user_id=lms_user_id,
        revision=1,
        delivered_revision=0,
        **wish,
    )
    newer = {**wish, "revision": grade_deliveries.c.revision + 1}
    tx.execute(fresh.on_conflict_do_update(index_elements=["line_item_url", "person_id"], set_=newer))


def delivery_of(tx: Tx, *, line_item_url: str, person_id: int) -> Delivery | None:
    """The delivery for one learner's grade in one line item, if a score has ever been wished."""
    row = tx.execute(_one, {"url": line_item_url, "person_id": person_id}).one_or_none()
    return None if row is None else _read(row)


def deliveries_of(tx: Tx, line_item_url: str) -> Mapping[int, Delivery]:
    """All deliveries of a line item, by person."""
    found: Sequence[Row[*tuple[Any, ...]]] = tx.execute(_of_item, {"url": line_item_url}).all()
    return {row.person_id: _read(row) for row in found}


def send_again(tx: Tx, delivery_id: int, *, now: datetime) -> None:
    """Makes a parked delivery due again, at a person's request."""
    tx.execute(
        update(grade_deliveries).where(grade_deliveries.c.id == delivery_id).values(due_at=now, parked_at=None, tries=0)
    )


def _read(row: Row[*tuple[Any, ...]]) -> Delivery:
    delivered = row.delivered_revision == row.revision
    parked = row.parked_at is not None and not delivered
    state = DeliveryState.WAITING
    if delivered:
        state = DeliveryState.DELIVERED
    elif parked:
        state = DeliveryState.PARKED
    return Delivery(
        id=row.id,
        person_id=row.person_id,
        line_item_url=row.line_item_url,
        percent=Fraction(row.percent),
        finished=bool(row.finished),
        state=state,
        wanted_at=row.wanted_at,
        delivered_at=row.delivered_at if delivered else None,
        next_try_at=None if delivered else row.due_at,
        tries=row.tries,
        problem=None if delivered else row.last_error,
    )
