"""The one place where a fault becomes a status and a page (or JSON, where a script asked)."""

from dataclasses import dataclass

from flask import Flask, Response, g, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from lti_tool import lti
from lti_tool.core import ids, logs
from lti_tool.core.errors import Conflict, Invalid, NotAllowed, NotFound, Side, ToolError, Upstream
from lti_tool.web import limits, trace
from lti_tool.web.access import ACCESS, Audience
from lti_tool.web.templating import page
from lti_tool.web.wiring import parts

log = logs.get("web")

_STATUS: tuple[tuple[type[ToolError], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (Invalid, 400),
    (Conflict, 409),
    (Upstream, 502),
    (limits.TooMany, 429),
)

_TITLES = {
    400: "This could not be opened",
    403: "This door is closed",
    404: "There is nothing here",
    405: "That is not possible here",
    409: "This has changed meanwhile",
    413: "That was too much at once",
    429: "One moment, please",
    500: "Something broke on our side",
    502: "Your LMS has not answered",
}


_LONGEST_IN_LOG = 500


@dataclass(frozen=True)
class ErrorPage:
    """What a person reads when something went wrong; `support_code` finds the whole story in the log.

    `timeline` is what an administrator asks `lti-tool timeline` about; empty where it would know nothing.
    """

    status: int
    title: str
    detail: str
    hint: str
    side: str
    side_text: str
    code: str
    support_code: str
    timeline: str
    return_url: str | None


def set_up(app: Flask) -> None:
    """Maps our faults, Werkzeug's, and everything unforeseen."""
    app.register_error_handler(ToolError, _tool_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)


def status_of(fault: ToolError) -> int:
    """The HTTP status of a kind of fault."""
    return next((status for kind, status in _STATUS if isinstance(fault, kind)), 500)


def _tool_error(fault: ToolError) -> Response:
    said = limits.judge_refusal(fault)
    answer = _answer(said, status_of(said))
    if isinstance(said, limits.TooMany):
        answer.headers["Retry-After"] = str(said.wait)
    return answer


def _http_error(fault: HTTPException) -> Response:
    status = fault.code or 500
    if status < 400:
        return make_response(fault.get_response())
    detail = {
        404: "There is no such page.",
        405: "This address does not take that kind of request.",
        413: "What was sent is larger than this tool accepts.",
    }.get(status, "The request could not be understood.")
    hint = {
        404: "If you typed the address, compare it letter by letter. An activity is opened from its course.",
        405: "Go back to the page that led here, or open the activity from your course again.",
    }.get(status, "")
    code = {404: "web.not_found", 405: "web.method", 413: "web.too_large"}.get(status, "web.bad_request")
    answer = _answer(ToolError(code, detail, hint, side=Side.YOU), status)
    for name, value in fault.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def _unforeseen(fault: Exception) -> Response:
    known = ToolError(
        "web.unforeseen",
        "Something went wrong on our side. What you had saved before is safe.",
        "Try once more. If it happens again, give the code below to the people who run this tool.",
    )
    return _answer(known, 500, cause=fault)


def _answer(fault: ToolError, status: int, cause: Exception | None = None) -> Response:
    support_code = ids.short_code()
    entry = log.error if status >= 500 else log.info
    entry(
        "request.failed",
        support_code=support_code,
        code=fault.code,
        status=status,
        endpoint=request.endpoint,
        launch=_tame((request.view_args or {}).get("launch")),
        detail=fault.text,
        exc_info=cause,
        **{f"log_{name}": _tame(value) for name, value in fault.log.items()},
    )
    if request.accept_mimetypes.best == "application/json":
        facts = {
            "code": fault.code,
            "detail": fault.text,
            "hint": fault.hint_text,
            "support_code": support_code,
        }
        return _kept(make_response(jsonify(error=facts), status), fault, support_code)
    way_back = _way_back()
    shown = ErrorPage(
        status=status,
        title=_TITLES.get(status, "This did not work"),
        detail=fault.text,
        hint=fault.hint_text,
        side=fault.side.value,
        side_text=_side_text(fault),
        code=fault.code,
        support_code=support_code,
        timeline="" if isinstance(fault, limits.TooMany) else trace.code_for_timeline(support_code),
        return_url=way_back,
    )
    return _kept(make_response(page("errors/error.html", shown), status), fault, support_code)


def _kept(answer: Response, fault: ToolError, support_code: str) -> Response:
    if not isinstance(fault, limits.TooMany):
        trace.keep_refusal(answer, fault, status=answer.status_code, support_code=support_code)
    return answer


def _tame(value: object) -> object:
    """A text from outside, fit for the log: cut, and without what a terminal would obey."""
    if not isinstance(value, str):
        return value
    cut = value[:_LONGEST_IN_LOG]
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in cut)


def _side_text(fault: ToolError) -> str:
    if isinstance(fault, NotAllowed) and fault.side is Side.TOOL:
        return "This is for the people who run this tool to decide."
    platform = g.get("platform_name") or "your LMS"
    return {
        Side.TOOL: "The fault is with this tool, not with you.",
        Side.LMS: f"The fault is on the side of {platform}; this tool cannot mend it.",
        Side.YOU: "You can put this right yourself.",
        Side.NOBODY: "Nobody has done anything wrong.",
    }[fault.side]


def _way_back() -> str | None:
    """The way back to the LMS, and the leave for that LMS to frame this page; also when the session is gone."""
    if ACCESS.get(request.blueprint or "") not in (Audience.LMS, Audience.LEARNER, Audience.INSTRUCTOR):
        return None
    if "frame_ancestor" not in g:
        _recall_platform()
    url: str | None = g.get("return_url")
    return url


def _recall_platform() -> None:
    launch = trace.launch_in_address()
    platform = None
    if launch is not None:
        with parts().db.reading() as tx:
            platform = lti.registration_of_session(tx, launch)
    if platform is not None:
        g.frame_ancestor, g.return_url = platform.frame_ancestors, platform.origin
    elif ACCESS.get(request.blueprint or "") == Audience.LMS:
        # A refused launch of unknown origin must be readable in the frame it failed in; the page has nothing to press.
        g.frame_ancestor = "*"
