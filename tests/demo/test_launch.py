"""A launch, from the form in the frame to the signed token, and every way in which the LMS says no."""

import html
import re
from dataclasses import replace

import jwt
import pytest
from werkzeug.test import TestResponse

from lti_tool.demo import CLIENT_ID, PEOPLE, Lms
from tests.demo.sides import CORE, DEEP, LMS, TOOL, Hand, Visitor


def form_of(answer: TestResponse) -> tuple[str, dict[str, str]]:
    """Where a page's form goes, and what it carries."""
    text = answer.text
    action = re.search(r'<form id="onward" method="post" action="([^"]*)"', text)
    assert action, text
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', text)
    return html.unescape(action[1]), {name: html.unescape(value) for name, value in fields}


def request_for(login: dict[str, str], **changes: str) -> dict[str, str]:
    return {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": login["client_id"],
        "redirect_uri": f"{TOOL}/lti/launch",
        "login_hint": login["login_hint"],
        "lti_message_hint": login["lti_message_hint"],
        "state": "state-1",
        "nonce": "nonce-1",
        **changes,
    }


def claims_in(token: str, visitor: Visitor, hand: Hand) -> dict[str, object]:
    keys = jwt.PyJWKSet.from_dict(visitor.get("/mod/lti/certs.php").json)
    key = keys[jwt.get_unverified_header(token)["kid"]]
    options = {"verify_exp": False, "verify_iat": False}
    return jwt.decode(token, key, algorithms=["RS256"], audience=CLIENT_ID, issuer=LMS, options=options)


def test_a_learner_opens_an_activity_and_the_tool_learns_who_where_and_what(
    lms: Lms, visitor: Visitor, hand: Hand
) -> None:
    link = lms.add_link("Data protection essentials", custom={"offer": "o-1"})
    visitor.be("tuyet", lms)
    action, login = form_of(visitor.get(f"/course/activity/{link.id}/launch"))
    assert action == f"{TOOL}/lti/login"
    assert set(login) == {
        "iss",
        "target_link_uri",
        "login_hint",
        "lti_message_hint",
        "client_id",
        "lti_deployment_id",
    }

    action, form = form_of(visitor.get("/mod/lti/auth.php", query_string=request_for(login)))
    assert action == f"{TOOL}/lti/launch" and set(form) == {"id_token", "state"} and form["state"] == "state-1"
    claims = claims_in(form["id_token"], visitor, hand)
    assert claims["nonce"] == "nonce-1" and claims["name"] == "Nguyễn Thị Ánh Tuyết" and claims["sub"] == "6"
    assert claims["exp"] - claims["iat"] == 60
    assert claims[f"{CORE}roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]
    assert claims[f"{CORE}custom"]["offer"] == "o-1"


def test_a_launch_serves_once(lms: Lms, visitor: Visitor) -> None:
    visitor.be("tuyet", lms)
    ask = request_for(lms.login_form(lms.person("tuyet"), lms.add_link("A")))
    assert "id_token" in form_of(visitor.get("/mod/lti/auth.php", query_string=ask))[1]
    again = form_of(visitor.get("/mod/lti/auth.php", query_string=ask))[1]
    assert again["error"] == "invalid_request" and "id_token" not in again


def test_only_who_started_a_launch_can_finish_it(lms: Lms, visitor: Visitor) -> None:
    ask = request_for(lms.login_form(lms.person("tuyet"), lms.add_link("A")))
    visitor.be("suharto", lms)
    assert form_of(visitor.get("/mod/lti/auth.php", query_string=ask))[1]["error"] == "access_denied"


def test_a_launch_of_somebody_else_is_not_taken_over_by_ones_own_login_hint(lms: Lms, visitor: Visitor) -> None:
    suharto = lms.person("suharto")
    ask = request_for(lms.login_form(lms.person("tuyet"), lms.add_link("A")), login_hint=suharto.id)
    visitor.be("suharto", lms)
    assert form_of(visitor.get("/mod/lti/auth.php", query_string=ask))[1]["error"] == "access_denied"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "email"}, "invalid_scope"),
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"lti_message_hint": "3"}, "invalid_request"),
        ({"lti_message_hint": "not json"}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_answered_with_an_error_to_the_tool(
    lms: Lms, visitor: Visitor, changes: dict[str, str], error: str
) -> None:
    visitor.be("tuyet", lms)
    ask = request_for(lms.login_form(lms.person("tuyet"), lms.add_link("A")), **changes)
    action, form = form_of(visitor.get("/mod/lti/auth.php", query_string=ask))
    assert action == f"{TOOL}/lti/launch" and form["error"] == error and form["state"] == "state-1"


@pytest.mark.parametrize(
    "changes",
    [{"redirect_uri": f"{TOOL}/lti/launch/"}, {"redirect_uri": "http://evil.example/"}, {"client_id": "another"}],
)
def test_nothing_is_sent_to_an_address_that_is_not_registered(
    lms: Lms, visitor: Visitor, changes: dict[str, str]
) -> None:
    visitor.be("tuyet", lms)
    ask = request_for(lms.login_form(lms.person("tuyet"), lms.add_link("A")), **changes)
    answer = visitor.get("/mod/lti/auth.php", query_string=ask)
    assert answer.status_code == 400 and "onward" not in answer.text and "evil" not in answer.text


def test_without_its_cookie_the_lms_asks_itself_once_more(lms: Lms, visitor: Visitor) -> None:
    ask = request_for(lms.login_form(lms.person("tuyet"), lms.add_link("A")))
    action, form = form_of(visitor.get("/mod/lti/auth.php", query_string=ask))
    assert action == f"{LMS}/mod/lti/auth.php" and form == {**ask, "repost": "true"}
    visitor.be("tuyet", lms)
    assert "id_token" in form_of(visitor.post("/mod/lti/auth.php", form))[1]


def test_without_a_person_even_then_the_tool_hears_access_denied(lms: Lms, visitor: Visitor) -> None:
    ask = request_for(lms.login_form(lms.person("tuyet"), lms.add_link("A")), repost="true")
    assert form_of(visitor.post("/mod/lti/auth.php", ask))[1]["error"] == "access_denied"


def test_a_teacher_gets_a_deep_linking_request(lms: Lms, visitor: Visitor, hand: Hand) -> None:
    visitor.be("ingrid", lms)
    _, login = form_of(visitor.get("/course/add/launch"))
    _, form = form_of(visitor.get("/mod/lti/auth.php", query_string=request_for(login)))
    claims = claims_in(form["id_token"], visitor, hand)
    settings = claims[f"{DEEP}deep_linking_settings"]
    assert claims[f"{CORE}message_type"] == "LtiDeepLinkingRequest"
    assert settings["accept_types"] == ["ltiResourceLink"] and settings["accept_multiple"] is True
    assert "data" not in settings and "accept_lineitem" not in settings
    assert "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice" not in claims


@pytest.mark.parametrize("name", ["tuyet", "tom"])
def test_who_may_not_edit_gets_no_deep_linking(lms: Lms, visitor: Visitor, name: str) -> None:
    visitor.be(name, lms)
    assert visitor.get("/course/add").status_code == 403 and visitor.get("/course/add/launch").status_code == 403


def test_custom_parameters_come_as_moodle_sends_them(lms: Lms, visitor: Visitor, hand: Hand) -> None:
    custom = {
        "camelCase": "Yes",
        "key with space": "v",
        "who": "$User.id",
        "column": "$LineItem.url",
        "unknown": "$ResourceLink.available.startDateTime",
        "escaped": "\\$User.id",
        "mixed": "x-$User.id-y",
        "lineitem_url": "http://elsewhere.example/",
    }
    link = lms.add_link("A", custom=custom)
    claims = claims_in(lms.id_token(lms.person("tuyet"), link, "n"), visitor, hand)
    column = f"{LMS}/mod/lti/services.php/2/lineitems/{link.item_id}/lineitem?type_id=3"
    assert claims[f"{CORE}custom"] == {
        "camelcase": "Yes",
        "camelCase": "Yes",
        "key_with_space": "v",
        "key with space": "v",
        "who": "6",
        "column": column,
        "unknown": "$ResourceLink.available.startDateTime",
        "escaped": "$User.id",
        "mixed": "x-$User.id-y",
        "context_memberships_url": f"{LMS}/mod/lti/services.php/CourseSection/2/bindings/3/memberships",
    }
    endpoint = claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]
    assert endpoint["lineitem"] == "http://elsewhere.example/"  # a name of Moodle's own


def test_a_test_can_bend_a_token(lms: Lms) -> None:
    link, person = lms.add_link("A"), lms.person("tuyet")
    token = lms.launch_form(person, link, state="s", nonce="n", header={"kid": "other"}, azp="x", exp=None)["id_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["azp"] == "x" and "exp" not in claims and jwt.get_unverified_header(token)["kid"] == "other"


def test_a_clock_that_is_ahead_signs_in_the_future(lms: Lms, hand: Hand) -> None:
    lms.faults.clock = type(lms.faults.clock).FAST
    claims = jwt.decode(lms.id_token(PEOPLE[0], None, "n"), options={"verify_signature": False})
    assert claims["iat"] - hand.at.timestamp() == 120


def test_a_link_to_a_page_of_its_own_is_the_target(lms: Lms) -> None:
    link = replace(lms.add_link("A"), url=f"{TOOL}/lti/launch?offer=1")
    assert lms.login_form(lms.person("tuyet"), link)["target_link_uri"] == f"{TOOL}/lti/launch?offer=1"
