"""The token endpoint (1EdTech Security Framework 1.0 §4.1, RFC 7523), as Moodle 4.5 answers it.

The answer is JSON marked `text/html`; unknown scopes are left out in silence; the assertion's `aud` and `jti` are not
looked at. A wrong key's error is not even JSON: Moodle forgets to escape its quotes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import jwt
import requests
from flask import Response, request

from lti_tool.demo import wires
from lti_tool.demo.config import CLIENT_ID
from lti_tool.demo.messages import GRADE_SCOPES, ROSTER_SCOPE
from lti_tool.demo.room import the_lms
from lti_tool.demo.services import blueprint, dump, fault_answer
from lti_tool.demo.state import Lms
from lti_tool.demo.tool_keys import UnknownKey

LIFETIME = timedelta(hours=1)
OFFERED = (*GRADE_SCOPES, ROSTER_SCOPE)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Denied(Exception):
    """No token, with the error as Moodle words it."""


@blueprint.post("/mod/lti/token.php")
def grant() -> Response:
    """A bearer token for a tool that proves itself by a signed assertion."""
    lms, ask = the_lms(), request.form.to_dict()
    response = fault_answer(lms)
    if response is None:
        response = _answer(lms, ask)
    _note(lms, ask, response)
    return response


def _answer(lms: Lms, ask: Mapping[str, str]) -> Response:
    try:
        scopes = _check(lms, ask)
    except Denied as denied:
        return _reply(400, '{\n  "error" : "' + str(denied) + '"\n}')
    token = lms.grant(frozenset(scopes), LIFETIME)
    facts = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": int(LIFETIME.total_seconds()),
        "scope": " ".join(scopes),
    }
    return _reply(200, dump(facts))


def _check(lms: Lms, ask: Mapping[str, str]) -> list[str]:
    """The scopes to grant, in the order they were asked for. Raises Denied."""
    wanted = ask.get("scope", "").split()
    if (
        ask.get("grant_type") != "client_credentials"
        or ask.get("client_assertion_type") != ASSERTION_TYPE
        or not ask.get("client_assertion")
        or not wanted
    ):
        raise Denied("invalid_request")
    _check_assertion(lms, ask["client_assertion"])
    claims = jwt.decode(ask["client_assertion"], options={"verify_signature": False})
    tool = lms.toolbox.by_client(str(claims["sub"]))
    allowed = tool.scopes if tool else OFFERED
    granted = list(dict.fromkeys(scope for scope in wanted if scope in allowed))
    if not granted:
        raise Denied("invalid_scope")
    return granted


def _check_assertion(lms: Lms, assertion: str) -> None:
    try:
        subject = jwt.decode(assertion, options={"verify_signature": False}).get("sub")
    except jwt.PyJWTError as fault:
        raise Denied("invalid_request") from fault
    if subject != CLIENT_ID and lms.toolbox.by_client(str(subject)) is None:
        raise Denied("invalid_client")
    try:
        claims = lms.tool_keys.verify(assertion)
    except UnknownKey as fault:
        raise Denied('"kid" invalid, unable to lookup correct key') from fault
    except jwt.PyJWTError as fault:
        raise Denied("Signature verification failed") from fault
    except requests.RequestException as fault:
        raise Denied("Error fetching the tool's keys") from fault
    now, iat, exp = lms.now().timestamp(), claims.get("iat"), claims.get("exp")
    if isinstance(iat, int | float) and int(iat) > now:
        raise Denied(f"Cannot handle token with iat prior to {datetime.fromtimestamp(iat, UTC):%Y-%m-%dT%H:%M:%S%z}")
    if not isinstance(exp, int | float) or now >= exp:
        raise Denied("Expired token")


def _reply(status: int, text: str) -> Response:
    return Response(text, status, content_type="text/html; charset=utf-8")


def _note(lms: Lms, ask: Mapping[str, str], response: Response) -> None:
    parts = [wires.fields("The form", ask), *wires.token("The tool's proof", ask.get("client_assertion", ""))]
    text = response.get_data(as_text=True)
    parts.append(wires.fields("Answered", {"status": response.status_code, "body": text}))
    good = response.status_code == 200
    said, mark = ("granted", "ok") if good else (f"refused with {response.status_code}", "bad")
    address = f"POST {lms.config.lms_url}/mod/lti/token.php"
    lms.wires.add(wires.Message(lms.now(), "Token request", wires.Way.SERVER, address, tuple(parts), said, mark))
