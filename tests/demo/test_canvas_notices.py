"""The demo Canvas's notification service: value by value as Instructure documents it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask import Flask
from pytest_httpserver import HTTPServer

from lti_tool.demo import CanvasLms, LmsConfig, create_lms
from lti_tool.demo.canvas import notices
from lti_tool.demo.canvas.facts import CLIENTS, INSTALLED, NOTICE_SCOPE
from tests.demo.canvas_side import CanvasTool, shape
from tests.demo.sides import CORE, LMS, TOOL, Hand, ToolSide

PATH = f"/api/lti/notice-handlers/{INSTALLED[0].number}"
HANDLER = f"{TOOL}/lti/notices"
COPY, HELLO = "LtiContextCopyNotice", "LtiHelloWorldNotice"
Recorded = Callable[[], Any]


@pytest.fixture
def asked(canvas_tool: CanvasTool) -> CanvasTool:
    """The tool's server with a token for notices."""
    canvas_tool.token = canvas_tool.ask_token(NOTICE_SCOPE).json["access_token"]
    return canvas_tool


@pytest.fixture
def seen(shared_dir: Path) -> Any:
    return json.loads((shared_dir / "platforms" / "canvas" / "context-copy-notice.json").read_text(encoding="utf-8"))


def put(tool: CanvasTool, kind: object = COPY, handler: object = HANDLER, path: str = PATH) -> Any:
    answer = tool.open("PUT", path, {"notice_type": kind, "handler": handler}, "application/json")
    return answer.status_code, answer.json


def test_a_handler_is_set_listed_removed_and_outlives_a_restart(asked: CanvasTool, canvas: CanvasLms) -> None:
    assert put(asked) == (200, {"notice_type": COPY, "handler": HANDLER})
    listed = asked.open("GET", PATH).json
    assert {one["notice_type"]: one["handler"] for one in listed["notice_handlers"]}[COPY] == HANDLER
    assert CanvasLms(canvas.config, clock=canvas.now).record.handler(INSTALLED[0].number, COPY) == HANDLER
    assert put(asked, handler="") == (200, {"notice_type": COPY, "handler": ""})
    assert canvas.record.handler(INSTALLED[0].number, COPY) == ""


@pytest.mark.shared
def test_the_answers_have_the_documented_form(asked: CanvasTool, seen: Any, canvas: CanvasLms) -> None:
    status, said = put(asked)
    assert (status, shape(said)) == (
        seen["register"]["response"]["status"],
        shape(seen["register"]["response"]["json"]),
    )
    listed = asked.open("GET", PATH)
    assert shape(listed.json) == shape(seen["list"]["response"]["json"])
    assert {one["notice_type"] for one in seen["list"]["response"]["json"]["notice_handlers"]} <= {
        one["notice_type"] for one in listed.json["notice_handlers"]
    }


@pytest.mark.shared
def test_the_refusals_are_canvas_s(asked: CanvasTool, canvas_app: Flask, tool: ToolSide, seen: Any) -> None:
    told = {(one["status"], one["json"]["errors"]["message"]) for one in seen["errors"]}
    other = CanvasTool(canvas_app, tool, CLIENTS[1])
    other.token = other.ask_token(NOTICE_SCOPE).json["access_token"]
    plain = CanvasTool(canvas_app, tool)
    found = [
        put(asked, handler="nowhere"),
        put(other),
        put(asked, path="/api/lti/notice-handlers/999"),
        put(plain),
    ]
    assert {(status, said["errors"]["message"]) for status, said in found} <= told
    status, said = put(asked, kind="LtiUnknownNotice")
    assert (status, said["errors"]["message"].startswith("unknown notice_type")) == (400, True)
    assert put(asked, handler="https://elsewhere.example/x")[0] == 400


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["copy", "hello"])
def test_a_notice_has_the_documented_claims(canvas: CanvasLms, seen: Any, kind: str) -> None:
    made = notices.copied(canvas, INSTALLED[0], "3", "2") if kind == "copy" else notices.hello(canvas, INSTALLED[0])
    claims = jwt.decode(made, options={"verify_signature": False})
    documented = seen["notice_context_copy" if kind == "copy" else "notice_hello_world"]
    assert shape(claims) == shape(documented) and list(claims) == list(documented)
    assert claims["exp"] - claims["iat"] == documented["exp"] - documented["iat"]
    assert claims[f"{CORE}notice"]["type"] == documented[f"{CORE}notice"]["type"]
    assert set(jwt.get_unverified_header(made)) == set(seen["delivery"]["jwt_header"])


def test_it_is_sent_once_to_whoever_wants_it(
    httpserver: HTTPServer, config: LmsConfig, hand: Hand, tool: ToolSide, tmp_path: Path
) -> None:
    """A handler that answers with a fault, or not at all, has lost it."""
    httpserver.expect_request("/lti/notices").respond_with_data("", 503)
    here = LmsConfig(config.lms_url, httpserver.url_for("").rstrip("/"), config.data_dir, config.flavour)
    lms = CanvasLms(here, clock=hand, fetch_keys=tool.key_set)
    create_lms(here, lms)
    from lti_tool.demo.copies import copy_course

    lms.add_link("One")
    lms.add_link("Two")
    notices.tell_copies(lms, copy_course(lms))
    assert httpserver.log == [], "nobody asked for any"
    lms.record.handlers[f"{INSTALLED[0].number} {COPY}"] = httpserver.url_for("/lti/notices")
    notices.tell_copies(lms, copy_course(lms))
    ((request, _),) = httpserver.log
    assert list(request.json) == ["notices"] and [list(one) for one in request.json["notices"]] == [["jwt"]]
    assert notices.deliver(lms, "http://127.0.0.1:9/nobody", "x") is None
    assert LMS
