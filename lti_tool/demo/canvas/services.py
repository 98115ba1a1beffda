"""The door to Canvas's services: bearer tokens, the required User-Agent, throttling, forms of errors, pages of 50.

Errors are `{"errors": {"type", "message"}}`; a missing scope is 401; throttling is plain text. The text that Canvas
gives to a request without User-Agent was not read: ours is a plain 403.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import jwt
from flask import Blueprint, Response, request

from lti_tool.demo import wires
from lti_tool.demo.canvas.facts import ISSUER, PAGE_SIZE, token_url
from lti_tool.demo.canvas.grading import ServiceError
from lti_tool.demo.canvas.state import CanvasLms
from lti_tool.demo.faults import Throttle
from lti_tool.demo.services import decode, fault_answer

blueprint = Blueprint("services", __name__)
TOKEN_LIFETIME = 3600
_CONCLUDED = "This course has concluded. AGS requests will no longer be accepted for this course."


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to a service, with what its token allows."""

    method: str
    url: str
    query: Mapping[str, str]
    body: str
    client_id: str
    scopes: frozenset[str]

    def need(self, *scopes: str) -> None:
        """Refuses a token that has none of these scopes: with 401, not 403."""
        if self.scopes.isdisjoint(scopes):
            raise ServiceError(401, "Insufficient permissions")

    @property
    def fields(self) -> dict[str, object]:
        """The JSON object in the body; {} for anything else, whose members are then missing."""
        found = decode(self.body)
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answers; an empty `body` is sent as none at all."""

    status: int
    body: object = None
    content_type: str = "application/json"
    link: str = ""


def hindrance(lms: CanvasLms) -> Response | None:
    """The answer to a request that does not get as far as a service: switched off, nameless, or one too many."""
    fault = fault_answer(lms)
    if fault is not None:
        return fault
    if not request.headers.get("User-Agent", "").strip():
        return Response("403 Forbidden (User-Agent header is required)\n", 403, content_type=_PLAIN)
    if lms.faults.throttle is not Throttle.OFF:
        status = int(lms.faults.throttle.value)
        headers = {"X-Rate-Limit-Remaining": "0.0"}
        return Response(f"{status} Forbidden (Rate Limit Exceeded)\n", status, headers, content_type=_PLAIN)
    return None


_PLAIN = "text/plain; charset=utf-8"


def read_ask(lms: CanvasLms) -> Ask:
    """The request with its token. Raises ServiceError(401)."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer" or not token.strip():
        raise ServiceError(401, "Missing access token")
    claims = read_token(lms, token.strip())
    return Ask(
        method=request.method,
        url=request.full_path.removesuffix("?"),
        query=request.args.to_dict(),
        body=request.get_data(as_text=True),
        client_id=str(claims["sub"]),
        scopes=frozenset(str(claims["scopes"]).split()),
    )


def read_token(lms: CanvasLms, token: str) -> Mapping[str, object]:
    """The claims of an access token of this host. Raises ServiceError(401)."""
    options: jwt.types.Options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    try:
        claims: dict[str, object] = jwt.decode(token, lms.secret, algorithms=["HS256"], options=options)
    except jwt.PyJWTError as fault:
        raise ServiceError(401, "Access token invalid - signature likely incorrect") from fault
    if "scopes" not in claims:
        raise ServiceError(401, "Invalid access token format")
    exp = claims["exp"]
    if not isinstance(exp, int | float) or exp <= lms.now().timestamp():
        raise ServiceError(401, "Access token expired")
    return claims


def make_token(lms: CanvasLms, client_id: str, scopes: str) -> str:
    """An access token: a JWT that only this LMS reads."""
    now = int(lms.now().timestamp())
    claims = {
        "iss": ISSUER,
        "sub": client_id,
        "aud": [token_url(lms.config), lms.config.netloc],
        "iat": now,
        "exp": now + TOKEN_LIFETIME,
        "jti": str(uuid.uuid4()),
        "scopes": scopes,
        "canvas.instructure.com": {"account_uuid": "TCWIR6ovE7y6LOWFsFz9Xzi75NGmfNdFaZOrTxi5"},
    }
    return jwt.encode(claims, lms.secret, algorithm="HS256")


def need_open_course(lms: CanvasLms) -> None:
    if lms.faults.concluded:
        raise ServiceError(422, _CONCLUDED)


def send(answer: Answer) -> Response:
    """The answer on the wire, with the headers of the rate limiter."""
    text = "" if answer.body is None else json.dumps(answer.body, ensure_ascii=False)
    response = Response(text, answer.status, content_type=f"{answer.content_type}; charset=utf-8")
    response.headers["X-Request-Cost"] = "0.09"
    response.headers["X-Rate-Limit-Remaining"] = "600.0"
    if answer.link:
        response.headers["Link"] = answer.link
    return response


def refusal(fault: ServiceError) -> Response:
    return send(Answer(fault.status, fault.json if fault.message else None))


def cut(rows: list[object], ask: Ask, url: str) -> tuple[list[object], str]:
    """One page of a list, and its Link header; `limit` beats `per_page`, and nobody gets more than 50 at once."""
    size = min(_natural(ask.query.get("limit")) or _natural(ask.query.get("per_page")) or PAGE_SIZE, PAGE_SIZE)
    number = max(_natural(ask.query.get("page")), 1)
    last = max(-(-len(rows) // size), 1)
    kept = {name: text for name, text in ask.query.items() if name not in ("limit", "per_page", "page")}

    def at(place: int) -> str:
        return f"{url}?{urlencode({**kept, 'page': place, 'per_page': size})}"

    places = [("current", number)]
    places += [("next", number + 1)] if number < last else []
    places += [("prev", number - 1)] if number > 1 else []
    places += [("first", 1), ("last", last)]
    link = ",".join(f'<{at(place)}>; rel="{name}"' for name, place in places)
    return rows[(number - 1) * size : number * size], link


def _natural(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def note(lms: CanvasLms, title: str, response: Response) -> None:
    """Puts a request and its answer on the wires."""
    parts = [wires.fields("Asked", {"method": request.method, **request.args.to_dict()})]
    sent = decode(request.get_data(as_text=True)) if request.is_json or "+json" in request.mimetype else None
    if isinstance(sent, dict):
        parts.append(wires.fields("Sent", sent))
    told = {"status": response.status_code, "body": response.get_data(as_text=True)}
    told |= {name: response.headers[name] for name in ("Link", "X-Rate-Limit-Remaining") if name in response.headers}
    parts.append(wires.fields("Answered", told))
    good = response.status_code < 300
    mark = "ok" if good else ("warn" if response.status_code in (429, 503) else "bad")
    said = "accepted" if good else f"refused with {response.status_code}"
    address = f"{request.method} {lms.config.lms_url}{request.full_path.removesuffix('?')}"
    lms.wires.add(wires.Message(lms.now(), title, wires.Way.SERVER, address, tuple(parts), said, mark))
