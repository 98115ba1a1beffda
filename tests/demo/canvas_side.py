"""A demo Canvas in a test, its captures with our host in them, and the tool's side of its wires."""

import html
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.demo import CanvasPerson, Role
from lti_tool.demo.canvas.facts import CLIENTS, ISSUER
from tests.demo.sides import CORE, DEEP, LMS, SCOPES, TOOL, Hand, ToolSide

SCORE = "application/vnd.ims.lis.v1.score+json"
ITEMS = "/api/lti/courses/2/line_items"
TOKEN = "/login/oauth2/token"

Known = Callable[[str], Any]
TEACHER = "e77934e7-4e98-4055-b4b4-3a8431e4f22a"
STUDENT = "848b3a11-c7b6-4c05-9fb3-782a0c34ee43"
STUDENT_VIEW = "5f0c3c1e-6d1b-4b0e-9a55-0c8b1f6f2a10"
# The people of the captures.
PEOPLE = (
    CanvasPerson(
        "2", "t", "TeacherFirst", "TeacherLast", Role.TEACHER, sourced_id="7858675309", lti_id=TEACHER,
        mail="canvasteacher@example.edu",
    ),
    CanvasPerson(
        "5323497", "s", "StudentFirst", "StudentLast", Role.LEARNER, sourced_id="835203884", lti_id=STUDENT,
        mail="canvasstudent@example.edu",
    ),
    CanvasPerson("4", "v", "Test", "Student", Role.STUDENT_VIEW, lti_id=STUDENT_VIEW),
    CanvasPerson("5", "a", "Ada", "Min", Role.ADMIN),
)  # fmt: skip


def capture(shared: Path, name: str) -> Any:
    """A file of what is known of Canvas; its school is our LMS, its course ours."""
    text = (shared / "platforms" / "canvas" / f"{name}.json").read_text(encoding="utf-8")
    text = re.sub(r"https?://canvas\.example\.edu", LMS, text)
    return json.loads(text.replace("/courses/3/", "/courses/2/"))


def shape(value: object) -> object:
    """The members of a document and the kinds of their values, without the values."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def form_of(answer: TestResponse) -> tuple[str, dict[str, str]]:
    """Where a page's form goes, and what it carries."""
    action = re.search(r'<form id="onward" method="post" action="([^"]*)"', answer.text)
    assert action, answer.text
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answer.text)
    return html.unescape(action[1]), {name: html.unescape(value) for name, value in fields}


class CanvasTool:
    """The tool's server in front of Canvas: one client of the two, with a token in its hand."""

    def __init__(self, app: Flask, tool: ToolSide, client_id: str = CLIENTS[0]) -> None:
        self.client: FlaskClient = app.test_client()
        self.tool = tool
        self.client_id = client_id
        self.token = ""

    @property
    def clock(self) -> Hand:
        return self.tool.clock

    def assertion(self, **changes: object) -> str:
        now = int(self.clock().timestamp())
        facts = {"iss": self.client_id, "sub": self.client_id, "aud": LMS + TOKEN, "iat": now, "exp": now + 300}
        return self.tool.sign({**facts, "jti": "1", **changes})

    def token_form(self, scope: str = SCOPES, **changes: object) -> dict[str, str]:
        return {**self.tool.token_form(scope), "client_assertion": self.assertion(**changes)}

    def ask_token(self, scope: str = SCOPES, **changes: object) -> TestResponse:
        return self.client.post(TOKEN, base_url=LMS, data=self.token_form(scope, **changes))

    def open(self, method: str, url: str, body: object = None, kind: str = SCORE, **headers: str) -> TestResponse:
        if not self.token:
            self.token = self.ask_token().json["access_token"]
        given = {"Authorization": f"Bearer {self.token}", **headers}
        data = None if body is None else json.dumps(body).encode()
        path = url.removeprefix(LMS)
        return self.client.open(path, method=method, base_url=LMS, headers=given, data=data, content_type=kind)

    def score(self, item_id: int, user: str, **changes: object) -> TestResponse:
        facts: Mapping[str, object] = {
            "timestamp": self.clock().isoformat(),
            "scoreGiven": 8,
            "scoreMaximum": 10,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "userId": user,
        }
        body = {name: value for name, value in {**facts, **changes}.items() if value is not None}
        return self.open("POST", f"{ITEMS}/{item_id}/scores", body)

    def choice(self, *items: Mapping[str, object], **changes: object) -> str:
        now = int(self.clock().timestamp())
        facts: dict[str, object] = {
            "iss": self.client_id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 300,
            "nonce": "n",
            f"{CORE}message_type": "LtiDeepLinkingResponse",
            f"{CORE}version": "1.3.0",
            f"{DEEP}content_items": list(items),
        }
        return self.tool.sign({**facts, **changes})


def request_for(login: Mapping[str, str], **changes: str) -> dict[str, str]:
    """The authentication request of a tool; an empty change leaves a parameter out."""
    facts = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": login["client_id"],
        "redirect_uri": f"{TOOL}/lti/launch",
        "login_hint": login["login_hint"],
        "lti_message_hint": login["lti_message_hint"],
        "state": "state-1",
        "nonce": "nonce-1",
        **changes,
    }
    return {name: value for name, value in facts.items() if value}


def comparable(body: object, item_id: int) -> object:
    """An answer without the numbers that each Canvas gives."""
    text = re.sub(rf"line_items/{item_id}\b", "line_items/1", json.dumps(body))
    return json.loads(re.sub(r"(results|progress)/\d+", r"\1/N", text))
