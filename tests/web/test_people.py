"""A teacher's list of learners beside the LMS's own list: who has not begun, who has left, and how old the list is."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from lti_tool import demo
from lti_tool.courses.tables import rosters
from tests.stage import Stage, raised
from tests.walker import Page, Walker, launch
from tests.web.journey import LEARNER, TEACHER

ASSISTANT, ARABIC = "4", "9"


@pytest.fixture(params=list(demo.Flavour), ids=[flavour.value for flavour in demo.Flavour])
def stage(request: pytest.FixtureRequest, db_url: str, tmp_path: Path) -> Iterator[Stage]:
    with raised(db_url, tmp_path, flavour=request.param) as up:
        yield up


def an_hour_passes(stage: Stage) -> None:
    """Since a list was asked for; the clock itself cannot be turned while two programs share it."""
    before = stage.tool.now() - timedelta(hours=1)
    with stage.tool.db.transaction() as tx:
        tx.execute(update(rosters).values(asked_at=before))


def refreshed(stage: Stage, teacher: Walker, page: Page) -> Page:
    an_hour_passes(stage)
    page = teacher.submit(page, page.form("/people/refresh"))
    assert "is being read" in page.text
    stage.work()
    return teacher.get(page.url.partition("#")[0])


def asked_for(stage: Stage) -> int:
    """How often the LMS was asked for its list since somebody came last."""
    return sum(1 for message in stage.lms.wires.trail if message.title == "Roster")


def leaves(stage: Stage, person: str) -> None:
    lms = stage.lms
    for known in (lms.people, getattr(lms, "canvas_people", {})):
        known.pop(person, None)


def test_a_teacher_sees_who_has_not_begun(stage: Stage) -> None:
    link, teacher = stage.add_activity(), Walker()
    page = launch(teacher, stage.lms_url, TEACHER, link.id)
    assert "is being read" in page.text and "Not begun" not in page.text
    stage.work()
    page = teacher.get(page.url)
    arabic = stage.lms.people[ARABIC].roster_name
    assert f"<bdi>{arabic}</bdi>" in page.text and "list of" in page.text and "is being read" not in page.text
    before = page.text.count(">Not begun</span>")
    launch(Walker(), stage.lms_url, ARABIC, link.id)
    launch(Walker(), stage.lms_url, ASSISTANT, link.id)
    text = teacher.get(page.url).text
    # Moodle lists the assistant as a learner; whoever has come as staff is none.
    gone = 2 if stage.lms.config.flavour is demo.Flavour.MOODLE else 1
    assert text.count(">Not begun</span>") == before - gone
    assert "Opened" in text and stage.lms.people[ASSISTANT].name not in text


def test_who_left_is_shown_and_stays_on_the_list(stage: Stage) -> None:
    link, teacher = stage.add_activity(), Walker()
    launch(Walker(), stage.lms_url, LEARNER, link.id)
    page = launch(teacher, stage.lms_url, TEACHER, link.id)
    stage.work()
    leaves(stage, LEARNER)
    page = refreshed(stage, teacher, page)
    assert page.text.count("No longer in the course<") == 1 and "Opened" in page.text
    shown = teacher.get(f"{page.url}?show=left").text
    assert shown.count('<tr><th scope="row">') == 1 and "No longer in the course<" in shown


def test_a_list_that_does_not_come_sends_nobody_away(stage: Stage) -> None:
    link, teacher = stage.add_activity(), Walker()
    page = launch(teacher, stage.lms_url, TEACHER, link.id)
    stage.work()
    before = teacher.get(page.url).text.count(">Not begun</span>")
    leaves(stage, LEARNER)
    stage.lms.faults.services = demo.Services.DOWN
    page = refreshed(stage, teacher, page)
    assert "could not be read" in page.text and "does not answer at the moment" in page.text
    assert "nobody was taken off it" in page.text and "Next try" in page.text
    assert page.text.count(">Not begun</span>") == before and "No longer in the course<" not in page.text


def test_no_page_waits_for_the_list(stage: Stage) -> None:
    """Neither launch nor page nor button asks the LMS; and a second press within the minute asks nothing."""
    link, teacher = stage.add_activity(), Walker()
    page = launch(teacher, stage.lms_url, TEACHER, link.id)
    page = teacher.submit(page, page.form("/people/refresh"))
    assert asked_for(stage) == 0
    stage.work()
    assert asked_for(stage) == 1
    page = teacher.submit(page, page.form("/people/refresh"))
    stage.work()
    assert asked_for(stage) == 1 and "is being read" not in page.text
    launch(teacher, stage.lms_url, TEACHER, link.id)
    stage.work()
    assert asked_for(stage) == 0
