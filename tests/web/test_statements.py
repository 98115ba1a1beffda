"""How many SQL statements the hot paths take: a number that may fall, and rises only on purpose."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from werkzeug.test import Client

from lti_tool.web import create_app
from lti_tool.web.session import COOKIE
from tests.outgoing import outgoing
from tests.stage import Stage
from tests.walker import Walker, launch
from tests.web.journey import LEARNER, begin, hand_in, items_of, secret_of
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

    question = begin(learner, home)
    item = items_of(stage, question, secret_of(learner))[0]
    form = question.form("page_key")
    fields = [*form.fields, *((f"a-{item.id}", answer) for answer in right_answer(item))]
    with counted(stage) as seen:
        saved = learner.post(question.url, fields, Accept="application/json")
    assert saved.status == 200 and "saved_at" in saved.text
    at_most(4, seen)  # Session, attempt, version, the answer itself.

    review = learner.get(question.url.rpartition("/")[0] + "/review")
    with counted(stage) as seen:
        hand_in(learner, review)
    at_most(25, seen)  # Everything that stands or falls together, and the result page that it leads to.


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
