"""Assignment and Grade Services 2.0 as Moodle 4.5 answers them: line items, scores, results.

Quirks kept: exact media types, addresses with a query, dates and foreign fields echoed but not stored, curly quotes and
`&amp;` in `Link`, an empty body for a taken score, `[]` for a refused one.
"""

import html
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from flask import Response

from lti_tool.demo.config import COURSE_ID, DEPLOYMENT_ID
from lti_tool.demo.gradebook import LineItem, Refused, ScorePost, plain_number, read_score, renamed
from lti_tool.demo.messages import GRADE_SCOPES, lineitem_url
from lti_tool.demo.room import the_lms
from lti_tool.demo.services import Answer, Ask, blueprint, decode, dump, fault_answer, note, read_ask, refusal, send
from lti_tool.demo.state import Lms

CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
ITEM = "application/vnd.ims.lis.v2.lineitem+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
SCORES = "application/vnd.ims.lis.v1.scorecontainer+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
_WRITE, _READ, _RESULT, _SCORE = GRADE_SCOPES
_BAD_GATEWAY = (
    "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<h1>502 Bad Gateway</h1>\n</body>\n</html>\n"
)


@blueprint.route("/mod/lti/services.php/<course>/lineitems", methods=["GET", "POST"])
def container(course: str) -> Response:
    """All columns of the tool in a course, or a new one."""
    return _serve(f"{course}/lineitems", "Line items", lambda lms, ask: _container(lms, ask, course))


@blueprint.route("/mod/lti/services.php/<course>/lineitems/<int:number>/lineitem", methods=["GET", "PUT", "DELETE"])
def one(course: str, number: int) -> Response:
    """One column."""
    return _serve(f"{course}/lineitems/{number}/lineitem", "Line item", lambda lms, ask: _one(lms, ask, course, number))


@blueprint.route("/mod/lti/services.php/<course>/lineitems/<int:number>/lineitem/scores", methods=["GET", "POST"])
def scores(course: str, number: int) -> Response:
    """Takes a score."""
    path = f"{course}/lineitems/{number}/lineitem/scores"
    return _serve(path, "Score", lambda lms, ask: _scores(lms, ask, course, number), score_item=number)


@blueprint.get("/mod/lti/services.php/<course>/lineitems/<int:number>/lineitem/results")
def results(course: str, number: int) -> Response:
    """The grades of a column."""
    path = f"{course}/lineitems/{number}/lineitem/results"
    return _serve(path, "Results", lambda lms, ask: _results(lms, ask, course, number))


def _serve(path: str, title: str, handle: Callable[[Lms, Ask], Answer], *, score_item: int | None = None) -> Response:
    lms = the_lms()
    ask = read_ask(lms, path)
    response = fault_answer(lms)
    if response is None:
        try:
            response = send(handle(lms, ask))
        except Refused as refused:
            response = send(refusal(ask, refused))
    if score_item is not None and ask.method == "POST":
        _remember(lms, score_item, ask, response)
        title = _score_title(lms, ask)
    note(lms, title, ask, response)
    return response


# --- line items ---


def _container(lms: Lms, ask: Ask, course: str) -> Answer:
    ask.need_format((CONTAINER, ITEM))
    ask.need(*((_WRITE, _READ) if ask.method == "GET" else (_WRITE,)))
    ask.need_exactly(CONTAINER if ask.method == "GET" else ITEM)
    _need_course(course)
    return _create(lms, ask) if ask.method == "POST" else _list(lms, ask)


def _list(lms: Lms, ask: Ask) -> Answer:
    found = [item for item in lms.items.values() if _fits(item, ask.query)]
    limit, start = _natural(ask.query.get("limit")), _natural(ask.query.get("from"))
    shown = found[start : start + limit] if limit else found
    link = _link_header(lms, ask, limit, start, len(found)) if limit else ""
    return Answer(200, dump([item_json(lms, item) for item in shown]), CONTAINER, link=link)


def _fits(item: LineItem, query: Mapping[str, str]) -> bool:
    facts = {"resource_link_id": item.link_id, "resource_id": item.resource_id, "tag": item.tag}
    return all(query.get(name, fact) == fact for name, fact in facts.items())


def _link_header(lms: Lms, ask: Ask, limit: int, start: int, total: int) -> str:
    """Moodle's own Link header, typographic quotes and HTML escapes included: no standard parser finds `next` in it."""
    filters = {name: ask.query[name] for name in ("resource_id", "resource_link_id", "tag") if name in ask.query}
    base = f"{lms.config.lms_url}/mod/lti/services.php/{COURSE_ID}/lineitems"

    def at(place: int) -> str:
        query = urlencode({**filters, "type_id": DEPLOYMENT_ID, "limit": limit, "from": place})
        return html.escape(f"{base}?{query}")

    inside = start < total
    places = [("first", 0)]
    places += [("prev", max(start - limit, 0))] if start > 0 and inside else []
    places += [("canonical", start)]
    places += [("next", start + limit)] if start + limit <= total - 1 and inside else []
    places += [("last", max(total - limit + 1, 0))]
    return ", ".join(f"<{at(place)}>; rel=“{name}”" for name, place in places)


def _create(lms: Lms, ask: Ask) -> Answer:
    fields = _object(ask)
    label, maximum = fields.get("label"), fields.get("scoreMaximum")
    if not isinstance(label, str) or isinstance(maximum, bool) or not isinstance(maximum, int | float):
        raise Refused(400, "No label or Score Maximum")
    link_id = str(fields.get("resourceLinkId") or fields.get("ltiLinkId") or "")
    if link_id and link_id not in lms.links:
        raise Refused(403, "Forbidden")
    item = lms.add_item(
        label,
        float(maximum),
        resource_id=str(fields.get("resourceId") or ""),
        tag=str(fields.get("tag") or ""),
        link_id=link_id,
    )
    return Answer(201, dump({**fields, "id": lineitem_url(lms, item.id)}), ITEM)


def _one(lms: Lms, ask: Ask, course: str, number: int) -> Answer:
    ask.need_format((ITEM,))
    ask.need(*((_WRITE, _READ) if ask.method == "GET" else (_WRITE,)))
    if ask.method != "DELETE":
        ask.need_exactly(ITEM)
    item = _need_item(lms, course, number)
    if ask.method == "DELETE":
        lms.drop_item(item.id)
        return Answer(204, "", "text/html", "OK")
    if ask.method == "PUT":
        fields = _object(ask)
        lms.replace_item(renamed(item, fields))
        return Answer(200, dump(fields), ITEM)
    return Answer(200, dump(item_json(lms, item)), ITEM)


def item_json(lms: Lms, item: LineItem) -> dict[str, object]:
    """A line item as Moodle lists it."""
    found: dict[str, object] = {
        "id": lineitem_url(lms, item.id),
        "label": item.label,
        "scoreMaximum": plain_number(item.maximum),
        "resourceId": item.resource_id,
        "tag": item.tag,
    }
    if item.link_id:
        found |= {"resourceLinkId": item.link_id, "ltiLinkId": item.link_id}
    if item.review_url:
        review: dict[str, object] = {"url": item.review_url}
        found["submissionReview"] = review | ({"custom": dict(item.review_custom)} if item.review_custom else {})
    return found


# --- scores and results ---


def _scores(lms: Lms, ask: Ask, course: str, number: int) -> Answer:
    ask.need_format((SCORES, SCORE))
    if ask.method == "GET":
        raise Refused(405, "Method Not Allowed")
    ask.need(_SCORE)
    ask.need_exactly(SCORE)
    item = _need_item(lms, course, number)
    try:
        lms.take_score(item, read_score(decode(ask.body), lms.people, ask.body))
    except Refused as refused:
        if refused.status == 502:
            return Answer(502, _BAD_GATEWAY, "text/html", refused.reason)
        return Answer(refused.status, "[]", SCORE, refused.reason)
    return Answer(200, "", SCORE)


def _results(lms: Lms, ask: Ask, course: str, number: int) -> Answer:
    ask.need_format((RESULTS,))
    ask.need(_RESULT)
    ask.need_exactly(RESULTS)
    item = _need_item(lms, course, number)
    if "limit" in ask.query:
        return Answer(404, "<!DOCTYPE html>\n<html><body>Error</body></html>", "text/html")
    wanted = ask.query.get("user_id")
    rows = []
    for (item_id, user_id), grade in sorted(lms.grades.items(), key=lambda cell: int(cell[0][1])):
        if item_id != item.id or wanted not in (None, user_id):
            continue
        row: dict[str, object] = {
            "id": lineitem_url(lms, item.id, "/results") + f"&user_id={user_id}",
            "userId": user_id,
        }
        if grade.value is not None:
            row |= {"resultScore": plain_number(grade.value), "resultMaximum": plain_number(item.maximum)}
            row |= {"comment": grade.comment} if grade.comment else {}
            row |= {
                "scoreOf": lineitem_url(lms, item.id),
                "timestamp": grade.saved_at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            }
        rows.append(row)
    return Answer(200, dump(rows), RESULTS)


def _remember(lms: Lms, item_id: int, ask: Ask, response: Response) -> None:
    """Keeps a score message for the gradebook page, also one that was refused."""
    sent = decode(ask.body)
    fields: Mapping[str, object] = sent if isinstance(sent, dict) else {}
    given, maximum = fields.get("scoreGiven"), fields.get("scoreMaximum")
    took = response.status_code == 200 and not response.get_data()
    lms.note_post(
        ScorePost(
            at=lms.now(),
            item_id=item_id,
            user_id=str(fields.get("userId", "")),
            given=float(given) if isinstance(given, int | float) else None,
            maximum=float(maximum) if isinstance(maximum, int | float) else None,
            activity_progress=str(fields.get("activityProgress", "")),
            grading_progress=str(fields.get("gradingProgress", "")),
            timestamp=str(fields.get("timestamp", "")),
            comment=str(fields.get("comment") or ""),
            status=response.status_code if took or response.status_code != 200 else 400,
            outcome=re.sub(r"\{.*", "", response.status.partition(" ")[2], flags=re.S).strip(),
        )
    )


def _score_title(lms: Lms, ask: Ask) -> str:
    post = lms.posts[-1]
    if post.given is None or post.maximum is None:
        return f"Score message without points ({post.grading_progress or 'not readable'})"
    return f"Score {plain_number(post.given)} of {plain_number(post.maximum)}"


# --- what every request needs ---


def _need_course(course: str) -> None:
    if course != COURSE_ID:
        raise Refused(404, f"Not Found: Course {course} doesn't exist")


def _need_item(lms: Lms, course: str, number: int) -> LineItem:
    _need_course(course)
    item = lms.items.get(number)
    if item is None:
        raise Refused(404, f"Not Found: Grade item {number} doesn't exist")
    return item


def _object(ask: Ask) -> dict[str, object]:
    fields = decode(ask.body)
    if not isinstance(fields, dict):
        raise Refused(400, "No label or Score Maximum")
    return fields


def _natural(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
