"""When something goes wrong: a code that finds the whole story in the log, plain words, and nothing secret anywhere."""

import json
import re

import pytest

from tests.stage import Stage
from tests.walker import Walker, launch
from tests.web.journey import LEARNER, begin, items_of, secret_of
from tests.web.test_launch_safety import Begun


def support_code(text: str) -> str:
    found = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", text)
    assert found, text[:2000]
    return found.group(0)


def test_the_code_on_the_page_finds_the_story_in_the_log(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    begun = Begun(stage, stage.add_activity())
    token = begun.token(azp="somebody-else")
    page = begun.post(token)
    logged = "".join(capfd.readouterr())
    (line,) = [line for line in logged.splitlines() if support_code(page.text) in line]
    assert "lti.authorized_party" in line
    # What the log may not hold: the token, the state, the browser's secret, the learner's name.
    for secret in (token, begun.state, secret_of(begun.walker), "Tuyết"):
        assert secret not in logged and secret not in page.text


def test_a_refused_launch_says_whose_side_it_is_on_and_leads_back(stage: Stage) -> None:
    begun = Begun(stage, stage.add_activity())
    page = begun.post(begun.token(azp="somebody-else"))
    assert "Demo LMS" in page.text and f'href="{stage.lms_url}' in page.text
    assert f"frame-ancestors {stage.lms_url}" in page.headers["Content-Security-Policy"]


def test_scripts_get_the_same_words_as_json(stage: Stage) -> None:
    learner = Walker()
    question = begin(learner, launch(learner, stage.lms_url, LEARNER, stage.add_activity().id))
    item = items_of(stage, question, secret_of(learner))[0]
    form = question.form("page_key")
    fields = [*form.fields, (f"a-{item.id}", "no-such-choice")]
    answer = learner.post(question.url, fields, Accept="application/json")
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["code"]) == (400, "assessments.unknown_choice")
    assert set(error) == {"code", "detail", "hint", "support_code"}


def test_an_unforeseen_fault_tells_nothing_but_a_code(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    """The database is gone in the middle of a visit."""
    learner = Walker()
    home = launch(learner, stage.lms_url, LEARNER, stage.add_activity().id)
    with stage.tool.db.transaction() as tx:
        tx.exec_driver_sql("ALTER TABLE reading_progress RENAME TO elsewhere")
    page = learner.get(home.url)
    assert page.status == 500 and "reading_progress" not in page.text
    logged = "".join(capfd.readouterr())
    assert "reading_progress" in logged and support_code(page.text) in logged


@pytest.mark.parametrize("address", ["/c/0000000000000000000000000a", "/c/short", "/c/" + "x" * 500, "/c/%00"])
def test_an_unknown_certificate_is_a_verdict(stage: Stage, address: str) -> None:
    page = Walker().get(f"{stage.tool_url}{address}")
    assert page.status == 404 and "We know no such certificate" in page.text


def test_the_check_page_takes_links_and_ids(stage: Stage) -> None:
    stranger = Walker()
    for asked in (f"{stage.tool_url}/c/0000000000000000000000000a", "0000000000000000000000000A"):
        page = stranger.get(f"{stage.tool_url}/verify?q={asked}")
        assert page.path == "/c/0000000000000000000000000a"
    wrong = stranger.get(f"{stage.tool_url}/verify?q=https://evil.example/c/0000000000000000000000000a")
    assert wrong.status == 400 and wrong.path == "/verify"
