"""A teacher types a grade of their own into the LMS's gradebook: it stays, in Moodle and Canvas, and both sides see."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lti_tool import demo, gradebook, lti
from tests.stage import Stage, raised
from tests.walker import Page, Walker, launch
from tests.web.journey import LEARNER, TEACHER, answer_everything, begin, hand_in


@pytest.fixture(params=list(demo.Flavour))
def stage(request: pytest.FixtureRequest, db_url: str, tmp_path: Path) -> Iterator[Stage]:
    with raised(db_url, tmp_path, flavour=request.param) as up:
        yield up


def hand_in_an_attempt(stage: Stage, learner: Walker, link: demo.Link, *, right: bool) -> Page:
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    result = hand_in(learner, answer_everything(stage, learner, begin(learner, home), right=right))
    assert result.status == 200
    stage.work()
    return result


def type_a_grade(stage: Stage, teacher: Walker, link: demo.Link, grade: str) -> None:
    """As a teacher does it on the gradebook's page."""
    teacher.post(f"{stage.lms_url}/be", {"person": TEACHER, "next": "/gradebook"})
    fields = {"column": str(link.item_id), "person": LEARNER, "grade": grade}
    assert "entered by the teacher" in teacher.post(f"{stage.lms_url}/gradebook/grade", fields).text


def look_at_night(stage: Stage) -> None:
    """The nightly look, a day later by its own clock."""
    tool = stage.tool
    services = lti.Services(tool.db, tool.http, tool.vault, tool.clock)
    assert gradebook.check_due(tool.db, services, clock=lambda: tool.now() + timedelta(days=1)) == 1


def test_a_grade_that_a_teacher_typed_is_seen_at_night_and_left(stage: Stage) -> None:
    """Sent 100, the teacher makes it 70: the difference stands on the teacher's page, and nothing is overwritten."""
    link, learner, teacher = stage.add_activity(), Walker(), Walker()
    hand_in_an_attempt(stage, learner, link, right=True)
    cell = (link.item_id, LEARNER)
    assert stage.lms.grades[cell].value == 100
    type_a_grade(stage, teacher, link, "70")
    look_at_night(stage)
    page = launch(teacher, stage.lms_url, TEACHER, link.id)
    assert "Shows 70" in page.text and "Changed there; left as it is." in page.text
    stage.work()
    assert (stage.lms.grades[cell].value, stage.lms.grades[cell].by_hand) == (70, True)


def test_a_better_attempt_does_not_take_a_teacher_s_grade_away(stage: Stage) -> None:
    """Failed, then graded 85 by hand, then passed with 100: the teacher's grade stays, and the learner is told."""
    link, learner, teacher = stage.add_activity(), Walker(), Walker()
    hand_in_an_attempt(stage, learner, link, right=False)
    assert stage.lms.grades[(link.item_id, LEARNER)].value == 0
    type_a_grade(stage, teacher, link, "85")
    result = hand_in_an_attempt(stage, learner, link, right=True)
    for _ in range(3):
        stage.work()
    assert stage.lms.grades[(link.item_id, LEARNER)].value == 85
    counted = stage.lms.config.flavour is demo.Flavour.CANVAS
    assert stage.lms.attempts_of(link.item_id, LEARNER) == (2 if counted else 0)
    page = launch(teacher, stage.lms_url, TEACHER, link.id)
    assert "Shows 85" in page.text and "100\u202f% here" in page.text
    receipt = learner.get(f"{stage.tool_url}/learn/{result.launch}/receipt")
    assert "Demo LMS shows 85" in receipt.text and "it stays as they left it" in receipt.text
