"""Sending scores (AGS 2.0 §3.4), and what a platform's answer means for the next try."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from lti_tool.core.errors import ToolError, Upstream
from lti_tool.core.http import HttpAnswer
from lti_tool.lti.advantage.bearer import Bearer, Scopes, wait_asked
from lti_tool.lti.advantage.results import list_results, service_url
from lti_tool.lti.advantage.tokens import TokenRefused
from lti_tool.lti.quirks import SUBMISSION, Answer, GradeRules, grade_rules, is_rate_limit, is_silent_refusal
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.vocabulary import SCORE_SCOPE

_SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
SENDING: tuple[Scopes, ...] = ((SCORE_SCOPE,),)
# Moodle keeps five decimals, rescaled to the line item's maximum.
_SAME = Decimal("0.00001")

_NO_ANSWER = "The LMS does not answer at the moment."
_BUSY = "The LMS asks us to slow down."
_NO_ACCESS = "The LMS does not let this tool write grades. Its administrator has to allow it."
_STRANGE = "What the LMS answers is not from its gradebook. Perhaps it is being repaired."
_NEWER = "The LMS holds a newer grade of this learner, or its clock is ahead of ours."
_REASONS = {
    400: "The LMS does not take this grade. Is the learner still enrolled in the course?",
    403: _NO_ACCESS,
    404: "The LMS does not find this activity's grade column, or the learner in it. It may have been deleted.",
    422: "The LMS does not take this grade. Is the learner still enrolled in the course, and the course published?",
}


class Keeps(StrEnum):
    """Which grade that the LMS has already a score leaves as it is."""

    NONE = "none"
    EXISTING = "existing"
    WHATEVER = "whatever"


@dataclass(frozen=True)
class Submission:
    """The hand-in behind a score, for an LMS that counts attempts: when it was, and whether it is told here first."""

    handed_in_at: datetime | None
    is_new: bool
    keeps: Keeps = Keeps.NONE


@dataclass(frozen=True)
class Score:
    """A score to send. `given` and `maximum` are decimal numbers written out; `timestamp` is aware UTC."""

    user_id: str
    given: str
    maximum: str
    finished: bool
    timestamp: datetime
    comment: str = ""
    submission: Submission | None = None


class ScoreVerdict(StrEnum):
    """What became of a score: the LMS has it, will not have it as things are, or should be asked again."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True)
class ScoreOutcome:
    """The verdict, and why in plain words for a teacher; `confirmed` when the LMS was asked and holds this score.

    `unsettled`: the LMS may have taken the score all the same, so it must be asked before another one is sent.
    `whole_platform`: what stands in the way is not this score's own, so the next one will fare no better.
    """

    verdict: ScoreVerdict
    reason: str = ""
    retry_after: float | None = None
    confirmed: bool = False
    status: int | None = field(default=None, compare=False)
    unsettled: bool = field(default=False, compare=False)
    whole_platform: bool = field(default=False, compare=False)


def send_score(bearer: Bearer, registration: Registration, line_item_url: str, score: Score) -> ScoreOutcome:
    """Sends a score; never raises for a platform that does not answer, or answers oddly."""
    rules = grade_rules(line_item_url)
    body = score_body(score, rules)
    url = service_url(line_item_url, "scores")
    on_its_way: list[bool] = []

    def post(token: Mapping[str, str]) -> HttpAnswer:
        on_its_way.append(True)
        return bearer.http.post(url, data=body, headers={"Content-Type": _SCORE_TYPE, **token})

    try:
        answer = bearer.call(registration, url, SENDING, post)
        if answer.status == 409:
            return _after_conflict(bearer, registration, line_item_url, score)
    except TokenRefused as fault:
        return _without_token(fault, bearer.clock.now())
    except Upstream as fault:
        return replace(_unanswered(fault), unsettled=bool(on_its_way))
    return read_outcome(answer, now=bearer.clock.now(), rules=rules)


def _after_conflict(bearer: Bearer, registration: Registration, line_item_url: str, score: Score) -> ScoreOutcome:
    """After “you are too late”: perhaps the LMS has had this very score all along, and only its answer was lost."""
    wanted = Decimal(score.given) / Decimal(score.maximum)
    newer = ScoreOutcome(ScoreVerdict.LATER, _NEWER, status=409, unsettled=True)
    try:
        held = list_results(bearer, registration, line_item_url, score.user_id)
    except Upstream:
        return newer
    for result in held:
        if result.user_id == score.user_id and result.share is not None and abs(result.share - wanted) <= _SAME:
            return ScoreOutcome(ScoreVerdict.ACCEPTED, confirmed=True, status=409)
    return newer


def _without_token(fault: TokenRefused, now: datetime) -> ScoreOutcome:
    status = fault.answer.status
    if fault.again:
        limited = is_rate_limit(status, fault.answer.headers.get("X-Rate-Limit-Remaining"))
        outcome = ScoreOutcome(ScoreVerdict.LATER, _BUSY if limited else _NO_ANSWER, wait_asked(fault.answer, now=now))
    else:
        outcome = _refused(_NO_ACCESS)
    return replace(outcome, status=status, whole_platform=True)


def score_body(score: Score, rules: GradeRules | None = None) -> str:
    """The score as compact JSON: Moodle answers a pretty-printed one that it refuses with 200.

    `gradingProgress` is always FullyGraded, since Moodle erases the grade for any other; whether the learner may still
    try again is told by `activityProgress`.
    """
    said: dict[str, object] = {
        "userId": score.user_id,
        "scoreGiven": _number(score.given),
        "scoreMaximum": _number(score.maximum),
        "activityProgress": "Completed" if score.finished else "Submitted",
        "gradingProgress": "FullyGraded",
        "timestamp": score.timestamp.isoformat(timespec="milliseconds"),
    }
    if score.comment:
        said["comment"] = score.comment
    if score.submission is not None and rules is not None and rules.counts_attempts:
        said |= _submission(score.submission)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _submission(submission: Submission) -> dict[str, object]:
    """Canvas's members: the moment of the hand-in twice, as it sends its own extension back, but not the other."""
    extension: dict[str, object] = {"new_submission": submission.is_new}
    if submission.keeps is Keeps.EXISTING:
        extension["prioritize_non_tool_grade"] = True
    if submission.keeps is Keeps.WHATEVER:
        extension["preserve_score"] = True
    if submission.handed_in_at is None:
        return {SUBMISSION: extension}
    at = submission.handed_in_at.isoformat(timespec="milliseconds")
    return {"submission": {"submittedAt": at}, SUBMISSION: {**extension, "submitted_at": at}}


def read_outcome(answer: HttpAnswer, *, now: datetime, rules: GradeRules | None = None) -> ScoreOutcome:
    """What a platform's answer to a score means."""
    rules, status = rules or GradeRules(), answer.status
    if is_silent_refusal(status, answer.body):
        return replace(_refused(_REASONS[400]), status=status)
    if answer.ok:
        if is_credible(answer, rules):
            return ScoreOutcome(ScoreVerdict.ACCEPTED, status=status)
        return ScoreOutcome(ScoreVerdict.LATER, _STRANGE, status=status, unsettled=True)
    wait = wait_asked(answer, now=now)
    if is_rate_limit(status, answer.headers.get("X-Rate-Limit-Remaining")):
        return ScoreOutcome(ScoreVerdict.LATER, _BUSY, wait, status=status, whole_platform=True)
    if status in (408, 425) or status >= 500:
        unsettled = rules.error_settles_nothing
        return ScoreOutcome(ScoreVerdict.LATER, _NO_ANSWER, wait, status=status, unsettled=unsettled)
    refused = _refused(_NO_ACCESS if status == 401 else _REASONS.get(status, _REASONS[400]))
    unsettled = rules.error_settles_nothing and status == 422
    return replace(refused, status=status, whole_platform=status == 401, unsettled=unsettled)


def is_credible(answer: HttpAnswer, rules: GradeRules) -> bool:
    """Whether an answer of 2xx is a gradebook's, and not a login page or whatever stands in front of the LMS."""
    body = answer.body.strip()
    if not body:
        return rules.answer is not Answer.RESULT_URL
    if rules.answer is Answer.EMPTY:
        return False
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return rules.answer is Answer.ANY_JSON or (isinstance(said, dict) and "resultUrl" in said)


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() else float(text)


def _refused(reason: str) -> ScoreOutcome:
    return ScoreOutcome(ScoreVerdict.REFUSED, reason)


def _unanswered(fault: ToolError) -> ScoreOutcome:
    if fault.code in ("lti.foreign_service", "lti.insecure_service"):
        # Nothing went out: it is this column's address that is wrong.
        return _refused(f"{fault.text} {fault.hint_text}".strip())
    if fault.code == "core.http_refused":
        words = "This tool's settings do not let it contact the LMS. Its administrator can allow that."
        return replace(_refused(words), whole_platform=True)
    return ScoreOutcome(ScoreVerdict.LATER, _NO_ANSWER, whole_platform=True)
