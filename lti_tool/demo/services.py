"""The door to the services: who may, in which form, and how refusals look (Moodle's mod/lti/services.php).

The reason of a refusal stands in the status line. PHP drops a status line with a line break in it, so a refusal that
quotes a pretty-printed request becomes 200: that quirk is kept too, as tools stumble over it.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, request

from lti_tool.demo import wires
from lti_tool.demo.faults import Services
from lti_tool.demo.gradebook import Refused
from lti_tool.demo.state import Lms

blueprint = Blueprint("services", __name__)
ANY = "*/*"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to a service. `path` starts after `services.php`; types are without parameters."""

    method: str
    path: str
    url: str
    accept: str | None
    content_type: str
    query: Mapping[str, str]
    body: str
    scopes: frozenset[str]

    def need(self, *scopes: str) -> None:
        """Refuses a token that has none of these scopes, like a token that nobody gave."""
        if self.scopes.isdisjoint(scopes):
            raise Refused(401, "Unauthorized")

    def need_format(self, known: tuple[str, ...]) -> None:
        """Refuses a media type that no handler knows; an absent or `*/*` Accept passes here."""
        if self.method == "DELETE":
            return
        given = self.accept if self.method == "GET" else self.content_type
        if given in known or (self.method == "GET" and given in (None, "", ANY)):
            return
        accept = self.accept or ""
        raise Refused(400, f"No handler found for {self.path} {accept} {self.content_type}")

    def need_exactly(self, wanted: str) -> None:
        """Refuses any media type but this one; an absent Accept passes."""
        given = (self.accept or "") if self.method == "GET" else self.content_type
        if given != wanted and not (self.method == "GET" and not given):
            raise Refused(400, "No context or unsupported content type")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answers; `link` becomes the Link header."""

    status: int
    body: str
    content_type: str
    reason: str = ""
    link: str = ""


def dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def decode(body: str) -> object:
    """A JSON body; None for one that is not JSON."""
    try:
        found: object = json.loads(body)
    except ValueError:
        return None
    return found


def fault_answer(lms: Lms) -> Response | None:
    """The answer of services that were switched wrong; waits first where they are slow."""
    if lms.faults.slow:
        time.sleep(lms.slow_seconds)
    if lms.faults.services is Services.UP:
        return None
    socket = request.environ.get("werkzeug.socket")
    if lms.faults.services is Services.GONE and socket is not None:
        socket.shutdown(2)
    text = "<html><body><h1>503 Service Unavailable</h1></body></html>"
    return Response(text, 503, {"Retry-After": "30"}, content_type="text/html; charset=utf-8")


def read_ask(lms: Lms, path: str) -> Ask:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    return Ask(
        method=request.method,
        path=f"/{path}",
        url=request.full_path.removesuffix("?"),
        accept=request.headers.get("Accept"),
        content_type=request.headers.get("Content-Type", "").partition(";")[0].strip(),
        query=request.args.to_dict(),
        body=request.get_data(as_text=True),
        scopes=lms.scopes_of(token),
    )


def refusal(ask: Ask, refused: Refused) -> Answer:
    """A refusal in the form of the services: the reason twice, and what was asked."""
    told: dict[str, str] = {"method": ask.method, "url": ask.url}
    if ask.accept is not None:
        told["accept"] = ask.accept
    told["contentType"] = ask.content_type
    body = dump({"status": refused.status, "reason": refused.reason, "request": told})
    return Answer(refused.status, body, "application/json", refused.reason)


def send(answer: Answer) -> Response:
    """The answer on the wire; reason and Link are UTF-8 bytes where HTTP expects Latin-1, as Moodle has them."""
    reason = answer.reason or HTTPStatus(answer.status).phrase
    status = f"{answer.status} {_wire(reason)}"
    if "\n" in reason or "\r" in reason:
        status = "200 OK"
    response = Response(answer.body, content_type=f"{answer.content_type}; charset=utf-8")
    response.status = status
    if answer.link:
        response.headers["Link"] = _wire(answer.link)
    return response


def _wire(text: str) -> str:
    return text.encode().decode("latin-1")


def note(lms: Lms, title: str, ask: Ask, response: Response) -> None:
    """Puts a request and its answer on the wires."""
    sent = decode(ask.body) if ask.body else None
    asked = {"method": ask.method, **({"accept": ask.accept} if ask.accept else {}), **ask.query}
    parts = [wires.fields("Asked", asked)]
    if isinstance(sent, dict):
        parts.append(wires.fields("Sent", sent))
    text = response.get_data(as_text=True)
    told = {"status": response.status_code, "reason": response.status.partition(" ")[2], "body": text}
    parts.append(wires.fields("Answered", told))
    good = response.status_code < 300
    mark = "ok" if good else ("warn" if response.status_code == 503 else "bad")
    said = "accepted" if good else f"refused with {response.status_code}"
    address = f"{ask.method} {lms.config.lms_url}{ask.url}"
    lms.wires.add(wires.Message(lms.now(), title, wires.Way.SERVER, address, tuple(parts), said, mark))
