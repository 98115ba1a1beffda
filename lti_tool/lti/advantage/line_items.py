"""Grade columns (Assignment and Grade Services 2.0 §3.2): found again before one is made, so that none is doubled.

AGS 2.0 §3.2.9 asks a tool to query for existing line items after a course copy, and not to make them anew. So a column
is looked for by link and resource; only where the platform has shown its whole list and the column is not in it, one is
made. When the answer to that is lost, the platform is asked again what it has, and nothing is sent twice.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from lti_tool.core.errors import Invalid, Side, Upstream
from lti_tool.core.http import HttpAnswer
from lti_tool.lti.advantage.bearer import Bearer, Scopes, ServiceRefused, is_own, is_passing
from lti_tool.lti.advantage.paging import PAGE_BYTES, pages
from lti_tool.lti.origins import with_query
from lti_tool.lti.quirks import takes_maximum
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.vocabulary import LINE_ITEM_READ_SCOPE, LINE_ITEM_SCOPE

ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
CONTAINER_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
# Either scope is enough by the standard; Moodle has been seen to want both, and others know one of them only.
READING: tuple[Scopes, ...] = (
    (LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE),
    (LINE_ITEM_SCOPE,),
    (LINE_ITEM_READ_SCOPE,),
)
WRITING: tuple[Scopes, ...] = ((LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE), (LINE_ITEM_SCOPE,))
_LONGEST_URL = 2000

_NO_ACCESS = "The LMS does not let this tool work with the grade columns of the course."
_REASONS = {
    401: _NO_ACCESS,
    403: _NO_ACCESS,
    404: "The LMS does not find this activity's grade column. It may have been deleted.",
    412: "The LMS keeps this grade column for another tool, or its activity has been deleted.",
    422: "The LMS does not change its grade columns now. Is the course over?",
}


@dataclass(frozen=True)
class LineItem:
    """A grade column as the platform lists it; empty text, or no maximum, for what it does not say."""

    url: str
    label: str
    maximum: Decimal | None
    resource_link_id: str = ""
    resource_id: str = ""
    tag: str = ""


@dataclass(frozen=True)
class NewLineItem:
    """A grade column to have: for a link, with our own resource behind it. `maximum` is a whole number of points."""

    label: str
    maximum: int = 100
    resource_link_id: str = ""
    resource_id: str = ""
    tag: str = ""


def list_items(bearer: Bearer, registration: Registration, container: str, **filters: str) -> tuple[LineItem, ...]:
    """The tool's columns in a course, all pages; filters: resource_link_id, resource_id, tag. Raises Upstream."""
    # No `limit`: Moodle answers it with a link that standard parsers cannot read, and lists everything without.
    url = with_query(container, filters)
    found: dict[str, LineItem] = {}
    for answer in pages(lambda page: _get(bearer, registration, page, CONTAINER_TYPE), url, registration):
        for item in read_container(answer, registration):
            found.setdefault(item.url, item)
    # A platform may pass over a filter that it does not know.
    return tuple(item for item in found.values() if _fits(item, filters))


def get_item(bearer: Bearer, registration: Registration, url: str) -> LineItem:
    """One column; raises Upstream."""
    return read_item(_get(bearer, registration, url, ITEM_TYPE).json(), registration)


def find_item(
    bearer: Bearer, registration: Registration, container: str, wanted: NewLineItem, taken: Collection[str] = ()
) -> LineItem | None:
    """The column that is there already for this link or resource; None where there is none. Raises Upstream.

    `taken` has addresses, or our tags, of columns that serve other links.
    """
    known: tuple[LineItem, ...] = ()
    if wanted.resource_link_id:
        known = list_items(bearer, registration, container, resource_link_id=wanted.resource_link_id)
    found = choose(known, wanted, taken)
    if found is None and wanted.resource_id:
        found = choose(list_items(bearer, registration, container, resource_id=wanted.resource_id), wanted, taken)
    return found


def find_or_create_item(
    bearer: Bearer,
    registration: Registration,
    container: str,
    wanted: NewLineItem,
    *,
    taken: Collection[str] = (),
    before_making: Callable[[], None] | None = None,
) -> LineItem:
    """The column that is there already, else a new one; raises Upstream, or Invalid for what cannot be a column.

    `before_making` is called when nothing but the making is left, and may raise to prevent it.
    """
    check(container, wanted)
    found = find_item(bearer, registration, container, wanted, taken)
    if found is not None:
        return found
    if before_making is not None:
        before_making()
    try:
        return _make(bearer, registration, container, wanted)
    except Upstream as fault:
        if not is_unsettled(fault):
            raise
        # It may have been made, and only the answer was lost.
        found = find_item(bearer, registration, container, wanted, taken)
        if found is None:
            raise
        return found


def _make(bearer: Bearer, registration: Registration, container: str, wanted: NewLineItem) -> LineItem:
    """Makes a column; without its link where that can have none: Canvas refuses one for a link with no assignment."""
    try:
        answer = _send(bearer, registration, container, body_of(wanted), "POST")
    except ServiceRefused as fault:
        if fault.status != 412 or not (wanted.resource_link_id and wanted.resource_id):
            raise
        alone = replace(wanted, resource_link_id="")
        answer = _send(bearer, registration, container, body_of(alone), "POST")
    return read_item(answer.json(), registration)


def update_item(
    bearer: Bearer,
    registration: Registration,
    url: str,
    *,
    label: str | None = None,
    maximum: int | None = None,
    resource_id: str | None = None,
    tag: str | None = None,
) -> LineItem:
    """Changes what is given of a column and keeps all else, as PUT replaces the whole; raises Upstream or Invalid."""
    before = _get(bearer, registration, url, ITEM_TYPE).json()
    item = read_item(before, registration)
    check(url, NewLineItem(item.label if label is None else label, 1 if maximum is None else maximum))
    given = {"label": label, "scoreMaximum": maximum, "resourceId": resource_id, "tag": tag}
    changed = {**before, **{name: value for name, value in given.items() if value is not None}}
    try:
        _send(bearer, registration, url, changed, "PUT")
    except Upstream as fault:
        if not is_unsettled(fault) or get_item(bearer, registration, url) != read_item(changed, registration):
            raise
    # Moodle sends back what was sent, kept or not: ask what has become of the column.
    return get_item(bearer, registration, url)


def delete_item(bearer: Bearer, registration: Registration, url: str) -> None:
    """Deletes a column; one that is gone already is fine. Raises Upstream: Canvas gives up none that it has made."""
    answer = bearer.call(registration, url, WRITING, lambda token: bearer.http.delete(url, headers=dict(token)))
    if not answer.ok and answer.status not in (404, 410):
        raise _refused(bearer, answer)


def _get(bearer: Bearer, registration: Registration, url: str, media_type: str) -> HttpAnswer:
    answer = bearer.call(
        registration,
        url,
        READING,
        lambda token: bearer.http.get(url, headers={"Accept": media_type, **token}, max_bytes=PAGE_BYTES),
    )
    if not answer.ok:
        raise _refused(bearer, answer)
    return answer


def _send(bearer: Bearer, registration: Registration, url: str, body: Mapping[str, object], method: str) -> HttpAnswer:
    send = bearer.http.post if method == "POST" else bearer.http.put
    kind = {"Content-Type": ITEM_TYPE, "Accept": ITEM_TYPE}
    answer = bearer.call(registration, url, WRITING, lambda token: send(url, json=body, headers={**kind, **token}))
    if not answer.ok:
        raise _refused(bearer, answer)
    return answer


def _refused(bearer: Bearer, answer: HttpAnswer) -> ServiceRefused:
    words = _REASONS.get(answer.status, "The LMS does not take what this tool asks of its grade columns.")
    if is_passing(answer):
        words = "The LMS does not answer at the moment." if answer.status >= 500 else "The LMS asks us to slow down."
    return ServiceRefused("lti.line_items", words, answer, bearer.clock.now())


def is_unsettled(fault: Upstream) -> bool:
    """Whether a request may have been carried out although its answer does not say so."""
    if isinstance(fault, ServiceRefused):
        return fault.status == 408 or fault.status >= 500
    return fault.code in ("core.http_no_answer", "core.http_not_json", "lti.line_item_form")


def check(url: str, wanted: NewLineItem) -> None:
    """Raises Invalid for what no gradebook, or not this one, can have as a column."""
    if not wanted.label.strip() or not takes_maximum(url, wanted.maximum):
        raise Invalid(
            "lti.line_item",
            "A grade column needs a name, and a whole number of points from 1 (in Moodle up to 100).",
            side=Side.TOOL,
            log={"label": wanted.label, "maximum": wanted.maximum},
        )


def choose(known: Sequence[LineItem], wanted: NewLineItem, taken: Collection[str] = ()) -> LineItem | None:
    """The column to use again, the closest first, and of equals that with our tag; None where all are of others."""
    free = (item for item in known if not {item.url, item.tag} & set(taken))
    ranked = [((rank, item.tag != wanted.tag), item) for item in free if (rank := _rank(item, wanted)) is not None]
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _rank(item: LineItem, wanted: NewLineItem) -> int | None:
    same_link = item.resource_link_id == wanted.resource_link_id
    same_resource = item.resource_id == wanted.resource_id
    if same_link and same_resource:
        return 0
    if same_link and wanted.resource_link_id and not item.resource_id:
        return 1  # The platform made it for the link, and does not know of our resource.
    if same_resource and wanted.resource_id and not (item.resource_link_id and wanted.resource_link_id):
        return 2  # Ours, made before there was a link or without one.
    return None


def body_of(wanted: NewLineItem) -> dict[str, object]:
    """The column as JSON; what is not said is left out."""
    told: dict[str, object] = {
        "label": wanted.label,
        "scoreMaximum": wanted.maximum,
        "resourceLinkId": wanted.resource_link_id,
        "resourceId": wanted.resource_id,
        "tag": wanted.tag,
    }
    return {name: value for name, value in told.items() if value != ""}


def read_container(answer: HttpAnswer, registration: Registration) -> tuple[LineItem, ...]:
    """The columns on a page; raises Upstream for what is no page, or holds a column that cannot be read."""
    said = answer.json()
    if not isinstance(said, list):
        raise _unreadable(said)
    return tuple(read_item(entry, registration) for entry in said)


def read_item(entry: Any, registration: Registration) -> LineItem:
    """A column as JSON; raises Upstream for one without an address of the platform's own."""
    url = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(url, str) or len(url) > _LONGEST_URL or not is_own(registration, url):
        raise _unreadable(entry)
    return LineItem(
        url=url,
        label=_text(entry.get("label")),
        maximum=_points(entry.get("scoreMaximum")),
        resource_link_id=_text(entry.get("resourceLinkId")),
        resource_id=_text(entry.get("resourceId")),
        tag=_text(entry.get("tag")),
    )


def _unreadable(said: object) -> Upstream:
    return Upstream(
        "lti.line_item_form",
        "The LMS's list of grade columns cannot be read.",
        "Try again later. If it stays, ask the LMS's administrator.",
        side=Side.LMS,
        log={"start": repr(said)[:300]},
    )


def _text(value: object) -> str:
    """A text; Canvas's own documentation has a number for an id."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _points(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    points = Decimal(str(value))
    return points if points.is_finite() and points > 0 else None


def _fits(item: LineItem, filters: Mapping[str, str]) -> bool:
    return all(getattr(item, name) == value for name, value in filters.items())
