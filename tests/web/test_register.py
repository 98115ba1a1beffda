"""An LMS connects itself through our page: invited, shown, asked, stored at once; who is not invited gets nowhere.

The LMS here is a web server of the test that keeps what it was sent.
"""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.test import TestResponse

from lti_tool import lti, workflows
from lti_tool.core.clock import FixedClock
from lti_tool.lti import tables
from lti_tool.lti.registering.platform_configuration import PLATFORM
from lti_tool.lti.registering.tool_metadata import SCOPES, TOOL
from lti_tool.web import Wiring, create_app, wire
from tests.stage import settings_for

TOOL_URL = "http://127.0.0.1:8001"
UPDATE = "e30.eyJzdWIiOiIzIiwic2NvcGUiOiJyZWctdXBkYXRlIn0.sig"  # {"sub": "3", "scope": "reg-update"}
FORM = {"Origin": TOOL_URL, "Sec-Fetch-Site": "same-origin"}


@dataclass
class Moodle:
    """What the LMS says of itself and answers; whatever it is sent is kept."""

    server: HTTPServer
    says: dict[str, object] = field(default_factory=dict)
    answer: dict[str, object] = field(default_factory=dict)
    status: int = 200
    body: str | None = None
    shows_present: bool = True
    taken: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.server.url_for("").rstrip("/")

    def configuration(self, _request: Request) -> Response:
        url = self.url
        document = {
            "issuer": url,
            "authorization_endpoint": f"{url}/auth",
            "token_endpoint": f"{url}/token",
            "jwks_uri": f"{url}/keys",
            "registration_endpoint": f"{url}/register",
            "scopes_supported": list(SCOPES),
            PLATFORM: {
                "product_family_code": "moodle",
                "version": "4.5",
                "messages_supported": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}],
            },
            **self.says,
        }
        return Response(json.dumps(document), content_type="application/json")

    def register(self, request: Request) -> Response:
        self.taken.append(request)
        if request.method == "GET" and not self.shows_present:
            return Response('{"errorMessage": "not found"}', 404, content_type="application/json")
        if self.body is not None:
            return Response(self.body, self.status, content_type="text/html")
        usual = {"client_id": "abc123", "scope": " ".join(SCOPES), TOOL: {"deployment_id": "7"}}
        return Response(json.dumps({**usual, **self.answer}), self.status, content_type="application/json")

    @property
    def posts(self) -> int:
        return sum(request.method == "POST" for request in self.taken)


@pytest.fixture
def moodle(httpserver: HTTPServer) -> Moodle:
    lms = Moodle(httpserver)
    httpserver.expect_request("/openid").respond_with_handler(lms.configuration)
    httpserver.expect_request("/register").respond_with_handler(lms.register)
    return lms


@pytest.fixture
def tool(db_url: str, tmp_path: Path, clock: FixedClock, vault: object) -> Iterator[Wiring]:
    wiring = wire(settings_for(TOOL_URL, 8001, db_url, tmp_path), clock=clock)
    yield wiring
    wiring.db.dispose()


@pytest.fixture
def browser(tool: Wiring) -> FlaskClient:
    return create_app(tool).test_client()


@pytest.fixture
def invite(tool: Wiring) -> Callable[..., str]:
    """Makes an invitation; its token."""

    def made(name: str = "", organisation: str = "Aldermoor University") -> str:
        with tool.db.transaction() as tx:
            _, token = workflows.invite(
                tx,
                organisation=organisation,
                country="NO",
                website="",
                name=name,
                lives=timedelta(hours=24),
                actor="test",
                now=tool.now(),
            )
        return token

    return made


def opened(browser: FlaskClient, moodle: Moodle, invitation: str, token: str = "a.b.c") -> TestResponse:
    query = {
        "invitation": invitation,
        "openid_configuration": f"{moodle.url}/openid",
        "registration_token": token,
    }
    return browser.get("/lti/register", query_string=query, base_url=TOOL_URL)


def offer_in(page: TestResponse) -> str:
    assert page.status_code == 200, page.text
    return re.findall(r'name="offer" value="([^"]+)"', page.text)[0]


def pressed(browser: FlaskClient, page: TestResponse) -> TestResponse:
    return browser.post("/lti/register", data={"offer": offer_in(page)}, headers=FORM, base_url=TOOL_URL)


def code_of(answer: TestResponse) -> str:
    found = re.findall(r"<p><code>([a-z_.]+)</code>, status", answer.text)
    assert found, answer.text
    return str(found[0])


def registrations(tool: Wiring) -> list[lti.Registration]:
    with tool.db.reading() as tx:
        return list(lti.list_registrations(tx))


# --- the way it should go ---


def test_one_button_connects(browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]) -> None:
    page = opened(browser, moodle, invite("Our Moodle"))
    for word in ("Connect Our Moodle to this tool", moodle.url, "Moodle 4.5", "Aldermoor University", "Send grades"):
        assert word in page.text
    answer = pressed(browser, page)
    assert answer.status_code == 303
    (known,) = registrations(tool)
    assert (known.issuer, known.client_id, known.name) == (moodle.url, "abc123", "Our Moodle")
    assert (known.auth_url, known.token_url, known.jwks_url) == tuple(
        f"{moodle.url}/{x}" for x in ("auth", "token", "keys")
    )
    with tool.db.reading() as tx:
        assert [one.lms_deployment_id for one in lti.deployments_of(tx, known.id)] == ["7"]
    (sent,) = moodle.taken
    assert sent.headers["Authorization"] == "Bearer a.b.c"
    assert json.loads(sent.get_data())["jwks_uri"] == f"{TOOL_URL}/lti/jwks.json"
    done = browser.get(answer.headers["Location"], base_url=TOOL_URL)
    for word in ("Our Moodle is connected", "Manage tools", "Activate", "Waiting until somebody opens it", "abc123"):
        assert word in done.text
    state = browser.get(f"{answer.headers['Location']}/state", base_url=TOOL_URL).get_json()
    assert state["settled"] is False and "Waiting" in state["html"]


def test_the_audience_of_token_requests_is_the_authorization_server(
    browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    moodle.says["authorization_server"] = "https://api.brightspace.example/auth/token"
    pressed(browser, opened(browser, moodle, invite()))
    (known,) = registrations(tool)
    assert known.token_audience == "https://api.brightspace.example/auth/token"
    assert known.name == "Moodle"


def test_a_canvas_account_s_own_host_belongs_to_it(
    browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    """Else a hosted school's return addresses would be refused until an operator has confirmed them."""
    moodle.says[PLATFORM] = {
        "product_family_code": "canvas",
        "messages_supported": [{"type": "LtiDeepLinkingRequest", "placements": ["link_selection"]}],
        "https://canvas.instructure.com/lti/account_name": "Aldermoor Canvas",
        "https://canvas.instructure.com/lti/account_domain": "canvas.aldermoor.example",
    }
    answer = pressed(browser, opened(browser, moodle, invite()))
    (known,) = registrations(tool)
    assert (known.name, known.origins) == ("Aldermoor Canvas", ("https://canvas.aldermoor.example",))
    assert "Enable &amp; Close" in browser.get(answer.headers["Location"], base_url=TOOL_URL).text


def test_what_was_held_back_is_told_in_words(browser: FlaskClient, moodle: Moodle, invite: Callable[..., str]) -> None:
    moodle.answer["scope"] = f"{SCOPES[0]} {SCOPES[2]}"
    answer = pressed(browser, opened(browser, moodle, invite()))
    done = browser.get(answer.headers["Location"], base_url=TOOL_URL).text
    assert "did not grant everything" in done
    assert "Send grades" in done and "People in a course" in done
    assert "Gradebook columns" not in done and "Read grades back" not in done


def test_what_the_lms_does_not_have_is_said_before(
    browser: FlaskClient, moodle: Moodle, invite: Callable[..., str]
) -> None:
    moodle.says["scopes_supported"] = [SCOPES[0]]
    assert opened(browser, moodle, invite()).text.count("Your LMS does not offer this") == 3


def test_the_page_may_be_framed_and_its_window_heard(
    browser: FlaskClient, moodle: Moodle, invite: Callable[..., str]
) -> None:
    for page in (opened(browser, moodle, invite()), opened(browser, moodle, "wrong")):
        assert "frame-ancestors *" in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "no-store"
    assert opened(browser, moodle, invite()).headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert browser.get("/verify").headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"


# --- who is not invited ---


@pytest.mark.parametrize("invitation", ["", "wrong", "a" * 43])
def test_without_an_invitation_nothing_is_asked_of_anybody(
    invitation: str, browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    invite()
    page = opened(browser, moodle, invitation)
    assert (page.status_code, code_of(page)) == (403, "lti.no_invitation")
    assert "lti-tool platform invite" in page.text
    assert moodle.server.log == [] and registrations(tool) == []


def test_an_invitation_ends_after_a_day(
    browser: FlaskClient, moodle: Moodle, invite: Callable[..., str], clock: FixedClock
) -> None:
    invitation = invite()
    clock.advance(24 * 3600)
    page = opened(browser, moodle, invitation)
    assert (page.status_code, code_of(page)) == (403, "lti.invitation_expired")
    assert moodle.server.log == []


def test_a_used_invitation_is_used(
    browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    invitation = invite()
    page, other = opened(browser, moodle, invitation), opened(browser, moodle, invitation)
    assert pressed(browser, page).status_code == 303
    asked = moodle.posts
    again = pressed(browser, other)
    assert (again.status_code, code_of(again)) == (403, "lti.invitation_used")
    late = opened(browser, moodle, invitation)
    assert (late.status_code, code_of(late)) == (403, "lti.invitation_used")
    assert moodle.posts == asked == 1 and len(registrations(tool)) == 1


@pytest.mark.both_engines
def test_of_a_hundred_presses_at_once_one_registers(
    browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    offer, app = offer_in(opened(browser, moodle, invite())), browser.application

    def press(_: int) -> int:
        answer = app.test_client().post("/lti/register", data={"offer": offer}, headers=FORM, base_url=TOOL_URL)
        return answer.status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(press, range(100)))
    assert statuses.count(303) == 1 and set(statuses) <= {303, 403, 409}
    assert moodle.posts == 1 and len(registrations(tool)) == 1


# --- forms that are not ours ---


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": TOOL_URL, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_from_elsewhere_registers_nothing(
    headers: dict[str, str], browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    offer = offer_in(opened(browser, moodle, invite()))
    answer = browser.post("/lti/register", data={"offer": offer}, headers=headers, base_url=TOOL_URL)
    assert (answer.status_code, code_of(answer)) == (403, "web.origin")
    assert moodle.posts == 0 and registrations(tool) == []


def test_a_form_that_shows_no_origin_registers_nothing(
    browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    answer = browser.post(
        "/lti/register", data={"offer": offer_in(opened(browser, moodle, invite()))}, base_url=TOOL_URL
    )
    assert (answer.status_code, code_of(answer)) == (403, "web.origin")
    assert moodle.posts == 0 and registrations(tool) == []


def test_an_offer_cannot_be_written_by_hand(browser: FlaskClient, moodle: Moodle, invite: Callable[..., str]) -> None:
    sealed = offer_in(opened(browser, moodle, invite()))
    place = len(sealed) // 2
    other = "A" if sealed[place] != "A" else "B"
    for offer in ("", "x", "!" * 50, "e30=", sealed[:-8], sealed[:place] + other + sealed[place + 1 :]):
        answer = browser.post("/lti/register", data={"offer": offer}, headers=FORM, base_url=TOOL_URL)
        assert (answer.status_code, code_of(answer)) == (400, "lti.registration_form"), offer
    assert moodle.posts == 0


def test_an_offer_of_an_hour_ago_is_too_old(
    browser: FlaskClient, moodle: Moodle, invite: Callable[..., str], clock: FixedClock
) -> None:
    page = opened(browser, moodle, invite())
    clock.advance(31 * 60)
    answer = pressed(browser, page)
    assert (answer.status_code, code_of(answer)) == (400, "lti.registration_form")
    assert moodle.posts == 0


def test_what_was_shown_is_what_is_registered(
    browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    """The LMS is not asked a second time who it is: it might tell another story."""
    page = opened(browser, moodle, invite())
    moodle.says["jwks_uri"] = f"{moodle.url}/other-keys"
    pressed(browser, page)
    assert registrations(tool)[0].jwks_url == f"{moodle.url}/keys"


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ({"issuer": "https://moodle.university.example"}, "lti.configuration_host"),
        ({"jwks_uri": ["a"]}, "lti.configuration"),
        ({"token_endpoint": "http://lms.example/token"}, "lti.configuration_plain"),
        ({PLATFORM: "moodle"}, "lti.configuration"),
    ],
)
def test_an_lms_that_says_something_odd_is_told_what(
    says: dict[str, object], code: str, browser: FlaskClient, moodle: Moodle, invite: Callable[..., str]
) -> None:
    moodle.says |= says
    page = opened(browser, moodle, invite())
    assert (page.status_code, code_of(page)) == (400, code)


def test_a_thousand_odd_requests_store_nothing(browser: FlaskClient, moodle: Moodle, tool: Wiring) -> None:
    for number in range(1000):
        opened(browser, moodle, f"guess-{number}")
    with tool.db.reading() as tx:
        assert tx.execute(tables.invitations.select()).all() == []
        assert tx.execute(tables.registrations.select()).all() == []
        assert tx.execute(tables.refused_launches.select()).all() == []
    assert moodle.server.log == []


# --- an LMS that says no, something odd, or nothing ---


def test_a_refusal_is_told_and_the_invitation_still_holds(
    browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    invitation = invite()
    moodle.status, moodle.body = 400, "domain_targetlinkuri_mismatch"
    answer = pressed(browser, opened(browser, moodle, invitation))
    assert (answer.status_code, code_of(answer)) == (400, "lti.registration_refused")
    assert "400: domain_targetlinkuri_mismatch" in answer.text
    assert registrations(tool) == []
    moodle.status, moodle.body = 200, None
    assert pressed(browser, opened(browser, moodle, invitation)).status_code == 303


def test_an_answer_without_client_id_stores_nothing(
    browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    invitation = invite()
    moodle.answer["client_id"] = None
    answer = pressed(browser, opened(browser, moodle, invitation))
    assert (answer.status_code, code_of(answer)) == (400, "lti.registration_answer")
    assert "Delete the tool in your LMS again" in answer.text and registrations(tool) == []
    assert opened(browser, moodle, invitation).status_code == 200


def test_a_try_that_died_is_told_the_next_time(
    browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str], clock: FixedClock
) -> None:
    """The process was killed between the LMS's answer and our commit: the client id is lost, and that is said."""
    invitation = invite()
    with tool.db.transaction() as tx:
        workflows.begin_registration(tx, lti.find_invitation(tx, invitation), now=tool.now())
    page = opened(browser, moodle, invitation)
    assert (page.status_code, code_of(page)) == (409, "lti.invitation_in_hand")
    clock.advance(120)
    page = opened(browser, moodle, invitation)
    assert "how it ended is not known" in page.text and "delete that entry first" in page.text
    assert pressed(browser, page).status_code == 303


def test_a_client_that_is_connected_already_is_not_overwritten(
    browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    """On a host with several platforms one could speak in the name of another."""
    pressed(browser, opened(browser, moodle, invite()))
    moodle.says["jwks_uri"] = f"{moodle.url}/keys-of-somebody-else"
    answer = pressed(browser, opened(browser, moodle, invite()))
    assert (answer.status_code, code_of(answer)) == (409, "lti.registration_known")
    (known,) = registrations(tool)
    assert known.jwks_url == f"{moodle.url}/keys"


# --- updates ---


@pytest.fixture
def connected(browser: FlaskClient, moodle: Moodle, invite: Callable[..., str]) -> str:
    """A platform is connected; the token of its invitation."""
    invitation = invite("Our Moodle")
    assert pressed(browser, opened(browser, moodle, invitation)).status_code == 303
    return invitation


def test_the_address_that_connected_it_brings_it_up_to_date(
    connected: str, browser: FlaskClient, moodle: Moodle, tool: Wiring
) -> None:
    before = registrations(tool)
    moodle.says |= dict.fromkeys(("jwks_uri", "token_endpoint", "authorization_endpoint"), f"{moodle.url}/elsewhere")
    page = opened(browser, moodle, connected, UPDATE)
    assert "Bring this tool up to date in Our Moodle" in page.text
    answer = pressed(browser, page)
    assert answer.status_code == 303 and moodle.posts == 2
    assert moodle.taken[-1].headers["Authorization"] == f"Bearer {UPDATE}"
    assert "has been brought up to date" in browser.get(answer.headers["Location"], base_url=TOOL_URL).text
    assert registrations(tool) == before, "issuer, client and addresses are an operator's to change"


def test_a_platform_that_does_not_show_the_present_registration_is_updated_by_its_own_address_alone(
    connected: str, browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    """Canvas: the token says that there is a registration, and only the answer to the new one says which."""
    moodle.shows_present = False
    canvas = "e30.eyJleGlzdGluZ19yZWdpc3RyYXRpb24iOnsiaWQiOjF9fQ.x"  # {"existing_registration": {"id": 1}}
    assert code_of(opened(browser, moodle, invite(), canvas)) == "lti.registration_mismatch"
    assert pressed(browser, opened(browser, moodle, connected, canvas)).status_code == 303
    assert moodle.posts == 2 and len(registrations(tool)) == 1


def test_a_new_invitation_of_the_same_organisation_does_too(
    connected: str, browser: FlaskClient, moodle: Moodle, tool: Wiring, invite: Callable[..., str]
) -> None:
    invitation = invite()
    assert pressed(browser, opened(browser, moodle, invitation, UPDATE)).status_code == 303
    assert len(registrations(tool)) == 1
    assert code_of(opened(browser, moodle, invitation)) == "lti.invitation_used"


@pytest.mark.parametrize(
    "changes",
    [
        {"client": "somebody-else"},
        {"issuer": "/other"},
    ],
)
def test_an_update_of_anything_else_is_refused(
    changes: dict[str, Any], connected: str, browser: FlaskClient, moodle: Moodle
) -> None:
    if "client" in changes:
        moodle.answer["client_id"] = changes["client"]
    if "issuer" in changes:
        moodle.says["issuer"] = moodle.url + changes["issuer"]
    page = opened(browser, moodle, connected, UPDATE)
    assert (page.status_code, code_of(page)) == (400, "lti.registration_mismatch")
    assert moodle.posts == 1


def test_another_organisation_s_invitation_updates_nothing(
    connected: str, browser: FlaskClient, moodle: Moodle, invite: Callable[..., str]
) -> None:
    page = opened(browser, moodle, invite(organisation="Another university"), UPDATE)
    assert (page.status_code, code_of(page)) == (400, "lti.registration_mismatch")
    assert moodle.posts == 1


def test_the_address_that_connected_it_makes_us_ask_nobody_else(
    connected: str, browser: FlaskClient, moodle: Moodle
) -> None:
    asked = len(moodle.server.log)
    elsewhere = moodle.url.replace("localhost", "127.0.0.1")
    assert elsewhere != moodle.url
    query = {"invitation": connected, "openid_configuration": f"{elsewhere}/openid", "registration_token": UPDATE}
    page = browser.get("/lti/register", query_string=query, base_url=TOOL_URL)
    assert (page.status_code, code_of(page)) == (400, "lti.registration_mismatch")
    assert len(moodle.server.log) == asked


def test_an_update_that_answers_for_another_client_is_refused(
    connected: str, browser: FlaskClient, moodle: Moodle
) -> None:
    page = opened(browser, moodle, connected, UPDATE)
    moodle.answer["client_id"] = "somebody-else"
    assert code_of(pressed(browser, page)) == "lti.registration_mismatch"


def test_an_update_without_any_invitation_is_none(connected: str, browser: FlaskClient, moodle: Moodle) -> None:
    asked = len(moodle.server.log)
    page = opened(browser, moodle, "", UPDATE)
    assert (page.status_code, code_of(page)) == (403, "lti.no_invitation")
    assert len(moodle.server.log) == asked


# --- the key for Canvas ---


def test_the_canvas_key_is_for_everybody(browser: FlaskClient) -> None:
    answer = browser.get("/lti/canvas.json", base_url=TOOL_URL)
    assert answer.get_json() == lti.canvas_key(TOOL_URL)
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_the_logo_is_where_the_lms_was_told(browser: FlaskClient) -> None:
    with browser.get("/static/logo/icon.svg", base_url=TOOL_URL) as answer:
        assert answer.status_code == 200 and answer.content_type.startswith("image/svg+xml")


@pytest.mark.parametrize("path", ["/lti/register/x", "/lti/register/x/state", f"/lti/register/{'0' * 26}"])
def test_a_page_that_waits_for_nothing_is_not_there(path: str, browser: FlaskClient) -> None:
    assert browser.get(path, base_url=TOOL_URL).status_code == 404
