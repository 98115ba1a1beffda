"""The form for an activity's own dates, over HTTP: set, shown in words, refused field by field, cleared."""

import re
from dataclasses import replace
from pathlib import Path

from lti_tool import demo
from tests.stage import Stage, raised
from tests.walker import Page, Walker, launch
from tests.web.journey import LEARNER, TEACHER

FIELDS = {"available_from": "2099-12-01T09:00", "available_until": "2099-12-24T12:00", "zone": "Europe/Oslo"}


def form_page(stage: Stage, teacher: Walker, link_id: str) -> Page:
    overview = launch(teacher, stage.lms_url, TEACHER, link_id)
    (found,) = re.findall(r'href="(/teach/[0-9a-z]{26}/dates)"', overview.text)
    return teacher.get(f"{stage.tool_url}{found}")


def save(teacher: Walker, page: Page, **fields: str) -> Page:
    return teacher.submit(page, page.form("available_from"), {"zone": "UTC", "word": "save", **fields})


def test_a_teacher_sets_and_clears_the_dates_and_a_learner_reads_them(stage: Stage) -> None:
    link, teacher = stage.add_activity(), Walker()
    saved = save(teacher, form_page(stage, teacher, link.id), **FIELDS)
    assert (saved.status, saved.path.count("/dates")) == (200, 0)
    assert "The beginning of the activity: 1 December 2099, 09:00 (Oslo time; 08:00 UTC), set here" in saved.text
    early = launch(Walker(), stage.lms_url, LEARNER, link.id).text
    assert "Opens on 1 December 2099, 09:00 (Oslo time; 08:00 UTC), set by your teacher." in early
    assert "Open until 24 December 2099, 12:00 (Oslo time; 11:00 UTC), set by your teacher." in early
    assert "No new attempt can begin now" in early

    page = form_page(stage, teacher, link.id)
    assert 'value="2099-12-01T09:00"' in page.text and '<option value="Europe/Oslo" selected>' in page.text
    assert "zone.js" not in page.text, "a zone that is chosen stays"
    cleared = save(teacher, page, word="clear")
    assert "set here" not in cleared.text
    assert "Begin the assessment" in launch(Walker(), stage.lms_url, LEARNER, link.id).text


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(stage: Stage) -> None:
    link, teacher = stage.add_activity(), Walker()
    page = form_page(stage, teacher, link.id)
    refused = save(teacher, page, available_from="2026-03-29T02:30", available_until="soon", zone="Europe/Oslo")
    assert (refused.status, refused.text.count('aria-invalid="true"')) == (400, 2)
    assert "Error: Dates" in refused.text and 'href="#available_from"' in refused.text
    assert "the clocks go forward" in refused.text and 'value="soon"' in refused.text
    assert '<option value="Europe/Oslo" selected>' in refused.text
    again = save(teacher, refused, **FIELDS)
    assert again.status == 200 and "Oslo time" in again.text
    strange = save(teacher, form_page(stage, teacher, link.id), zone="Middle-earth/Shire")
    assert strange.status == 400 and "Choose a time zone from the list" in strange.text


def test_the_lms_s_own_dates_stand_beside_and_conflicts_are_told(stage: Stage) -> None:
    link = stage.add_activity()
    asked = {"canvas_unlock_at": "$Canvas.assignment.unlockAt.iso8601"}
    told = {"$Canvas.assignment.unlockAt.iso8601": "2099-12-02T00:00:00Z"}
    stage.lms.put_link(replace(link, custom=(*link.custom, *asked.items()), dates=tuple(told.items())))
    teacher = Walker()
    page = form_page(stage, teacher, link.id)
    assert "The beginning of the activity: 2 December 2099, 00:00 UTC" in page.text
    assert "Both hold" in page.text
    saved = save(teacher, page, **FIELDS)
    assert "The dates of this activity do not fit together." in saved.text
    learner = launch(Walker(), stage.lms_url, LEARNER, link.id).text
    assert "Opens on 2 December 2099, 00:00 UTC, set in Demo LMS." in learner


def test_without_a_token_or_from_elsewhere_nothing_is_set(stage: Stage) -> None:
    link, teacher = stage.add_activity(), Walker()
    page = form_page(stage, teacher, link.id)
    stripped = replace(page.form("available_from"), fields=[])
    assert teacher.submit(page, stripped, {**FIELDS}).status == 403
    token = dict(page.form("available_from").fields)["csrf_token"]
    foreign = teacher.post(page.url, {**FIELDS, "csrf_token": token}, origin="https://evil.example")
    assert foreign.status == 403
    assert "set here" not in launch(teacher, stage.lms_url, TEACHER, link.id).text


def test_a_learner_and_an_assistant_find_no_form_and_a_designer_does(db_url: str, tmp_path: Path) -> None:
    with raised(db_url, tmp_path, flavour=demo.Flavour.CANVAS) as canvas:
        link, learner, assistant, designer = canvas.add_activity(), Walker(), Walker(), Walker()
        people = {one.role: one.id for one in canvas.lms.people.values()}
        home = launch(learner, canvas.lms_url, LEARNER, link.id)
        assert learner.get(f"{canvas.tool_url}/teach/{home.launch}/dates").status == 404
        overview = launch(assistant, canvas.lms_url, people[demo.Role.ASSISTANT], link.id)
        assert "/dates" not in overview.text
        assert assistant.get(f"{canvas.tool_url}/teach/{overview.launch}/dates").status == 403
        preview = launch(designer, canvas.lms_url, people[demo.Role.DESIGNER], link.id)
        saved = save(designer, designer.get(f"{canvas.tool_url}/teach/{preview.launch}/dates"), **FIELDS)
        assert "It is stored." in saved.text and 'value="2099-12-01T09:00"' in saved.text
