"""Reading the grades that a platform holds (AGS 2.0 §3.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from lti_tool.core.http import HttpAnswer
from lti_tool.lti.advantage.bearer import Bearer, Scopes, ServiceRefused
from lti_tool.lti.advantage.paging import PAGE_BYTES, pages
from lti_tool.lti.origins import with_query
from lti_tool.lti.quirks import SUBMISSION, results_limit
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.vocabulary import RESULT_SCOPE

_RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
READING: tuple[Scopes, ...] = ((RESULT_SCOPE,),)


@dataclass(frozen=True)
class Result:
    """A learner's grade as the LMS holds it; `share` is the part of the maximum, None where there is no grade.

    `handed_in_at` is of the attempt that came with the tool's last score, where the LMS sends that back.
    """

    user_id: str
    share: Decimal | None
    handed_in_at: datetime | None = None


def list_results(
    bearer: Bearer,
    registration: Registration,
    line_item_url: str,
    user_id: str | None = None,
    *,
    most_pages: int | None = None,
) -> tuple[Result, ...]:
    """The grades that the LMS holds in a line item, or one learner's; raises Upstream, so if it has more pages."""

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

    asked = results_limit(line_item_url) if user_id is None else {"user_id": user_id}
    read = pages(fetch, service_url(line_item_url, "results", asked), registration, most=most_pages)
    return tuple(result for answer in read for result in read_results(answer.json()))


def service_url(line_item_url: str, service: str, query: Mapping[str, str] | None = None) -> str:
    """The address of a line item's scores or results: on its path, before the query that it may have (Moodle's has)."""
    parts = urlsplit(line_item_url)
    return with_query(parts._replace(path=f"{parts.path.rstrip('/')}/{service}").geturl(), query or {})


def read_results(said: Any) -> tuple[Result, ...]:
    """The readable entries of a result container; Moodle lists some with nothing but an id."""
    entries = said if isinstance(said, list) else []
    return tuple(
        Result(entry["userId"], _share(entry.get("resultScore"), entry.get("resultMaximum")), _handed_in(entry))
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("userId"), str)
    )


def _handed_in(entry: Mapping[str, object]) -> datetime | None:
    said = entry.get(SUBMISSION)
    given = said.get("submitted_at") if isinstance(said, dict) else None
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment is not None and moment.tzinfo else None


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
