"""Starts attempts and finds them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from lti_tool.assessments.attempts.attempt import COLUMNS, OPEN, Attempt, read_attempt
from lti_tool.assessments.model.form import Form
from lti_tool.assessments.tables import attempts
from lti_tool.assessments.variants.draw import draw
from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import Conflict, NotFound

_of_enrolment = select(*COLUMNS).where(attempts.c.enrolment_id == bindparam("enrolment_id")).order_by(attempts.c.number)
_by_public_id = select(*COLUMNS).where(attempts.c.public_id == bindparam("public_id"))
_TRIES = 3


def attempts_of(tx: Tx, enrolment_id: int) -> Sequence[Attempt]:
    """All attempts of an enrolment, the first one first."""
    return tuple(read_attempt(row) for row in tx.execute(_of_enrolment, {"enrolment_id": enrolment_id}))


def attempt_with_id(tx: Tx, public_id: str) -> Attempt | None:
    """The attempt with this public id, whoever's it is: for operators, and never to show it to anybody else."""
    row = tx.execute(_by_public_id, {"public_id": public_id}).one_or_none()
    return None if row is None else read_attempt(row)


def find_attempt(tx: Tx, public_id: str, *, enrolment_id: int) -> Attempt:
    """The attempt with this public id, if it is this enrolment's; NotFound otherwise, with no difference shown."""
    # What cannot be an id is not looked up: PostgreSQL refuses some texts, such as one with a zero byte.
    known = ids.is_public_id(public_id)
    row = tx.execute(_by_public_id, {"public_id": public_id}).one_or_none() if known else None
    if row is None or not _is_own(row.enrolment_id, enrolment_id):
        raise NotFound(
            "assessments.no_attempt",
            "There is no such attempt.",
            "Go back to the module's first page; your attempts are listed there.",
        )
    return read_attempt(row)


def _is_own(owner_id: int, enrolment_id: int) -> bool:
    return owner_id == enrolment_id


def start(tx: Tx, *, enrolment_id: int, module_version_id: int, form: Form, seed: int, now: datetime) -> Attempt:
    """Starts an attempt with the questions that `seed` draws, or returns the one that is still open.

    Two starts at once give the same attempt: the second insertion of a number does nothing, and we look again.
    At most six statements. Raises Conflict `assessments.no_attempts_left`.
    """
    for _ in range(_TRIES):
        earlier = attempts_of(tx, enrolment_id)
        running = next((attempt for attempt in earlier if attempt.open), None)
        if running is not None:
            return running
        _check_limit(len(earlier), form.attempts)
        made = _insert(tx, enrolment_id, module_version_id, len(earlier) + 1, form, seed, now)
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


def _insert(
    tx: Tx, enrolment_id: int, module_version_id: int, number: int, form: Form, seed: int, now: datetime
) -> Attempt | None:
    fresh = insert(tx, attempts).values(
        public_id=ids.public_id(),
        enrolment_id=enrolment_id,
        module_version_id=module_version_id,
        number=number,
        state=OPEN,
        seed=seed,
        drawn=draw(form, seed).to_json(),
        started_at=now,
    )
    made = fresh.on_conflict_do_nothing(index_elements=["enrolment_id", "number"]).returning(*COLUMNS)
    row = tx.execute(made).one_or_none()
    return None if row is None else read_attempt(row)
