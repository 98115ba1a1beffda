"""Sending scores and reading results (AGS 2.0 §3.3, §3.4), and what a platform's answer means for the next try."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urlsplit

from lti_tool.core.errors import ToolError, Upstream
from lti_tool.core.http import HttpAnswer
from lti_tool.lti.bearer import Bearer, Scopes, ServiceRefused, wait_asked
from lti_tool.lti.paging import PAGE_BYTES, pages
from lti_tool.lti.quirks import is_rate_limit, is_silent_refusal
from lti_tool.lti.registrations import Registration
from lti_tool.lti.tokens import TokenRefused
from lti_tool.lti.vocabulary import RESULT_SCOPE, SCORE_SCOPE

_SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
_RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
SENDING: tuple[Scopes, ...] = ((SCORE_SCOPE,),)
READING: tuple[Scopes, ...] = ((RESULT_SCOPE,),)
# Moodle keeps five decimals, rescaled to the line item's maximum.
_SAME = Decimal("0.00001")

_NO_ANSWER = "The LMS does not answer at the moment."
_BUSY = "The LMS asks us to slow down."
_NO_ACCESS = "The LMS does not let this tool write grades. Its administrator has to allow it."
_NEWER = "The LMS holds a newer grade of this learner, or its clock is ahead of ours."
_REASONS = {
    400: "The LMS does not take this grade. Is the learner still enrolled in the course?",
    403: _NO_ACCESS,
    404: "The LMS does not find this activity's grade column, or the learner in it. It may have been deleted.",
    422: "The LMS does not take this grade. Is the learner still enrolled in the course, and the course published?",
}


@dataclass(frozen=True)
class Score:
    """A score to send. `given` and `maximum` are decimal numbers written out; `timestamp` is aware UTC."""

    user_id: str
    given: str
    maximum: str
    finished: bool
    timestamp: datetime
    comment: str = ""


class ScoreVerdict(StrEnum):
    """What became of a score: the LMS has it, will not have it as things are, or should be asked again."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True)
class ScoreOutcome:
    """The verdict, and why in plain words for a teacher; `confirmed` when the LMS was asked and holds this score."""

    verdict: ScoreVerdict
    reason: str = ""
    retry_after: float | None = None
    confirmed: bool = False


@dataclass(frozen=True)
class Result:
    """A learner's grade as the LMS holds it; `share` is the part of the maximum, None where there is no grade."""

    user_id: str
    share: Decimal | None


def send_score(bearer: Bearer, registration: Registration, line_item_url: str, score: Score) -> ScoreOutcome:
    """Sends a score; never raises for a platform that does not answer, or answers oddly."""
    body = score_body(score)
    url = service_url(line_item_url, "scores")
    try:
        answer = bearer.call(
            registration,
            url,
            SENDING,
            lambda token: bearer.http.post(url, data=body, headers={"Content-Type": _SCORE_TYPE, **token}),
        )
        if answer.status == 409:
            return _after_conflict(bearer, registration, line_item_url, score)
    except TokenRefused as fault:
        return _without_token(fault, bearer.clock.now())
    except Upstream as fault:
        return _unanswered(fault)
    return read_outcome(answer, now=bearer.clock.now())


def list_results(
    bearer: Bearer, registration: Registration, line_item_url: str, user_id: str | None = None
) -> tuple[Result, ...]:
    """The grades that the LMS holds in a line item, all pages, or one learner's; raises Upstream.

    No `limit` is sent: Moodle answers it with an error page.
    """

    def fetch(page: str) -> HttpAnswer:
        answer = bearer.call(
            registration,
            page,
            READING,
            lambda token: bearer.http.get(page, headers={"Accept": _RESULTS_TYPE, **token}, max_bytes=PAGE_BYTES),
        )
        if not answer.ok:
            words = "The LMS does not show the grades it holds."
            raise ServiceRefused("lti.results", words, answer, bearer.clock.now())
        return answer

    url = service_url(line_item_url, "results", {} if user_id is None else {"user_id": user_id})
    return tuple(result for answer in pages(fetch, url, registration) for result in read_results(answer.json()))


def _after_conflict(bearer: Bearer, registration: Registration, line_item_url: str, score: Score) -> ScoreOutcome:
    """After “you are too late”: perhaps the LMS has had this very score all along, and only its answer was lost."""
    wanted = Decimal(score.given) / Decimal(score.maximum)
    try:
        held = list_results(bearer, registration, line_item_url, score.user_id)
    except Upstream:
        return ScoreOutcome(ScoreVerdict.LATER, _NEWER)
    for result in held:
        if result.user_id == score.user_id and result.share is not None and abs(result.share - wanted) <= _SAME:
            return ScoreOutcome(ScoreVerdict.ACCEPTED, confirmed=True)
    return ScoreOutcome(ScoreVerdict.LATER, _NEWER)


def _without_token(fault: TokenRefused, now: datetime) -> ScoreOutcome:
    if fault.again:
        limited = is_rate_limit(fault.answer.status, fault.answer.headers.get("X-Rate-Limit-Remaining"))
        return ScoreOutcome(ScoreVerdict.LATER, _BUSY if limited else _NO_ANSWER, wait_asked(fault.answer, now=now))
    return _refused(_NO_ACCESS)


def service_url(line_item_url: str, service: str, query: dict[str, str] | None = None) -> str:
    """The address of a line item's scores or results: on its path, before the query that it may have (Moodle's has)."""
    parts = urlsplit(line_item_url)
    joined = "&".join(part for part in (parts.query, urlencode(query or {})) if part)
    return parts._replace(path=f"{parts.path.rstrip('/')}/{service}", query=joined, fragment="").geturl()


def score_body(score: Score) -> str:
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
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def read_outcome(answer: HttpAnswer, *, now: datetime) -> ScoreOutcome:
    """What a platform's answer to a score means."""
    if is_silent_refusal(answer.status, answer.body):
        return _refused(_REASONS[400])
    if answer.ok:
        return ScoreOutcome(ScoreVerdict.ACCEPTED)
    wait = wait_asked(answer, now=now)
    if is_rate_limit(answer.status, answer.headers.get("X-Rate-Limit-Remaining")):
        return ScoreOutcome(ScoreVerdict.LATER, _BUSY, wait)
    if answer.status in (408, 425) or answer.status >= 500:
        return ScoreOutcome(ScoreVerdict.LATER, _NO_ANSWER, wait)
    return _refused(_NO_ACCESS if answer.status == 401 else _REASONS.get(answer.status, _REASONS[400]))


def read_results(said: Any) -> tuple[Result, ...]:
    """The readable entries of a result container; Moodle lists some with nothing but an id."""
    entries = said if isinstance(said, list) else []
    return tuple(
        Result(entry["userId"], _share(entry.get("resultScore"), entry.get("resultMaximum")))
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("userId"), str)
    )


def _share(given: object, maximum: object) -> Decimal | None:
    """Score by maximum, which is 1 where it is not said (AGS 2.0 §3.3.4); None where there is no score."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    top = maximum if isinstance(maximum, int | float) and maximum > 0 else 1
    try:
        share = Decimal(str(given)) / Decimal(str(top))
    except InvalidOperation:
        return None
    return share if share.is_finite() else None


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() else float(text)


def _refused(reason: str) -> ScoreOutcome:
    return ScoreOutcome(ScoreVerdict.REFUSED, reason)


def _unanswered(fault: ToolError) -> ScoreOutcome:
    if fault.code in ("lti.foreign_service", "lti.insecure_service"):
        return _refused(f"{fault.text} {fault.hint_text}".strip())
    if fault.code == "core.http_refused":
        return _refused("This tool's settings do not let it contact the LMS. Its administrator can allow that.")
    return ScoreOutcome(ScoreVerdict.LATER, _NO_ANSWER)
