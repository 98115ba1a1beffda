"""Time on real pages: the end is told in words, what comes late is refused and shown, a teacher looks and decides."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from lti_tool.assessments.tables import attempts
from lti_tool.courses.tables import offers
from tests.stage import Stage
from tests.walker import Page, Walker, launch
from tests.web.journey import LEARNER, TEACHER, attempt_of, begin, items_of, secret_of
from tests.web.test_launch_safety import CLAIM, Begun
from tests.workflows.conftest import right_answer


def ends(stage: Stage, when: datetime, *, known: bool = True) -> None:
    """The activity ends at a moment, and, if it is `known`, every open attempt goes by it."""
    with stage.tool.db.transaction() as tx:
        tx.execute(update(offers).values(settings={"available_until": when.isoformat()}))
        if known:
            tx.execute(update(attempts).values(deadline_at=when, due_at=when + timedelta(seconds=30)))


def sit(stage: Stage) -> tuple[str, Walker, Page]:
    link = stage.add_activity()
    ends(stage, stage.tool.now() + timedelta(hours=2))
    learner = Walker()
    return link.id, learner, begin(learner, launch(learner, stage.lms_url, LEARNER, link.id))


def save(stage: Stage, learner: Walker, question: Page, **more: str) -> Page:
    """The first question's right answer, as a script sends it."""
    item = items_of(stage, question, secret_of(learner))[0]
    form = question.form("page_key")
    fields = [*form.fields, *((f"a-{item.id}", answer) for answer in right_answer(item)), *more.items()]
    return learner.post(question.url, fields, Accept="application/json")


def test_the_end_is_told_in_words_with_its_reason(stage: Stage) -> None:
    _, learner, question = sit(stage)
    assert re.search(r"Until <time [^>]*>\d\d:\d\d UTC</time>", question.text)
    assert "the end of the activity" in question.text
    home = learner.get(f"{stage.tool_url}/learn/{question.launch}/")
    assert "You have until" in home.text
    state = json.loads(learner.get(question.url.rpartition("/")[0] + "/state?number=1").text)
    assert (state["open"], state["because"], state["answered"]) == (True, "the end of the activity", [])


def test_a_save_a_second_after_the_grace_is_refused_and_shown(stage: Stage) -> None:
    _, learner, question = sit(stage)
    ends(stage, stage.tool.now() - timedelta(seconds=29))
    assert save(stage, learner, question).status == 200
    ends(stage, stage.tool.now() - timedelta(seconds=31))
    question = Page(
        question.url,
        200,
        question.text.replace('name="sequence" value="1"', 'name="sequence" value="2"'),
        question.headers,
        b"",
    )
    refused = save(stage, learner, question)
    assert refused.status == 409
    assert json.loads(refused.text)["error"]["code"] == "assessments.time_is_up"
    review = learner.get(question.url)
    assert review.path.endswith("/review") and "Time is up" in review.text
    result = learner.submit(review, review.form("/submit"))
    assert "handed in by itself" in result.text and "An answer" in result.text and "came after the end" in result.text
    assert "Receipt of your hand-in" in result.text


def test_a_date_that_nobody_followed_yet_still_saves_an_answer(stage: Stage) -> None:
    _, learner, question = sit(stage)
    ends(stage, stage.tool.now() - timedelta(seconds=31))
    ends(stage, stage.tool.now() + timedelta(hours=1), known=False)
    assert save(stage, learner, question).status == 200


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_clock_of_a_browser_changes_nothing(stage: Stage, hours: int) -> None:
    """Whatever a page claims of the time, in a header or in a field, is not looked at."""
    _, learner, question = sit(stage)
    claimed = datetime.now(UTC) + timedelta(hours=hours)
    form = question.form("page_key")
    fields = [
        *form.fields,
        ("at", claimed.isoformat()),
        ("saved_at", claimed.isoformat()),
        ("deadline_at", claimed.isoformat()),
    ]
    told = json.loads(
        learner.post(question.url, fields, Accept="application/json", Date=f"{claimed:%a, %d %b %Y %H:%M:%S GMT}").text
    )
    assert abs(datetime.fromisoformat(told["saved_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    state = json.loads(learner.get(question.url.rpartition("/")[0] + "/state?number=1").text)
    assert state["open"] and abs(datetime.fromisoformat(state["now"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_another_tab_s_answer_is_told(stage: Stage) -> None:
    _, learner, question = sit(stage)
    other = learner.get(question.url)
    assert json.loads(save(stage, learner, question).text)["elsewhere"] is None
    again = json.loads(save(stage, learner, other).text)
    assert again["elsewhere"] is not None
    state = json.loads(learner.get(question.url.rpartition("/")[0] + "/state?number=1").text)
    item = items_of(stage, question, secret_of(learner))[0]
    assert sorted(value for _, value in state["fields"]) == sorted(right_answer(item)) and state["answered"] == [1]


def test_a_teacher_sees_all_attempts_opens_one_and_decides(stage: Stage) -> None:
    link, learner, question = sit(stage)
    save(stage, learner, question)
    teacher = Walker()
    board = launch(teacher, stage.lms_url, TEACHER, link)
    listed = teacher.get(f"{stage.tool_url}/teach/{board.launch}/attempts")
    assert "1 open, 0 handed in." in listed.text
    one = teacher.get(f"{listed.url}/{attempt_of(question)}")
    assert "Every answer that came" in one.text and "because of the end of the activity" in one.text
    more = teacher.submit(one, one.form("/extend"), {"minutes": "15"})
    assert "an extension by a teacher" in more.text and "Given more time" in more.text
    gone = teacher.submit(more, more.form("/void"), {"reason": "Fire alarm"})
    assert "Voided: Fire alarm" in gone.text
    home = learner.get(f"{stage.tool_url}/learn/{question.launch}/")
    assert "Attempt 1 does not count" in home.text
    again = teacher.submit(gone, gone.form("/reopen"), {"minutes": "30"})
    assert "Opened again" in again.text
    grants = re.search(r'href="(/teach/\w+/granted/\w+)"', again.text)
    assert grants
    granting = teacher.get(stage.tool_url + grants[1])
    assert (
        teacher.submit(granting, granting.form("/granted/"), {"time_percent": "150", "extra_attempts": "1"}).status
        == 200
    )
    assert 'value="150"' in teacher.get(granting.url).text
    asked = granting.form("/granted/")
    assert teacher.submit(granting, asked, {"time_percent": "50"}).status == 400


def test_a_designer_sees_no_attempts(stage: Stage) -> None:
    link = stage.add_activity()
    learner = Walker()
    question = begin(learner, launch(learner, stage.lms_url, LEARNER, link.id))
    begun = Begun(stage, link)
    role = "http://purl.imsglobal.org/vocab/lis/v2/membership#ContentDeveloper"
    session = begun.post(begun.token(sub="designer", **{f"{CLAIM}/roles": [role]})).launch
    for address in ("attempts", f"attempts/{attempt_of(question)}"):
        page = begun.walker.get(f"{stage.tool_url}/teach/{session}/{address}")
        assert page.status == 404 and "Nguyễn" not in page.text, address
