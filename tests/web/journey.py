"""The steps of a learner's way, as forms and links on real pages."""

import re

from lti_tool import workflows
from lti_tool.assessments import Item
from tests.stage import Stage
from tests.walker import Page, Walker, launch
from tests.workflows.conftest import right_answer, wrong_answer

__all__ = ["answer_everything", "begin", "hand_in", "launch", "pass_the_module", "right_answer"]

LEARNER = "6"  # Nguyễn Thị Ánh Tuyết in the demo's course.
TEACHER = "3"  # Ingrid Solheim.


def begin(walker: Walker, home: Page) -> Page:
    """Starts (or goes on with) the assessment from the module's home."""
    return walker.submit(home, home.form("/attempts"))


def attempt_of(question: Page) -> str:
    found = re.search(r"/attempts/([0-9a-z]{26})/", question.path)
    assert found, question.url
    return found.group(1)


def items_of(stage: Stage, question: Page, browser: str) -> list[Item]:
    """The questions of an attempt in their order, with their keys: what a test may know and a page may not say."""
    from lti_tool import lti

    with stage.tool.db.reading() as tx:
        session = lti.read_session(tx, question.launch, browser=browser, now=stage.tool.now())
        assert session is not None
        sitting = workflows.sit(tx, session, attempt_of(question))
    return [sitting.item(number) for number in range(1, len(sitting.attempt.drawn.item_ids) + 1)]


def secret_of(walker: Walker) -> str:
    """The browser's own secret, out of its cookie."""
    return walker.jar["127.0.0.1"]["__Host-lti_browser"]


def answer_everything(stage: Stage, walker: Walker, question: Page, *, right: bool = True) -> Page:
    """Answers each question and presses “Save and continue”; ends on the look over before handing in."""
    page = question
    for item in items_of(stage, question, secret_of(walker)):
        answers = right_answer(item) if right else wrong_answer(item)
        page = walker.submit(page, page.form("page_key"), {f"a-{item.id}": answers, "go": "next"})
        if "page_key" in {name for form in page.forms for name in form.names} and page.path == question.path:
            raise AssertionError(page.text)
    return page


def hand_in(walker: Walker, review: Page) -> Page:
    return walker.submit(review, review.form("/submit"))


def pass_the_module(stage: Stage, walker: Walker, link_id: str, person: str = LEARNER) -> Page:
    """From the LMS to the result page."""
    home = launch(walker, stage.lms_url, person, link_id)
    review = answer_everything(stage, walker, begin(walker, home))
    return hand_in(walker, review)
