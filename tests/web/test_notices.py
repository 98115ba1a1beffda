"""Notices over HTTP: the demo Canvas is asked for them, tells of a copied course, and strangers get nowhere."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from lti_tool import demo, lti
from lti_tool.courses.tables import context_copies
from lti_tool.demo.canvas import notices as canvas_notices
from lti_tool.demo.canvas.facts import INSTALLED, context_id
from lti_tool.demo.canvas.state import CanvasLms
from tests.rooms.lti.lms import part
from tests.stage import Stage, raised
from tests.walker import Walker, launch
from tests.web.journey import LEARNER, TEACHER, pass_the_module

COPY = "LtiContextCopyNotice"


@pytest.fixture
def canvas(db_url: str, tmp_path: Path) -> Iterator[Stage]:
    with raised(db_url, tmp_path, flavour=demo.Flavour.CANVAS) as up:
        yield up


def the_lms(stage: Stage) -> CanvasLms:
    assert isinstance(stage.lms, CanvasLms)
    return stage.lms


def copy_in_the_lms(stage: Stage) -> list[demo.Link]:
    """A teacher presses “copy the course”; the copies."""
    teacher, before = Walker(), set(stage.lms.links)
    teacher.post(f"{stage.lms_url}/be", {"person": TEACHER, "next": "/course"})
    course = teacher.get(f"{stage.lms_url}/course")
    teacher.submit(course, course.form("/course/copy"))
    return [link for name, link in stage.lms.links.items() if name not in before]


def copies(stage: Stage) -> list[tuple[str, str]]:
    rows = context_copies.c
    with stage.tool.db.reading() as tx:
        return [tuple(row) for row in tx.execute(select(rows.lms_context_id, rows.origin_lms_context_id))]


def test_canvas_tells_of_a_copied_course_and_everything_is_there_and_nothing_twice(canvas: Stage) -> None:
    """A bare link, which a teacher connected by hand, and one by deep linking; copied, both show their modules."""
    carried = canvas.add_activity()
    bare = canvas.lms.add_link("Bare", url=f"{canvas.tool_url}/lti/launch", maximum=100)
    teacher = Walker()
    picker = launch(teacher, canvas.lms_url, TEACHER, bare.id)
    module = re.findall(r'name="module"[^>]*value="([0-9a-z]{26})"', picker.text)[0]
    teacher.submit(picker, picker.form("csrf_token"), {"module": module})
    pass_the_module(canvas, Walker(), carried.id)
    canvas.work()
    handler = f"{canvas.tool_url}/lti/notices"
    assert the_lms(canvas).record.handler(INSTALLED[0].number, COPY) == handler

    made = copy_in_the_lms(canvas)
    assert copies(canvas) == [(context_id(made[0].course), context_id(bare.course))]
    again = next(link for link in made if link.title == "Bare")
    shown = launch(Walker(), canvas.lms_url, LEARNER, again.id)
    assert shown.path.startswith("/learn/") and "Begin the assessment" in shown.text
    assert "Welcome back" not in shown.text, "attempts stay in their own run"
    overview = launch(Walker(), canvas.lms_url, TEACHER, again.id).text
    assert "copied from “\u2068Bare\u2069”" in overview

    columns = len(canvas.lms.items)
    pass_the_module(canvas, Walker(), again.id)
    canvas.work()
    assert len(canvas.lms.items) == columns, "no column is made a second time"
    assert canvas.lms.grades[(again.item_id, LEARNER)].value == 100
    assert (bare.item_id, LEARNER) not in canvas.lms.grades, "no grade crosses"


def test_a_notice_that_comes_again_or_from_somebody_else_changes_nothing(canvas: Stage) -> None:
    launch(Walker(), canvas.lms_url, LEARNER, canvas.add_activity().id)
    lms, handler = the_lms(canvas), f"{canvas.tool_url}/lti/notices"
    good = canvas_notices.copied(lms, INSTALLED[0], "3", "2")
    assert [canvas_notices.deliver(lms, handler, good) for _ in range(2)] == [200, 200]
    altered = canvas_notices.copied(lms, INSTALLED[0], "4", "2", aud="somebody else")
    assert canvas_notices.deliver(lms, handler, altered, good) == 400
    assert copies(canvas) == [(context_id("3"), context_id("2"))]


def test_hello_world_is_answered_kindly(canvas: Stage) -> None:
    launch(Walker(), canvas.lms_url, LEARNER, canvas.add_activity().id)
    lms, handler = the_lms(canvas), f"{canvas.tool_url}/lti/notices"
    assert canvas_notices.deliver(lms, handler, canvas_notices.hello(lms, INSTALLED[0])) == 200
    with canvas.tool.db.reading() as tx:
        (known,) = lti.subscriptions_of(tx, canvas.registration.id)
    assert known.heard_at is not None and copies(canvas) == []


def test_the_connection_test_says_that_copies_are_told(canvas: Stage) -> None:
    from lti_tool import workflows

    launch(Walker(), canvas.lms_url, TEACHER, canvas.add_activity().id)
    tool = canvas.tool
    report = workflows.examine_connection(
        tool.db, tool.http, tool.vault, tool.clock, canvas.registration, public_url=tool.public_url, leeway=60
    )
    (found,) = [one for one in report.findings if one.check == "copied courses"]
    assert (found.verdict, "as soon as they are made" in found.says) == (lti.Verdict.OK, True)


HEAD = part({"alg": "RS256", "kid": "k", "typ": "JWT"})


@pytest.mark.parametrize(
    "body",
    [
        *("", "[]", "7", "null", '"x"', "{}", "{", "\x00", '{"notices": {}}', "[" * 100_000),
        *(json.dumps({"notices": notices}) for notices in ([], [7], [{}], [{"jwt": 7}], [{"jwt": {}}], [None])),
        json.dumps({"notices": [{"jwt": f"{HEAD}.{part([])}.x"}]}),
        json.dumps({"notices": [{"jwt": f"{HEAD}.{part({'iss': [], 'aud': {}})}.x"}]}),
        json.dumps({"notices": [{"jwt": f"{HEAD}.{part({'iss': 'https://x', 'aud': 'y'})}.x"}]}),
        json.dumps({"notices": [{"jwt": "x"}] * 51}),
    ],
    ids=lambda value: str(value)[:30],
)
def test_whatever_a_stranger_sends_is_refused_in_json(stage_once: Stage, body: str) -> None:
    answer = requests.post(f"{stage_once.tool_url}/lti/notices", data=body.encode(), timeout=10)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json" and answer.json()


def test_a_batch_of_too_many_bytes_is_not_read(stage_once: Stage) -> None:
    body = json.dumps({"notices": [{"jwt": "x" * 300_000}]})
    assert requests.post(f"{stage_once.tool_url}/lti/notices", data=body, timeout=10).status_code == 413


@pytest.fixture(scope="module")
def stage_once(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("strangers")
    (folder / "tool.db").write_bytes(sqlite_template.read_bytes())
    with raised(f"sqlite:///{folder}/tool.db", folder) as up:
        yield up


def test_only_posts_are_taken(stage_once: Stage) -> None:
    assert requests.get(f"{stage_once.tool_url}/lti/notices", timeout=10).status_code == 405
