"""Handing in: open → submitted, once; the score and what it rests on are stored in the same transaction."""

from datetime import datetime

from sqlalchemy import bindparam, select, update

from lti_tool.assessments.attempts.attempt import COLUMNS, OPEN, SUBMITTED, Attempt, Submission, read_attempt
from lti_tool.assessments.attempts.journal import answers_of
from lti_tool.assessments.model.form import Form
from lti_tool.assessments.model.outcome import Outcome
from lti_tool.assessments.scoring.score import score
from lti_tool.assessments.tables import attempts
from lti_tool.core.db import Tx

# Waits for saves under way, which hold the row: what they wrote is scored too.
_held = select(*COLUMNS).where(attempts.c.id == bindparam("attempt_id")).with_for_update(key_share=True)


def submit(tx: Tx, attempt: Attempt, *, form: Form, now: datetime) -> Submission:
    """Hands the attempt in and scores the answers that count. Repeating it returns the first result unchanged.

    `form` is the form of the attempt's own module version. Three statements.
    """
    current = read_attempt(tx.execute(_held, {"attempt_id": attempt.id}).one())
    if _was_handed_in(current):
        return Submission(current, fresh=False)
    saved = answers_of(tx, attempt.id)
    responses = {item_id: answer.response for item_id, answer in saved.items() if answer.response is not None}
    outcome = score(form, current.drawn, responses)
    return Submission(_close(tx, attempt.id, outcome, now), fresh=True)


def _was_handed_in(attempt: Attempt) -> bool:
    return not attempt.open


def _close(tx: Tx, attempt_id: int, outcome: Outcome, now: datetime) -> Attempt:
    closed = (
        update(attempts)
        .where(attempts.c.id == attempt_id, attempts.c.state == OPEN)
        .values(
            state=SUBMITTED,
            submitted_at=now,
            points=str(outcome.points),
            max_points=str(outcome.max_points),
            percent=str(outcome.percent),
            passed=outcome.passed,
            outcome=outcome.to_json(),
        )
        .returning(*COLUMNS)
    )
    return read_attempt(tx.execute(closed).one())
