"""Copied courses, duplicated and edited activities, submissions, dates: walked over HTTP in the demo LMS."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lti_tool import demo
from lti_tool.demo.copies import copy_course, duplicate
from tests.stage import Stage, raised
from tests.walker import Page, Walker, launch
from tests.web.journey import LEARNER, TEACHER, begin, pass_the_module

OTHER_LEARNER = "7"


@pytest.fixture(params=list(demo.Flavour))
def each(request: pytest.FixtureRequest, db_url: str, tmp_path: Path) -> Iterator[Stage]:
    """Both flavours, one after the other."""
    with raised(db_url, tmp_path, flavour=request.param) as up:
        yield up


@pytest.fixture
def canvas(db_url: str, tmp_path: Path) -> Iterator[Stage]:
    with raised(db_url, tmp_path, flavour=demo.Flavour.CANVAS) as up:
        yield up


def as_teacher(stage: Stage) -> Walker:
    walker = Walker()
    walker.post(f"{stage.lms_url}/be", {"person": TEACHER, "next": "/course"})
    return walker


def picked(stage: Stage, teacher: Walker, place: str = "/course/add/launch") -> Page:
    """The picker, as the LMS opens it."""
    return teacher.onward(teacher.get(f"{stage.lms_url}{place}"))


def add(stage: Stage, teacher: Walker) -> demo.Link:
    picker = picked(stage, teacher)
    module = re.findall(r'name="module"[^>]*value="([0-9a-z]{26})"', picker.text)[0]
    teacher.onward(teacher.submit(picker, picker.form("csrf_token"), {"module": module}))
    return list(stage.lms.links.values())[-1]


def offer_of(link: demo.Link) -> str:
    return dict(link.custom)["offer"]


def test_a_copied_course_is_a_run_of_its_own(each: Stage) -> None:
    teacher, learner = as_teacher(each), Walker()
    first = add(each, teacher)
    result = pass_the_module(each, learner, first.id)
    name = learner.get(f"{each.tool_url}/learn/{result.launch}/certificate")
    learner.submit(name, name.form("/certificate"))
    each.work()

    launch(teacher, each.lms_url, TEACHER, first.id)
    course = teacher.get(f"{each.lms_url}/course")
    teacher.submit(course, course.form("/course/copy"))
    copied = list(each.lms.links.values())[-1]
    assert copied.id != first.id and copied.item_id != first.item_id and offer_of(copied) == offer_of(first)
    home = launch(learner, each.lms_url, LEARNER, copied.id)
    assert "You hold a certificate for this module already" in home.text and "0 / " in home.text
    dashboard = launch(teacher, each.lms_url, TEACHER, copied.id)
    said = "copied from “\u2068Data protection essentials\u2069” in the course “\u2068Privacy at work\u2069”"
    assert said in dashboard.text
    assert "Nguyễn" in dashboard.text and "Passed</td>" not in dashboard.text

    pass_the_module(each, learner, copied.id)
    each.work()
    assert each.lms.grades[(copied.item_id, LEARNER)].value == 100
    columns = [item for item in each.lms.items.values() if item.link_id in (first.id, copied.id)]
    assert len(columns) == len(each.lms.items) == 2, "no column is made a second time"


def test_a_duplicated_activity_shares_nothing_but_the_module(each: Stage) -> None:
    link = each.add_activity()
    pass_the_module(each, Walker(), link.id)
    twin = duplicate(each.lms, link)
    home = launch(Walker(), each.lms_url, LEARNER, twin.id)
    assert "Begin the assessment" in home.text and "Welcome back" not in home.text
    assert (
        "a copy of “\u2068Data protection essentials\u2069” in this course"
        in launch(Walker(), each.lms_url, TEACHER, twin.id).text
    )


def test_an_edited_link_is_recognised_and_keeps_its_offer(each: Stage) -> None:
    teacher = as_teacher(each)
    link = add(each, teacher)
    launch(teacher, each.lms_url, TEACHER, link.id)
    picker = picked(each, teacher, f"/course/add/launch?link={link.id}")
    assert "This activity shows “<bdi>Data protection essentials</bdi>” now." in picker.text
    form = next(form for form in picker.forms if "module" in form.names)
    teacher.onward(teacher.submit(picker, form))
    assert list(each.lms.links) == [link.id]
    assert offer_of(each.lms.links[link.id]) == offer_of(link)
    assert "is edited" not in launch(teacher, each.lms_url, TEACHER, link.id).text


def test_a_teacher_decides_in_words_what_an_edited_link_shows(stage: Stage) -> None:
    link = stage.add_activity()
    pass_the_module(stage, Walker(), link.id)
    another = stage.add_activity()
    stage.lms.put_link(replace(link, custom=another.custom))
    teacher = Walker()
    dashboard = launch(teacher, stage.lms_url, TEACHER, link.id)
    assert "Which module should this activity show?" in dashboard.text
    turned = teacher.submit(dashboard, dashboard.form("/settle"), {"word": "turn"})
    assert turned.status == 200 and "Which module should" not in turned.text
    assert "Nobody has opened this module yet" in turned.text
    assert "Begin the assessment" in launch(Walker(), stage.lms_url, LEARNER, link.id).text


def test_cancel_leads_back_with_nothing(each: Stage) -> None:
    teacher = as_teacher(each)
    picker = picked(each, teacher)
    back = teacher.submit(picker, picker.form("/cancel"))
    form = back.form("JWT")
    assert "?" in form.action, "the query of the return address is kept"
    assert "Nothing was chosen" in teacher.onward(back).text
    assert not each.lms.links


def test_a_link_without_a_module_asks_a_teacher_and_tells_learners(each: Stage) -> None:
    link = each.lms.add_link("Bare", url=f"{each.tool_url}/lti/launch")
    refused = launch(Walker(), each.lms_url, LEARNER, link.id)
    assert (refused.status, "Your teacher has not chosen a module" in refused.text) == (404, True)
    teacher = Walker()
    picker = launch(teacher, each.lms_url, TEACHER, link.id)
    assert "This activity shows no module yet." in picker.text
    module = re.findall(r'name="module"[^>]*value="([0-9a-z]{26})"', picker.text)[0]
    dashboard = teacher.submit(picker, picker.form("csrf_token"), {"module": module})
    assert dashboard.path == f"/teach/{picker.launch}/" and dashboard.status == 200
    assert launch(Walker(), each.lms_url, LEARNER, link.id).path.startswith("/learn/")


def test_a_teacher_looks_at_one_submission_and_a_learner_at_their_own(stage: Stage) -> None:
    teacher = as_teacher(stage)
    link = add(stage, teacher)
    pass_the_module(stage, Walker(), link.id)
    gradebook = teacher.get(f"{stage.lms_url}/gradebook")
    address = f"/course/activity/{link.id}/review/{LEARNER}"
    assert f'href="{address}"' in gradebook.text
    work = teacher.onward(teacher.get(f"{stage.lms_url}{address}/launch"))
    assert re.fullmatch(r"/teach/[0-9a-z]{26}/submissions/[0-9a-z]{26}", work.path)
    assert "Work of <bdi>Nguyễn Thị Ánh Tuyết</bdi>" in work.text and "Passed with 100" in work.text
    assert not [form for form in work.forms if form.action.startswith("/") and "tab" not in form.action]

    own = Walker()
    own.post(f"{stage.lms_url}/be", {"person": LEARNER, "next": "/course"})
    result = own.onward(own.get(f"{stage.lms_url}{address}/launch"))
    assert result.path.endswith("/result") and "You passed" in result.text
    assert own.get(f"{stage.tool_url}{work.path}").status >= 400

    # The overview leads there, too, for platforms that open no submissions.
    overview = launch(teacher, stage.lms_url, TEACHER, link.id)
    (found,) = re.findall(r'href="(/teach/[0-9a-z]{26}/submissions/[0-9a-z]{26})"', overview.text)
    assert "Passed with 100" in teacher.get(f"{stage.tool_url}{found}").text


def test_the_lms_s_dates_open_and_close_the_assessment(each: Stage) -> None:
    link = each.add_activity()
    asked = {"available_until": "$ResourceLink.available.endDateTime"}
    closed = {"$ResourceLink.available.endDateTime": "2026-01-01T00:00:00Z"}
    open_now = {"$ResourceLink.available.endDateTime": "2099-01-01T00:00:00Z"}
    link = replace(link, custom=(*link.custom, *asked.items()))
    learner = Walker()
    each.lms.put_link(replace(link, dates=tuple(open_now.items())))
    home = launch(learner, each.lms_url, LEARNER, link.id)
    assert "Open until 1 January 2099, 00:00 UTC, set in Demo LMS." in home.text
    each.lms.put_link(replace(link, dates=tuple(closed.items())))
    late = launch(learner, each.lms_url, LEARNER, link.id)
    assert "Closed since 1 January 2026" in late.text and "No new attempt can begin" in late.text
    assert not [form for form in late.forms if form.action.endswith("/attempts")]
    # The form of the page from before is refused by the server, too.
    stale = replace(home, url=late.url)
    form = replace(home.form("/attempts"), action=f"/learn/{late.launch}/attempts")
    token = re.search(r'data-token="([0-9a-f]+)"', late.text)
    assert token
    refused = learner.submit(stale, form, {"csrf_token": token.group(1)})
    assert refused.status == 403 and "closed on 1 January 2026" in refused.text


def test_canvas_s_due_date_is_told_and_closes_nothing(canvas: Stage) -> None:
    link = canvas.add_activity()
    due = {"$Canvas.assignment.dueAt.iso8601": "2026-01-01T00:00:00Z"}
    canvas.lms.put_link(replace(link, dates=tuple(due.items())))
    learner = Walker()
    home = launch(learner, canvas.lms_url, LEARNER, link.id)
    assert "Due on 1 January 2026" in home.text
    assert begin(learner, home).path.startswith("/learn/")


def test_the_picker_and_the_overview_name_moodle_s_completion_settings(stage: Stage) -> None:
    teacher = as_teacher(stage)
    assert "Passing grade" in picked(stage, teacher).text
    link = add(stage, teacher)
    shown = launch(teacher, stage.lms_url, TEACHER, link.id).text
    assert "Grade to pass" in shown and "Receive a grade" in shown


def test_a_copy_of_a_copy_tells_its_whole_history(stage: Stage) -> None:
    link = stage.add_activity()
    copy_course(stage.lms)
    (again,) = copy_course(stage.lms)
    assert (again.course, again.history, offer_of(again)) == ("4", "3,2", offer_of(link))


def test_anybody_may_read_what_a_plain_link_is_about(stage: Stage) -> None:
    link = stage.add_activity()
    stranger = Walker(keeps_cookies=False)
    shown = stranger.get(f"{stage.tool_url}/m/{offer_of(link)}")
    assert shown.status == 200 and "Data protection essentials" in shown.text and "Set-Cookie" not in shown.headers
    assert {stranger.get(f"{stage.tool_url}/m/{name}").status for name in ("0" * 26, "x", "%00")} == {404}
