"""A platform that is not ours: Open edX's released `lti-consumer-xblock` launches the running tool.

Its own models, views and `LtiAdvantageConsumer` make the login, sign the message, publish the keys, check our assertion
and our choice, and take the score (`open_edx.py`). Each test has a block of its own; both programs run on through all.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from lti_tool import courses, lti
from tests.interop.conftest import OpenEdx
from tests.walker import Page, Walker
from tests.web.journey import answer_everything, begin, hand_in, secret_of
from tests.web.test_launch_safety import refused_with

CLAIM = "https://purl.imsglobal.org/spec/lti/claim"
SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def token_in(page: Page) -> str:
    return dict(page.form("id_token").fields)["id_token"]


def post(page: Page, walker: Walker, token: str) -> Page:
    """Sends the platform's form with another token in it."""
    return walker.submit(page, page.form("id_token"), {"id_token": token})


def with_claims(token: str, **claims: object) -> str:
    """The token with other claims under the old signature."""
    head, body, signature = token.split(".")
    said = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    changed = urlsafe_b64encode(json.dumps({**said, **claims}).encode()).rstrip(b"=").decode()
    return ".".join((head, changed, signature))


def test_what_its_launch_looks_like(open_edx: OpenEdx) -> None:
    """Where it differs from Moodle and Canvas; the tool takes it all as it comes."""
    block = open_edx.add_block("looks", offer=open_edx.offer())
    token = token_in(open_edx.message(Walker(), block, "student", "ana"))
    said = jwt.decode(token, options={"verify_signature": False})
    (key,) = requests.get(open_edx.registration.jwks_url, timeout=30).json()["keys"]
    assert said["aud"] == said["azp"] == open_edx.registration.client_id
    assert said[f"{CLAIM}/deployment_id"] == "1"
    assert sorted(role.rpartition("/")[2] for role in said[f"{CLAIM}/roles"]) == [
        "membership#Learner",
        "person#None",
        "person#None",
    ]
    assert "title" not in said[f"{CLAIM}/resource_link"] and "return_url" not in said[f"{CLAIM}/launch_presentation"]
    assert not {"name", "given_name", "family_name", "email", f"{CLAIM}/lis"} & said.keys()
    assert key["key_ops"] == ["verify"] and not {"use", "alg"} & key.keys()


def test_a_learner_passes_and_the_grade_is_in_its_gradebook(open_edx: OpenEdx) -> None:
    """Login, launch, assessment; then its token endpoint checks our assertion, and its views take the score."""
    block, learner = open_edx.add_block("learner", offer=open_edx.offer()), Walker()
    home = open_edx.launch(learner, block, "student", "ana")
    assert home.path == f"/learn/{home.launch}/" and "Data protection essentials" in home.text
    result = hand_in(learner, answer_everything(open_edx, learner, begin(learner, home)))  # type: ignore[arg-type]
    assert result.status == 200, result.text
    open_edx.work()
    assert open_edx.records(block)["scores"] == [
        {
            "user_id": "ana",
            "score_given": 100.0,
            "score_maximum": 100.0,
            "activity_progress": "Completed",
            "grading_progress": "FullyGraded",
        }
    ]
    assert open_edx.records(block)["grades"] == {"ana": 1.0}
    assert "Open edX at Aldermoor has your" in learner.get(f"{open_edx.tool_url}/learn/{home.launch}/receipt").text


@pytest.mark.parametrize(
    ("role", "way"),
    [
        ("student", "learn"),
        ("", "learn"),  # No role at all: the claim is an empty list.
        ("instructor", "teach"),
        ("staff", "teach"),
        ("global_staff", "teach"),  # System administrator, institution instructor and course instructor in one.
        ("Community TA", "teach"),  # Learner, and Instructor#TeachingAssistant.
    ],
)
def test_its_roles(open_edx: OpenEdx, role: str, way: str) -> None:
    block = open_edx.add_block(f"as-{role.replace(' ', '-')}", offer=open_edx.offer())
    page = open_edx.launch(Walker(), block, role, "somebody")
    assert page.status == 200 and page.path.startswith(f"/{way}/"), page.text


def test_an_instructor_chooses_a_module_and_a_learner_finds_it(open_edx: OpenEdx) -> None:
    """Deep linking: it verifies our choice by our key set, keeps it, and launches the next learner with its custom."""
    block, teacher = open_edx.add_block("chosen"), Walker()
    picker = open_edx.launch(teacher, block, "instructor", "ingrid", choose=True)
    module = re.findall(r'name="module" value="([0-9a-z]{26})"', picker.text)[0]
    saved = teacher.onward(teacher.submit(picker, picker.form("csrf_token"), {"module": module}))
    assert "successfully saved in the LMS" in saved.text, saved.text
    (item,) = open_edx.records(block)["content"]
    assert item["title"] == "Data protection essentials" and item["url"] == f"{open_edx.tool_url}/lti/launch"
    assert item["lineItem"]["scoreMaximum"] == 100
    home = open_edx.launch(Walker(), block, "student", "ana")
    assert home.path.startswith("/learn/") and "Data protection essentials" in home.text


def test_its_roster_is_read_and_who_leaves_it_is_seen_to(open_edx: OpenEdx) -> None:
    """Names and roles: its service checks our token and lists the course without names, as it does by default."""
    block, teacher = open_edx.add_block("roster", offer=open_edx.offer()), Walker()
    open_edx.enrol(ana="student", bo="student", ingrid="instructor", sam="staff")
    page = open_edx.launch(teacher, block, "instructor", "ingrid")
    open_edx.work()
    with open_edx.tool.db.reading() as tx:
        session = lti.read_session(tx, page.launch, browser=secret_of(teacher), now=open_edx.tool.now())
        assert session is not None and session.placement_id is not None
        placement = courses.find_placement(tx, session.placement_id)
    tool, known = open_edx.tool, open_edx.registration.id
    services = lti.Services(tool.db, tool.http, tool.vault, tool.clock)
    assert placement.memberships_url is not None and placement.memberships_url.startswith(f"{open_edx.url}/api/lti_")
    told = services.roster(known, placement.memberships_url)
    assert told.complete and {(one.user_id, one.role, one.name) for one in told.members} == {
        ("ana", lti.Role.LEARNER, None),
        ("bo", lti.Role.LEARNER, None),
        ("ingrid", lti.Role.INSTRUCTOR, None),
        ("sam", lti.Role.INSTRUCTOR, None),
    }
    # Page by page it is the same list, by its own links.
    paged = services.roster(known, f"{placement.memberships_url}?limit=3")
    assert paged.complete and paged.members == told.members
    # The teacher sees who has not begun; and after a reading of the list without one of them, one less.
    assert '<dt>Not begun</dt><dd class="tn"><b>2</b>' in teacher.get(page.url).text
    open_edx.enrol(ana="student", ingrid="instructor")
    fewer = services.roster(known, placement.memberships_url)
    assert fewer.gone(["ana", "bo", "ingrid"]) == {"bo"}


def test_a_learner_is_not_asked_to_choose(open_edx: OpenEdx) -> None:
    """It refuses by itself: there is no message that could reach us."""
    block, learner = open_edx.add_block("not-chosen"), Walker()
    page = open_edx.message(learner, block, "student", "ana", choose=True)
    assert page.status == 403 and not page.forms


def test_the_same_message_twice_opens_one_session(open_edx: OpenEdx) -> None:
    """Posted again by the same browser it resumes; by another it is refused; with the next login too."""
    block, learner = open_edx.add_block("replay", offer=open_edx.offer()), Walker()
    page = open_edx.message(learner, block, "student", "ana")
    first, again = post(page, learner, token_in(page)), learner.onward(post(page, learner, token_in(page)))
    assert first.path.startswith("/learn/") and again.launch == first.launch
    refused_with(post(page, Walker(), token_in(page)), "lti.login_used_or_expired")
    refused_with(post(open_edx.message(learner, block, "student", "ana"), learner, token_in(page)), "lti.nonce")


def test_a_message_that_was_tampered_with_is_refused(open_edx: OpenEdx) -> None:
    block, learner = open_edx.add_block("tampered", offer=open_edx.offer()), Walker()
    page = open_edx.message(learner, block, "student", "ana")
    token = token_in(page)
    teacher = ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]
    said, kid = jwt.decode(token, options={"verify_signature": False}), jwt.get_unverified_header(token)["kid"]
    strangers = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    refused_with(post(page, learner, with_claims(token, sub="ingrid")), "lti.signature")
    refused_with(post(page, learner, with_claims(token, **{f"{CLAIM}/roles": teacher})), "lti.signature")
    by_a_stranger = jwt.encode(said, strangers, algorithm="RS256", headers={"kid": kid})
    refused_with(post(page, learner, by_a_stranger), "lti.signature")
    unsigned = jwt.encode(said, None, algorithm="none", headers={"kid": kid})
    refused_with(post(page, learner, unsigned), "lti.token_form")
    # Nothing was used up: the honest message still gets in.
    assert post(page, learner, token).path.startswith("/learn/")


def test_it_gives_a_token_to_nobody_else(open_edx: OpenEdx) -> None:
    """Its check of our assertion is a real one: the same assertion by another key is turned away."""
    known = open_edx.registration
    claims = {"iss": known.client_id, "sub": known.client_id, "aud": known.token_url, "jti": "1"}
    strangers = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, strangers, algorithm="RS256"),
        "scope": SCORE_SCOPE,
    }
    answer = requests.post(known.token_url, data=form, timeout=30)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})
