"""An attempt and a saved answer, as they stand in the database."""

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Row

from lti_tool.assessments.attempts.deadline import GRACE, Accommodation
from lti_tool.assessments.attempts.states import EventKind, State
from lti_tool.assessments.model.item import Response
from lti_tool.assessments.model.outcome import Outcome
from lti_tool.assessments.tables import attempts
from lti_tool.assessments.variants.draw import DrawnForm


@dataclass(frozen=True, slots=True)
class Attempt:
    """One go at an assessment. `number` counts from 1; `percent`, `passed` and `outcome` come with handing in.

    `submitted_at` of an attempt that the clock ended is its deadline. `page_secret` signs the file of a page that has
    no connection, `receipt` is the fingerprint of what was handed in.
    """

    id: int
    public_id: str
    enrolment_id: int
    module_version_id: int
    number: int
    state: State
    drawn: DrawnForm
    started_at: datetime
    submitted_at: datetime | None
    percent: Fraction | None
    passed: bool | None
    outcome: Outcome | None
    closed_as: EventKind | None
    counts: bool
    deadline_at: datetime | None
    extended_until: datetime | None
    page_secret: str
    receipt: str | None

    @property
    def open(self) -> bool:
        return self.state is State.OPEN

    @property
    def graded(self) -> bool:
        """Whether it was handed in and counts."""
        return self.state is State.GRADED

    def is_over(self, now: datetime) -> bool:
        """Whether an open attempt has no time left, grace included: all that is left is to hand in what was saved."""
        return self.open and self.deadline_at is not None and now >= self.deadline_at + GRACE


@dataclass(frozen=True, slots=True)
class Record:
    """All attempts of one enrolment, the first one first, and what the learner is granted."""

    attempts: tuple[Attempt, ...]
    accommodation: Accommodation

    @property
    def running(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.open), None)

    @property
    def used(self) -> int:
        """How many attempts count against the limit."""
        return sum(1 for attempt in self.attempts if attempt.state is not State.VOIDED)

    def allowed(self, limit: int | None) -> int | None:
        """How many attempts this learner has, of `limit` for everybody."""
        return None if limit is None else limit + self.accommodation.extra_attempts


@dataclass(frozen=True, slots=True)
class Saved:
    """An answer that is safe on disk once its transaction is; `response` None means it was cleared.

    `counts` is false for what came after the end: it is kept, and counts for nothing. `elsewhere` is when the same
    question was last answered by another page, be it a tab, a device or an earlier load of this one.
    """

    response: Response | None
    saved_at: datetime
    counts: bool = True
    elsewhere: datetime | None = field(default=None, compare=False)


class Submission(NamedTuple):
    """An attempt handed in. `fresh` is true for the one call that did it, and false for every repetition."""

    attempt: Attempt
    fresh: bool


COLUMNS = tuple(
    attempts.c[name]
    for name in (
        "id",
        "public_id",
        "enrolment_id",
        "module_version_id",
        "number",
        "state",
        "drawn",
        "started_at",
        "submitted_at",
        "percent",
        "passed",
        "outcome",
        "closed_as",
        "counts",
        "deadline_at",
        "extended_until",
        "page_secret",
        "receipt",
    )
)


def read_attempt(row: Row[Any]) -> Attempt:
    """The attempt in a row of COLUMNS."""
    return Attempt(
        id=row.id,
        public_id=row.public_id,
        enrolment_id=row.enrolment_id,
        module_version_id=row.module_version_id,
        number=row.number,
        state=State(row.state),
        drawn=DrawnForm.from_json(row.drawn),
        started_at=row.started_at,
        submitted_at=row.submitted_at,
        percent=None if row.percent is None else Fraction(row.percent),
        passed=row.passed,
        outcome=None if row.outcome is None else Outcome.from_json(row.outcome),
        closed_as=None if row.closed_as is None else EventKind(row.closed_as),
        counts=row.counts,
        deadline_at=row.deadline_at,
        extended_until=row.extended_until,
        page_secret=row.page_secret,
        receipt=row.receipt,
    )
