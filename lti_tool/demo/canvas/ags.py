"""Assignment and Grade Services 2.0 as Canvas answers them: line items, scores, results.

Quirks kept: members without a value left out, numbers with a fraction, 200 with `resultUrl` for a score, 401 with an
empty body for deleting what the tool did not make, 412 for another client's column.
"""

import json
from collections.abc import Callable

from flask import Response, request

from lti_tool.demo.canvas.facts import SUBMISSION, SUBMISSION_TYPE, lineitem_url, lineitems_url
from lti_tool.demo.canvas.grading import ServiceError, read_score
from lti_tool.demo.canvas.room import the_canvas
from lti_tool.demo.canvas.services import (
    Answer,
    Ask,
    blueprint,
    cut,
    hindrance,
    need_open_course,
    note,
    read_ask,
    refusal,
    send,
)
from lti_tool.demo.canvas.state import CanvasLms
from lti_tool.demo.config import COURSE_ID
from lti_tool.demo.gradebook import LineItem, ScorePost
from lti_tool.demo.messages import GRADE_SCOPES

CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
ITEM = "application/vnd.ims.lis.v2.lineitem+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
LAUNCH_URL = "https://canvas.instructure.com/lti/launch_url"
_WRITE, _READ, _RESULT, _SCORE = GRADE_SCOPES
_BASE = "/api/lti/courses/<course>/line_items"


@blueprint.route(_BASE, methods=["GET", "POST"])
def container(course: str) -> Response:
    """All columns of the client in a course, or a new one."""
    return _serve("Line items", course, _create if request.method == "POST" else _list)


@blueprint.route(f"{_BASE}/<int:number>", methods=["GET", "PUT", "DELETE"])
def one(course: str, number: int) -> Response:
    """One column."""
    return _serve("Line item", course, lambda lms, ask: _one(lms, ask, number))


@blueprint.post(f"{_BASE}/<int:number>/scores")
def scores(course: str, number: int) -> Response:
    """Takes a score."""
    response = _serve("Score", course, lambda lms, ask: _score(lms, ask, number))
    _remember(the_canvas(), number, response)
    return response


@blueprint.get(f"{_BASE}/<int:number>/results")
@blueprint.get(f"{_BASE}/<int:number>/results/<int:row>")
def results(course: str, number: int, row: int = 0) -> Response:
    """The results of a column, or one of them."""
    return _serve("Results", course, lambda lms, ask: _results(lms, ask, number, row))


def _serve(title: str, course: str, handle: Callable[[CanvasLms, Ask], Answer]) -> Response:
    lms = the_canvas()
    response = hindrance(lms)
    if response is None:
        try:
            ask = read_ask(lms)
            if course != COURSE_ID:
                raise ServiceError(404, "Context not found")
            need_open_course(lms)
            response = send(handle(lms, ask))
        except ServiceError as fault:
            response = refusal(fault)
    note(lms, title, response)
    return response


# --- line items ---


def _list(lms: CanvasLms, ask: Ask) -> Answer:
    ask.need(_WRITE, _READ)
    found: list[object] = [
        item_json(lms, item)
        for item in lms.items.values()
        if lms.client_of(item) == ask.client_id and _fits(lms, item, ask)
    ]
    shown, link = cut(found, ask, lineitems_url(lms.config))
    return Answer(200, shown, CONTAINER, link)


def _fits(lms: CanvasLms, item: LineItem, ask: Ask) -> bool:
    facts = {"resource_link_id": link_id_of(lms, item), "resource_id": item.resource_id, "tag": item.tag}
    return all(ask.query.get(name, fact) == fact for name, fact in facts.items())


def link_id_of(lms: CanvasLms, item: LineItem) -> str:
    """The opaque id of the link that a column belongs to."""
    link = lms.links.get(item.link_id)
    return lms.resource_link_id(link) if link else ""


def item_json(lms: CanvasLms, item: LineItem, *, with_launch_url: bool = False) -> dict[str, object]:
    """A column as Canvas lists it."""
    made = lms.record.made.get(item.id)
    tool_url = made.tool_url if made else ""
    found: dict[str, object] = {
        "id": lineitem_url(lms.config, item.id),
        "scoreMaximum": float(item.maximum),
        "label": item.label,
        "resourceId": item.resource_id,
        "tag": item.tag,
        "resourceLinkId": link_id_of(lms, item),
        SUBMISSION_TYPE: {"type": "external_tool", "external_tool_url": tool_url} if tool_url else None,
    }
    if with_launch_url:
        link = lms.links.get(item.link_id)
        found[LAUNCH_URL] = tool_url or (link.url if link else "")
    return {name: value for name, value in found.items() if value not in (None, "")}


def _create(lms: CanvasLms, ask: Ask) -> Answer:
    ask.need(_WRITE)
    fields = ask.fields
    label, maximum = str(fields.get("label") or ""), _maximum(fields)
    kind = fields.get(SUBMISSION_TYPE)
    wanted = kind if isinstance(kind, dict) else {}
    if wanted and wanted.get("type") not in ("none", "external_tool"):
        text = f"Invalid submission_type for new assignment: {wanted.get('type')}"
        return Answer(400, {"error": text})
    if not label or maximum is None:
        raise ServiceError(400, "param is missing or the value is invalid: label or scoreMaximum")
    named = str(fields.get("resourceLinkId") or "")
    link = lms.find_link(named) if named else None
    if named and link is None:
        return Answer(404)
    if link is not None and lms.tool_of(link).client_id != ask.client_id:
        raise ServiceError(422, "Resource link id points to Tool not associated with this Context")
    if link is not None and link.item_id not in lms.items:
        return Answer(412)
    tool_url = str(wanted.get("external_tool_url") or "") if wanted.get("type") == "external_tool" else ""
    resource_id, tag = (str(fields.get(name) or "") for name in ("resourceId", "tag"))
    if tool_url:
        made = lms.add_link(label, url=tool_url, maximum=maximum, resource_id=resource_id, tag=tag)
        item = lms.items[made.item_id]
    else:
        item = lms.add_item(label, maximum, resource_id=resource_id, tag=tag, link_id=link.id if link else "")
    lms.note_made(item, ask.client_id, tool_url)
    return Answer(201, item_json(lms, item), ITEM)


def _maximum(fields: dict[str, object]) -> float | None:
    given = fields.get("scoreMaximum")
    return float(given) if isinstance(given, int | float) and not isinstance(given, bool) and given >= 0 else None


def _one(lms: CanvasLms, ask: Ask, number: int) -> Answer:
    if ask.method == "GET":
        ask.need(_WRITE, _READ)
    else:
        ask.need(_WRITE)
    item = _need_item(lms, ask, number)
    if ask.method == "DELETE":
        return _delete(lms, item)
    if ask.method == "PUT":
        item = _changed(item, ask.fields)
        lms.replace_item(item)
    wants_url = "launch_url" in (ask.query.get("include[]"), ask.query.get("include"))
    return Answer(200, item_json(lms, item, with_launch_url=wants_url), ITEM)


def _changed(item: LineItem, fields: dict[str, object]) -> LineItem:
    """A column after a PUT: only what is sent changes."""
    maximum = _maximum(fields)
    return LineItem(
        item.id,
        str(fields.get("label") or item.label),
        item.maximum if maximum is None else maximum,
        str(fields.get("resourceId", item.resource_id) or ""),
        str(fields.get("tag", item.tag) or ""),
        item.link_id,
    )


def _delete(lms: CanvasLms, item: LineItem) -> Answer:
    """Deletes what the tool made, with its assignment; what was made in Canvas or by deep linking is 401."""
    if item.id not in lms.record.made:
        return Answer(401)
    if item.link_id and lms.feeds_gradebook(item):
        lms.drop_link(item.link_id)
    else:
        lms.drop_item(item.id)
    return Answer(204)


def _need_item(lms: CanvasLms, ask: Ask, number: int) -> LineItem:
    item = lms.items.get(number)
    if item is None:
        raise ServiceError(404)
    if lms.client_of(item) != ask.client_id:
        raise ServiceError(412, "Tool does not have permission to view line_item")
    return item


# --- scores and results ---


def _score(lms: CanvasLms, ask: Ask, number: int) -> Answer:
    ask.need(_SCORE)
    item = _need_item(lms, ask, number)
    fields = ask.fields
    person = lms.find_user(fields.get("userId", ""))
    if person is None or not person.is_gradable:
        raise ServiceError(422, "User not found in course or is not a student")
    with lms.lock:
        score = read_score(fields, item, lms.grades.get((item.id, person.id)), now=lms.now())
        extension = json.dumps(score.extension) if score.extension else ""
        row = lms.take(item, person, score, extension)
    files = [
        {"type": "file", "url": url, "title": title, "progress": f"{lms.config.lms_url}/api/lti/courses/2/progress/1"}
        for url, title in score.submission.files
    ]
    url = f"{lineitem_url(lms.config, item.id)}/results/{row.id}"
    return Answer(200, {"resultUrl": url, SUBMISSION: {"content_items": files}}, SCORE)


def _results(lms: CanvasLms, ask: Ask, number: int, wanted: int) -> Answer:
    ask.need(_RESULT)
    item = _need_item(lms, ask, number)
    rows = [row for row in lms.record.results.values() if row.item_id == item.id]
    if wanted:
        found = [result_json(lms, item, row.user_id) for row in rows if row.id == wanted]
        return Answer(200, found[0], RESULTS) if found else Answer(404)
    if "user_id" in ask.query:
        person = lms.find_user(ask.query["user_id"])
        # Student View is no student here, though its scores are taken.
        known = person.id if person and person.role.value == "learner" else ""
        rows = [row for row in rows if row.user_id == known]
    shown, link = cut(
        [result_json(lms, item, row.user_id) for row in rows], ask, f"{lineitem_url(lms.config, item.id)}/results"
    )
    return Answer(200, shown, RESULTS, link)


def result_json(lms: CanvasLms, item: LineItem, user_id: str) -> dict[str, object]:
    """A result as Canvas lists it, with the extension that came with its last score."""
    row, grade = lms.record.results[(item.id, user_id)], lms.grades[(item.id, user_id)]
    found: dict[str, object] = {
        "id": f"{lineitem_url(lms.config, item.id)}/results/{row.id}",
        "scoreOf": lineitem_url(lms.config, item.id),
        "userId": lms.canvas_people[user_id].sub,
    }
    if grade.value is not None:
        found |= {"resultScore": float(grade.value), "resultMaximum": float(item.maximum)}
    found |= {"comment": grade.comment} if grade.comment else {}
    return found | ({SUBMISSION: json.loads(row.extension)} if row.extension else {})


def _remember(lms: CanvasLms, item_id: int, response: Response) -> None:
    """Keeps a score message for the gradebook page, also one that was refused."""
    found = request.get_json(force=True, silent=True)
    fields = found if isinstance(found, dict) else {}
    person = lms.find_user(fields.get("userId", ""))
    given, maximum = fields.get("scoreGiven"), fields.get("scoreMaximum")
    fault = response.get_json(silent=True) if response.status_code >= 400 else None
    errors = fault.get("errors") if isinstance(fault, dict) else None
    outcome = str(errors["message"]) if isinstance(errors, dict) else response.get_data(as_text=True)[:80].strip()
    lms.note_post(
        ScorePost(
            at=lms.now(),
            item_id=item_id,
            user_id=person.id if person else str(fields.get("userId", "")),
            given=float(given) if isinstance(given, int | float) else None,
            maximum=float(maximum) if isinstance(maximum, int | float) else None,
            activity_progress=str(fields.get("activityProgress", "")),
            grading_progress=str(fields.get("gradingProgress", "")),
            timestamp=str(fields.get("timestamp", "")),
            comment=str(fields.get("comment") or ""),
            status=response.status_code,
            outcome="OK" if response.status_code == 200 else outcome,
        )
    )
