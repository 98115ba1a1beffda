"""Requests for tokens as recorded of Moodle 4.5 and captured of Canvas: ours against theirs, and what answers mean."""

import json
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from lti_tool import lti
from lti_tool.core.http import HttpAnswer
from lti_tool.lti.advantage.tokens import TokenRefused, read_grant
from lti_tool.lti.quirks import TokenFault, token_fault
from tests.recordings import Recorded
from tests.rooms.lti.replay import http_answer

pytestmark = pytest.mark.shared

TOKENS = {
    "ok": None,
    "ok-unordered-and-unknown-scope": None,
    "only-unknown-scope": TokenFault.SCOPE,
    "toolsetting-scope-not-granted": TokenFault.SCOPE,
    "no-scope": TokenFault.OTHER,
    "unknown-client": TokenFault.CLIENT,
    "expired-assertion": TokenFault.CLOCK,
    "assertion-aud-is-issuer": None,
    "assertion-aud-is-nonsense": None,
    "assertion-without-jti": None,
    "assertion-replay-1": None,
    "assertion-replay-2": None,
    "unknown-kid": TokenFault.KEYS,
    "no-kid": None,
    "json-body": TokenFault.OTHER,
    "form-with-charset": None,
    "readonly-token": None,
}


@pytest.mark.parametrize("case", TOKENS)
def test_moodle_s_token_answers_are_told_apart(recorded: Recorded, case: str) -> None:
    """Also to what we never send: no scope, no kid, no id of its own, another addressee, JSON."""
    answer = http_answer(recorded("moodle-4.5", "token")[case]["response"])
    if TOKENS[case] is None:
        said = answer.json()
        assert (granted := read_grant(answer, said["scope"])).token == said["access_token"]
        assert granted.lasts == said["expires_in"] == 3600
    else:
        with pytest.raises(TokenRefused):
            read_grant(answer, "")
        assert token_fault(answer.text) is TOKENS[case]


def asked_for(book_url: str, server: HTTPServer, services: lti.Services, registration: lti.Registration) -> Request:
    """Our request for a token, as the platform gets it."""
    seen: list[Request] = []

    def refuse(request: Request) -> Response:
        seen.append(request)
        return Response('{"error": "invalid_client"}', 400)

    server.expect_request(book_url).respond_with_handler(refuse)
    services.roster(registration.id, server.url_for(f"{book_url}/people"))
    (request,) = seen
    return request


def claims_of(form: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    token = form["client_assertion"]
    return jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})


def plain_form(body: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body).items()}


def test_our_request_for_a_token_is_the_recorded_one(
    recorded: Recorded, httpserver: HTTPServer, services: lti.Services, registration: lti.Registration
) -> None:
    """The form, the assertion and its header, value by value; only our times, our id and our key are others."""
    case = recorded("moodle-4.5", "token")["ok"]["request"]
    theirs = plain_form(case["body"])
    request = asked_for("/mod/lti/token.php", httpserver, services, registration)
    ours = plain_form(request.get_data(as_text=True))
    assert request.method == case["method"] == "POST"
    assert request.content_type == case["headers"]["Content-Type"] == "application/x-www-form-urlencoded"
    assert ours == {**theirs, "client_assertion": ours["client_assertion"], "scope": ours["scope"]}
    assert set(ours["scope"].split()) < set(theirs["scope"].split())
    (head, mine), (their_head, said) = claims_of(ours), claims_of(theirs)
    assert head == {**their_head, "kid": "tool-key"}
    fresh = {name: mine[name] for name in ("iat", "exp", "jti")}
    assert mine == {**said, **fresh, "aud": registration.token_url}
    assert fresh["exp"] - fresh["iat"] == 300 and len(fresh["jti"]) >= 22


def test_our_request_for_a_token_has_what_canvas_s_captured_one_has(
    recorded: Recorded, httpserver: HTTPServer, services: lti.Services, register: Any
) -> None:
    case = recorded("canvas", "token")["seen_2026"]["request"]
    known = register(
        issuer="https://canvas.instructure.com",
        client_id=case["assertion"]["payload"]["iss"],
        token_url=httpserver.url_for("/login/oauth2/token"),
    )
    request = asked_for("/login/oauth2/token", httpserver, services, known)
    ours = plain_form(request.get_data(as_text=True))
    assert request.method == case["method"] and request.path == "/login/oauth2/token"
    own = {name: ours[name] for name in ("client_assertion", "scope")}
    assert ours == {**case["form"], **own}
    head, mine = claims_of(ours)
    assert head == {**case["assertion"]["header"], "kid": "tool-key"}
    fresh = {name: mine[name] for name in ("iat", "exp", "jti", "aud")}
    assert mine == {**case["assertion"]["payload"], **fresh}
    assert fresh["aud"] == known.token_url, "the token URL of the host that is asked"
    # Canvas takes an assertion that is five minutes old at most; ours lives no longer.
    assert fresh["exp"] - fresh["iat"] == 300


def test_canvas_s_token_answers_are_told_apart(recorded: Recorded) -> None:
    said = recorded("canvas", "token")
    for seen in (said["seen_2026"]["response"]["json"], said["seen_2019"]["response_json"]):
        answer = HttpAnswer(200, "", {}, json.dumps(seen).encode())
        granted = read_grant(answer, seen["scope"])
        assert (granted.lasts, granted.token) == (3600, seen["access_token"])
    told = {fault["json"]["error_description"]: token_fault(json.dumps(fault["json"])) for fault in said["errors"]}
    assert {fault["status"] for fault in said["errors"]} == {400}
    assert {text[:24]: fault for text, fault in told.items()} == {
        "JWS signature invalid.": TokenFault.SIGNATURE,
        "JWK Error: Invalid JSON": TokenFault.KEYS,
        "JWK Error: <text of the ": TokenFault.KEYS,
        "the following assertions": TokenFault.OTHER,
        "the 'aud' is invalid": TokenFault.AUDIENCE,
        "the JWT has expired": TokenFault.CLOCK,
        "the 'exp' must be a numb": TokenFault.OTHER,
        "the 'iat' must be less t": TokenFault.CLOCK,
        "the 'iat' must not be in": TokenFault.CLOCK,
        "the 'aud' is invalid | t": TokenFault.CLOCK,
        "assertion method not sup": TokenFault.OTHER,
        "A requested scope is inv": TokenFault.SCOPE,
    }
