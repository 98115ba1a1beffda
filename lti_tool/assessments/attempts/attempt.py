"""An attempt and a saved answer, as they stand in the database."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Row

from lti_tool.assessments.model.item import Response
from lti_tool.assessments.model.outcome import Outcome
from lti_tool.assessments.tables import attempts
from lti_tool.assessments.variants.draw import DrawnForm

OPEN = "open"
SUBMITTED = "submitted"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One go at an assessment. `number` counts from 1; `percent`, `passed` and `outcome` come with handing in."""

    id: int
    public_id: str
    enrolment_id: int
    module_version_id: int
    number: int
    open: bool
    drawn: DrawnForm
    started_at: datetime
    submitted_at: datetime | None
    percent: Fraction | None
    passed: bool | None
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Saved:
    """An answer that is safe on disk once its transaction is; `response` None means it was cleared."""

    response: Response | None
    saved_at: datetime


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
        open=row.state == OPEN,
        drawn=DrawnForm.from_json(row.drawn),
        started_at=row.started_at,
        submitted_at=row.submitted_at,
        percent=None if row.percent is None else Fraction(row.percent),
        passed=row.passed,
        outcome=None if row.outcome is None else Outcome.from_json(row.outcome),
    )


def read_response_json(stored: object) -> Response | None:
    """A response out of its JSON: a string, or a list of strings."""
    if isinstance(stored, list):
        return tuple(str(part) for part in stored) or None
    return stored if isinstance(stored, str) and stored else None
