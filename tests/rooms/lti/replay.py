"""A platform that answers from a recording: each request must be as recorded, and gets the recorded answer.

The recording's origin is swapped for that of a server on this machine, in requests and answers alike.
"""

import json
import unicodedata
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from lti_tool import lti
from lti_tool.core.http import HttpAnswer

_CARRIED = {"link", "content-type", "x-rate-limit-remaining", "retry-after"}


@dataclass
class Replay:
    """The cases to play, in the order in which they must be asked for; `ours` are the requests that came."""

    server: HTTPServer
    origin: str
    cases: list[dict[str, Any]] = field(default_factory=list)
    ours: list[Request] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def play(self, *cases: dict[str, Any]) -> None:
        """Waits for these requests."""
        self.cases += cases
        for case in cases:
            path = urlsplit(case["request"]["url"]).path
            self.server.expect_request(path).respond_with_handler(self._answer)

    def here(self, url: str) -> str:
        """An address of the recording, on this machine."""
        return url.replace(self.origin, self.server.url_for("").rstrip("/"))

    def there(self, text: str) -> str:
        """What was said here, as the recording has it."""
        return text.replace(self.server.url_for("").rstrip("/"), self.origin)

    def done(self) -> None:
        """Every case was asked for, exactly."""
        assert self.faults == []
        assert self.cases == []

    def _answer(self, request: Request) -> Response:
        self.ours.append(request)
        if not self.cases:
            self.faults.append(f"nobody expected {request.method} {request.url}")
            return Response("", 599)
        case = self.cases.pop(0)
        self._compare(request, case["request"])
        return answer_of(case["response"], self.here)

    def _compare(self, request: Request, recorded: dict[str, Any]) -> None:
        parts = urlsplit(recorded["url"])
        pairs = [("method", request.method, recorded["method"]), ("path", request.path, parts.path)]
        query = sorted(parse_qsl(request.query_string.decode(), keep_blank_values=True))
        pairs.append(("query", query, sorted(parse_qsl(parts.query, keep_blank_values=True))))
        for name in ("Accept", "Content-Type"):
            if name in recorded.get("headers", {}):
                pairs.append((name, request.headers.get(name), recorded["headers"][name]))
        body = recorded.get("json") or (json.loads(recorded["body"]) if recorded.get("body") else None)
        if body is not None:
            pairs.append(("body", json.loads(self.there(request.get_data(as_text=True))), body))
        self.faults += [f"{name}: {ours!r} is not {theirs!r}" for name, ours, theirs in pairs if ours != theirs]


def answer_of(recorded: dict[str, Any], here: Any = lambda text: text) -> Response:
    """A recorded answer, on the wire as it was."""
    text = recorded.get("body") or ""
    if "json" in recorded:
        text = json.dumps(recorded["json"], ensure_ascii=False)
    answer = Response(here(text), recorded["status"])
    headers = recorded.get("headers", {})
    for name, value in headers.items() if isinstance(headers, dict) else headers:
        if name.lower() in _CARRIED:
            answer.headers[name] = here(value)
    return answer


def http_answer(recorded: dict[str, Any]) -> HttpAnswer:
    """A recorded answer as our client has it."""
    played = answer_of(recorded)
    return HttpAnswer(played.status_code, "", dict(played.headers), played.get_data())


def asked(method: str, url: str, answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A recorded answer to a request of ours, where the recording has another one or none."""
    return {"request": {"method": method, "url": url, **more}, "response": answer}


def as_listed(item: lti.LineItem, replay: Replay) -> dict[str, object]:
    """A line item as a platform would list it, of what we know."""
    said = {
        "id": replay.there(item.url),
        "label": item.label,
        "scoreMaximum": item.maximum,
        "resourceLinkId": item.resource_link_id,
        "resourceId": item.resource_id,
        "tag": item.tag,
    }
    return {name: value for name, value in said.items() if value != ""}


def known_of(listed: dict[str, Any]) -> dict[str, object]:
    """Of a line item as it was listed, what we know."""
    names = ("id", "label", "scoreMaximum", "resourceLinkId", "resourceId", "tag")
    return {name: listed[name] for name in names if listed.get(name) not in ("", None)}


def check_member(member: lti.Member, listed: dict[str, Any]) -> None:
    """A member is what was listed: names as they are meant, roles by their meaning."""
    escapes = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#039;": "'"}
    assert member.user_id == listed["user_id"]
    assert (member.status.value, member.role.value) == (listed["status"], listed["roles"][0].rpartition("#")[2].lower())
    for name in ("name", "given_name", "family_name", "email"):
        meant = listed.get(name)
        for written, char in escapes.items():
            meant = meant.replace(written, char) if meant else meant
        # Moodle kept one name in decomposed form; ours are all composed (NFC), as in launches.
        assert (getattr(member, name) or "") == unicodedata.normalize("NFC", meant or "").strip()
