"""The token endpoint (1EdTech Security Framework 1.0 §4.1, RFC 7523), as Canvas answers it.

The assertion's members are all required and its `aud` must hold this host's token URL; several faults are joined by
bars; one scope that the key does not have refuses all of them.
"""

from collections.abc import Mapping

import jwt
import requests
from flask import Response, request

from lti_tool.demo import wires
from lti_tool.demo.canvas.facts import NOTICE_SCOPE, PROGRESS_SCOPE, token_url
from lti_tool.demo.canvas.room import the_canvas
from lti_tool.demo.canvas.services import TOKEN_LIFETIME, Answer, blueprint, hindrance, make_token, send
from lti_tool.demo.canvas.state import CanvasLms
from lti_tool.demo.messages import GRADE_SCOPES, ROSTER_SCOPE
from lti_tool.demo.tokens import ASSERTION_TYPE
from lti_tool.demo.tool_keys import UnknownKey

OFFERED = (*GRADE_SCOPES, PROGRESS_SCOPE, ROSTER_SCOPE, NOTICE_SCOPE)
_MEMBERS = ("iss", "sub", "aud", "exp", "iat", "jti")
_OLDEST = 300
_AHEAD = 30
_BAD_SCOPE = (
    "A requested scope is invalid, unknown, malformed, or exceeds the scope granted by the resource owner. "
    "The following scopes were requested, but not granted: "
)


class Denied(Exception):
    """No token, with the error as Canvas words it."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@blueprint.post("/login/oauth2/token")
def grant() -> Response:
    """A bearer token for a tool that proves itself by a signed assertion."""
    lms, ask = the_canvas(), request.form.to_dict()
    response = hindrance(lms)
    if response is None:
        response = send(_answer(lms, ask))
    _note(lms, ask, response)
    return response


def _answer(lms: CanvasLms, ask: Mapping[str, str]) -> Answer:
    wanted = (ask.get("scope") or ask.get("scopes") or "").split()
    try:
        client_id = check(lms, ask)
        registered = lms.toolbox.by_client(client_id)
        need_offered(wanted, OFFERED if registered is None else registered.scopes)
    except Denied as denied:
        return Answer(400, {"error": denied.error, "error_description": denied.description})
    scopes = " ".join(wanted)
    token = make_token(lms, client_id, scopes)
    return Answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFETIME, "scope": scopes})


def check(lms: CanvasLms, ask: Mapping[str, str]) -> str:
    """The client that an assertion proves. Raises Denied."""
    if ask.get("grant_type") != "client_credentials" or ask.get("client_assertion_type") != ASSERTION_TYPE:
        raise Denied("invalid_request", "assertion method not supported for this grant_type")
    try:
        claims = lms.tool_keys.verify(ask.get("client_assertion", ""))
    except (UnknownKey, requests.RequestException) as fault:
        raise Denied("invalid_request", f"JWK Error: {fault}") from fault
    except jwt.PyJWTError as fault:
        raise Denied("invalid_request", "JWS signature invalid.") from fault
    if claims.get("sub") not in {one.client_id for one in lms.installed()}:
        raise Denied("invalid_request", "JWS signature invalid.")
    faults = find_faults(claims, token_url(lms.config), now=lms.now().timestamp())
    if faults:
        raise Denied("invalid_request", " | ".join(faults))
    return str(claims["sub"])


def find_faults(
    claims: Mapping[str, object], audience: str, *, now: float, members: tuple[str, ...] = _MEMBERS
) -> list[str]:
    """What is wrong with a tool's signed claims, in Canvas's words."""
    missing = [name for name in members if not claims.get(name)]
    if missing:
        return [f"the following assertions are missing: {','.join(missing)}"]
    found = []
    given = claims["aud"]
    if audience not in (given if isinstance(given, list) else [given]):
        found.append("the 'aud' is invalid")
    exp, iat = claims["exp"], claims["iat"]
    if not isinstance(exp, int | float):
        found.append("the 'exp' must be a number")
    elif exp <= now:
        found.append("the JWT has expired")
    if not isinstance(iat, int | float):
        found.append("the 'iat' must be a number")
    elif iat < now - _OLDEST:
        found.append(f"the 'iat' must be less than {_OLDEST} seconds old")
    elif iat > now + _AHEAD:
        found.append("the 'iat' must not be in the future")
    return found


def need_offered(wanted: list[str], offered: tuple[str, ...] = OFFERED) -> None:
    """Refuses the whole request for one scope too many. Raises Denied."""
    others = [scope for scope in wanted if scope not in offered]
    if others or not wanted:
        named = " and ".join(filter(None, (", ".join(others[:-1]), *others[-1:])))
        raise Denied("invalid_scope", f"{_BAD_SCOPE}{named}")


def _note(lms: CanvasLms, ask: Mapping[str, str], response: Response) -> None:
    parts = [wires.fields("The form", ask), *wires.token("The tool's proof", ask.get("client_assertion", ""))]
    told = {"status": response.status_code, "body": response.get_data(as_text=True)}
    parts.append(wires.fields("Answered", told))
    good = response.status_code == 200
    said, mark = ("granted", "ok") if good else (f"refused with {response.status_code}", "bad")
    address = f"POST {token_url(lms.config)}"
    lms.wires.add(wires.Message(lms.now(), "Token request", wires.Way.SERVER, address, tuple(parts), said, mark))
