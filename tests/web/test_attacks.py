"""Attacks that found a gap once, told as stories over HTTP; and those that never did, so that none opens.

On PostgreSQL, the stricter of the two: it refuses characters that SQLite keeps, and lets requests truly run at once.
One stage serves all of them, so each story brings people and activities of its own.
"""

import http.client
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
import requests
from sqlalchemy import text

from lti_tool.assessments.attempts import journal
from lti_tool.core.errors import Upstream
from lti_tool.core.http import HttpClient
from lti_tool.demo import Link
from tests import postgres
from tests.stage import Stage, raised
from tests.walker import Walker, launch
from tests.web.attacker import Neighbour, at_once, begin_again, choosing, cookies, number_of, token_for
from tests.web.journey import (
    LEARNER,
    TEACHER,
    answer_everything,
    attempt_of,
    begin,
    hand_in,
    items_of,
    pass_the_module,
    secret_of,
)
from tests.web.test_launch_safety import CLAIM, Begun

ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
CLASSMATE = "7"


@pytest.fixture(scope="module")
def stage(postgres_server: postgres.Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with postgres_server.database() as url, raised(url, tmp_path_factory.mktemp("stage")) as up:
        yield up


@pytest.fixture
def link(stage: Stage) -> Link:
    return stage.add_activity()


# --- whatever is sent, it is never our fault ---


def test_an_id_that_cannot_be_one_is_just_unknown(stage: Stage, link: Link) -> None:
    """PostgreSQL cannot even be asked for a text with a zero byte in it."""
    learner, teacher = Walker(), Walker()
    pass_the_module(stage, learner, link.id)
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    name = learner.get(f"{stage.tool_url}/learn/{home.launch}/certificate")
    learner.submit(name, name.form("/certificate"))
    mine, token = f"{stage.tool_url}/learn/{home.launch}", token_for(learner, home.launch)
    for odd in ("%00", "a%00b", "%ff%fe", "%ed%a0%80", "-1", "x" * 3000):
        for address in (f"attempts/{odd}/1", f"attempts/{odd}/review", f"attempts/{odd}/result", f"pages/{odd}"):
            assert learner.get(f"{mine}/{address}").status == 404, address
        assert learner.get(f"{mine}/certificate.{odd}").status == 404, odd
        fields = {"csrf_token": token, "page_key": "abcdefgh1", "sequence": "1"}
        for address in (f"attempts/{odd}/1", f"attempts/{odd}/submit", f"pages/{odd}/done"):
            assert learner.post(f"{mine}/{address}", fields).status == 404, address
        assert Walker().get(f"{stage.tool_url}/media/{odd}").status == 404, odd
        teacher, picker = choosing(stage)
        assert teacher.get(f"{stage.tool_url}/teach/{picker.launch}/pick/{odd}/1").status == 404, odd
    chosen = {"csrf_token": token_for(teacher, picker.launch), "module": "\x00"}
    assert teacher.post(f"{stage.tool_url}/teach/{picker.launch}/pick", chosen).status == 404


@pytest.mark.parametrize(
    "typed", ["http://[x/c/", "[", "//[::1", "https://a\u2100b/c/x", "\x00", "'\"><script>alert(1)"]
)
def test_the_check_page_reads_anything(stage: Stage, typed: str) -> None:
    page = Walker().get(f"{stage.tool_url}/verify?q={quote(typed)}")
    assert page.status == 400 and page.path == "/verify"
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b'{"block":' + b"[" * 100_000, b'{"block":' + b"9" * 6000 + b"}", b'{"block":NaN}', b"\xff"],
)
def test_a_position_that_is_none_is_refused(stage: Stage, link: Link, body: bytes) -> None:
    learner = Walker()
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    url = f"{stage.tool_url}/learn/{home.launch}/pages/principles/position"
    headers = {"X-CSRF-Token": token_for(learner, home.launch), "Content-Type": "application/json"}
    assert learner.post(url, body, **headers).status == 400


@pytest.mark.parametrize("odd", ["\x00", "\ud800"], ids=["zero byte", "half a pair"])
def test_a_platform_that_names_an_odd_type_is_refused(stage: Stage, odd: str) -> None:
    begun = Begun(stage, None, TEACHER)  # type: ignore[arg-type]
    settings = {"deep_link_return_url": f"{stage.lms_url}/x", "accept_types": ["ltiResourceLink", odd]}
    settings["accept_presentation_document_targets"] = ["iframe"]
    page = begun.post(begun.token(**{DEEP_LINKING: settings}))
    assert page.status == 400 and "lti.claim" in page.text


# --- nothing is learnt, kept or led away by an answer ---


def test_the_host_that_a_stranger_names_is_in_no_answer(stage: Stage, link: Link) -> None:
    learner = Walker()
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    for path in (f"/learn/{home.launch}", f"/learn//{home.launch}/", f"/teach/{home.launch}", "/verify", "/"):
        asked = http.client.HTTPConnection(urlsplit(stage.tool_url).netloc, timeout=10)
        asked.request("GET", path, headers={"Host": "evil.example", **cookies(learner)})
        answer = asked.getresponse()
        told = f"{answer.headers}{answer.read().decode()}"
        asked.close()
        assert "evil.example" not in told, path
        assert answer.status < 500 and answer.status != 308, path


def test_no_cache_keeps_a_refusal(stage: Stage, link: Link) -> None:
    learner = Walker()
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    unknown = "/media/" + "0" * 64
    for path in ("/nowhere", unknown, "/lti/launch", f"/learn/{home.launch}/attempts", f"/learn/{'0' * 26}/"):
        page = Walker().get(f"{stage.tool_url}{path}")
        assert page.status >= 400 and page.headers["Cache-Control"] == "no-store", path


def test_what_a_stranger_writes_is_short_and_tame_in_the_log(stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
    """A log is read in a terminal, and its disk has an end."""
    hostile = "%1b%5b2J" + "x" * 5000
    Walker().get(f"{stage.tool_url}/learn/{hostile}/")
    login = f"iss={hostile[:400]}&login_hint=1&target_link_uri={quote(stage.tool_url)}/lti/launch&client_id=%c2%9b2J"
    Walker().get(f"{stage.tool_url}/lti/login?{login}")
    logged = "".join(capfd.readouterr())
    assert "web.no_session" in logged and "lti.parameter" in logged
    assert "\x1b[2J" not in logged and "\x9b" not in logged and "x" * 1000 not in logged


# --- nobody reaches what is another's ---


def test_a_neighbour_cannot_send_our_grades_again(stage: Stage, link: Link) -> None:
    """Another tenant's launch may claim any grade column, ours too; what hangs on it is still ours."""
    pass_the_module(stage, Walker(), link.id)
    stage.work()
    line_item = _line_item(stage, link)
    before = _delivery(stage, line_item)
    other = Neighbour(stage, TEACHER)
    dashboard = other.post(other.token(**{ENDPOINT: {"lineitem": line_item, "scope": []}}))
    assert dashboard.path.startswith("/teach/"), dashboard.text
    assert "Nguyễn" not in dashboard.text
    fields = {"csrf_token": token_for(other.walker, dashboard.launch), "delivery": str(before[0])}
    assert other.walker.post(f"{stage.tool_url}/teach/{dashboard.launch}/resend", fields).status == 404
    assert _delivery(stage, line_item) == before


def _delivery(stage: Stage, line_item: str) -> tuple[object, ...]:
    """The row's id, and what tells that it was touched."""
    asked = text("SELECT id, due_at, tries, revision FROM grade_deliveries WHERE line_item_url = :url")
    with stage.tool.db.reading() as tx:
        return tuple(tx.execute(asked, {"url": line_item}).one())


def _line_item(stage: Stage, link: Link) -> str:
    with stage.tool.db.reading() as tx:
        found = tx.execute(
            text("SELECT line_item_url FROM placements WHERE lms_resource_link_id = :link ORDER BY id DESC"),
            {"link": link.id},
        )
        return str(found.scalars().first())


def test_only_who_is_choosing_looks_into_other_modules(stage: Stage, link: Link) -> None:
    """The preview shows the answers: inside an activity, those of its own module alone."""
    teacher, picker = choosing(stage)
    module = re.findall(r'name="module"[^>]*value="([0-9a-z]{26})"', picker.text)[0]
    assert teacher.get(f"{stage.tool_url}/teach/{picker.launch}/pick/{module}/8").status == 200
    dashboard = launch(teacher, stage.lms_url, TEACHER, link.id)
    assert teacher.get(f"{stage.tool_url}/teach/{dashboard.launch}/pick/{module}/8").status == 404
    other = Neighbour(stage, TEACHER)
    theirs = other.post()
    assert other.walker.get(f"{stage.tool_url}/teach/{theirs.launch}/pick/{module}/8").status == 404


def test_every_id_of_a_classmate_and_of_another_activity_is_unknown(stage: Stage, link: Link) -> None:
    mine = Walker()
    result = pass_the_module(stage, mine, link.id)
    attempt = attempt_of(result)
    classmate = Walker()
    theirs = launch(classmate, stage.lms_url, CLASSMATE, link.id)
    elsewhere = launch(mine, stage.lms_url, LEARNER, stage.add_activity().id)
    for walker, page in ((classmate, theirs), (mine, elsewhere)):
        base, token = f"{stage.tool_url}/learn/{page.launch}", token_for(walker, page.launch)
        for address in ("1", "review", "result"):
            assert walker.get(f"{base}/attempts/{attempt}/{address}").status == 404
        fields = {"csrf_token": token, "page_key": "abcdefgh1", "sequence": "1"}
        for address in ("1", "submit"):
            assert walker.post(f"{base}/attempts/{attempt}/{address}", fields).status == 404
        assert walker.get(f"{base}/certificate.pdf").status == 404
        assert walker.get(f"{stage.tool_url}/teach/{page.launch}/").status == 404
    # And the session itself: its address, with somebody else's cookie and that one's own token.
    for address in ("/", "/certificate", f"/attempts/{attempt}/result", "/receipt"):
        page = classmate.get(f"{stage.tool_url}/learn/{result.launch}{address}")
        assert page.status == 403 and "Tuyết" not in page.text
    token = token_for(classmate, result.launch)
    assert classmate.post(f"{stage.tool_url}/learn/{result.launch}/attempts", {"csrf_token": token}).status == 403


def cause_of(address: str) -> str:
    """Why nothing came back from an address."""
    with pytest.raises(Upstream) as refused:
        HttpClient(connect_timeout=0.5).get(f"https://[{address}]/jwks")
    return refused.value.code


@pytest.mark.parametrize("address", ["2002:7f00:1::", "2002:a9fe:a9fe::1"])
def test_a_private_address_behind_a_relay_is_private(address: str) -> None:
    """6to4 carries an IPv4 address within, and there may be a relay that reads it."""
    assert cause_of(address) == "core.http_refused"


@pytest.mark.parametrize("address", ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"])
def test_a_private_address_behind_a_translator_is_private(address: str) -> None:
    """NAT64: what a network without IPv4 makes of every IPv4 address, public or not."""
    assert cause_of(address) == "core.http_refused"


@pytest.mark.parametrize("address", ["::7f00:1", "::ffff:0:7f00:1", "fec0::1", "64:ff9b:1::a00:1"])
def test_a_forgotten_corner_of_the_address_space_is_not_the_internet(address: str) -> None:
    assert cause_of(address) == "core.http_refused"


# --- once is once, and nothing grows for ever ---


def test_at_the_same_moment_everything_still_happens_once(stage: Stage, link: Link) -> None:
    begun = Begun(stage, link)
    post = {"id_token": begun.token(), "state": begun.state}

    def ask(path: str, fields: dict[str, str]) -> Counter[int]:
        send = {"data": fields, "headers": cookies(begun.walker), "allow_redirects": False, "timeout": 30}
        return at_once(8, lambda: requests.post(f"{stage.tool_url}{path}", **send))  # type: ignore[arg-type]

    before = number_of(stage, "lti_sessions")
    assert ask("/lti/launch", post)[303] == 1
    assert number_of(stage, "lti_sessions") == before + 1
    home = begun.walker.onward(begun.post(post["id_token"]))
    token, base = {"csrf_token": token_for(begun.walker, home.launch)}, f"/learn/{home.launch}"
    assert ask(f"{base}/attempts", token) == {303: 8}
    question = begin_again(begun.walker, stage, home)
    attempt = attempt_of(question)
    answer_everything(stage, begun.walker, question)
    grades = number_of(stage, "audit WHERE act = 'attempt.hand_in'")
    assert ask(f"{base}/attempts/{attempt}/submit", token) == {303: 8}
    assert number_of(stage, "audit WHERE act = 'attempt.hand_in'") == grades + 1
    assert ask(f"{base}/certificate", token) == {303: 8}
    earned = "credentials WHERE completion_id IN (SELECT completions.id FROM completions JOIN attempts"
    assert number_of(stage, f"{earned} ON attempts.id = attempt_id WHERE attempts.public_id = :id)", id=attempt) <= 1
    late = {**token, "page_key": "latelate1", "sequence": "1"}
    # Too late: led to the result, and nothing of it kept (a script is told 409).
    assert ask(f"{base}/attempts/{attempt}/1", late) == {303: 8}


def test_beginning_again_is_no_beginning(stage: Stage, link: Link) -> None:
    learner = Walker()
    home = launch(learner, stage.lms_url, CLASSMATE, link.id)
    noted = number_of(stage, "audit WHERE act = 'attempt.begin'")
    first, *more = (begin_again(learner, stage, home) for _ in range(4))
    assert {attempt_of(page) for page in more} == {attempt_of(first)}
    assert number_of(stage, "audit WHERE act = 'attempt.begin'") == noted + 1


def test_a_module_chosen_a_thousand_times_is_chosen_once(stage: Stage) -> None:
    teacher, picker = choosing(stage)
    module = re.findall(r'name="module"[^>]*value="([0-9a-z]{26})"', picker.text)[0]
    offers = number_of(stage, "offers")
    fields = [("csrf_token", token_for(teacher, picker.launch)), *[("module", module)] * 1000]
    assert teacher.post(f"{stage.tool_url}/teach/{picker.launch}/pick", fields).status == 200
    assert number_of(stage, "offers") == offers + 1


def test_the_journal_of_an_attempt_has_an_end(stage: Stage, link: Link) -> None:
    """Nobody gives so many answers; a script in a loop does. What counts is kept, and can be handed in."""
    learner = Walker()
    question = begin(learner, launch(learner, stage.lms_url, LEARNER, link.id))
    item = items_of(stage, question, secret_of(learner))[0]
    fields = dict(question.form("page_key").fields)
    with stage.tool.db.transaction() as tx:
        tx.execute(
            text(
                "INSERT INTO answers (attempt_id, item_id, page_key, sequence, response, saved_at) "
                "SELECT a.id, :item, 'flood' || n, 1, NULL, a.started_at FROM attempts a, generate_series(1, :most) n "
                "WHERE a.public_id = :attempt"
            ),
            {"item": item.id, "most": journal.MOST_SAVES, "attempt": attempt_of(question)},
        )
    refused = learner.post(question.url, fields, Accept="application/json")
    assert refused.status == 409 and "assessments.too_many_saves" in refused.text
    review = learner.get(question.url.rpartition("/")[0] + "/review")
    assert "/result" in hand_in(learner, review).path


def test_sessions_long_over_are_cleared_away(stage: Stage, link: Link) -> None:
    learner = Walker()
    mine = launch(learner, stage.lms_url, LEARNER, link.id)
    over = launch(Walker(), stage.lms_url, CLASSMATE, link.id)
    now = stage.tool.now()
    with stage.tool.db.transaction() as tx:
        for session, began, seen in (
            (over.launch, timedelta(days=400), timedelta(days=400)),
            (mine.launch, timedelta(minutes=10), timedelta(minutes=10)),
        ):
            aged = text("UPDATE lti_sessions SET started_at = :began, seen_at = :seen WHERE public_id = :id")
            tx.execute(aged, {"began": now - began, "seen": now - seen, "id": session})
    assert learner.get(mine.url).status == 200
    assert number_of(stage, "lti_sessions WHERE public_id = :id", id=over.launch) == 0
    assert number_of(stage, "lti_sessions WHERE public_id = :id", id=mine.launch) == 1


# --- roles ---


@pytest.mark.parametrize(
    ("roles", "opens"),
    [
        (["membership#Mentor"], set()),
        (["membership#ContentDeveloper"], {"preview/1"}),
        (["membership#Learner", "institution/person#Instructor"], set()),
        (["membership/Instructor#TeachingAssistant"], {"", "preview/1"}),
        (["institution/person#Administrator"], {"", "preview/1"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_role_opens_what_it_opens_and_no_more(stage: Stage, link: Link, roles: list[str], opens: set[str]) -> None:
    begun = Begun(stage, link)
    full = [f"http://purl.imsglobal.org/vocab/lis/v2/{role}" for role in roles]
    page = begun.post(begun.token(sub=f"role-{roles[0]}", **{f"{CLAIM}/roles": full}))
    if roles == ["membership#Mentor"]:
        assert page.status == 403
        return
    session = page.launch
    for address in ("", "preview/1", "pick"):
        wanted = 200 if address in opens else 404
        assert begun.walker.get(f"{stage.tool_url}/teach/{session}/{address}").status == wanted, address
    token = {"csrf_token": token_for(begun.walker, session)}
    for address, fields in (("resend", {"delivery": "1"}), ("pick", {"module": "0" * 26})):
        sent = begun.walker.post(f"{stage.tool_url}/teach/{session}/{address}", {**token, **fields})
        assert sent.status == 404, address
    sits = begun.walker.post(f"{stage.tool_url}/learn/{session}/attempts", token)
    assert sits.status == (200 if "Learner" in roles[0] else 403)


def test_a_designer_sees_no_learners(stage: Stage, link: Link) -> None:
    pass_the_module(stage, Walker(), link.id)
    begun = Begun(stage, link)
    role = "http://purl.imsglobal.org/vocab/lis/v2/membership#ContentDeveloper"
    session = begun.post(begun.token(sub="designer", **{f"{CLAIM}/roles": [role]})).launch
    page = begun.walker.get(f"{stage.tool_url}/teach/{session}/")
    assert page.status == 404 and "Nguyễn" not in page.text
