"""The journal of answers: every save is a row, none is ever changed.

A save is known by its page (64 random bits a page load) and the page's own count, so a repeated one does nothing.
Which answer counts: within a page its highest count, whatever came late; between pages the one that arrived last.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import BigInteger, String, bindparam, func, select
from sqlalchemy.sql.dml import ReturningInsert

from lti_tool.assessments.attempts.attempt import OPEN, Attempt, Saved, read_response_json
from lti_tool.assessments.model.item import Item, Response
from lti_tool.assessments.tables import answers, attempts
from lti_tool.core.db import Json, Tx, UTCDateTime, insert
from lti_tool.core.errors import Conflict, Invalid

_PAGE_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
# One save a second for more than five hours: whoever needs more is a script in a loop.
MOST_SAVES = 20_000
_MAX_SEQUENCE = 2**53  # the largest count that a browser keeps exactly

_first = select(answers.c.response, answers.c.saved_at).where(
    answers.c.attempt_id == bindparam("attempt_id"),
    answers.c.page_key == bindparam("page_key"),
    answers.c.sequence == bindparam("sequence"),
)
_ranked = (
    select(
        answers.c.id,
        answers.c.item_id,
        answers.c.response,
        answers.c.saved_at,
        func.row_number()
        .over(partition_by=[answers.c.item_id, answers.c.page_key], order_by=answers.c.sequence.desc())
        .label("rank"),
    )
    .where(answers.c.attempt_id == bindparam("attempt_id"))
    .subquery()
)
_last_of_pages = (
    select(_ranked.c.item_id, _ranked.c.response, _ranked.c.saved_at).where(_ranked.c.rank == 1).order_by(_ranked.c.id)
)

# The row is held until commit: a save is before a hand-in or refused, never in between, and the journal's order is the
# order of the commits. (NO KEY UPDATE, so that a hand-in in the same transaction may follow without two tabs waiting
# for each other.)
_attempt_row = (
    select(
        attempts.c.id,
        bindparam("new_item", type_=String),
        bindparam("new_page", type_=String),
        bindparam("new_sequence", type_=BigInteger),
        bindparam("new_response", type_=Json),
        bindparam("new_moment", type_=UTCDateTime),
    )
    .where(attempts.c.id == bindparam("attempt_id"))
    .with_for_update(key_share=True)
)
_saves = select(func.count()).select_from(answers).where(answers.c.attempt_id == attempts.c.id)
_has_room = _saves.correlate(attempts).scalar_subquery() < MOST_SAVES
_open_attempt = _attempt_row.where(attempts.c.state == OPEN, _has_room)
_is_full = select(attempts.c.id).where(attempts.c.id == bindparam("attempt_id"), ~_has_room)


def _append(tx: Tx) -> ReturningInsert[tuple[int]]:
    columns = ["attempt_id", "item_id", "page_key", "sequence", "response", "saved_at"]
    entry = insert(tx, answers).on_conflict_do_nothing(index_elements=["attempt_id", "page_key", "sequence"])
    return entry.from_select(columns, _open_attempt).returning(answers.c.id)


def save(
    tx: Tx, attempt: Attempt, *, item: Item, response: Response | None, page_key: str, sequence: int, now: datetime
) -> Saved:
    """Appends an answer; None clears it. One statement, two when the save is a repetition, which changes nothing.

    Raises Conflict `assessments.attempt_closed` once the attempt was handed in (a repetition of a save from before is
    confirmed all the same) and `assessments.too_many_saves` after MOST_SAVES, Invalid for a question that the attempt
    does not have or a page key that is none.
    """
    _check(attempt, item, page_key, sequence)
    entry = {
        "attempt_id": attempt.id,
        "new_item": item.id,
        "new_page": page_key,
        "new_sequence": sequence,
        "new_response": list(response) if isinstance(response, tuple) else response,
        "new_moment": now,
    }
    if tx.execute(_append(tx), entry).one_or_none() is not None:
        return Saved(response or None, now)
    asked = {"attempt_id": attempt.id, "page_key": page_key, "sequence": sequence}
    first = tx.execute(_first, asked).one_or_none()
    if first is None:
        raise _not_taken(tx, attempt, item)
    return Saved(read_response_json(first.response), first.saved_at)


def answers_of(tx: Tx, attempt_id: int) -> Mapping[str, Saved]:
    """The answer that counts for each question, cleared ones included."""
    rows = tx.execute(_last_of_pages, {"attempt_id": attempt_id})
    return {row.item_id: Saved(read_response_json(row.response), row.saved_at) for row in rows}


def _not_taken(tx: Tx, attempt: Attempt, item: Item) -> Conflict:
    """Why an open attempt's row was not found, for the one who waits for the save."""
    facts = {"attempt": attempt.public_id, "item": item.id}
    if tx.execute(_is_full, {"attempt_id": attempt.id}).one_or_none() is not None:
        return Conflict(
            "assessments.too_many_saves",
            "This attempt has been saved so often that no more is kept.",
            "What was saved before counts. Look over your answers and hand them in.",
            log=facts,
        )
    return Conflict(
        "assessments.attempt_closed",
        "This attempt was handed in, so this answer was not saved.",
        "What was saved before counts. See the result of the attempt.",
        log=facts,
    )


def _check(attempt: Attempt, item: Item, page_key: str, sequence: int) -> None:
    if item.id not in attempt.drawn.item_ids:
        raise Invalid(
            "assessments.unknown_item",
            "This question is not part of the attempt.",
            "Reload the page and answer again. What was saved before is still there.",
            log={"attempt": attempt.public_id, "item": item.id},
        )
    if _PAGE_KEY.fullmatch(page_key) is None or not 0 <= sequence <= _MAX_SEQUENCE:
        raise Invalid(
            "assessments.unknown_page",
            "This answer came without the mark of the page that it was given on, so it was not saved.",
            "Reload the page and answer again. What was saved before is still there.",
            log={"attempt": attempt.public_id, "page_key": page_key[:80], "sequence": sequence},
        )
