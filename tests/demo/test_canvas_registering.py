"""A tool registers with the demo's Canvas: what it says of itself, what it takes, what a launch then carries."""

import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from flask.testing import FlaskClient

from lti_tool.demo import CanvasLms, create_lms
from lti_tool.demo.canvas.facts import ISSUER
from lti_tool.demo.messages import CORE
from tests.demo.canvas_side import CanvasTool, Known, shape
from tests.demo.sides import LMS, TOOL, ToolSide, Visitor

CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
CANVAS = "https://canvas.instructure.com/lti/"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
DOOR = "/api/lti/security/openid-configuration"


def body(**changes: Any) -> dict[str, Any]:
    """A registration with all that Canvas's schema wants."""
    own = {
        "domain": "tool.localhost:8401",
        "target_link_uri": f"{TOOL}/lti/launch",
        "messages": [{"type": "LtiDeepLinkingRequest"}],
        "claims": ["sub"],
        "custom_parameters": {"course": "$Canvas.course.id"},
        f"{CANVAS}privacy_level": "public",
    }
    return {
        "application_type": "web",
        "grant_types": ["implicit", "client_credentials"],
        "response_types": ["id_token"],
        "initiate_login_uri": f"{TOOL}/lti/login",
        "redirect_uris": [f"{TOOL}/lti/launch"],
        "client_name": "Our tool",
        "jwks_uri": f"{TOOL}/lti/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": f"{SCORE} x:unknown",
        CONFIGURATION: {**own, **changes.pop("own", {})},
        **changes,
    }


@pytest.fixture
def admin(canvas: CanvasLms, canvas_visitor: Visitor) -> Visitor:
    canvas_visitor.be("admin", canvas)
    return canvas_visitor


@pytest.fixture
def client(canvas: CanvasLms) -> FlaskClient:
    return create_lms(canvas.config, canvas).test_client()


def token_of(admin: Visitor) -> str:
    """The registration token in the address of the frame."""
    answer = admin.post("/tools/add", {"url": f"{TOOL}/lti/register?invitation=i"})
    found = re.search(r'<iframe id="registration"[^>]* src="([^"]+)"', answer.text)
    assert found, answer.text
    query = parse_qs(urlsplit(html.unescape(found[1])).query)
    (token,) = query["registration_token"]
    assert query["invitation"] == ["i"] and query["openid_configuration"] == [f"{LMS}{DOOR}?registration_token={token}"]
    return token


def ask(client: FlaskClient, method: str, path: str, token: str, said: object = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.open(path, method=method, base_url=LMS, headers=headers, json=said)


@pytest.mark.shared
def test_it_says_of_itself_what_a_captured_one_says(admin: Visitor, client: FlaskClient, known: Known) -> None:
    """Member by member; of the long lists of placements and variables, those that it can fill in."""
    captured = known("openid-configuration")["seen_2026"]
    said = ask(client, "GET", DOOR, token_of(admin)).json
    assert set(said) == set(captured)
    for name in set(captured) - {"scopes_supported", "authorization_server", PLATFORM}:
        assert said[name] == captured[name], name
    assert set(said["scopes_supported"]) <= set(captured["scopes_supported"])
    mine, theirs = said[PLATFORM], captured[PLATFORM]
    assert shape({**mine, "messages_supported": 0}) == shape({**theirs, "messages_supported": 0})
    assert (mine["version"], mine["product_family_code"]) == ("OpenSource", "canvas")
    assert set(mine["variables"]) <= set(theirs["variables"])
    assert set(mine["notice_types_supported"]) <= set(theirs["notice_types_supported"])
    offered = {one["type"]: one.get("placements", []) for one in theirs["messages_supported"]}
    assert all(set(one["placements"]) <= set(offered[one["type"]]) for one in mine["messages_supported"])


@pytest.mark.shared
def test_its_answer_has_the_members_of_a_captured_one(admin: Visitor, client: FlaskClient, known: Known) -> None:
    captured = known("registration-request-response")["response_seen"]
    answer = ask(client, "POST", "/api/lti/registrations", token_of(admin), body())
    assert answer.status_code == captured["status"]
    assert set(answer.json) == set(captured["json"])
    assert set(answer.json[CONFIGURATION]) == set(captured["json"][CONFIGURATION])
    assert answer.json["scope"] == SCORE, "what it does not know is left out"
    assert re.fullmatch(r"\d{14}", answer.json["client_id"]) and re.fullmatch(
        r"\d+:[0-9a-f]{40}", answer.json["deployment_id"]
    )


@pytest.mark.shared
def test_a_token_and_a_body_are_refused_in_canvas_s_forms(
    admin: Visitor, canvas: CanvasLms, client: FlaskClient, known: Known
) -> None:
    told = {fault["status"]: fault["json"] for fault in known("registration-request-response")["errors"][:3]}
    other = jwt.encode({"exp": 4_000_000_000}, canvas.secret, algorithm="HS256")
    for token in ("", "nonsense", other):
        for method, path in (("GET", DOOR), ("POST", "/api/lti/registrations")):
            answer = ask(client, method, path, token, body() if method == "POST" else None)
            assert (answer.status_code, answer.json) == (401, told[401])
    wrong = body(client_name="", grant_types=["implicit"])
    answer = ask(client, "POST", "/api/lti/registrations", token_of(admin), wrong)
    assert answer.status_code == 422 and set(answer.json) == set(told[422]) and len(answer.json["errors"]) == 2
    assert canvas.toolbox.tools == {}


def test_a_key_is_off_until_an_administrator_turns_it_on(
    admin: Visitor, canvas: CanvasLms, client: FlaskClient, tool: ToolSide
) -> None:
    """Then it launches by the school's own name, with what was granted, and its tokens are refused for more."""
    client_id = ask(client, "POST", "/api/lti/registrations", token_of(admin), body()).json["client_id"]
    ours = CanvasTool(create_lms(canvas.config, canvas), tool, client_id)
    assert ours.ask_token(SCORE).status_code == 400 and len(canvas.installed()) == 3
    assert "Off: nobody can open it yet" in admin.get("/tools").text
    (registered,) = canvas.toolbox.tools.values()
    admin.post(f"/tools/{registered.id}", {"how": "activate"})
    assert ours.ask_token(SCORE).status_code == 200
    roster = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
    assert ours.ask_token(f"{SCORE} {roster}").json["error"] == "invalid_scope"
    link = canvas.add_link("Picked")
    canvas.put_in(link, canvas.installed()[-1])
    teacher = next(person for person in canvas.people.values() if person.may_edit)
    said = jwt.decode(canvas.id_token(teacher, link, "n"), options={"verify_signature": False})
    assert (said["iss"], said["aud"]) == (LMS, client_id) and said["iss"] != ISSUER
    assert canvas.login_form(teacher, link)["iss"] == LMS
    assert said["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]["scope"] == [SCORE]
    assert "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice" not in said
    assert said["name"] == teacher.name and said[f"{CORE}custom"] == {"course": "2"}
    admin.post(f"/tools/{registered.id}", {"how": "delete"})
    assert ours.ask_token(SCORE).status_code == 400


def test_a_key_without_a_privacy_level_shares_no_names(admin: Visitor, canvas: CanvasLms, client: FlaskClient) -> None:
    said = body()
    del said[CONFIGURATION][f"{CANVAS}privacy_level"]
    ask(client, "POST", "/api/lti/registrations", token_of(admin), said)
    (registered,) = canvas.toolbox.tools.values()
    admin.post(f"/tools/{registered.id}", {"how": "activate"})
    link = canvas.add_link("Picked")
    canvas.put_in(link, canvas.installed()[-1])
    learner = next(person for person in canvas.people.values() if person.is_gradable)
    claims = jwt.decode(canvas.id_token(learner, link, "n"), options={"verify_signature": False})
    assert not {"name", "email", "given_name", "family_name", "picture"} & set(claims) and claims["sub"]


def test_only_an_administrator_and_only_our_tool(canvas: CanvasLms, canvas_visitor: Visitor) -> None:
    teacher = next(person for person in canvas.people.values() if person.may_edit and person.username != "admin")
    canvas_visitor.be(teacher.username, canvas)
    assert canvas_visitor.post("/tools/add", {"url": f"{TOOL}/lti/register"}).status_code == 403
    canvas_visitor.be("admin", canvas)
    answer = canvas_visitor.post("/tools/add", {"url": "https://elsewhere.example/register"})
    assert answer.status_code == 400 and "must begin with" in answer.text
    assert json.loads(json.dumps(list(canvas.toolbox.tools))) == []
