"""Registrations as recorded of Moodle 4.5 and known of Canvas: how each opens our page, what we post, what it says."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from lti_tool import lti
from lti_tool.core.http import HttpClient
from lti_tool.lti.keys.tool_keys import SigningKey
from lti_tool.lti.registering.dynamic_registration import read_answer
from lti_tool.lti.registering.platform_configuration import PLATFORM, read_configuration
from lti_tool.lti.registering.tool_metadata import TOOL, registration_request
from lti_tool.lti.vocabulary import SCOPES
from tests.recordings import Recorded
from tests.rooms.lti.lms import private_key, refusal

pytestmark = pytest.mark.shared

OURS = "http://127.0.0.1:9801"
CANVAS = "https://canvas.instructure.com/lti/"
START = "1 Moodle opens the tool's registration page in an iframe"
ITEMS = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
EXCHANGE = "2 the tool posts to registration_endpoint, and Moodle's answer"


def opened(start: dict[str, Any], *, update: bool) -> lti.RegistrationRequest:
    """How a platform opened the page, as we read it; its token says what it was recorded to say."""
    request = lti.read_registration_request(start["query"])
    token = start["registration_token"]
    assert jwt.get_unverified_header(request.token) == token["header"]
    assert jwt.decode(request.token, options={"verify_signature": False}) == token["payload"]
    assert (request.configuration_url, request.seems_update) == (start["query"]["openid_configuration"], update)
    assert (start["method"], start["path"]) == ("GET", "/register")
    return request


def played(
    server: HTTPServer, http: HttpClient, platform: Any, exchange: dict[str, Any], token: str
) -> tuple[Any, Any]:
    """Our registration, sent to a platform that answers as recorded: the request that it got, what we made of it."""
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        seen.append(request)
        said = exchange["response"]
        return Response(json.dumps(said["json"]), said["status"], content_type="application/json; charset=utf-8")

    path = urlsplit(platform.registration_url).path
    server.expect_request(path).respond_with_handler(answer)
    here = replace(platform, registration_url=server.url_for(path))
    granted = lti.register_with(http, here, token, public_url=OURS)
    return seen[0], granted


def moodle_platform(recorded: Recorded) -> lti.PlatformConfiguration:
    said = recorded("moodle-4.5", "openid-configuration")
    return read_configuration(said["response"]["json"], address=said["request"]["url"])


@pytest.mark.parametrize(
    ("name", "start", "exchange", "update"),
    [
        ("registration", START, EXCHANGE, False),
        ("registration-minimal", "start", "exchange", False),
        ("registration-update", "start", "POST of the new one", True),
    ],
)
def test_our_registration_in_moodle_says_what_the_recorded_one_said(
    recorded: Recorded, httpserver: HTTPServer, http: HttpClient, name: str, start: str, exchange: str, update: bool
) -> None:
    """Headers and members; what is fixed is the same, what is the tool's own is ours, and nothing else is sent."""
    said = recorded("moodle-4.5", name)
    request = opened(said[start], update=update)
    theirs = said[exchange]["request"]
    got, granted = played(httpserver, http, moodle_platform(recorded), said[exchange], request.token)
    assert got.method == theirs["method"]
    for header in ("Content-Type", "Authorization", "Accept"):
        assert got.headers[header] == theirs["headers"][header]
    ours, wanted = got.get_json(), theirs["json"]
    fixed = ("application_type", "response_types", "grant_types", "token_endpoint_auth_method")
    assert {member: ours[member] for member in fixed} == {member: wanted[member] for member in fixed}
    assert set(ours) <= set(wanted) | {"logo_uri"} and set(wanted) - set(ours) <= {
        *("client_name#fr", "tos_uri", "policy_uri", "contacts"),
    }
    mine, own = ours[TOOL], wanted[TOOL]
    assert mine["domain"] == own["domain"] == "127.0.0.1:9801"
    assert set(mine) <= set(own) and set(mine["claims"]) <= {*own["claims"], *lti_claims(name)}
    kinds = {message["type"] for message in mine["messages"]}
    assert kinds == {"LtiResourceLinkRequest", "LtiDeepLinkingRequest"} >= {one["type"] for one in own["messages"]}
    members = {"type", "target_link_uri", "label", "placements", "icon_uri"}
    assert all(set(message) <= members for message in mine["messages"])
    assert ours["redirect_uris"] == [f"{OURS}/lti/launch"] and ours["initiate_login_uri"] == f"{OURS}/lti/login"
    answer = said[exchange]["response"]["json"]
    assert (granted.client_id, granted.deployment_id) == (answer["client_id"], answer[TOOL]["deployment_id"])
    assert set(granted.scopes) == set(answer["scope"].split()) & set(SCOPES)
    assert set(granted.missing) == set(SCOPES) - set(granted.scopes) and granted.management_url is None


def lti_claims(name: str) -> set[str]:
    """What the minimal registration left out on purpose."""
    return {"name", "given_name", "family_name", "email", "locale"} if name == "registration-minimal" else set()


def test_an_update_is_asked_under_which_client_it_is_known(
    recorded: Recorded, httpserver: HTTPServer, http: HttpClient
) -> None:
    """Moodle shows it, with carriage returns at the ends of addresses; refused, nobody knows."""
    shown = recorded("moodle-4.5", "registration-update")["GET of the present registration"]
    used = recorded("moodle-4.5", "registration-errors")["get"]
    path = urlsplit(shown["request"]["url"]).path
    here = replace(moodle_platform(recorded), registration_url=httpserver.url_for(path))
    httpserver.expect_oneshot_request(path, method="GET").respond_with_json(shown["response"]["json"])
    assert any(uri.endswith("\r") for uri in shown["response"]["json"]["redirect_uris"])
    assert lti.present_client_id(http, here, "t") == shown["response"]["json"]["client_id"]
    httpserver.expect_oneshot_request(path, method="GET").respond_with_data(
        used["response"]["body"], used["response"]["status"]
    )
    assert lti.present_client_id(http, here, "t") is None


def test_what_moodle_was_asked_for_its_configuration_is_what_we_ask(
    recorded: Recorded, httpserver: HTTPServer, http: HttpClient
) -> None:
    said = recorded("moodle-4.5", "openid-configuration")
    base = httpserver.url_for("").rstrip("/")
    text = json.dumps(said["response"]["json"]).replace("http://localhost:8100", base)
    path = urlsplit(said["request"]["url"]).path
    httpserver.expect_request(path, method=said["request"]["method"]).respond_with_data(
        text, content_type=dict(said["response"]["headers"])["Content-Type"]
    )
    found = lti.fetch_configuration(http, lti.RegistrationRequest(f"{base}{path}", ""))
    assert (found.issuer, found.product, found.version) == (base, "moodle", "4.5.5+ (Build: 20250613)")


# --- Canvas ---


def test_canvas_opens_our_page_and_is_asked_with_its_token(
    recorded: Recorded, httpserver: HTTPServer, http: HttpClient
) -> None:
    """Its token goes as bearer to the configuration, which it shows nobody else."""
    said, document = recorded("canvas", "registration-request-response"), recorded("canvas", "openid-configuration")
    token = jwt.encode(said["registration_token"]["payload"], "x" * 64, algorithm="HS256")
    base = httpserver.url_for("").rstrip("/")
    query = {
        name: text.replace("<jwt>", token).replace("https://canvas.example.edu", base)
        for name, text in said["initiation"]["query"].items()
    }
    assert said["initiation"]["method"].startswith("GET")
    request = lti.read_registration_request(query)
    assert (request.token, request.seems_update) == (token, False)
    again = {**said["registration_token"]["payload"], "existing_registration": {"id": 1}}
    update = jwt.encode(again, "x" * 64, algorithm="HS256")
    assert lti.read_registration_request({**query, "registration_token": update}).seems_update
    seen: list[Request] = []

    def show(asked: Request) -> Response:
        seen.append(asked)
        text = json.dumps(document["seen_2026"]).replace("https://canvas.example.edu", base)
        return Response(text, content_type="application/json")

    httpserver.expect_request("/api/lti/security/openid-configuration").respond_with_handler(show)
    platform = lti.fetch_configuration(http, request)
    wanted = document["request"]["headers"]
    assert seen[0].method == document["request"]["method"] and seen[0].headers["Accept"] == wanted["Accept"]
    assert seen[0].headers["Authorization"] == wanted["Authorization"].replace("<registration_token>", token)
    assert (platform.issuer, platform.product_name) == (base, "Canvas")


def test_our_registration_in_canvas_has_the_members_of_the_documented_one(recorded: Recorded) -> None:
    said, document = recorded("canvas", "registration-request-response"), recorded("canvas", "openid-configuration")
    platform = read_configuration(document["seen_2026"], address=document["request"]["url"])
    ours, theirs = registration_request(platform, OURS), said["request_documented"]["json"]
    assert said["request_documented"]["method"] == "POST"
    assert set(ours) == set(theirs)
    fixed = ("application_type", "response_types", "token_endpoint_auth_method")
    assert {name: ours[name] for name in fixed} == {name: theirs[name] for name in fixed}
    assert set(ours["grant_types"]) == set(theirs["grant_types"])  # type: ignore[call-overload]
    mine, own = ours[TOOL], theirs[TOOL]
    assert isinstance(mine, dict) and set(mine) == {*own, "description"}
    assert mine[f"{CANVAS}privacy_level"] == own[f"{CANVAS}privacy_level"] == "public"
    assert set(mine["claims"]) <= set(own["claims"])
    schema = said["schema"]
    required = [line.partition(": ")[0].partition(" ")[0] for line in schema["registration"]["required"]]
    assert set(required) <= set(ours) and set(schema["tool_configuration"]["required"]) <= set(mine)
    assert all(set(schema["message"]["required"]) <= set(message) for message in mine["messages"])
    (documented,) = own["messages"]
    assert {name for message in mine["messages"] for name in message} <= {
        *documented,
        f"{CANVAS}course_navigation/default_enabled",
    }


def test_what_canvas_s_documentation_shows_has_addresses_that_we_do_not_take(recorded: Recorded) -> None:
    """It writes them with plain http; with https, and the lists that it leaves out, the document is a good one."""
    said = recorded("canvas", "openid-configuration")
    documented, seen = said["documented"], said["seen_2026"]
    address = "https://canvas.instructure.com/api/lti/security/openid-configuration"
    assert refusal(lambda: read_configuration(documented, address=address)) == "lti.configuration_plain"
    lists = {name: seen[PLATFORM][name] for name in ("messages_supported", "variables")}
    secure = json.loads(json.dumps(documented).replace("http://canvas", "https://canvas"))
    found = read_configuration({**secure, PLATFORM: {**secure[PLATFORM], **lists}}, address=address)
    assert (found.issuer, found.account) == ("https://canvas.instructure.com", "Test University")
    assert (found.version, found.audience) == ("vCloud", None)


def test_each_refusal_of_canvas_is_told(recorded: Recorded, httpserver: HTTPServer, http: HttpClient) -> None:
    document = recorded("canvas", "openid-configuration")
    platform = read_configuration(document["seen_2026"], address=document["request"]["url"])
    here = replace(platform, registration_url=httpserver.url_for("/api/lti/registrations"))
    for fault in recorded("canvas", "registration-request-response")["errors"]:
        httpserver.clear()
        httpserver.expect_request("/api/lti/registrations").respond_with_json(fault["json"], fault["status"])
        with pytest.raises(lti.LtiRefused, match=r"lti\.registration_refused") as refused:
            lti.register_with(http, here, "t", public_url=OURS)
        told = next(iter(fault["json"].values()))
        assert (
            str(fault["status"]) in refused.value.text
            and (told if isinstance(told, str) else told[0]) in refused.value.text
        )


def test_canvas_s_answers_are_read_value_by_value(recorded: Recorded) -> None:
    said = recorded("canvas", "registration-request-response")
    answer = said["response_seen"]["json"]
    granted = read_answer(answer, asked=SCOPES)
    assert said["response_seen"]["status"] == 200
    assert (granted.client_id, granted.deployment_id) == (answer["client_id"], answer["deployment_id"])
    assert set(granted.scopes) == set(answer["scope"].split()) and granted.management_url is None
    newer = {**answer, "scope": f"{answer['scope']} openid", **{"deployment_id": None}}
    newer["registration_client_uri"] = said["response_newer"]["registration_client_uri"]
    later = read_answer(newer, asked=SCOPES)
    assert (later.deployment_id, later.scopes) == (None, granted.scopes), "`openid` is no service"
    assert later.management_url == newer["registration_client_uri"]
    assert "absent" in said["response_newer"]["deployment_id"]


def test_the_key_for_canvas_is_of_the_documented_form(recorded: Recorded) -> None:
    """Members and kinds of values as in its example; scopes that it documents, or offers since."""
    said = recorded("canvas", "lti-key-config")
    ours, example, model = (
        lti.canvas_key(OURS.replace("http:", "https:")),
        said["example"],
        said["constructed_for_tests"],
    )
    required = {name for name, words in said["fields"].items() if words.startswith("required") and "." not in name}
    assert required <= set(ours) and "public_jwk_url" in ours
    assert set(ours) <= {*example, *model, "public_jwk_url", "oidc_initiation_urls"}
    for name in set(ours) & set(example):
        assert type(ours[name]) is type(example[name]), name
    assert set(ours["scopes"]) <= {  # type: ignore[call-overload]
        *said["scopes_documented"],
        *said["scopes_in_openid_configuration_2026"],
    }
    (mine,), (theirs,), (modelled,) = ours["extensions"], example["extensions"], model["extensions"]  # type: ignore[misc]
    assert set(mine) == set(theirs) == set(modelled) and mine["platform"] == theirs["platform"]
    members = {name for one in (*theirs["settings"]["placements"], *modelled["settings"]["placements"]) for name in one}
    for placement in mine["settings"]["placements"]:
        assert set(placement) <= members | {"default"}


def test_what_we_hand_to_canvas_is_what_it_takes(recorded: Recorded, register: Any) -> None:
    """Members of its links, and what becomes of them; each item has the maximum without which it refuses one."""
    said = recorded("canvas", "deep-linking-response")
    taken = {words.partition(" ")[0].partition(".")[0] for words in said["supported_properties"]["ltiResourceLink"]}
    settings = lti.DeepLinkingSettings("https://canvas.example.edu/x", ("ltiResourceLink",), False, None, None, "", "")
    item = said["request"]["jwt"]["payload"][ITEMS][0]
    link = lti.ContentLink(
        url=item["url"],
        title=item["title"],
        text=item["text"],
        custom=item["custom"],
        score_maximum=item["lineItem"]["scoreMaximum"],
        label=item["lineItem"]["label"],
        resource_id=item["lineItem"]["resourceId"],
        icon_url=item["icon"]["url"],
        available=period(item["available"]),
        submission=period(item["submission"]),
        frame=(item["iframe"]["width"], item["iframe"]["height"]),
    )
    known = register(issuer="https://canvas.instructure.com", auth_url="https://sso.canvaslms.com/api/lti/x")
    (ours,) = handed_over(known, "25:8", settings, link)[1][ITEMS]
    assert set(ours) - {"type"} <= taken
    plain = json.loads(json.dumps(item).replace('Z"', '+00:00"'))
    for name in ("type", "title", "text", "url", "custom", "available", "submission", "iframe"):
        assert ours[name] == plain[name], name
    assert ours["lineItem"] == {name: value for name, value in item["lineItem"].items() if name != "tag"}
    becomes = said["line_item_to_assignment"]["map"]
    for member in ("label", "scoreMaximum", "resourceId"):
        assert f"lineItem.{member}" in becomes and member in ours["lineItem"]
    assert {"available.endDateTime", "submission.endDateTime"} <= set(becomes)
    assert said["item_error"]["errors"] == {"lineItem.scoreMaximum": "lineItem.scoreMaximum is a required field"}
    for words in ("link", "html"):
        plainly = lti.DeepLinkingSettings("https://canvas.example.edu/x", (words,), False, None, None, "", "")
        assert plainly.is_plain and said["supported_properties"][words]


def handed_over(
    known: lti.Registration, deployment: str, settings: lti.DeepLinkingSettings, *links: lti.ContentLink, msg: str = ""
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Head and claims of our answer."""
    pem = private_key(which=2).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    now = datetime.fromisoformat("2026-11-24T09:00:00+00:00")
    key = SigningKey("k", pem)
    token = lti.deep_linking_response(known, deployment, settings, links, key=key, now=now, nonce="n", msg=msg)
    return jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})


def period(said: dict[str, str]) -> lti.Period:
    ends = [datetime.fromisoformat(said[name]) if name in said else None for name in ("startDateTime", "endDateTime")]
    return lti.Period(*ends)


def test_our_answer_to_deep_linking_has_the_envelope_that_canvas_wants(recorded: Recorded, register: Any) -> None:
    """Signed for the issuer of the launch, five minutes long, with a nonce in place of a `jti`."""
    said = recorded("canvas", "deep-linking-response")["request"]
    payload = said["jwt"]["payload"]
    known = register(issuer=payload["aud"], client_id=payload["iss"], auth_url="https://sso.canvaslms.com/api/lti/x")
    settings = lti.DeepLinkingSettings("https://canvas.example.edu/x", ("ltiResourceLink",), False, None, None, "", "")
    deployment = payload["https://purl.imsglobal.org/spec/lti/claim/deployment_id"]
    head, ours = handed_over(known, deployment, settings, msg="Added one quiz")
    assert head == {**said["jwt"]["header"], "kid": "k"}
    fresh = {name: ours[name] for name in ("iat", "exp", "nonce")}
    assert ours == {**{name: value for name, value in payload.items() if name != "azp"}, **fresh, ITEMS: []}
    assert fresh["exp"] - fresh["iat"] == payload["exp"] - payload["iat"] == 300
