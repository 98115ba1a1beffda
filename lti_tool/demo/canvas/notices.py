"""Canvas's Platform Notification Service (1EdTech PNS 1.0): who wants which notice where, and one of a copied course.

One handler for each kind and installation, on the tool's own domain. A notice is sent once: a handler that is down, or
says anything, loses it. Registering for the kind `LtiHelloWorldNotice` sends one at once. The words for a handler on
another domain were not read: ours are made up.
"""

import json
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC
from urllib.parse import urlsplit, urlunsplit

import requests
from flask import Response

from lti_tool.demo import messages as moodle
from lti_tool.demo import wires
from lti_tool.demo.canvas.facts import ACCOUNT_ID, NOTICE_KINDS, NOTICE_SCOPE, Installation, context_id
from lti_tool.demo.canvas.grading import ServiceError
from lti_tool.demo.canvas.messages import COURSE_TYPE, LIFETIME, sign
from lti_tool.demo.canvas.room import the_canvas
from lti_tool.demo.canvas.services import Answer, Ask, blueprint, hindrance, note, read_ask, refusal, send
from lti_tool.demo.canvas.state import CanvasLms
from lti_tool.demo.config import COURSE_LABEL
from lti_tool.demo.messages import CORE
from lti_tool.demo.shelf import Link

COPY, HELLO = "LtiContextCopyNotice", "LtiHelloWorldNotice"
_PATIENCE = 5.0


@blueprint.route("/api/lti/notice-handlers/<number>", methods=["GET", "PUT"])
def handlers(number: str) -> Response:
    """The handlers of an installation, and setting one."""
    lms = the_canvas()
    response = hindrance(lms)
    if response is None:
        try:
            response = send(_answer(lms, read_ask(lms), number))
        except ServiceError as fault:
            response = refusal(fault)
    note(lms, "Notice handlers", response)
    return response


def _answer(lms: CanvasLms, ask: Ask, number: str) -> Answer:
    ask.need(NOTICE_SCOPE)
    try:
        tool = lms.installation(number)
    except KeyError as fault:
        raise ServiceError(404, "not found") from fault
    if tool.client_id != ask.client_id:
        raise ServiceError(403, "permission denied")
    if ask.method == "PUT":
        return Answer(200, _set(lms, tool, ask.fields))
    listed = [{"notice_type": kind, "handler": lms.record.handler(tool.number, kind)} for kind in NOTICE_KINDS]
    return Answer(
        200, {"client_id": int(tool.client_id), "deployment_id": tool.deployment_id, "notice_handlers": listed}
    )


def _set(lms: CanvasLms, tool: Installation, asked: Mapping[str, object]) -> dict[str, str]:
    kind, handler = asked.get("notice_type"), asked.get("handler")
    if kind not in NOTICE_KINDS:
        raise ServiceError(400, f"unknown notice_type, it must be one of [{', '.join(NOTICE_KINDS)}]")
    if not isinstance(handler, str) or not _is_address(handler):
        raise ServiceError(400, "handler must be a valid URL or an empty string")
    if handler and urlsplit(handler).netloc != urlsplit(lms.config.tool_url).netloc:
        raise ServiceError(400, "handler must match the domain of the tool")
    with lms.lock:
        lms.record.handlers[f"{tool.number} {kind}"] = handler
        lms.save()
    if handler and kind == HELLO:
        deliver(lms, handler, hello(lms, tool))
    return {"notice_type": str(kind), "handler": handler}


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    return text == "" or (parts.scheme in ("http", "https") and bool(parts.hostname))


def tell_copies(lms: CanvasLms, copies: Iterable[Link]) -> None:
    """Tells each installation that wants to know which course was copied from which; the links are the copies."""
    told = {(lms.tool_of(link), link.course, link.history.partition(",")[0]) for link in copies}
    for tool, course, origin in sorted(told, key=str):
        handler = lms.record.handler(tool.number, COPY)
        if handler:
            deliver(lms, handler, copied(lms, tool, course, origin))


def copied(lms: CanvasLms, tool: Installation, course: str, origin: str, **changes: object) -> str:
    """The signed notice that a course got the content of another; `changes` replace claims."""
    context = {
        "id": context_id(course),
        "label": COURSE_LABEL,
        "title": moodle.course_title(course),
        "type": [COURSE_TYPE],
    }
    about = {f"{CORE}context": context, f"{CORE}origin_contexts": [context_id(origin)]}
    return sign(lms, {**_envelope(lms, tool, COPY), **about, **changes})


def hello(lms: CanvasLms, tool: Installation) -> str:
    """The signed notice that notices arrive."""
    said = "Congratulations! You have successfully subscribed to LtiHelloWorldNotice in Canvas."
    about = {
        f"{CORE}context": {"id": ACCOUNT_ID, "title": "Fake Academy", "type": ["Account"]},
        "https://www.instructure.com/hello_world": {"title": "Hello World!", "message": said},
    }
    return sign(lms, {**_envelope(lms, tool, HELLO), **about})


def _envelope(lms: CanvasLms, tool: Installation, kind: str) -> dict[str, object]:
    now = lms.now().astimezone(UTC)
    stamp = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    return {
        f"{CORE}version": "1.3.0",
        f"{CORE}notice": {"id": str(uuid.uuid4()), "timestamp": stamp, "type": kind},
        "aud": tool.client_id,
        "azp": tool.client_id,
        f"{CORE}deployment_id": tool.deployment_id,
        "exp": int(now.timestamp()) + LIFETIME,
        "iat": int(now.timestamp()),
        "iss": tool.issuer,
        "nonce": str(uuid.uuid4()),
    }


def deliver(lms: CanvasLms, handler: str, *notices: str) -> int | None:
    """Sends notices once; the status that came back, None where nobody answers."""
    parts = urlsplit(handler)
    where = handler
    if (parts.hostname or "").endswith(".localhost"):
        port = f":{parts.port}" if parts.port else ""
        where = urlunsplit(parts._replace(netloc=f"127.0.0.1{port}"))
    body = json.dumps({"notices": [{"jwt": notice} for notice in notices]})
    headers = {"Host": parts.netloc, "User-Agent": "Canvas LTI", "Content-Type": "application/json"}
    status = None
    with requests.Session() as session, suppress(requests.RequestException):
        session.trust_env = False
        status = session.post(where, data=body, headers=headers, timeout=_PATIENCE).status_code
    _note(lms, handler, notices, status)
    return status


def _note(lms: CanvasLms, handler: str, notices: Iterable[str], status: int | None) -> None:
    parts = tuple(part for notice in notices for part in wires.token("jwt", notice))
    good = status is not None and 200 <= status < 300
    said = "accepted" if good else f"answered with {status}" if status else "lost: nobody answers"
    way, mark = wires.Way.NOTICE, "ok" if good else "bad"
    lms.wires.add(wires.Message(lms.now(), "Notice", way, f"POST {handler}", parts, said, mark))
