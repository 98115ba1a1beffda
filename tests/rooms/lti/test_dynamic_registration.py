"""A platform opens our registration page: what is fetched of it and believed, what is asked, what an answer means."""

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from lti_tool import lti
from lti_tool.core.errors import ToolError, Upstream
from lti_tool.core.http import HttpClient
from lti_tool.lti.registering.dynamic_registration import RegistrationRequest, read_answer
from lti_tool.lti.registering.platform_configuration import PLATFORM, read_configuration
from lti_tool.lti.registering.tool_metadata import TOOL, registration_request
from lti_tool.lti.vocabulary import SCOPES
from tests.outgoing import outgoing
from tests.recordings import Recorded

PUBLIC_URL = "https://tool.example"
UPDATE = "e30.eyJzdWIiOiIzIiwic2NvcGUiOiJyZWctdXBkYXRlIn0.sig"  # {"sub": "3", "scope": "reg-update"}


def configuration(base: str, **changes: object) -> dict[str, Any]:
    """What a Moodle at `base` says of itself."""
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/mod/lti/auth.php",
        "token_endpoint": f"{base}/mod/lti/token.php",
        "jwks_uri": f"{base}/mod/lti/certs.php",
        "registration_endpoint": f"{base}/mod/lti/openid-registration.php",
        "scopes_supported": [*SCOPES, "openid"],
        PLATFORM: {
            "product_family_code": "moodle",
            "version": "4.5.5",
            "messages_supported": [
                {"type": "LtiResourceLinkRequest"},
                {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
            ],
            "variables": ["Context.id.history"],
        },
        **changes,
    }


@pytest.fixture
def base(httpserver: HTTPServer) -> str:
    return httpserver.url_for("").rstrip("/")


@pytest.fixture
def says(httpserver: HTTPServer, base: str) -> Callable[..., RegistrationRequest]:
    """Has the platform say something of itself; what it then asks of us."""

    def said(document: object = None, **changes: object) -> RegistrationRequest:
        told = configuration(base, **changes) if document is None else document
        httpserver.expect_request("/openid").respond_with_json(told)
        return RegistrationRequest(f"{base}/openid", "a.b.c")

    return said


@pytest.fixture
def platform(base: str) -> lti.PlatformConfiguration:
    return read_configuration(configuration(base), address=f"{base}/openid")


def refused(code: str, call: Callable[[], object]) -> ToolError:
    with pytest.raises(ToolError) as caught:
        call()
    assert caught.value.code == code, str(caught.value)
    return caught.value


# --- what the LMS brings along ---


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "lti.register_parameter"),
        ({"openid_configuration": "https://lms.example/" + "x" * 2000}, "lti.registration_url"),
        ({"openid_configuration": "http://lms.example/openid"}, "lti.registration_url"),
        ({"openid_configuration": "https://lms.example/o", "registration_token": "x" * 8001}, "lti.parameter"),
    ],
)
def test_a_request_that_will_not_do_is_refused(values: dict[str, str], code: str) -> None:
    refused(code, lambda: lti.read_registration_request(values))


@pytest.mark.parametrize("token", ["a b", "a\r\nX-Injected: y", "a\x00b", "ä"])
def test_a_token_that_is_no_bearer_token_is_refused(token: str) -> None:
    values = {"openid_configuration": "https://lms.example/o", "registration_token": token}
    refused("lti.parameter", lambda: lti.read_registration_request(values))


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.!!.c", "e30.W10.x", "e30.eyJzY29wZSI6InJlZyJ9.x"])
def test_a_token_that_does_not_say_so_is_for_no_update(token: str) -> None:
    assert not RegistrationRequest("https://lms.example/o", token).seems_update


def test_update_tokens_of_moodle_and_canvas_are_known() -> None:
    canvas = "e30.eyJleGlzdGluZ19yZWdpc3RyYXRpb24iOnsiaWQiOjF9fQ.x"  # {"existing_registration": {"id": 1}}
    assert all(RegistrationRequest("https://lms.example/o", token).seems_update for token in (UPDATE, canvas))


# --- who the LMS is ---


def test_the_platform_is_asked_with_its_own_token(
    httpserver: HTTPServer, http: HttpClient, says: Callable[..., RegistrationRequest], base: str
) -> None:
    found = lti.fetch_configuration(http, says())
    assert (found.issuer, found.product_name, found.host) == (base, "Moodle", base.partition("//")[2])
    ((asked, _),) = httpserver.log
    assert asked.headers["Authorization"] == "Bearer a.b.c"


def test_an_issuer_that_lives_elsewhere_is_not_believed(
    http: HttpClient, says: Callable[..., RegistrationRequest]
) -> None:
    asked = says(issuer="https://moodle.university.example")
    fault = refused("lti.configuration_host", lambda: lti.fetch_configuration(http, asked))
    assert "moodle.university.example" in fault.text


@pytest.mark.parametrize(
    ("issuer", "address"),
    [
        ("https://lms.example", "https://lms.example/openid"),
        ("https://LMS.example/", "https://lms.example./openid"),
        ("https://lms.example:443", "https://lms.example/openid"),
        ("http://canvas.example", "https://canvas.example/openid"),
    ],
)
def test_issuer_and_address_share_host_and_port(issuer: str, address: str) -> None:
    document = configuration("https://lms.example", issuer=issuer)
    assert read_configuration(document, address=address).issuer == issuer


@pytest.mark.parametrize(
    ("issuer", "address"),
    [
        ("https://lms.example", "https://lms.example:8443/openid"),
        ("https://lms.example", "https://lms.example.evil.example/openid"),
        ("https://lms.example", "https://evil.example/lms.example"),
        ("https://lms.example", "https://evil.example/?https://lms.example"),
        ("https://lms.example", "https://127.0.0.1/openid"),
    ],
)
def test_another_host_or_port_is_somebody_else(issuer: str, address: str) -> None:
    document = configuration("https://lms.example", issuer=issuer)
    refused("lti.configuration_host", lambda: read_configuration(document, address=address))


@pytest.mark.parametrize("odd", [None, 7, True, [], {}, "", "not an address", "javascript:alert(1)", "x" * 3000])
@pytest.mark.parametrize(
    "name", ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"]
)
def test_an_address_of_a_wrong_kind_is_refused_by_name(name: str, odd: object, base: str) -> None:
    document = configuration(base, **{name: odd})
    fault = refused("lti.configuration", lambda: read_configuration(document, address=f"{base}/openid"))
    assert name in fault.text


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"])
def test_plain_http_is_refused_on_a_public_host(name: str, base: str) -> None:
    document = configuration(base, **{name: "http://lms.example/x"})
    refused("lti.configuration_plain", lambda: read_configuration(document, address=f"{base}/openid"))


@pytest.mark.parametrize("document", [[], "text", 7, None, True])
def test_a_document_that_is_no_object_is_refused(document: object, base: str) -> None:
    refused("lti.configuration", lambda: read_configuration(document, address=f"{base}/openid"))


@pytest.mark.parametrize(
    "own",
    [
        None,
        [],
        "moodle",
        {"product_family_code": 7, "messages_supported": []},
        {"messages_supported": {}},
        {"messages_supported": [], "variables": "all"},
        {"messages_supported": [{"type": "LtiResourceLinkRequest", "placements": 7}]},
    ],
)
def test_platform_facts_of_a_wrong_kind_are_refused(own: object, base: str) -> None:
    document = configuration(base, **{PLATFORM: own})
    refused("lti.configuration", lambda: read_configuration(document, address=f"{base}/openid"))


def test_what_a_page_or_a_table_cannot_hold_is_taken_out(base: str) -> None:
    own = configuration(base)[PLATFORM] | {"version": "4\x00.5\ud800 \u202e" + "x" * 999, "messages_supported": [7, {}]}
    found = read_configuration(configuration(base, **{PLATFORM: own}), address=f"{base}/openid")
    assert found.version.startswith("4.5 x") and len(found.version) < 300
    assert found.placements == {}


def test_canvas_s_token_requests_are_meant_for_its_token_url(base: str) -> None:
    """It names its bare host as the authorization server, which its own token endpoint does not always take."""
    own = configuration(base)[PLATFORM]
    for code, audience in (("canvas", None), ("desire2learn", "https://api.brightspace.example/auth/token")):
        named = {PLATFORM: {**own, "product_family_code": code}}
        document = configuration(base, authorization_server=audience or "canvas.example.edu", **named)
        assert read_configuration(document, address=f"{base}/openid").audience == audience


@pytest.mark.parametrize(
    ("domain", "pages"),
    [
        ("canvas.school.example", "https://canvas.school.example"),
        ("school.example/path", None),
        ("a@school.example", None),
        ("school.example evil.example", None),
        ("*.example", None),
        ("", None),
    ],
)
def test_where_a_canvas_account_s_pages_lie_is_a_host_and_nothing_more(
    domain: str, pages: str | None, base: str
) -> None:
    own = {**configuration(base)[PLATFORM], "https://canvas.instructure.com/lti/account_domain": domain}
    assert read_configuration(configuration(base, **{PLATFORM: own}), address=f"{base}/openid").pages == pages


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
PLACES = sorted({*configuration("x"), "authorization_server"})
OWN = ("product_family_code", "version", "messages_supported", "variables", "account_domain", "account_name")


@given(name=st.sampled_from(PLACES), own=st.sampled_from(OWN), odd=JSON, odder=JSON)
def test_any_json_is_read_or_refused(name: str, own: str, odd: object, odder: object) -> None:
    """Whatever a stranger's document holds, it becomes a configuration or a refusal in words: never a fault of ours."""
    document = configuration("https://lms.example")
    full = f"https://canvas.instructure.com/lti/{own}" if own.startswith("account") else own
    document[PLATFORM] = {**document[PLATFORM], full: odder}
    document[name] = odd
    try:
        found = read_configuration(document, address="https://lms.example/openid")
    except lti.LtiRefused as refusal:
        assert refusal.text and refusal.hint_text
    else:
        assert json.loads(json.dumps(registration_request(found, PUBLIC_URL)))


@given(document=JSON | st.fixed_dictionaries({"client_id": JSON, "deployment_id": JSON, "scope": JSON, TOOL: JSON}))
def test_any_answer_is_read_or_refused(document: object) -> None:
    try:
        found = read_answer(document, asked=SCOPES)
    except lti.LtiRefused as refusal:
        assert refusal.text and refusal.hint_text
    else:
        assert 0 < len(found.client_id) <= 255


# --- how it is fetched ---


@pytest.mark.parametrize("status", [301, 302, 307, 401, 404, 500])
def test_only_200_is_an_answer_and_no_redirect_is_followed(status: int, httpserver: HTTPServer, base: str) -> None:
    elsewhere = {"Location": f"{base}/private"}
    httpserver.expect_request("/openid").respond_with_data("", status=status, headers=elsewhere)
    asked = RegistrationRequest(f"{base}/openid", "")
    refused("lti.configuration_status", lambda: lti.fetch_configuration(HttpClient(["127.0.0.0/8"]), asked))
    assert [request.path for request, _ in httpserver.log] == ["/openid"]


def test_ten_megabytes_are_cut_off(http: HttpClient, httpserver: HTTPServer, base: str) -> None:
    httpserver.expect_request("/openid").respond_with_data(b"[" + b" " * 10_000_000 + b"]")
    asked = RegistrationRequest(f"{base}/openid", "")
    fault = refused("core.http_no_answer", lambda: lti.fetch_configuration(http, asked))
    assert "more than 262144 bytes" in str(fault)


def test_what_is_no_json_is_said_to_be_none(http: HttpClient, httpserver: HTTPServer, base: str) -> None:
    httpserver.expect_request("/openid").respond_with_data("<html>login first</html>")
    refused("core.http_not_json", lambda: lti.fetch_configuration(http, RegistrationRequest(f"{base}/openid", "")))


FORBIDDEN = (
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://127.0.0.1/openid",
    "http://127.0.0.1:6379/",
    "https://127.1/openid",
    "https://2130706433/openid",
    "https://0x7f000001/openid",
    "https://017700000001/openid",
    "https://0.0.0.0/openid",
    "https://localhost/openid",
    "http://localhost:9200/_cat",
    "https://lms.localhost/openid",
    "https://[::1]/openid",
    "https://[::]/openid",
    "https://[::ffff:127.0.0.1]/openid",
    "https://[::ffff:7f00:1]/openid",
    "https://[64:ff9b::7f00:1]/openid",
    "https://[2002:7f00:1::]/openid",
    "https://[fe80::1%25eth0]/openid",
    "https://[fd00::1]/openid",
    "https://[ff02::1]/openid",
    "https://10.0.0.1/openid",
    "https://172.16.0.1/openid",
    "https://192.168.0.1/openid",
    "https://100.64.0.1/openid",
    "https://198.18.0.1/openid",
    "https://224.0.0.1/openid",
    "https://255.255.255.255/openid",
    "https://public.example@127.0.0.1/openid",
    "https://127.0.0.1\\@public.example/openid",
    "https://rebind.example/openid",
    "file:///etc/passwd",
    "gopher://127.0.0.1:25/",
    "ftp://127.0.0.1/",
    "//127.0.0.1/openid",
    "http://lms.example/openid",
)


@pytest.mark.parametrize("address", FORBIDDEN)
def test_nothing_is_connected_to_for_a_forbidden_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may open our page may make us look at no address inside: not one connection is made."""
    real = socket.getaddrinfo

    def answer(host: str, *rest: Any, **more: Any) -> Any:
        return real("10.0.0.7" if host.endswith(".example") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with outgoing() as connected, pytest.raises(ToolError) as caught:
        lti.fetch_configuration(HttpClient(), lti.read_registration_request({"openid_configuration": address}))
    assert connected == []
    assert caught.value.code in ("lti.registration_url", "core.http_refused", "core.http_no_answer")


def test_a_registration_goes_to_no_forbidden_address_either(platform: lti.PlatformConfiguration) -> None:
    inside = replace(platform, registration_url="https://169.254.169.254/register")
    with outgoing() as connected:
        refused("core.http_refused", lambda: lti.register_with(HttpClient(), inside, "t", public_url=PUBLIC_URL))
    assert connected == []


# --- what the LMS answers ---


def test_the_registration_is_posted_with_the_token(
    httpserver: HTTPServer, http: HttpClient, platform: lti.PlatformConfiguration
) -> None:
    seen: list[Request] = []

    def take(request: Request) -> Response:
        seen.append(request)
        return Response(json.dumps({"client_id": "abc", "scope": " ".join(SCOPES[:3])}), content_type="text/html")

    httpserver.expect_request("/mod/lti/openid-registration.php", method="POST").respond_with_handler(take)
    granted = lti.register_with(http, platform, "a.b.c", public_url=PUBLIC_URL)
    assert (granted.client_id, granted.deployment_id) == ("abc", None)
    assert granted.missing == SCOPES[3:]
    assert seen[0].headers["Authorization"] == "Bearer a.b.c"
    assert json.loads(seen[0].get_data())["redirect_uris"] == [f"{PUBLIC_URL}/lti/launch"]


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, "domain_targetlinkuri_mismatch", "domain_targetlinkuri_mismatch"),
        (401, "token_already_used", "token_already_used"),
        (422, '{"errors": ["scope is invalid"]}', '{"errors": ["scope is invalid"]}'),
        (404, "<!DOCTYPE html>\n<html>…</html>", "no reason given"),
        (302, "", "no reason given"),
        (400, "a\x1b[31mred" + "x" * 999, "a[31mred"),
    ],
)
def test_a_refusal_is_told_with_the_lms_s_own_reason(
    status: int, body: str, reason: str, httpserver: HTTPServer, http: HttpClient, platform: lti.PlatformConfiguration
) -> None:
    httpserver.expect_request("/mod/lti/openid-registration.php").respond_with_data(body, status=status)
    fault = refused("lti.registration_refused", lambda: lti.register_with(http, platform, "t", public_url=PUBLIC_URL))
    assert f"{status}: {reason}" in fault.text and len(fault.text) < 400


def test_no_answer_leaves_it_open_what_the_lms_did(http: HttpClient, platform: lti.PlatformConfiguration) -> None:
    gone = replace(platform, registration_url="http://127.0.0.1:9/register")
    with pytest.raises(Upstream) as caught:
        lti.register_with(http, gone, "t", public_url=PUBLIC_URL)
    assert caught.value.code == "lti.registration_unknown"
    assert lti.TITLE in caught.value.hint_text


def test_an_answer_that_cannot_be_read_leaves_it_open_too(
    httpserver: HTTPServer, http: HttpClient, platform: lti.PlatformConfiguration
) -> None:
    httpserver.expect_request("/mod/lti/openid-registration.php").respond_with_data("<html>done!</html>")
    refused("lti.registration_unknown", lambda: lti.register_with(http, platform, "t", public_url=PUBLIC_URL))


@pytest.mark.parametrize(
    "document",
    [
        [],
        "abc",
        None,
        {},
        {"client_id": ""},
        {"client_id": None},
        {"client_id": ["a"]},
        {"client_id": True},
        {"client_id": "x" * 256},
        {"client_id": "a\x00b"},
        {"client_id": "a", "deployment_id": {}},
        {"client_id": "a", "deployment_id": "d" * 256},
    ],
)
def test_an_answer_without_a_usable_client_id_is_refused(document: object) -> None:
    refused("lti.registration_answer", lambda: read_answer(document, asked=SCOPES))


def test_an_answer_that_says_nothing_of_scopes_has_granted_what_was_asked() -> None:
    found = read_answer({"client_id": 10000000000005, "scope": None}, asked=SCOPES)
    assert (found.client_id, found.scopes, found.missing) == ("10000000000005", SCOPES, ())


# --- as recorded ---


@pytest.fixture
def moodle(recorded: Recorded) -> Callable[[str], Any]:
    return lambda name: recorded("moodle-4.5", name)


@pytest.fixture
def canvas(recorded: Recorded) -> Callable[[str], Any]:
    return lambda name: recorded("canvas", name)


@pytest.mark.shared
def test_moodle_s_own_words_are_read(moodle: Callable[[str], Any]) -> None:
    recorded = moodle("openid-configuration")
    found = read_configuration(recorded["response"]["json"], address=recorded["request"]["url"])
    assert found == lti.PlatformConfiguration(
        issuer="http://localhost:8100",
        auth_url="http://localhost:8100/mod/lti/auth.php",
        token_url="http://localhost:8100/mod/lti/token.php",
        jwks_url="http://localhost:8100/mod/lti/certs.php",
        registration_url="http://localhost:8100/mod/lti/openid-registration.php",
        authorization_server=None,
        product="moodle",
        version="4.5.5+ (Build: 20250613)",
        account="",
        pages=None,
        scopes=tuple(recorded["response"]["json"]["scopes_supported"]),
        variables=tuple(recorded["response"]["json"][PLATFORM]["variables"]),
        placements={"LtiResourceLinkRequest": (), "LtiDeepLinkingRequest": ("ContentArea",)},
    )
    assert set(SCOPES) <= set(found.scopes)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "place", "deployment", "scopes"),
    [
        ("registration", "2 the tool posts to registration_endpoint, and Moodle's answer", "3", set(SCOPES)),
        ("registration-minimal", "exchange", "5", set()),
        ("registration-update", "GET of the present registration", "3", set(SCOPES)),
        ("registration-update", "POST of the new one", "3", set(SCOPES)),
    ],
)
def test_moodle_s_answers_are_read(
    file: str, place: str, deployment: str, scopes: set[str], moodle: Callable[[str], Any]
) -> None:
    answer = moodle(file)[place]["response"]["json"]
    found = read_answer(answer, asked=SCOPES)
    assert (found.client_id, found.deployment_id) == (answer["client_id"], deployment)
    assert set(found.scopes) == scopes and set(found.missing) == set(SCOPES) - scopes


@pytest.mark.shared
def test_moodle_s_tokens_say_what_they_are_for(moodle: Callable[[str], Any]) -> None:
    fresh = moodle("registration")["1 Moodle opens the tool's registration page in an iframe"]["query"]
    update = moodle("registration-update")["start"]["query"]
    assert not lti.read_registration_request(fresh).seems_update
    assert lti.read_registration_request(update).seems_update


@pytest.mark.shared
def test_each_refusal_of_moodle_is_told(
    moodle: Callable[[str], Any], httpserver: HTTPServer, http: HttpClient, platform: lti.PlatformConfiguration
) -> None:
    recorded = {name: case for name, case in moodle("registration-errors").items() if name != "get"}
    for name, case in recorded.items():
        httpserver.clear()
        answer = case["response"]
        httpserver.expect_request("/mod/lti/openid-registration.php").respond_with_data(
            answer["body"], status=answer["status"], content_type="text/html; charset=utf-8"
        )
        fault = refused(
            "lti.registration_refused", lambda: lti.register_with(http, platform, "t", public_url=PUBLIC_URL)
        )
        told = "no reason given" if "<html" in answer["body"] else answer["body"]
        assert f"{answer['status']}: {told}." in fault.text, name
    assert len(recorded) > 10


@pytest.mark.shared
def test_canvas_s_words_and_answer_are_read(canvas: Callable[[str], Any]) -> None:
    document, answers = canvas("openid-configuration"), canvas("registration-request-response")
    address = document["request"]["url"]
    seen = read_configuration(document["seen_2026"], address=address)
    assert (seen.product_name, seen.account, seen.audience) == ("Canvas", "Example Canvas", None)
    assert seen.pages == "https://canvas.example.edu"
    assert "https://canvas.instructure.com/lti/link_selection" in seen.placements["LtiDeepLinkingRequest"]
    granted = read_answer(answers["response_seen"]["json"], asked=SCOPES)
    assert granted.client_id == "10000000000005"
    assert granted.deployment_id == "9:8865aa05b4b79b64a91a86042e43af5ea8ae79eb"
    assert granted.scopes == ("https://purl.imsglobal.org/spec/lti-ags/scope/score",)
    newer = {**answers["response_seen"]["json"], **answers["response_newer"]}
    newer.pop("deployment_id")
    assert read_answer(newer, asked=SCOPES).management_url == answers["response_newer"]["registration_client_uri"]
