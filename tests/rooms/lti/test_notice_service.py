"""A platform is to know where to send its notices: the worker asks until it agrees; the connection test tells."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import select
from werkzeug import Request, Response

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Upstream
from lti_tool.core.http import HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.lti.connection.checks import Place
from lti_tool.lti.connection.notices import judge_notices
from lti_tool.lti.tables import notice_subscriptions
from lti_tool.lti.vocabulary import NOTICE_SCOPE
from tests.rooms.lti.replay import Replay

OURS = "https://tool.example.edu/lti/notices"
PATH = "/api/lti/notice-handlers/106"
OK, WARN, FAIL = lti.Verdict.OK, lti.Verdict.WARN, lti.Verdict.FAIL
COPY = "LtiContextCopyNotice"


class Board:
    """A platform's notification service: it grants the scope or not, and keeps one handler."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for(PATH)
        self.handler, self.grants = "", True
        self.asked: list[str] = []
        self.fails: list[Response] = []
        server.expect_request("/mod/lti/token.php").respond_with_handler(self._token)
        server.expect_request(PATH).respond_with_handler(self._answer)

    def _token(self, request: Request) -> Response:
        self.asked.append(f"token {request.form['scope'].rpartition('/')[2]}")
        if not self.grants:
            return Response(json.dumps({"error": "invalid_scope"}), 400)
        return Response(json.dumps({"access_token": "t", "expires_in": 3600, "scope": request.form["scope"]}))

    def _answer(self, request: Request) -> Response:
        self.asked.append(request.method)
        if self.fails:
            return self.fails.pop(0)
        if request.method == "PUT":
            self.handler = request.json["handler"]
            return Response(json.dumps(request.json))
        listed = [{"notice_type": COPY, "handler": self.handler}, {"notice_type": "LtiHelloWorldNotice", "handler": ""}]
        return Response(json.dumps({"client_id": 7, "deployment_id": "3", "notice_handlers": listed}))


@pytest.fixture
def board(httpserver: HTTPServer, registration: lti.Registration) -> Board:
    return Board(httpserver)


@pytest.fixture
def services(db: Database, http: HttpClient, vault: Vault, clock: FixedClock) -> lti.Services:
    return lti.Services(db, http, vault, clock)


@pytest.fixture
def deployment(db: Database, registration: lti.Registration, now: datetime) -> int:
    with db.transaction() as tx:
        return lti.allow_deployment(tx, registration.id, "3", now=now).id


@pytest.fixture
def note(db: Database, deployment: int, board: Board, clock: FixedClock) -> Callable[..., None]:
    """What a launch that names the service leaves behind."""

    def noted(url: str = "", kinds: frozenset[str] = frozenset({COPY})) -> None:
        with db.transaction() as tx:
            lti.note_service(tx, deployment, lti.NoticeService(url or board.url, kinds), now=clock.now())

    return noted


@pytest.fixture
def work(db: Database, services: lti.Services, clock: FixedClock) -> Callable[[], int]:
    return lambda: lti.subscribe_due(db, services, OURS, clock=clock.now)


def row_of(db: Database) -> Any:
    with db.reading() as tx:
        return tx.execute(select(notice_subscriptions)).one()


@pytest.mark.both_engines
def test_the_worker_asks_once_and_again_after_a_week(
    db: Database, board: Board, note: Callable[..., None], work: Callable[[], int], clock: FixedClock
) -> None:
    note()
    note()
    assert (work(), work()) == (1, 0)
    assert (board.handler, board.asked) == (OURS, ["token noticehandlers", "GET", "PUT"])
    assert (row_of(db).handler, row_of(db).tries) == (OURS, 0)
    clock.advance(7 * 86400 + 3600)
    assert work() == 1
    assert board.asked[3:] == ["token noticehandlers", "GET"], "what is so already is not asked for again"
    board.handler = ""
    clock.advance(8 * 86400)
    assert work() == 1 and board.handler == OURS, "an administrator had set the tool up anew"


def test_a_launch_writes_nothing_where_there_is_nothing_new(
    db: Database, note: Callable[..., None], work: Callable[[], int], board: Board
) -> None:
    note(kinds=frozenset({"LtiAssetProcessorSubmissionNotice"}))
    assert work() == 0, "copies are not among what it tells"
    note()
    work()
    before = row_of(db)
    note()
    assert row_of(db) == before
    note(board.url + "?moved")
    assert (row_of(db).handler, row_of(db).due_at) == ("", before.created_at)


@pytest.mark.parametrize(
    ("fails", "waits"),
    [
        ([Response("", 503)], 60),
        ([Response("", 429, {"Retry-After": "90"})], 90),
        ([Response("", 404)], 60),
        ([Response("<html>Log in</html>")], 60),
        ([Response("[]")], 60),
    ],
)
def test_what_fails_is_tried_again_ever_less_often_and_never_given_up(
    db: Database,
    board: Board,
    note: Callable[..., None],
    work: Callable[[], int],
    clock: FixedClock,
    fails: list[Response],
    waits: int,
) -> None:
    note()
    board.fails = list(fails)
    assert work() == 1
    assert row_of(db).due_at == clock.now() + timedelta(seconds=waits) and row_of(db).last_error
    clock.advance(waits)
    assert work() == 1
    assert (board.handler, row_of(db).last_error) == (OURS, None)


def test_a_scope_that_is_not_granted_is_asked_for_once_a_day_in_the_end(
    db: Database, board: Board, note: Callable[..., None], work: Callable[[], int], clock: FixedClock
) -> None:
    note()
    board.grants = False
    waits = []
    for _ in range(14):
        assert work() == 1
        waits.append((row_of(db).due_at - clock.now()).total_seconds())
        clock.advance(waits[-1])
    assert waits[:4] == [60, 120, 240, 480] and waits[-1] == 86400
    board.grants = True
    assert work() == 1 and board.handler == OURS


def test_a_tool_that_has_moved_says_so_to_all(
    db: Database, board: Board, note: Callable[..., None], work: Callable[[], int], services: lti.Services,
    clock: FixedClock,
) -> None:  # fmt: skip
    note()
    work()
    moved = "https://moved.example.edu/lti/notices"
    with db.transaction() as tx:
        assert lti.follow_address(tx, OURS, now=clock.now()) == 0
        assert lti.follow_address(tx, moved, now=clock.now()) == 1
    assert lti.subscribe_due(db, services, moved, clock=clock.now) == 1
    assert board.handler == moved


def test_a_worker_that_was_only_slow_writes_nothing_over_another(
    db: Database, board: Board, note: Callable[..., None], clock: FixedClock, services: lti.Services
) -> None:
    note()

    class Slow:
        def have_notices(self, registration_id: int, service_url: str, handler: str) -> bool:
            clock.advance(121)
            assert lti.subscribe_due(db, services, OURS, clock=clock.now) == 1
            raise Upstream("lti.notices", "Too late.")

    assert lti.subscribe_due(db, Slow(), OURS, clock=clock.now) == 1
    assert (row_of(db).handler, row_of(db).last_error) == (OURS, None)


# --- On the connection test -----------------------------------------------------------------------------------------


@pytest.fixture
def told(
    registration: lti.Registration, services: lti.Services, db: Database, board: Board
) -> Callable[..., lti.Finding]:
    def judged(known: int = 1, **changes: str) -> lti.Finding:
        place = Place(replace(registration, **changes), "https://tool.example.edu/lti/jwks.json")
        with db.reading() as tx:
            found = lti.subscriptions_of(tx, registration.id)
        assert len(found) == known
        return judge_notices(place, services, found, OURS)

    return judged


def test_the_connection_test_sets_right_where_notices_go(
    told: Callable[..., lti.Finding], note: Callable[..., None], board: Board, db: Database, deployment: int
) -> None:
    note()
    assert told().verdict is OK and "None has come yet" in told().says
    assert board.handler == OURS and board.asked.count("PUT") == 1
    with db.transaction() as tx:
        lti.note_heard(tx, deployment, now=datetime.fromisoformat("2026-11-24T08:00:00Z"))
    assert "The last notice came on 24 November 2026, 08:00 UTC" in told().says


CANVAS = {"auth_url": "https://sso.canvaslms.com/api/lti/authorize_redirect"}


def test_where_none_are_offered_nothing_is_missed(told: Callable[..., lti.Finding]) -> None:
    assert (told(0).verdict, "offers no notices" in told(0).says) == (OK, True)
    asked = told(0, **CANVAS, token_url="https://canvas.example/login/oauth2/token")
    assert (asked.verdict, "Open an activity" in asked.fix) == (WARN, True)


@pytest.mark.parametrize(
    ("answer", "verdict", "fix"),
    [
        (Response("", 400), FAIL, f"must be that of {OURS}"),
        (Response("", 401), WARN, "Platform Notification Service"),
        (Response("", 403), WARN, "Platform Notification Service"),
        (Response("", 404), WARN, "Open an activity"),
        (Response("", 503), WARN, "few minutes"),
        (Response("<html>Log in</html>"), WARN, "Try again"),
    ],
)
def test_each_odd_answer_has_its_fix(
    told: Callable[..., lti.Finding],
    note: Callable[..., None],
    board: Board,
    answer: Response,
    verdict: lti.Verdict,
    fix: str,
) -> None:
    note()
    # A 401 is tried once more with a fresh token.
    board.fails = [answer, answer]
    found = told()
    assert (found.verdict, fix in found.fix) == (verdict, True), found
    assert "recognised all the same" in found.says


def test_a_scope_that_is_missing_is_named_in_the_lms_s_own_words(
    told: Callable[..., lti.Finding], note: Callable[..., None], board: Board
) -> None:
    note()
    board.grants = False
    assert (told().verdict, "notice handlers" in told().fix) == (WARN, True)
    on_canvas = told(**CANVAS)
    assert "Can register event notice handlers" in on_canvas.fix and "Developer Keys" in on_canvas.fix


def test_a_service_on_an_unknown_host_gets_no_token(
    told: Callable[..., lti.Finding], note: Callable[..., None], board: Board
) -> None:
    note("https://elsewhere.example/notices")
    found = told()
    assert (found.verdict, "--origin https://elsewhere.example" in found.fix) == (FAIL, True)
    assert board.asked == []


# --- As Canvas documents it -----------------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize("listed_instead", [False, True], ids=["the handler", "the whole list, as earlier"])
def test_canvas_s_handlers_are_asked_for_and_set_value_by_value(
    shared_dir: Path, httpserver: HTTPServer, services: lti.Services, board: Board,
    registration: lti.Registration, listed_instead: bool,
) -> None:  # fmt: skip
    seen = json.loads((shared_dir / "platforms" / "canvas" / "context-copy-notice.json").read_text("utf-8"))
    assert seen["scope"] == NOTICE_SCOPE
    tool = "http://lti-13-test-tool.inseng.test/notice_handlers/106:8865aa05b4b79b64a91a86042e43af5ea8ae79eb"
    replay = Replay(httpserver, "http://canvas-web.inseng.test")
    httpserver.clear()
    httpserver.expect_request("/mod/lti/token.php").respond_with_json({"access_token": "t", "scope": NOTICE_SCOPE})
    empty = json.loads(json.dumps(seen["list"]).replace(tool, ""))
    register = {**seen["register"], "response": seen["list"]["response"]} if listed_instead else seen["register"]
    replay.play(empty, register, seen["list"])
    url = replay.here(seen["register"]["request"]["url"])
    assert services.have_notices(registration.id, url, tool)
    assert not services.have_notices(registration.id, url, tool)
    replay.done()
    assert replay.ours[1].headers["Authorization"] == "Bearer t"


@pytest.mark.shared
def test_canvas_s_refusals_are_told_in_plain_words(
    shared_dir: Path, services: lti.Services, board: Board, registration: lti.Registration
) -> None:
    seen = json.loads((shared_dir / "platforms" / "canvas" / "context-copy-notice.json").read_text("utf-8"))
    for case in seen["errors"]:
        answer = Response(json.dumps(case["json"]), case["status"])
        board.fails = [answer, answer]
        with pytest.raises(Upstream) as caught:
            services.have_notices(registration.id, board.url, OURS)
        assert caught.value.code == "lti.notices" and caught.value.text.startswith("The LMS does not")


@pytest.mark.shared
def test_a_launch_names_the_service_as_canvas_does(shared_dir: Path) -> None:
    from lti_tool.lti.launching.claims import Claims
    from lti_tool.lti.launching.launch import _notices

    seen = json.loads((shared_dir / "platforms" / "canvas" / "context-copy-notice.json").read_text("utf-8"))
    found = _notices(Claims(seen["claim"]))
    assert found is not None and found.tells_copies
    (claim,) = seen["claim"].values()
    assert found == lti.NoticeService(
        claim["platform_notification_service_url"], frozenset(claim["notice_types_supported"])
    )
    assert _notices(Claims({})) is None
