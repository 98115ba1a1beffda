"""How many SQL statements the hot paths take: a number that may fall, and rises only on purpose."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

import pytest
from sqlalchemy import event
from werkzeug.test import Client

from lti_tool import lti
from lti_tool.web import create_app
from lti_tool.web.session import COOKIE
from tests.outgoing import outgoing
from tests.stage import Stage
from tests.walker import Walker, launch
from tests.web.crowd import fill, forget_everybody
from tests.web.journey import LEARNER, TEACHER, items_of, secret_of
from tests.web.test_launch_safety import Begun
from tests.workflows.conftest import right_answer


@contextmanager
def counted(stage: Stage) -> Iterator[list[str]]:
    """The statements sent meanwhile; BEGIN, COMMIT and ROLLBACK are not among them."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(" ".join(statement.split())[:120])

    event.listen(stage.tool.db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(stage.tool.db.engine, "before_cursor_execute", note)


def at_most(limit: int, seen: list[str]) -> None:
    assert 0 < len(seen) <= limit, "\n".join(seen)


def post_alone(browser: Client, begun: Begun) -> None:
    """The launch's post inside this thread, without the page that it leads to."""
    browser.set_cookie(COOKIE, begun.walker.jar["127.0.0.1"][COOKIE], domain="127.0.0.1")
    form = {"id_token": begun.token(), "state": begun.state}
    answer = browser.post("/lti/launch", data=form, base_url=begun.stage.tool_url)
    assert answer.status_code == 303, answer.text


@pytest.mark.both_engines
def test_a_warm_launch_takes_few_statements_and_asks_nobody(stage: Stage) -> None:
    link = stage.add_activity()
    browser = Client(create_app(stage.tool))
    cold, warm = Begun(stage, link), Begun(stage, link)
    with outgoing() as asked:
        post_alone(browser, cold)
    assert len(asked) == 1  # The platform's keys, once in ten minutes.

    with counted(stage) as seen, outgoing() as asked:
        post_alone(browser, warm)
    at_most(8, seen)  # Login, deployment, login used up, person, placement, enrolment, session.
    assert asked == []


@pytest.mark.both_engines
def test_statements_of_the_hot_paths(stage: Stage) -> None:
    link = stage.add_activity()
    Begun(stage, link).post()  # The platform's keys are here now, and the learner is known.

    begun = Begun(stage, link)
    with counted(stage) as seen:
        home = begun.post()
    at_most(16, seen)  # The launch itself and the home page that it leads to.
    learner = begun.walker

    with counted(stage) as seen:
        learner.get(home.url)
    at_most(9, seen)

    with counted(stage) as seen:
        started = learner.alone(home, home.form("/attempts"))
    at_most(6, seen)  # Session, activity, attempts so far, version, the attempt, audit: whatever its length.
    question = learner.get(urljoin(home.url, started))
    item = items_of(stage, question, secret_of(learner))[0]
    form = question.form("page_key")
    fields = [*form.fields, *((f"a-{item.id}", answer) for answer in right_answer(item))]
    with counted(stage) as seen:
        saved = learner.post(question.url, fields, Accept="application/json")
    assert saved.status == 200 and "saved_at" in saved.text
    at_most(3, seen)  # Session, attempt, the answer itself.

    for number in range(2, len(items_of(stage, question, secret_of(learner))) + 1):
        page = learner.get(f"{question.url.rpartition('/')[0]}/{number}")
        item = items_of(stage, question, secret_of(learner))[number - 1]
        learner.submit(page, page.form("page_key"), {f"a-{item.id}": right_answer(item)})
    review = learner.get(question.url.rpartition("/")[0] + "/review")
    with counted(stage) as seen:
        learner.alone(review, review.form("/submit"))
    # Session, held attempts, answers, the attempt, its event, completion, person, activity, platform, deployment, the
    # wish and its attempt, audit.
    at_most(13, seen)
    with counted(stage) as seen:
        assert "You passed with 100" in learner.get(review.url.replace("/review", "/result")).text
    at_most(13, seen)


def test_statements_of_a_verification(stage: Stage) -> None:
    link = stage.add_activity()
    learner = Walker()
    from tests.web.journey import pass_the_module

    pass_the_module(stage, learner, link.id)
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    name = learner.get(f"{stage.tool_url}/learn/{home.launch}/certificate")
    certificate = learner.submit(name, name.form("/certificate"))
    stage.work()
    from tests.web.test_journey import verification_address

    with counted(stage) as seen:
        page = Walker().get(verification_address(certificate.text, stage.tool_url))
    assert "genuine" in page.text
    at_most(1, seen)


def test_a_teacher_s_page_takes_as_many_statements_for_a_thousand_as_for_three(stage: Stage) -> None:
    link, teacher = stage.add_activity(), Walker()
    page = launch(teacher, stage.lms_url, TEACHER, link.id)
    with stage.tool.db.reading() as tx:
        session = lti.find_session(tx, page.launch)
    assert session is not None and session.placement_id is not None
    sent = []
    for come, absent in ((2, 1), (598, 399)):
        forget_everybody(stage)
        fill(stage, session.placement_id, come=come, absent=absent)
        with counted(stage) as seen:
            shown = teacher.get(page.url)
        assert shown.status == 200 and shown.text.count('<tr><th scope="row">') == min(come + absent, 50)
        sent.append(seen)
    at_most(16, sent[1])
    assert len(sent[0]) == len(sent[1]), "\n".join(sent[1])
    assert "1–50 of 997" in shown.text
    last = teacher.get(f"{page.url}?page=20")
    assert "951–997 of 997" in last.text and 'rel="next"' not in last.text and 'rel="prev"' in last.text
    found = teacher.get(f"{page.url}?show=absent&q=%D9%85%D8%AD%D9%85%D8%AF")
    assert 'value="absent" selected' in found.text and "Not begun</span>" in found.text
    assert 'data-l="Progress">Passed' in last.text and 'data-l="Progress">Passed' not in found.text
