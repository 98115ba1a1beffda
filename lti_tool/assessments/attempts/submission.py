"""Handing in, by the learner or by the clock: once; score, receipt and event are stored in the same transaction."""

from datetime import datetime

from sqlalchemy import update

from lti_tool.assessments.attempts.attempt import COLUMNS, Attempt, Submission, read_attempt
from lti_tool.assessments.attempts.events import note
from lti_tool.assessments.attempts.journal import answers_of
from lti_tool.assessments.attempts.receipt import receipt_of
from lti_tool.assessments.attempts.states import EventKind, State, after
from lti_tool.assessments.model.form import Form
from lti_tool.assessments.scoring.score import score
from lti_tool.assessments.tables import attempts
from lti_tool.core.db import Tx


def submit(tx: Tx, attempt: Attempt, *, form: Form, actor: str, now: datetime) -> Submission:
    """Hands the attempt in and scores the answers that count. Repeating it returns the first result unchanged.

    `attempt` is held (`hold`) in this transaction, `form` is that of its own module version. After the deadline it is
    the clock that hands in, and the deadline is the moment at which that was done. Three statements.
    """
    if _was_handed_in(attempt):
        return Submission(attempt, fresh=False)
    ended = attempt.deadline_at if attempt.deadline_at is not None and now > attempt.deadline_at else None
    kind = EventKind.SUBMITTED if ended is None else EventKind.EXPIRED
    saved = answers_of(tx, attempt.id)
    responses = {item_id: answer.response for item_id, answer in saved.items() if answer.response is not None}
    outcome = score(form, attempt.drawn, responses)
    receipt = receipt_of(attempt.public_id, ended or now, responses)
    closed = (
        update(attempts)
        .where(attempts.c.id == attempt.id, attempts.c.state == State.OPEN.value)
        .values(
            state=after(attempt.state, kind).value,
            closed_as=kind.value,
            submitted_at=ended or now,
            points=str(outcome.points),
            max_points=str(outcome.max_points),
            percent=str(outcome.percent),
            passed=outcome.passed,
            outcome=outcome.to_json(),
            receipt=receipt,
            due_at=None,
            leased_until=None,
        )
        .returning(*COLUMNS)
    )
    made = read_attempt(tx.execute(closed).one())
    facts = {"percent": str(outcome.percent), "points": str(outcome.points), "of": str(outcome.max_points)}
    note(tx, attempt.id, kind, actor=actor, now=now, answers=len(responses), receipt=receipt, **facts)
    return Submission(made, fresh=True)


def _was_handed_in(attempt: Attempt) -> bool:
    return not attempt.open
