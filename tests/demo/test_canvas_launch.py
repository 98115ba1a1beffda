"""A launch in the Canvas flavour, from the form in the frame to the signed token, and each way in which it says no."""

from dataclasses import replace

import jwt
import pytest
from flask import Flask

from lti_tool.demo import CanvasLms
from lti_tool.demo.canvas.facts import CONTEXT_ID, INSTALLED, ISSUER, Installation
from tests.demo.canvas_side import form_of, request_for
from tests.demo.sides import CORE, LMS, TOOL, Hand, Visitor

AUTHORIZE = "/api/lti/authorize_redirect"


def ask(visitor: Visitor, request: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Sends an authentication request, and goes on to the school's own domain; what is then posted, and where to."""
    action, form = form_of(visitor.get(AUTHORIZE, query_string=request))
    assert action == f"{LMS}/api/lti/authorize"
    return form_of(visitor.post("/api/lti/authorize", form))


def launch(visitor: Visitor, path: str) -> dict[str, object]:
    _, login = form_of(visitor.get(path))
    _, form = ask(visitor, request_for(login))
    return jwt.decode(form["id_token"], options={"verify_signature": False})


def test_a_learner_opens_an_assignment(canvas: CanvasLms, canvas_visitor: Visitor, hand: Hand) -> None:
    link = canvas.add_link("Data protection essentials", custom={"offer": "o-1", "due": "$No.such.variable"})
    canvas_visitor.be("tuyet", canvas)
    action, login = form_of(canvas_visitor.get(f"/course/activity/{link.id}/launch"))
    assert action == f"{TOOL}/lti/login" and login["iss"] == ISSUER
    hand.move(minutes=4)
    action, form = ask(canvas_visitor, request_for(login))
    assert action == f"{TOOL}/lti/launch"
    assert form["lti_storage_target"] == login["lti_storage_target"] == "post_message_forwarding"
    keys = jwt.PyJWKSet.from_dict(canvas_visitor.get("/api/lti/security/jwks").json)
    key = keys[jwt.get_unverified_header(form["id_token"])["kid"]]
    options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(form["id_token"], key, ["RS256"], audience=login["client_id"], issuer=ISSUER, options=options)
    assert claims["nonce"] == "nonce-1" and claims["exp"] - claims["iat"] == 3600
    assert int(hand().timestamp()) - claims["iat"] == 240, "built at the login request"
    custom = claims[f"{CORE}custom"]
    assert custom["offer"] == "o-1" and custom["canvas_course_id"] == "2" and custom["canvas_user_id"] == "6"
    assert custom["due"] == "$No.such.variable"
    assert custom["canvas_masquerading_user_id"] == "$Canvas.masqueradingUser.id"
    assert claims[f"{CORE}lis"]["course_offering_sourcedid"] == "$CourseSection.sourcedId"


def test_an_administrator_acts_as_a_learner(canvas: CanvasLms, canvas_visitor: Visitor) -> None:
    """“Act as User”: all claims are the learner's, and one variable says who it really is, as long as it lasts."""
    path = f"/course/activity/{canvas.add_link('A', custom={'who': '$Canvas.masqueradingUser.id'}).id}/launch"
    canvas_visitor.be("tuyet", canvas)
    plain = launch(canvas_visitor, path)
    assert canvas_visitor.post("/act-as", {"person": canvas.person("ingrid").id}).status_code == 403
    canvas_visitor.be("admin", canvas)
    assert "Act as" in canvas_visitor.get("/people").text
    canvas_visitor.post("/act-as", {"person": canvas.person("tuyet").id})
    page = canvas_visitor.get("/course").text
    assert "You are acting as" in page and "Amara" in page
    acted = launch(canvas_visitor, path)
    custom = acted[f"{CORE}custom"]
    assert isinstance(custom, dict)
    assert custom["who"] == custom["canvas_masquerading_user_id"] == canvas.person("admin").id
    changing = {"nonce", "iat", "exp", f"{CORE}custom"}
    assert {k: v for k, v in acted.items() if k not in changing} == {
        k: v for k, v in plain.items() if k not in changing
    }
    canvas_visitor.post("/act-as", {"person": canvas.person("lucja").id})
    canvas_visitor.be("tuyet", canvas)
    assert "You are acting as" not in canvas_visitor.get("/course").text
    assert launch(canvas_visitor, path)[f"{CORE}custom"] == plain[f"{CORE}custom"]


def test_a_launch_is_fetched_once(canvas: CanvasLms, canvas_visitor: Visitor) -> None:
    canvas_visitor.be("tuyet", canvas)
    request = request_for(canvas.login_form(canvas.person("tuyet"), canvas.add_link("A")))
    assert "id_token" in ask(canvas_visitor, request)[1]
    again = ask(canvas_visitor, request)[1]
    assert again["error"] == "launch_no_longer_valid" and "id_token" not in again and again["state"] == "state-1"


def test_a_hint_is_good_for_five_minutes(canvas: CanvasLms, canvas_visitor: Visitor, hand: Hand) -> None:
    canvas_visitor.be("tuyet", canvas)
    request = request_for(canvas.login_form(canvas.person("tuyet"), canvas.add_link("A")))
    hand.move(minutes=5, seconds=1)
    answer = canvas_visitor.post("/api/lti/authorize", request)
    assert answer.status_code == 400 and "Invalid lti_message_hint" in answer.text


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"prompt": "", "response_mode": ""}, "invalid_request_object", "missing: prompt,response_mode"),
        ({"scope": "openid email"}, "invalid_request_object", "The 'scope' must be 'openid'"),
        ({"login_hint": "someone"}, "login_required", "Must have an active user session"),
        ({"client_id": "10000000000019"}, "unauthorized_client", "Client not authorized in requested context"),
        ({"client_id": "1"}, "unauthorized_client", "Client not authorized in requested context"),
    ],
)
def test_a_bad_request_is_answered_at_the_tool(
    canvas: CanvasLms, canvas_visitor: Visitor, changes: dict[str, str], error: str, description: str
) -> None:
    canvas_visitor.be("tuyet", canvas)
    request = request_for(canvas.login_form(canvas.person("tuyet"), canvas.add_link("A")), **changes)
    action, form = ask(canvas_visitor, request)
    assert action == f"{TOOL}/lti/launch" and form["error"] == error
    assert form["error_description"].endswith(description) and "id_token" not in form


@pytest.mark.parametrize("address", ["https://evil.example/lti/launch", f"{TOOL}/lti/other"])
def test_nothing_is_sent_to_an_unknown_place(canvas: CanvasLms, canvas_visitor: Visitor, address: str) -> None:
    canvas_visitor.be("tuyet", canvas)
    request = request_for(canvas.login_form(canvas.person("tuyet"), canvas.add_link("A")), redirect_uri=address)
    answer = canvas_visitor.post("/api/lti/authorize", request)
    assert answer.status_code == 400 and "Invalid redirect_uri" in answer.text and "id_token" not in answer.text


def test_prompt_and_response_mode_are_not_looked_at(canvas: CanvasLms, canvas_visitor: Visitor) -> None:
    canvas_visitor.be("tuyet", canvas)
    login = canvas.login_form(canvas.person("tuyet"), canvas.add_link("A"))
    assert "id_token" in ask(canvas_visitor, request_for(login, prompt="random", response_mode="query"))[1]


def test_only_who_started_a_launch_can_fetch_it(canvas: CanvasLms, canvas_visitor: Visitor) -> None:
    suharto = canvas.canvas_person(canvas.person("suharto"))
    request = request_for(canvas.login_form(canvas.person("tuyet"), canvas.add_link("A")))
    canvas_visitor.be("suharto", canvas)
    assert "error" in ask(canvas_visitor, request)[1]
    other = request_for(canvas.login_form(canvas.person("tuyet"), canvas.add_link("B")), login_hint=suharto.legacy_id)
    assert ask(canvas_visitor, other)[1]["error"] == "launch_no_longer_valid"


def test_a_hint_of_another_canvas_is_none(canvas: CanvasLms, canvas_visitor: Visitor) -> None:
    canvas_visitor.be("tuyet", canvas)
    login = canvas.login_form(canvas.person("tuyet"), canvas.add_link("A"))
    hint = jwt.decode(login["lti_message_hint"], options={"verify_signature": False, "verify_exp": False})
    forged = jwt.encode(hint, "another secret of sufficient length", algorithm="HS256")
    answer = canvas_visitor.post("/api/lti/authorize", request_for(login, lti_message_hint=forged))
    assert answer.status_code == 400 and "id_token" not in answer.text


@pytest.mark.parametrize("installed", INSTALLED, ids=lambda one: one.number)
def test_one_issuer_has_keys_and_deployments(
    canvas: CanvasLms, canvas_visitor: Visitor, installed: Installation
) -> None:
    """The same tool, person and course, by each installation; `sub` and context are those of the whole school."""
    canvas_visitor.be("ingrid", canvas)
    claims = launch(canvas_visitor, f"/course/add/launch?tool={installed.number}")
    assert (claims["iss"], claims["aud"], claims[f"{CORE}deployment_id"]) == (
        ISSUER,
        installed.client_id,
        installed.deployment_id,
    )
    assert claims["sub"] == canvas.canvas_person(canvas.person("ingrid")).sub


def test_a_launch_without_a_link_has_the_id_of_the_course(canvas: CanvasLms, canvas_visitor: Visitor) -> None:
    canvas_visitor.be("tuyet", canvas)
    claims = launch(canvas_visitor, "/course/navigation/launch")
    assert claims[f"{CORE}resource_link"]["id"] == claims[f"{CORE}context"]["id"] == CONTEXT_ID
    assert claims["https://www.instructure.com/placement"] == "course_navigation"
    assert "lineitem" not in claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]


def test_ids_outlive_a_restart(canvas: CanvasLms, hand: Hand) -> None:
    link = canvas.add_link("A", maximum=10)
    canvas.put_in(link, INSTALLED[2])
    again = CanvasLms(canvas.config, clock=hand)
    assert again.resource_link_id(again.links[link.id]) == canvas.resource_link_id(link)
    assert again.tool_of(again.links[link.id]) == INSTALLED[2]


def test_the_activity_page_has_the_storage_frame_and_may_tell_the_wires(
    canvas: CanvasLms, canvas_visitor: Visitor
) -> None:
    link = canvas.add_link("A")
    canvas_visitor.be("tuyet", canvas)
    answer = canvas_visitor.get(f"/course/activity/{link.id}")
    assert '<iframe id="post_message_forwarding" name="post_message_forwarding"' in answer.text
    assert "<script>" not in answer.text and "connect-src 'self'" in answer.headers["Content-Security-Policy"]
    frame = canvas_visitor.get("/post_message_forwarding")
    assert "/static/canvas-forward.js" in frame.text
    assert "frame-ancestors 'self'" in frame.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/course", "/people", "/faults", "/gradebook", "/wires", "/course/add"])
def test_every_page_stands(canvas: CanvasLms, canvas_visitor: Visitor, path: str) -> None:
    canvas_visitor.be("ingrid", canvas)
    assert canvas_visitor.get(path).status_code == 200


def test_a_message_between_windows_is_on_the_wires_page(
    canvas: CanvasLms, canvas_visitor: Visitor, canvas_app: Flask
) -> None:
    told = {
        "origin": TOOL,
        "asked": {"subject": "lti.frameResize", "height": 400},
        "answered": {"subject": "lti.frameResize.response"},
    }
    foreign = canvas_app.test_client().post("/wires/message", base_url=LMS, json=told, headers={"Origin": TOOL})
    assert foreign.status_code == 403 and not canvas.wires.trail
    own = canvas_app.test_client().post("/wires/message", base_url=LMS, json=told, headers={"Origin": LMS})
    assert own.status_code == 204
    assert "Window message lti.frameResize" in canvas_visitor.get("/wires").text


def test_a_signed_launch_can_be_bent(canvas: CanvasLms) -> None:
    link = replace(canvas.add_link("A"), custom=())
    form = canvas.launch_form(canvas.person("tuyet"), link, state="s", nonce="n", azp="other")
    assert jwt.decode(form["id_token"], options={"verify_signature": False})["azp"] == "other"
