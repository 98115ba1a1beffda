"""The launch doctor over HTTP: a refused launch leaves a code, a short record and a launch's id in every log line."""

import json
import time

import pytest
from sqlalchemy import func, inspect, select, table, text

from lti_tool import lti, people, workflows
from tests.stage import Stage
from tests.walker import Page, Walker, launch
from tests.web.journey import LEARNER, TEACHER, begin, secret_of
from tests.web.test_errors import support_code
from tests.web.test_launch_safety import Begun


def known_of(stage: Stage, code: str) -> workflows.Timeline:
    """What is known of a code: written once the answer is out, so perhaps a moment later."""
    for _ in range(100):
        with stage.tool.db.reading() as tx:
            known = workflows.timeline(tx, code, now=stage.tool.now())
        if known is not None:
            return known
        time.sleep(0.02)
    raise AssertionError(f"nothing is known of {code}")


def rows(stage: Stage) -> dict[str, int]:
    """How many rows each table has."""
    with stage.tool.db.reading() as tx:
        names = inspect(tx).get_table_names()
        return {name: tx.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names}


def test_the_code_on_the_page_leads_to_the_failing_check(stage: Stage) -> None:
    page = Begun(stage, stage.add_activity()).post("a.b.c")
    code = support_code(page.text)
    assert f"lti-tool timeline {code}" in page.text
    known = known_of(stage, code)
    assert known.diagnosis is not None
    assert known.events[0].facts["code"] == "lti.token_form"
    assert known.diagnosis.check == "The message is a token, with an allowed algorithm and a key id"
    assert known.diagnosis.side == "Demo LMS (its administrators can mend it)"


def test_an_unverified_token_leaves_this_record_and_nothing_else(stage: Stage) -> None:
    begun = Begun(stage, stage.add_activity())
    before = rows(stage)
    head, body, _ = begun.token().split(".")
    page = begun.post(f"{head}.{body}.{'A' * 342}")
    known = known_of(stage, support_code(page.text))
    after = rows(stage)
    # The key set was asked for on the way; that is the platform's, not the token's.
    changed = {name for name in after if after[name] != before[name]} - {"platform_key_sets"}
    assert changed == {"refused_launches"} and after["refused_launches"] == before["refused_launches"] + 1
    assert set(known.events[0].facts) == {"code", "status", "platform", "issuer", "alg", "kid"}


def test_no_state_nonce_token_cookie_or_name_is_in_the_record(stage: Stage) -> None:
    begun = Begun(stage, stage.add_activity())
    token = begun.token(azp="somebody-else")
    known_of(stage, support_code(begun.post(token).text))
    known_of(stage, support_code(begun.post(begun.token(sub=None)).text))
    with stage.tool.db.reading() as tx:
        kept = json.dumps([list(map(str, row)) for row in tx.execute(text("SELECT * FROM refused_launches"))])
    assert kept.count("lti.") >= 2
    for secret in (token, *token.split("."), begun.state, begun.nonce, secret_of(begun.walker), "Tuy", "@"):
        assert secret not in kept
    assert "somebody-else" not in kept


def test_a_refused_login_names_issuer_and_client_id(stage: Stage) -> None:
    form = {**stage.lms.login_form(stage.lms.person(LEARNER), stage.add_activity()), "iss": "https://unknown.example"}
    page = Walker().post(f"{stage.tool_url}/lti/login", form, origin="https://unknown.example")
    known = known_of(stage, support_code(page.text))
    assert known.diagnosis is not None
    assert "lti-tool platform add --issuer https://unknown.example --client-id" in known.diagnosis.fix


def test_a_record_that_cannot_be_written_hides_no_refusal(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    begun = Begun(stage, stage.add_activity())
    with stage.tool.db.transaction() as tx:
        tx.exec_driver_sql("DROP TABLE refused_launches")
    page = begun.post("a.b.c")
    assert page.status == 400 and "lti.token_form" in page.text
    for _ in range(100):
        logged = "".join(capfd.readouterr())
        if "refusal.not_kept" in logged:
            assert begun.state not in logged
            return
        time.sleep(0.02)
    raise AssertionError("the log says nothing of it")


def test_scripts_are_kept_a_record_of_too(stage: Stage) -> None:
    url = f"{stage.tool_url}/lti/launch"
    answer = Walker().post(url, {"state": "x"}, origin=stage.lms_url, Accept="application/json")
    known = known_of(stage, json.loads(answer.body)["error"]["support_code"])
    assert known.events[0].facts["code"] == "lti.missing_parameter"


def test_every_line_of_a_visit_names_its_launch(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    learner = Walker()
    home = launch(learner, stage.lms_url, LEARNER, stage.add_activity().id)
    entered = lines(capfd, "launch.entered")
    page = learner.get(home.url.rstrip("/") + "/pages/no-such-page")
    failed = lines(capfd, "request.failed")
    for line in (*entered, *failed):
        assert home.launch in line
    assert entered and failed
    # The page gives a code, with which the launch's story is found; so does the launch's own id.
    code = support_code(page.text)
    assert f"lti-tool timeline {code}" in page.text
    story = known_of(stage, code)
    assert (story.kind, story.code) == ("launch", home.launch)
    assert story.events == known_of(stage, home.launch).events
    assert [event.what for event in story.events] == ["launch verified, session opened", "an error was shown"]
    assert story.events[1].facts == {
        "support code": code, "code": "modules.no_page", "status": 404, "page": "learner.read"
    }  # fmt: skip
    # What comes after in the same thread belongs to nobody.
    learner.get(f"{stage.tool_url}/nothing-here")
    (line,) = lines(capfd, "request.failed")
    assert home.launch not in line


def test_of_a_flood_of_errors_ten_a_minute_are_written_down(stage: Stage) -> None:
    learner = Walker()
    home = launch(learner, stage.lms_url, LEARNER, stage.add_activity().id)
    asked = int(stage.tool.now().timestamp()) // 60
    pages = [learner.get(f"{home.url.rstrip('/')}/pages/no-such-page") for _ in range(12)]
    known_of(stage, support_code(pages[0].text))
    time.sleep(0.2)
    minutes = int(stage.tool.now().timestamp()) // 60 - asked + 1
    with stage.tool.db.reading() as tx:
        kept = lti.faults_of_session(tx, home.launch, now=stage.tool.now())
    assert len(kept) <= 10 * minutes and (minutes > 1 or len(kept) == 10)
    assert all(page.status == 404 for page in pages)


def lines(capfd: pytest.CaptureFixture[str], event: str) -> list[str]:
    return [line for line in "".join(capfd.readouterr()).splitlines() if event in line]


def test_the_worker_names_the_delivery(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    from tests.web.journey import pass_the_module

    pass_the_module(stage, Walker(), stage.add_activity().id)
    capfd.readouterr()
    stage.work()
    (line,) = lines(capfd, "grade.sent")
    assert "delivery=" in line


def block(stage: Stage, page: Page, browser: str) -> str:
    with stage.tool.db.transaction() as tx:
        session = lti.read_session(tx, page.launch, browser=browser, now=stage.tool.now())
        assert session is not None
        person = people.find_person(tx, session.person_id)
        workflows.block(tx, person.public_id, words="Misuse", actor="test", now=stage.tool.now())
    return person.public_id


def test_a_blocked_person_is_out_at_once_and_stays_out(stage: Stage) -> None:
    link = stage.add_activity()
    learner, other = Walker(), Walker()
    home, neighbour = launch(learner, stage.lms_url, LEARNER, link.id), launch(other, stage.lms_url, "7", link.id)
    question = begin(learner, home)
    person = block(stage, home, secret_of(learner))
    for page in (learner.get(home.url), learner.get(question.url), learner.submit(home, home.form("/attempts"))):
        assert page.status == 403 and "web.no_session" in page.text
    again = launch(learner, stage.lms_url, LEARNER, link.id)
    assert again.status == 403 and "people.blocked" in again.text
    # It was decided, not broken.
    assert "to decide" in again.text and "fault" not in again.text
    known = known_of(stage, support_code(again.text))
    assert known.diagnosis is not None and known.diagnosis.check == "This person may open this activity"
    assert known.events[0].facts["person"] == person
    assert other.get(neighbour.url).status == 200
    with stage.tool.db.transaction() as tx:
        workflows.unblock(tx, person, actor="test", now=stage.tool.now())
    assert learner.get(question.url).status == 200


def test_reload_of_a_launch_brings_a_blocked_person_back_nowhere(stage: Stage) -> None:
    begun = Begun(stage, stage.add_activity(), TEACHER)
    token = begun.token()
    page = begun.post(token)
    block(stage, page, secret_of(begun.walker))
    assert begun.post(token).status in (400, 403)


def test_taking_a_deployment_back_ends_its_visits(stage: Stage) -> None:
    learner = Walker()
    home = launch(learner, stage.lms_url, LEARNER, stage.add_activity().id)
    with stage.tool.db.transaction() as tx:
        tx.execute(text("UPDATE deployments SET allowed = false"))
    assert learner.get(home.url).status == 403
