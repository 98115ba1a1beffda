"""The journal of answers: every save is a row, and what was answered is never changed.

What comes after the end (the hand-in, or the deadline and its grace) is a row too, so that nothing is lost and a
teacher sees it; it counts for nothing, and whoever sent it is told. A save is known by its page (64 random bits a page
load) and the page's own count, so a repeated one does nothing. Which answer counts: within a page its highest count,
whatever came late; between pages the one that arrived last.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Insert, String, and_, bindparam, func, or_, select, update

from lti_tool.assessments.attempts.attempt import Attempt, Saved
from lti_tool.assessments.attempts.states import State
from lti_tool.assessments.model.item import Item, Response, response_from_json, response_to_json
from lti_tool.assessments.tables import answers, attempts
from lti_tool.core.db import Json, Tx, UTCDateTime, insert, per_dialect
from lti_tool.core.errors import Conflict, Invalid

_PAGE_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
# One save a second for more than five hours: whoever needs more is a script in a loop.
MOST_SAVES = 20_000
_MAX_SEQUENCE = 2**53  # the largest count that a browser keeps exactly

_first = select(answers.c.response, answers.c.saved_at, answers.c.counts).where(
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
    .where(answers.c.attempt_id == bindparam("attempt_id"), answers.c.counts)
    .subquery()
)
_last_of_pages = (
    select(_ranked.c.item_id, _ranked.c.response, _ranked.c.saved_at).where(_ranked.c.rank == 1).order_by(_ranked.c.id)
)

# The row is held until commit: a save is before a hand-in or refused, never in between, and the journal's order is the
# order of the commits. (NO KEY UPDATE, so that a hand-in in the same transaction may follow without two tabs waiting
# for each other.)
_in_time = or_(attempts.c.due_at.is_(None), bindparam("new_moment", type_=UTCDateTime) <= attempts.c.due_at)
_counts = and_(attempts.c.state == State.OPEN.value, _in_time)
_saves = select(func.count()).select_from(answers).where(answers.c.attempt_id == attempts.c.id)
_has_room = _saves.correlate(attempts).scalar_subquery() < MOST_SAVES
_other = answers.alias()
_elsewhere = (
    select(func.max(_other.c.saved_at, type_=UTCDateTime))
    .where(
        _other.c.attempt_id == bindparam("attempt_id"),
        _other.c.item_id == bindparam("new_item", type_=String),
        _other.c.page_key != bindparam("new_page", type_=String),
        _other.c.counts,
    )
    .scalar_subquery()
    .label("elsewhere")
)
_count = (
    update(answers)
    .where(
        answers.c.attempt_id == bindparam("attempt"),
        answers.c.page_key == bindparam("page"),
        answers.c.sequence == bindparam("number"),
    )
    .values(counts=True)
)
_all = (
    select(answers.c.item_id, answers.c.page_key, answers.c.response, answers.c.saved_at, answers.c.counts)
    .where(answers.c.attempt_id == bindparam("attempt_id"))
    .order_by(answers.c.id)
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal: an answer as it came, from which page load, and whether it counts."""

    item_id: str
    page_key: str
    saved: Saved


def _appending(tx: Tx) -> Insert:
    row = (
        select(
            attempts.c.id,
            bindparam("new_item", type_=String),
            bindparam("new_page", type_=String),
            bindparam("new_sequence", type_=BigInteger),
            bindparam("new_response", type_=Json),
            bindparam("new_moment", type_=UTCDateTime),
            _counts,
        )
        .where(attempts.c.id == bindparam("attempt_id"), _has_room)
        .with_for_update(key_share=True)
    )
    columns = ["attempt_id", "item_id", "page_key", "sequence", "response", "saved_at", "counts"]
    entry = insert(tx, answers).on_conflict_do_nothing(index_elements=["attempt_id", "page_key", "sequence"])
    return entry.from_select(columns, row).returning(answers.c.counts, _elsewhere)


_append = per_dialect(_appending)


def save(
    tx: Tx, attempt: Attempt, *, item: Item, response: Response | None, page_key: str, sequence: int, now: datetime
) -> Saved:
    """Appends an answer; None clears it. One statement, two when the save is a repetition, which changes nothing.

    What comes too late is kept and `counts` for nothing: say so, by `too_late`, once the transaction is through.
    Raises Conflict `assessments.too_many_saves` after MOST_SAVES, Invalid for a question that the attempt does not
    have or a page key that is none.
    """
    _check(attempt, item, page_key, sequence)
    entry = {
        "attempt_id": attempt.id,
        "new_item": item.id,
        "new_page": page_key,
        "new_sequence": sequence,
        "new_response": response_to_json(response),
        "new_moment": now,
    }
    kept = tx.execute(_append(tx), entry).one_or_none()
    if kept is not None:
        return Saved(response or None, now, kept.counts, kept.elsewhere)
    asked = {"attempt_id": attempt.id, "page_key": page_key, "sequence": sequence}
    first = tx.execute(_first, asked).one_or_none()
    if first is None:
        raise _is_full(attempt, item)
    return Saved(response_from_json(first.response), first.saved_at, first.counts)


def count_after_all(tx: Tx, attempt: Attempt, *, page_key: str, sequence: int) -> None:
    """An answer that came too late counts, as a teacher has decided: its place among the others stays."""
    tx.execute(_count, {"attempt": attempt.id, "page": page_key, "number": sequence})


def answers_of(tx: Tx, attempt_id: int) -> Mapping[str, Saved]:
    """The answer that counts for each question, cleared ones included."""
    rows = tx.execute(_last_of_pages, {"attempt_id": attempt_id})
    return {row.item_id: Saved(response_from_json(row.response), row.saved_at) for row in rows}


def journal_of(tx: Tx, attempt_id: int) -> Sequence[Entry]:
    """Every answer that came, in the order in which it came, those too late included."""
    rows = tx.execute(_all, {"attempt_id": attempt_id})
    return tuple(
        Entry(row.item_id, row.page_key, Saved(response_from_json(row.response), row.saved_at, row.counts))
        for row in rows
    )


def too_late(attempt: Attempt) -> Conflict:
    """What the one is told whose answer came after the end."""
    facts = {"attempt": attempt.public_id}
    if not attempt.open:
        return Conflict(
            "assessments.attempt_closed",
            "This attempt was handed in before this answer came, so the answer does not count.",
            "It is kept, and your teacher can see it. See the result of the attempt.",
            log=facts,
        )
    return Conflict(
        "assessments.time_is_up",
        "The time was up before this answer came, so it does not count.",
        "It is kept, and your teacher can see it. What was saved in time is handed in by itself.",
        log=facts,
    )


def _is_full(attempt: Attempt, item: Item) -> Conflict:
    return Conflict(
        "assessments.too_many_saves",
        "This attempt has been saved so often that no more is kept.",
        "What was saved before counts. Look over your answers and hand them in.",
        log={"attempt": attempt.public_id, "item": item.id},
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
