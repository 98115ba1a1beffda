"""How Canvas takes a score (LTI AGS 2.0 §3.4 with Canvas's submission extension), without a database or a web.

Kept from `scores_controller.rb`: the order of the checks and their words; a score without points, or not final, clears
the grade unless `preserve_score`; with it no grade is set at all; too much is extra credit; only a timestamp older than
the last one is refused, and this LMS's clock matters for `submittedAt` alone.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lti_tool.demo.canvas.facts import SUBMISSION
from lti_tool.demo.gradebook import Grade, LineItem, parse_time

ACTIVITY = ("Initialized", "Started", "InProgress", "Submitted", "Completed")
GRADING = ("NotReady", "Failed", "Pending", "PendingManual", "FullyGraded")
_FINAL = ("FullyGraded", "PendingManual")
_KINDS = ("none", "basic_lti_launch", "online_text_entry", "external_tool", "online_upload", "online_url")
_AHEAD = timedelta(minutes=1)
_TYPES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    412: "precondition_failed",
    422: "unprocessable_entity",
}


class ServiceError(Exception):
    """A request that a service refuses, in Canvas's words; `bare` ones have an empty body."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    @property
    def json(self) -> dict[str, dict[str, str]]:
        return {"errors": {"type": _TYPES[self.status], "message": self.message}}


@dataclass(frozen=True, slots=True)
class Submission:
    """Canvas's extension of a score, with its defaults filled in."""

    kind: str = "external_tool"
    data: str = ""
    is_new: bool = True
    preserve: bool = False
    keep_others: bool = False
    submitted_at: datetime | None = None
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """A score message that passed all checks but those of time and attempts against what is stored."""

    given: float | None
    maximum: float | None
    grading_progress: str
    timestamp: datetime
    comment: str
    submission: Submission
    extension: Mapping[str, object] | None

    @property
    def clears(self) -> bool:
        return self.given is None or self.grading_progress not in _FINAL


def read_score(fields: Mapping[str, object], item: LineItem, present: Grade | None, *, now: datetime) -> Score:
    """The score in a body whose user is known. Raises ServiceError in the order in which Canvas looks."""
    for name, known in (("activityProgress", ACTIVITY), ("gradingProgress", GRADING), ("timestamp", None)):
        value = fields.get(name)
        if not value or (known is not None and value not in known):
            raise ServiceError(400, f"param is missing or the value is invalid: {name}")
    timestamp = _timestamp(str(fields["timestamp"]), present)
    given, maximum = _points(fields, item)
    extension = fields.get(SUBMISSION)
    extended: Mapping[str, object] = extension if isinstance(extension, dict) else {}
    submission = _submission(fields, extended, now)
    return Score(
        given,
        maximum,
        str(fields["gradingProgress"]),
        timestamp,
        str(fields.get("comment") or ""),
        submission,
        extended or None,
    )


def _timestamp(text: str, present: Grade | None) -> datetime:
    moment = parse_time(text)
    if moment is None:
        raise ServiceError(400, f"Provided timestamp of {text} not a valid timestamp")
    if present is not None and moment < present.saved_at:
        last = rails_time(present.saved_at)
        raise ServiceError(400, f"Provided timestamp of {text} before last updated timestamp of {last}")
    return moment


def rails_time(moment: datetime) -> str:
    """A moment as Rails writes it in JSON."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def _points(fields: Mapping[str, object], item: LineItem) -> tuple[float | None, float | None]:
    given, maximum = _number(fields.get("scoreGiven")), _number(fields.get("scoreMaximum"))
    if given is not None and maximum is None:
        raise ServiceError(422, "ScoreMaximum not supplied when ScoreGiven present.")
    if maximum is not None and maximum < 0:
        raise ServiceError(422, "ScoreMaximum must be greater than or equal to 0")
    if maximum == 0 and item.maximum != 0:
        raise ServiceError(422, "cannot be zero if line item's maximum is not zero")
    if given is not None and given < 0:
        raise ServiceError(422, "ScoreGiven must be greater than or equal to 0")
    return given, maximum


def _number(value: object) -> float | None:
    """A number, also one written as text; anything else counts as 0, as Ruby's `to_f` has it."""
    if value is None:
        return None
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0.0
    except ValueError:
        number = 0.0
    return number if math.isfinite(number) else 0.0


def _submission(fields: Mapping[str, object], extended: Mapping[str, object], now: datetime) -> Submission:
    times = fields.get("submission")
    wanted = (times.get("submittedAt") if isinstance(times, dict) else None) or extended.get("submitted_at")
    submitted_at = None
    if wanted:
        submitted_at = parse_time(wanted)
        if submitted_at is None:
            raise ServiceError(400, f"Provided submitted_at timestamp of {wanted} not a valid timestamp")
        if submitted_at > now + _AHEAD:
            raise ServiceError(400, f"Provided submitted_at timestamp of {wanted} in the future")
    rows = extended.get("content_items")
    files = tuple(
        (str(row.get("url", "")), str(row.get("title", "")))
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict) and row.get("type") == "file"
    )
    kind = "online_upload" if files else str(extended.get("submission_type") or "external_tool")
    if kind == "online_upload" and not files:
        raise ServiceError(422, "Content items must be provided with submission type 'online_upload'")
    if kind not in _KINDS:
        raise ServiceError(400, f"Invalid submission_type: {kind}")
    return Submission(
        kind=kind,
        data=str(extended.get("submission_data") or ""),
        is_new=kind != "none" and _flag(extended.get("new_submission"), otherwise=True),
        preserve=_flag(extended.get("preserve_score")),
        keep_others=_flag(extended.get("prioritize_non_tool_grade")),
        submitted_at=submitted_at,
        files=files,
    )


def _flag(value: object, *, otherwise: bool = False) -> bool:
    """A truth value as Rails casts one."""
    return otherwise if value is None or value == "" else str(value).lower() not in ("false", "f", "0", "off", "no")


def apply_score(item: LineItem, present: Grade | None, score: Score) -> Grade:
    """The cell after a score; the result takes the score's time as its own, and its comment or none."""
    value = present.value if present is not None else None
    kept = (score.submission.keep_others and value is not None) or score.submission.preserve
    if kept:
        pass
    elif score.clears:
        value = None
    else:
        value = score.given if not score.maximum else (score.given or 0) / score.maximum * item.maximum
    by_hand = kept and present is not None and present.by_hand
    return Grade(None if value is None else round(value, 5), score.comment, score.timestamp, by_hand)
