"""A tool registers itself with the demo LMS: what Moodle was recorded to say, refuse and forget."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.demo import Lms, LmsConfig, messages
from lti_tool.demo.registered import Toolbox
from lti_tool.demo.registering import CONFIGURATION, OFFERED
from tests.demo.sides import LMS, TOOL, Hand, Visitor

ENDPOINT = "/mod/lti/openid-registration.php"
# Where the recorded Moodle and its throwaway tool stood.
RECORDED, ITS_TOOL = "http://localhost:8100", "http://127.0.0.1:9801"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def token(lms: Lms, hand: Hand) -> Callable[..., str]:
    """A registration token of this LMS."""

    def made(scope: str = "reg", subject: str = "oEDQgSmjL3mo4BF") -> str:
        now = int(hand().timestamp())
        return messages.sign(lms, {"sub": subject, "scope": scope, "iat": now, "exp": now + 3600})

    return made


def registration(**changes: object) -> dict[str, Any]:
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{TOOL}/lti/login",
        "redirect_uris": [f"{TOOL}/lti/launch"],
        "client_name": "Modules",
        "jwks_uri": f"{TOOL}/lti/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(OFFERED),
        CONFIGURATION: {
            "domain": urlsplit(TOOL).netloc,
            "target_link_uri": f"{TOOL}/lti/launch",
            "claims": ["iss", "sub", "name"],
            "messages": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}],
            "custom_parameters": {"a": "b=c"},
        },
        **changes,
    }


def post(client: FlaskClient, token: str, body: object) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post(ENDPOINT, json=body, headers=headers, base_url=LMS)


def test_a_new_tool_is_pending_and_gets_the_next_number(
    client: FlaskClient, token: Callable[..., str], lms: Lms, config: LmsConfig
) -> None:
    answer = post(client, token(), registration())
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json is not None
    assert answer.json["client_id"] == "oEDQgSmjL3mo4BF", "the token's subject"
    own = answer.json[CONFIGURATION]
    assert (own["deployment_id"], own["custom_parameters"]) == ("4", {"a": "b"})
    (tool,) = lms.toolbox.tools.values()
    assert (tool.is_active, tool.in_chooser, dict(tool.custom)) == (False, False, {"a": "b=c"})
    kept = Toolbox(config.data_dir / "tools.json")
    assert kept.tools == lms.toolbox.tools, "it outlives a stop"


def test_a_token_serves_once(client: FlaskClient, token: Callable[..., str], lms: Lms) -> None:
    once = token()
    assert post(client, once, registration()).status_code == 200
    again = post(client, once, registration())
    assert (again.status_code, again.text) == (401, "token_already_used")
    assert len(lms.toolbox.tools) == 1


def test_a_token_lives_for_an_hour(client: FlaskClient, token: Callable[..., str], hand: Hand) -> None:
    made = token()
    hand.move(seconds=3600)
    assert post(client, made, registration()).status_code == 401


def test_a_token_of_somebody_else_is_none(client: FlaskClient, token: Callable[..., str], tool: Any) -> None:
    claims = jwt.decode(token(), options={"verify_signature": False})
    for forged in (tool.sign(claims), jwt.encode(claims, "", algorithm="none"), "nonsense"):
        assert post(client, forged, registration()).status_code == 404


def test_an_update_keeps_number_and_client_and_hides_the_tool(
    client: FlaskClient, token: Callable[..., str], lms: Lms, visitor: Visitor
) -> None:
    post(client, token(), registration())
    visitor.be("admin", lms)
    for how in ("activate", "show"):
        visitor.post("/tools/4", {"how": how})
    update = token("reg-update", "4")
    present = client.get(ENDPOINT, headers={"Authorization": f"Bearer {update}"}, base_url=LMS)
    assert present.json is not None and present.json["client_id"] == "oEDQgSmjL3mo4BF"
    changed = post(client, update, registration(client_name="Renamed"))
    assert changed.json is not None and changed.json["client_id"] == "oEDQgSmjL3mo4BF"
    (tool,) = lms.toolbox.tools.values()
    assert (tool.name, tool.is_active, tool.in_chooser) == ("Renamed", True, False)


def test_the_address_s_own_query_is_kept(visitor: Visitor, lms: Lms, hand: Hand) -> None:
    visitor.be("admin", lms)
    page = visitor.post("/tools/add", {"url": f"{TOOL}/lti/register?invitation=a-b"})
    frame = page.text.partition('<iframe id="registration"')[2].partition('src="')[2].partition('"')[0]
    query = parse_qs(urlsplit(frame.replace("&amp;", "&")).query)
    assert query["invitation"] == ["a-b"]
    assert query["openid_configuration"] == [f"{LMS}/mod/lti/openid-configuration.php"]
    claims = jwt.decode(query["registration_token"][0], options={"verify_signature": False})
    assert (claims["scope"], claims["exp"] - claims["iat"], len(claims["sub"])) == ("reg", 3600, 15)


@pytest.mark.parametrize("url", ["", "nonsense", "https://evil.example/register", "javascript:alert(1)", f"{LMS}/x"])
def test_only_the_tool_next_door_is_added(url: str, visitor: Visitor, lms: Lms) -> None:
    visitor.be("admin", lms)
    answer = visitor.post("/tools/add", {"url": url})
    assert answer.status_code == 400 and "must begin with" in answer.text and "<iframe" not in answer.text


def test_a_pending_tool_is_launched_by_nobody(
    client: FlaskClient, token: Callable[..., str], visitor: Visitor, lms: Lms
) -> None:
    post(client, token(), registration())
    link = lms.add_link("A")
    lms.toolbox.tie(link, lms.toolbox.tools["4"])
    visitor.be("tuyet", lms)
    ask = {"client_id": "oEDQgSmjL3mo4BF", "redirect_uri": f"{TOOL}/lti/launch", "scope": "openid"}
    answer = visitor.post("/mod/lti/auth.php", ask)
    assert answer.status_code == 400 and "does not know this tool" in answer.text


# --- as recorded ---


@pytest.fixture
def moodle(shared_dir: Path) -> Callable[[str], Any]:
    return lambda name: json.loads((shared_dir / "platforms" / "moodle-4.5" / f"{name}.json").read_text("utf-8"))


@pytest.mark.shared
def test_the_configuration_is_moodle_s(moodle: Callable[[str], Any], client: FlaskClient) -> None:
    ours = client.get("/mod/lti/openid-configuration.php", base_url=LMS).json
    theirs = json.loads(json.dumps(moodle("openid-configuration")["response"]["json"]).replace(RECORDED, LMS))
    assert ours is not None and set(ours) == set(theirs)
    place = "https://purl.imsglobal.org/spec/lti-platform-configuration"
    lists = {"scopes_supported", "claims_supported"}
    assert {name: ours[name] for name in ours if name not in {place, *lists}} == {
        name: theirs[name] for name in theirs if name not in {place, *lists}
    }
    assert all(set(ours[name]) <= set(theirs[name]) for name in lists)
    assert {**ours[place], "variables": 0} == {**theirs[place], "variables": 0}
    assert set(ours[place]["variables"]) <= set(theirs[place]["variables"])


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "case"),
    [
        ("registration", "2 the tool posts to registration_endpoint, and Moodle's answer"),
        ("registration-minimal", "exchange"),
    ],
)
def test_the_answer_is_moodle_s(
    file: str, case: str, moodle: Callable[[str], Any], client: FlaskClient, token: Callable[..., str]
) -> None:
    recorded = moodle(file)[case]
    theirs = recorded["response"]["json"]
    ours = post(client, token(subject=theirs["client_id"]), recorded["request"]["json"]).json
    assert ours is not None
    assert set(ours.pop("scope").split()) == set(theirs.pop("scope").split())
    for answer in (ours, theirs):
        answer[CONFIGURATION].pop("deployment_id")
    assert ours == theirs


@pytest.mark.shared
def test_the_refusals_are_moodle_s(
    moodle: Callable[[str], Any], client: FlaskClient, token: Callable[..., str]
) -> None:
    """What is missing is told one at a time, in Moodle's own words."""
    good = json.loads(json.dumps(moodle("registration-minimal")["exchange"]["request"]["json"]))
    for name, case in moodle("registration-errors").items():
        body = json.loads(json.dumps(good))
        made = token()
        if name == "without-lti-tool-configuration":
            del body[CONFIGURATION]
        elif name == "without-domain":
            del body[CONFIGURATION]["domain"]
        elif name.startswith("without-"):
            del body[name.removeprefix("without-")]
        elif name == "other-domain":
            body[CONFIGURATION]["domain"] = "other.example"
        elif name == "domain-without-port":
            body[CONFIGURATION]["domain"] = "127.0.0.1"
        elif name == "bad-token":
            made = "nonsense"
        elif name == "no-token":
            made = ""
        elif name == "token-again":
            post(client, made, body)
        elif name == "get":
            continue
        answer, theirs = post(client, made, body), case["response"]
        assert answer.status_code == theirs["status"], name
        assert answer.content_type == "text/html; charset=utf-8", name
        assert answer.text == theirs["body"] or name == "bad-token", name
