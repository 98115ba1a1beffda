"""The gradebook: line items, grades and the rules by which Moodle 4.5 takes a score (LTI AGS 2.0 §3.4, with quirks).

Kept from the captures: only `FullyGraded` sets a grade and anything else erases it; 409 compares the score's timestamp,
in whole seconds, with the moment this LMS *saved* the last grade; too much is cut, another maximum is rescaled.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lti_tool.demo.people import Person


class Refused(Exception):
    """A request that the LMS does not take, with the status line that Moodle gives."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LineItem:
    """A column. `link_id` couples it to an activity; `foreign` keeps nothing but what Moodle keeps."""

    id: int
    label: str
    maximum: float
    resource_id: str = ""
    tag: str = ""
    link_id: str = ""
    review_url: str = ""
    review_custom: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Grade:
    """What stands in one cell. A value of None with a row remains where a comment came without a grade.

    `by_hand`: a teacher entered it; Moodle calls it overridden, and no score changes it any more.
    """

    value: float | None
    comment: str
    saved_at: datetime
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class ScorePost:
    """One score message as it arrived, and what became of it."""

    at: datetime
    item_id: int
    user_id: str
    given: float | None
    maximum: float | None
    activity_progress: str
    grading_progress: str
    timestamp: str
    comment: str
    status: int
    outcome: str

    @property
    def was_accepted(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Score:
    """A score message that is complete and of the right types."""

    user_id: str
    given: float | None
    maximum: float | None
    activity_progress: str
    grading_progress: str
    timestamp: datetime
    comment: str


def read_score(fields: object, people: Mapping[str, Person], raw: str) -> Score:
    """The score in a decoded body. Raises Refused(400) with the whole request in the reason, as Moodle does."""
    refusal = Refused(400, f"Incorrect score received{raw}")
    if not isinstance(fields, Mapping):
        raise refusal
    wanted = ("userId", "timestamp", "gradingProgress", "activityProgress")
    if any(fields.get(name) is None for name in wanted):
        raise refusal
    timestamp = parse_time(fields["timestamp"])
    given, maximum = _number(fields.get("scoreGiven"), refusal), _number(fields.get("scoreMaximum"), refusal)
    if timestamp is None or (given is not None and maximum is None):
        raise refusal
    user_id = str(fields["userId"])
    if not user_id.isdecimal():
        raise Refused(502, "Bad Gateway")
    person = people.get(user_id)
    if person is None or not person.is_gradable:
        raise refusal
    return Score(
        user_id,
        given,
        maximum,
        str(fields["activityProgress"]),
        str(fields["gradingProgress"]),
        timestamp,
        str(fields.get("comment") or ""),
    )


def apply_score(item: LineItem, present: Grade | None, score: Score, *, now: datetime) -> Grade | None:
    """The cell after a score; None empties it. Raises Refused(409) for a score that is not newer than the last save."""
    if present is not None and math.floor(score.timestamp.timestamp()) <= math.floor(present.saved_at.timestamp()):
        text = f"Refusing score with an earlier timestamp for item {item.id} and user {score.user_id}"
        raise Refused(409, text)
    if present is not None and present.by_hand:
        return replace(present, saved_at=now)
    if score.given is None or score.grading_progress != "FullyGraded":
        return Grade(None, score.comment, now) if score.comment else None
    return Grade(_rescaled(score.given, score.maximum or 0, item.maximum), score.comment, now)


def _rescaled(given: float, maximum: float, wanted: float) -> float:
    value = given if maximum == wanted else (given / maximum * wanted if maximum > 0 else 0)
    return round(min(max(value, 0), wanted), 5)


def _number(value: object, refusal: Refused) -> float | None:
    if value is None:
        return None
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise refusal
    return number


def parse_time(value: object) -> datetime | None:
    """An ISO 8601 moment, even a bare date, as Moodle takes it; without a zone it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def plain_number(value: float) -> int | float:
    """A number as PHP writes it: whole ones without a point."""
    return int(value) if float(value).is_integer() else value


def renamed(item: LineItem, fields: Mapping[str, object]) -> LineItem:
    """A line item after a PUT: label, maximum, resource id and tag are taken, all else is left."""
    maximum = fields.get("scoreMaximum")
    label = fields.get("label")
    if not isinstance(label, str) or isinstance(maximum, bool) or not isinstance(maximum, int | float):
        raise Refused(400, "No label or Score Maximum")
    return replace(
        item,
        label=label,
        maximum=float(maximum),
        resource_id=str(fields.get("resourceId") or ""),
        tag=str(fields.get("tag") or ""),
    )
