"""Starts attempts and finds them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Select, bindparam, cast, column, select, table

from lti_tool.assessments.attempts.attempt import COLUMNS, Attempt, Record, read_attempt
from lti_tool.assessments.attempts.deadline import GRACE, Accommodation
from lti_tool.assessments.attempts.states import State
from lti_tool.assessments.model.form import Form
from lti_tool.assessments.tables import accommodations, attempts
from lti_tool.assessments.variants.draw import draw
from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import Conflict, NotFound

_GRANTED = (accommodations.c.time_percent, accommodations.c.extra_attempts, accommodations.c.extra_days)
# One row at least, so that one statement tells what a learner is granted before there is any attempt.
_asked = select(cast(bindparam("enrolment_id"), BigInteger).label("enrolment_id")).subquery()
_record: Select[Any] = (
    select(*_GRANTED, *COLUMNS)
    .select_from(_asked)
    .outerjoin(accommodations, accommodations.c.enrolment_id == _asked.c.enrolment_id)
    .outerjoin(attempts, attempts.c.enrolment_id == _asked.c.enrolment_id)
    .order_by(attempts.c.number)
)
# Waits for saves under way, which hold the row: what they wrote is scored too. (NO KEY UPDATE, see the journal.)
_held: Select[Any] = (
    select(*_GRANTED, *COLUMNS)
    .select_from(attempts)
    .outerjoin(accommodations, accommodations.c.enrolment_id == attempts.c.enrolment_id)
    .where(attempts.c.enrolment_id == bindparam("enrolment_id"))
    .order_by(attempts.c.number)
    .with_for_update(key_share=True, of=attempts)
)
_by_public_id = select(*COLUMNS).where(attempts.c.public_id == bindparam("public_id"))
# Named as a foreign key names it: enrolments belong to a room above this one.
_enrolments = table("enrolments", column("id"), column("placement_id"))
_in_placement = (
    select(*COLUMNS)
    .join(_enrolments, _enrolments.c.id == attempts.c.enrolment_id)
    .where(_enrolments.c.placement_id == bindparam("placement_id"))
    .order_by(attempts.c.enrolment_id, attempts.c.number)
)
_open_in_placement = _in_placement.where(attempts.c.state == State.OPEN.value)
_TRIES = 3


def record_of(tx: Tx, enrolment_id: int) -> Record:
    """All attempts of an enrolment with what the learner is granted."""
    return _read_record(tx.execute(_record, {"enrolment_id": enrolment_id}).all())


def hold(tx: Tx, enrolment_id: int) -> Record:
    """The same, held until the transaction ends: nothing is saved and nothing handed in meanwhile."""
    return _read_record(tx.execute(_held, {"enrolment_id": enrolment_id}).all())


def _read_record(rows: Sequence[Row[Any]]) -> Record:
    granted = rows[0][: len(_GRANTED)] if rows else (None,)
    return Record(
        tuple(read_attempt(row) for row in rows if row.public_id is not None),
        Accommodation() if granted[0] is None else Accommodation(*granted),
    )


def attempts_of(tx: Tx, enrolment_id: int) -> Sequence[Attempt]:
    """All attempts of an enrolment, the first one first."""
    return record_of(tx, enrolment_id).attempts


def attempts_in(tx: Tx, placement_id: int) -> Sequence[Attempt]:
    """All attempts of everybody in a placement."""
    return tuple(read_attempt(row) for row in tx.execute(_in_placement, {"placement_id": placement_id}))


def open_attempts(tx: Tx, placement_id: int) -> Sequence[Attempt]:
    """Those of a placement that are open."""
    return tuple(read_attempt(row) for row in tx.execute(_open_in_placement, {"placement_id": placement_id}))


def attempt_with_id(tx: Tx, public_id: str) -> Attempt | None:
    """The attempt with this public id, whoever's it is: show it to nobody without asking whose it is."""
    # What cannot be an id is not looked up: PostgreSQL refuses some texts, such as one with a zero byte.
    known = ids.is_public_id(public_id)
    row = tx.execute(_by_public_id, {"public_id": public_id}).one_or_none() if known else None
    return None if row is None else read_attempt(row)


def find_attempt(tx: Tx, public_id: str, *, enrolment_id: int) -> Attempt:
    """The attempt with this public id, if it is this enrolment's; NotFound otherwise, with no difference shown."""
    return _own(attempt_with_id(tx, public_id), enrolment_id)


def find_in(record: Record, public_id: str, *, enrolment_id: int) -> Attempt:
    """The attempt with this public id in its enrolment's record; NotFound otherwise."""
    return _own(next((one for one in record.attempts if one.public_id == public_id), None), enrolment_id)


def _own(attempt: Attempt | None, enrolment_id: int) -> Attempt:
    if attempt is None or not _is_own(attempt.enrolment_id, enrolment_id):
        raise NotFound(
            "assessments.no_attempt",
            "There is no such attempt.",
            "Go back to the module's first page; your attempts are listed there.",
        )
    return attempt


def _is_own(owner_id: int, enrolment_id: int) -> bool:
    return owner_id == enrolment_id


def start(
    tx: Tx,
    *,
    enrolment_id: int,
    module_version_id: int,
    form: Form,
    seed: int,
    now: datetime,
    deadline_at: datetime | None = None,
    counts: bool = True,
    known: Record | None = None,
) -> Attempt:
    """Starts an attempt with the questions that `seed` draws, or returns the one that is still open.

    Two starts at once give the same attempt: the second insertion of a number does nothing, and we look again. One
    statement, where `known` tells the attempts so far. Raises Conflict `assessments.no_attempts_left`.
    """
    for _ in range(_TRIES):
        record = known or record_of(tx, enrolment_id)
        known = None
        if record.running is not None:
            return record.running
        _check_limit(record.used, record.allowed(form.attempts))
        fresh = {
            "enrolment_id": enrolment_id,
            "module_version_id": module_version_id,
            "number": len(record.attempts) + 1,
            "seed": seed,
            "started_at": now,
            "deadline_at": deadline_at,
            "counts": counts,
        }
        made = _insert(tx, form, fresh)
        if made is not None:
            return made
    raise Conflict(
        "assessments.start_again",
        "The assessment was started in several places at once.",
        "Try again. No attempt was lost.",
    )


def _check_limit(used: int, limit: int | None) -> None:
    if limit is not None and used >= limit:
        raise Conflict(
            "assessments.no_attempts_left",
            "All attempts at this assessment are used: %(used)s of %(limit)s.",
            "Your results are kept. Ask your instructor if you need another attempt.",
            used=used,
            limit=limit,
        )


def _insert(tx: Tx, form: Form, fresh: dict[str, Any]) -> Attempt | None:
    deadline_at: datetime | None = fresh["deadline_at"]
    row = insert(tx, attempts).values(
        public_id=ids.public_id(),
        state=State.OPEN.value,
        drawn=draw(form, fresh["seed"]).to_json(),
        page_secret=ids.token(),
        due_at=None if deadline_at is None else deadline_at + GRACE,
        **fresh,
    )
    made = row.on_conflict_do_nothing(index_elements=["enrolment_id", "number"]).returning(*COLUMNS)
    kept = tx.execute(made).one_or_none()
    return None if kept is None else read_attempt(kept)
