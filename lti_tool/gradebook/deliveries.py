"""Grade deliveries: what score an LMS should have of whom, and whether it has it (the outbox of AGS 2.0 scores)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, bindparam, or_, select, update

from lti_tool.core.db import Tx, insert
from lti_tool.gradebook.columns import has_column, is_waiting
from lti_tool.gradebook.tables import delivery_attempts, delivery_tries, grade_deliveries

_BETWEEN_RESENDS = timedelta(minutes=1)


class DeliveryState(StrEnum):
    """How far a wished score has come."""

    QUEUED = "queued"
    SENDING = "sending"
    WAITING = "waiting"
    PARKED = "parked"
    # The LMS has said that it took it; it was seen to hold it; it holds a grade that somebody entered there.
    SENT = "sent"
    CONFIRMED = "confirmed"
    OVERRULED = "overruled"

    @property
    def is_delivered(self) -> bool:
        """The LMS has taken the score, as far as we know."""
        return self in (DeliveryState.SENT, DeliveryState.CONFIRMED)

    @property
    def is_under_way(self) -> bool:
        """It is sent by itself, now or later."""
        return self in (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.WAITING)


@dataclass(frozen=True)
class Delivery:
    """The newest wished score for one line item and person. `problem` says in plain words why it is not there.

    `seen_percent` is what the LMS showed at the last look, where `differs` says that it is not what we sent.
    """

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
    confirmed_at: datetime | None = None
    differs: bool = False
    seen_percent: Fraction | None = None


@dataclass(frozen=True)
class HandIn:
    """The attempt behind a wish, by its public id, and when it was handed in."""

    attempt: str
    at: datetime


@dataclass(frozen=True)
class Try:
    """One try to bring a grade to the LMS, and what became of it."""

    at: datetime
    percent: Fraction
    verdict: str
    http_status: int | None
    reason: str


_COLUMNS = tuple(grade_deliveries.c)
_one = select(*_COLUMNS).where(
    grade_deliveries.c.line_item_url == bindparam("url"), grade_deliveries.c.person_id == bindparam("person_id")
)
_of_item = select(*_COLUMNS).where(grade_deliveries.c.line_item_url == bindparam("url"))
_tries_of = (
    select(delivery_tries).where(delivery_tries.c.delivery_id == bindparam("delivery_id")).order_by(delivery_tries.c.id)
)


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
    hand_in: HandIn | None = None,
) -> None:
    """Wishes that the LMS hold this score; replaces an older wish, delivered or not. `hand_in` is kept beside it.

    Where `line_item_url` is `waiting_for` a column, the wish is due once that is known.
    """
    wish = {
        "percent": str(percent),
        "finished": int(finished),
        "wanted_at": now,
        "due_at": None if is_waiting(line_item_url) else now,
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
        may_hold=[],
        **wish,
    )
    newer = {**wish, "revision": grade_deliveries.c.revision + 1}
    wished = fresh.on_conflict_do_update(index_elements=["line_item_url", "person_id"], set_=newer)
    delivery_id = tx.execute(wished.returning(grade_deliveries.c.id)).scalar_one()
    if hand_in is not None:
        behind = insert(tx, delivery_attempts).values(
            delivery_id=delivery_id, attempt=hand_in.attempt, handed_in_at=hand_in.at
        )
        tx.execute(behind.on_conflict_do_nothing(index_elements=["delivery_id", "attempt"]))


def delivery_of(tx: Tx, *, line_item_url: str, person_id: int) -> Delivery | None:
    """The delivery for one learner's grade in one line item, if a score has ever been wished."""
    row = tx.execute(_one, {"url": line_item_url, "person_id": person_id}).one_or_none()
    return None if row is None else _read(row)


def deliveries_of(tx: Tx, line_item_url: str) -> Mapping[int, Delivery]:
    """All deliveries of a line item, by person."""
    found: Sequence[Row[*tuple[Any, ...]]] = tx.execute(_of_item, {"url": line_item_url}).all()
    return {row.person_id: _read(row) for row in found}


def tries_of(tx: Tx, delivery_id: int) -> Sequence[Try]:
    """The journal of a delivery: every try, the oldest first."""
    rows = tx.execute(_tries_of, {"delivery_id": delivery_id}).all()
    return [Try(row.at, Fraction(row.percent), row.verdict, row.http_status, row.reason) for row in rows]


def send_again(tx: Tx, delivery_id: int, *, now: datetime) -> bool:
    """Makes a grade that is not delivered due again, at a person's request; False within a minute of the last one."""
    return (
        tx.execute(
            update(grade_deliveries)
            .where(grade_deliveries.c.id == delivery_id, _may_be_resent(now))
            .where(grade_deliveries.c.delivered_revision != grade_deliveries.c.revision, has_column())
            .values(due_at=now, parked_at=None, tries=0, resent_at=now)
        ).rowcount
        == 1
    )


def _may_be_resent(now: datetime) -> Any:
    return or_(grade_deliveries.c.resent_at.is_(None), grade_deliveries.c.resent_at <= now - _BETWEEN_RESENDS)


def _state(row: Row[*tuple[Any, ...]]) -> DeliveryState:
    if row.delivered_revision == row.revision:
        if row.overruled_at is not None:
            return DeliveryState.OVERRULED
        return DeliveryState.SENT if row.confirmed_at is None else DeliveryState.CONFIRMED
    if row.parked_at is not None:
        return DeliveryState.PARKED
    if row.leased_until is not None:
        return DeliveryState.SENDING
    return DeliveryState.WAITING if row.tries else DeliveryState.QUEUED


def _read(row: Row[*tuple[Any, ...]]) -> Delivery:
    state = _state(row)
    settled = state.is_delivered or state is DeliveryState.OVERRULED
    return Delivery(
        id=row.id,
        person_id=row.person_id,
        line_item_url=row.line_item_url,
        percent=Fraction(row.percent),
        finished=bool(row.finished),
        state=state,
        wanted_at=row.wanted_at,
        delivered_at=row.delivered_at if state.is_delivered else None,
        next_try_at=None if settled else row.due_at,
        tries=row.tries,
        problem=None if settled else row.last_error,
        confirmed_at=row.confirmed_at if state.is_delivered else None,
        differs=settled and row.differs,
        seen_percent=None if row.seen_percent is None else Fraction(row.seen_percent),
    )
