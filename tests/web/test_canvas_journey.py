"""The tool's whole way on the Canvas flavour over HTTP: one issuer, two keys, attempts, Student View, throttling."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from lti_tool import demo
from lti_tool.demo import CanvasLms, Throttle
from tests.stage import Stage, furnish, raised
from tests.walker import Page, Walker, launch
from tests.web.journey import LEARNER, TEACHER, answer_everything, begin, hand_in, pass_the_module

STUDENT_VIEW = "22"


@pytest.fixture
def stage(db_url: str, tmp_path: Path) -> Iterator[Stage]:
    with raised(db_url, tmp_path, flavour=demo.Flavour.CANVAS) as up:
        yield up


def canvas_of(stage: Stage) -> CanvasLms:
    assert isinstance(stage.lms, CanvasLms)
    return stage.lms


def add_by_deep_linking(stage: Stage, tool: str = "5") -> demo.Link:
    teacher = Walker()
    teacher.post(f"{stage.lms_url}/be", {"person": TEACHER, "next": "/course"})
    picker = teacher.onward(teacher.get(f"{stage.lms_url}/course/add/launch?tool={tool}"))
    assert "Data protection essentials" in picker.text, picker.text
    module = next(value for name, value in re.findall(r'name="(module)"[^>]*value="([0-9a-z]{26})"', picker.text))
    added = teacher.onward(teacher.submit(picker, picker.form("csrf_token"), {"module": module}))
    assert "Added to the course" in added.text, added.text
    return list(stage.lms.links.values())[-1]


@pytest.mark.both_engines
def test_the_three_doors_of_canvas(stage: Stage) -> None:
    link = add_by_deep_linking(stage)
    assert stage.lms.items[link.item_id].maximum == 100
    learner = Walker()
    result = pass_the_module(stage, learner, link.id)
    assert "100\u202f%" in result.text
    stage.work()
    assert stage.lms.grades[(link.item_id, LEARNER)].value == 100
    assert canvas_of(stage).attempts_of(link.item_id, LEARNER) == 1
    name = learner.get(f"{stage.tool_url}/learn/{result.launch}/certificate")
    assert "Nguyễn Thị Ánh Tuyết" in name.text
    learner.submit(name, name.form("/certificate"))
    stage.work()
    certificate = learner.get(f"{stage.tool_url}/learn/{result.launch}/certificate")
    found = re.search(rf"{re.escape(stage.tool_url)}/c/[0-9a-z]{{26}}", certificate.text)
    assert found
    assert "This certificate is genuine" in Walker(keeps_cookies=False).get(found.group(0)).text


def certificate_page(stage: Stage, walker: Walker, page: Page) -> Page:
    return walker.get(f"{stage.tool_url}/learn/{page.launch}/certificate")


def test_a_second_hand_in_makes_a_second_attempt_and_keeps_the_better_grade(stage: Stage) -> None:
    """Today every hand-in sends a score, and Canvas counts each as an attempt; the grade is the best of all."""
    link = stage.add_activity()
    learner = Walker()
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    hand_in(learner, answer_everything(stage, learner, begin(learner, home), right=False))
    stage.work()
    assert stage.lms.grades[(link.item_id, LEARNER)].value == 0
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    hand_in(learner, answer_everything(stage, learner, begin(learner, home)))
    stage.work()
    assert stage.lms.grades[(link.item_id, LEARNER)].value == 100
    assert canvas_of(stage).attempts_of(link.item_id, LEARNER) == 2
    stage.work()
    assert canvas_of(stage).attempts_of(link.item_id, LEARNER) == 2, "nothing is sent twice"


def test_student_view_is_assessed_and_gets_no_certificate(stage: Stage) -> None:
    link = stage.add_activity()
    walker = Walker()
    result = pass_the_module(stage, walker, link.id, STUDENT_VIEW)
    assert result.status == 200 and "Practice run" in walker.get(f"{stage.tool_url}/learn/{result.launch}/").text
    stage.work()
    page = certificate_page(stage, walker, result)
    assert not [form for form in page.forms if "/certificate" in form.action]
    assert f"{stage.tool_url}/c/" not in page.text
    assert walker.get(f"{stage.tool_url}/learn/{result.launch}/certificate.pdf").status >= 400


def test_a_school_on_the_cloud_frames_us_and_is_posted_to(stage: Stage) -> None:
    """The cloud's door sends the browser on to the school's host: our form must be let through there, too."""
    known = {
        "issuer": "https://canvas.instructure.com",
        "client_id": "170000000000123",
        "name": "Canvas",
        "auth_url": "https://sso.canvaslms.com/api/lti/authorize_redirect",
        "token_url": "https://canvas.instructure.com/login/oauth2/token",
        "jwks_url": "https://sso.canvaslms.com/api/lti/security/jwks",
        "origins": ["https://canvas.school.edu"],
    }
    furnish(stage.tool, known)
    asked = {
        "iss": known["issuer"],
        "client_id": known["client_id"],
        "login_hint": "6",
        "target_link_uri": f"{stage.tool_url}/lti/launch",
    }
    page = Walker().get(f"{stage.tool_url}/lti/login?{urlencode(asked)}")
    rules = dict(rule.split(" ", 1) for rule in page.headers["Content-Security-Policy"].split("; "))
    sources = "https://sso.canvaslms.com https://*.instructure.com https://canvas.school.edu"
    assert rules["frame-ancestors"] == sources
    # Forms may also reach the hosts of issuer and tokens.
    assert rules["form-action"] == f"'self' {sources} https://canvas.instructure.com"


def act_as(walker: Walker, stage: Stage, person: str) -> None:
    walker.post(f"{stage.lms_url}/be", {"person": "2", "next": "/course"})
    walker.post(f"{stage.lms_url}/act-as", {"person": person, "next": "/course"})


def test_an_administrator_who_acts_as_a_learner_leaves_no_trace_of_it(stage: Stage) -> None:
    """On a link that we made by deep linking: the page says so, and neither grade nor certificate comes of it."""
    link = add_by_deep_linking(stage)
    learner = Walker()
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    assert "Practice run" not in home.text
    admin = Walker()
    act_as(admin, stage, LEARNER)
    home = admin.onward(admin.get(f"{stage.lms_url}/course/activity/{link.id}/launch"))
    assert home.path.startswith("/learn/")
    assert "Practice run: you are acting as this learner." in home.text and "Thị Ánh Tuyết" in home.text
    result = hand_in(admin, answer_everything(stage, admin, begin(admin, home)))
    assert "100\u202f%" in result.text
    stage.work()
    assert (link.item_id, LEARNER) not in stage.lms.grades and stage.lms.posts == []
    page = certificate_page(stage, admin, result)
    assert not [form for form in page.forms if "/certificate" in form.action]
    again = launch(learner, stage.lms_url, LEARNER, link.id)
    assert "Practice run" not in again.text and "Start reading" in again.text
    assert "100\u202f%" not in again.text


@pytest.mark.parametrize(("person", "door"), [("7", "/learn/"), ("4", "/teach/"), ("2", "/teach/")])
def test_only_roles_of_this_course_count(stage: Stage, person: str, door: str) -> None:
    """A learner who teaches elsewhere learns; an assistant who studies elsewhere teaches; an administrator looks."""
    link = stage.add_activity()
    assert launch(Walker(), stage.lms_url, person, link.id).path.startswith(door)


def test_each_key_and_deployment_of_the_one_issuer_is_its_own(stage: Stage) -> None:
    """Activities of both keys: grades arrive by the right token, or Canvas would answer 412."""
    links = [add_by_deep_linking(stage, tool) for tool in ("5", "7", "25")]
    for link in links:
        pass_the_module(stage, Walker(), link.id)
    stage.work()
    assert [stage.lms.grades[(link.item_id, LEARNER)].value for link in links] == [100, 100, 100]


@pytest.mark.parametrize("throttle", [Throttle.FORBIDDEN, Throttle.TOO_MANY])
def test_a_throttled_grade_is_kept_for_later(stage: Stage, throttle: Throttle) -> None:
    """Also by 403, as Canvas did for years: the learner reads that it is a matter of time, not of permission."""
    link = stage.add_activity()
    pass_the_module(stage, Walker(), link.id, "7")
    stage.work()
    learner = Walker()
    result = pass_the_module(stage, learner, link.id)
    canvas_of(stage).faults.throttle = throttle
    stage.work()
    assert stage.lms.posts[-1].status == int(throttle) and (link.item_id, LEARNER) not in stage.lms.grades
    receipt = learner.get(f"{stage.tool_url}/learn/{result.launch}/receipt").text
    assert "The LMS asks us to slow down." in receipt and "try again by ourselves" in receipt


def test_used_up_attempts_are_told_and_do_not_hide_the_result(stage: Stage) -> None:
    link = stage.add_activity()
    canvas_of(stage).allowed_attempts = 1
    learner = Walker()
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    hand_in(learner, answer_everything(stage, learner, begin(learner, home), right=False))
    stage.work()
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    result = hand_in(learner, answer_everything(stage, learner, begin(learner, home)))
    stage.work()
    assert stage.lms.posts[-1].status == 422
    assert stage.lms.grades[(link.item_id, LEARNER)].value == 0
    assert "100\u202f%" in learner.get(result.url).text
