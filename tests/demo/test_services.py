"""What servers say to each other, and the switches that make this LMS misbehave."""

import json
import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from flask import Flask

from lti_tool.demo import ClockFault, Link, Lms, LmsConfig, Running, Services, serve
from tests.demo.sides import LMS, TOOL, Hand, ToolClient, ToolSide

SCORE = "application/vnd.ims.lis.v1.score+json"


def score(hand: Hand, user: str = "6", **changes: object) -> str:
    facts = {
        "userId": user,
        "scoreGiven": 86,
        "scoreMaximum": 100,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": hand().isoformat(),
    }
    return json.dumps({**facts, **changes})


def address(link: Link, tail: str = "") -> str:
    return f"/mod/lti/services.php/2/lineitems/{link.item_id}/lineitem{tail}?type_id=3"


@pytest.fixture
def link(lms: Lms) -> Link:
    return lms.add_link("Data protection essentials", maximum=100)


def test_a_grade_arrives_and_is_empty_handed_thanked_for(lms: Lms, link: Link, server: ToolClient, hand: Hand) -> None:
    answer = server.send(address(link, "/scores"), score(hand), SCORE)
    assert (answer.status_code, answer.data) == (200, b"")
    assert lms.grade_of(lms.person("tuyet"), link) == 86


def test_a_second_grade_within_the_second_in_which_the_first_was_saved_is_a_conflict(
    lms: Lms, link: Link, server: ToolClient, hand: Hand
) -> None:
    server.send(address(link, "/scores"), score(hand), SCORE)
    hand.move(milliseconds=900)
    answer = server.send(address(link, "/scores"), score(hand), SCORE)
    assert answer.status == f"409 Refusing score with an earlier timestamp for item {link.item_id} and user 6"
    assert answer.data == b"[]"
    hand.move(milliseconds=200)
    assert server.send(address(link, "/scores"), score(hand), SCORE).status_code == 200


def test_a_refused_pretty_printed_score_looks_like_a_yes(link: Link, server: ToolClient, hand: Hand) -> None:
    pretty = json.dumps(json.loads(score(hand, "99999")), indent=1)
    answer = server.send(address(link, "/scores"), pretty, SCORE)
    assert (answer.status, answer.data) == ("200 OK", b"[]")


def test_a_refused_score_never_passes_for_an_accepted_one_in_the_gradebook(
    lms: Lms, link: Link, server: ToolClient, hand: Hand
) -> None:
    pretty = json.dumps(json.loads(score(hand, "3")), indent=1)
    server.send(address(link, "/scores"), pretty, SCORE)
    assert not lms.posts[-1].was_accepted and not lms.grades


@pytest.mark.parametrize("user", ["3", "4", "2", "777"])
def test_only_learners_are_graded(link: Link, server: ToolClient, hand: Hand, user: str) -> None:
    assert server.send(address(link, "/scores"), score(hand, user), SCORE).status_code == 400


@pytest.mark.parametrize("broken", ["", "[]", "null", "{}", "3", '{"userId": true}', '{"userId": "6"'])
def test_what_is_no_score_is_refused(link: Link, server: ToolClient, broken: str) -> None:
    assert server.send(address(link, "/scores"), broken, SCORE).status_code == 400


@pytest.mark.parametrize("given", ["many", float("nan"), True, []])
def test_points_must_be_a_number(link: Link, server: ToolClient, hand: Hand, given: object) -> None:
    assert server.send(address(link, "/scores"), score(hand, scoreGiven=given), SCORE).status_code == 400


def test_a_token_ends_after_an_hour(lms: Lms, link: Link, server: ToolClient, hand: Hand) -> None:
    hand.move(minutes=59)
    assert server.ask(address(link)).status_code == 200
    hand.move(minutes=2)
    assert server.ask(address(link)).status_code == 401


def test_a_token_does_what_it_was_asked_for_and_no_more(
    app: Flask, lms: Lms, link: Link, tool: ToolSide, hand: Hand
) -> None:
    read = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
    client = app.test_client()
    answer = client.post("/mod/lti/token.php", base_url=LMS, data=tool.token_form(f"{read} openid nonsense"))
    granted = json.loads(answer.text)
    assert granted["scope"] == read and answer.headers["Content-Type"] == "text/html; charset=utf-8"
    only_read = ToolClient(client, granted["access_token"], LMS)
    assert only_read.ask(address(link)).status_code == 200
    assert only_read.send(address(link, "/scores"), score(hand), SCORE).status_code == 401
    assert only_read.send(address(link), "", "", method="DELETE").status_code == 401


def test_a_new_key_of_the_tool_is_fetched_when_it_is_first_used(app: Flask, tool: ToolSide, server: ToolClient) -> None:
    client = app.test_client()
    before = tool.fetched
    assert client.post("/mod/lti/token.php", base_url=LMS, data=tool.token_form()).status_code == 200
    assert tool.fetched == before, "a known key is not fetched again"
    tool.kid, tool.published = "tool-2", ["tool-1", "tool-2"]
    assert client.post("/mod/lti/token.php", base_url=LMS, data=tool.token_form()).status_code == 200
    tool.kid = "tool-3"
    assert client.post("/mod/lti/token.php", base_url=LMS, data=tool.token_form()).status_code == 400


def test_a_foreign_signature_gets_no_token(app: Flask, tool: ToolSide, lms: Lms) -> None:
    foreign = ToolSide(tool.clock, lms.key, kid=tool.kid).token_form()
    answer = app.test_client().post("/mod/lti/token.php", base_url=LMS, data=foreign)
    assert answer.status_code == 400 and "access_token" not in answer.text


def test_the_roster_knows_names_of_every_kind(lms: Lms, server: ToolClient) -> None:
    url = "/mod/lti/services.php/CourseSection/2/bindings/3/memberships"
    members = {row["user_id"]: row for row in server.ask(url).json["members"]}
    assert "2" not in members, "an administrator is not in the course"
    assert members["4"]["roles"] == ["Learner"], "a non-editing teacher, as Moodle has it"
    assert members["8"]["name"] == "秀英 王" and lms.people["8"].name == "王秀英"
    assert members["11"]["name"] == "Suharto" and members["11"]["family_name"] == ""


# --- switches ---


def test_down_means_503_and_the_gradebook_tells_of_the_tries(
    app: Flask, lms: Lms, link: Link, server: ToolClient, hand: Hand
) -> None:
    lms.faults.services = Services.DOWN
    for _ in range(2):
        answer = server.send(address(link, "/scores"), score(hand), SCORE)
        assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert "we answered 503, as you asked" in app.test_client().get("/gradebook", base_url=LMS).text
    lms.faults.mend()
    hand.move(seconds=5)
    assert server.send(address(link, "/scores"), score(hand), SCORE).status_code == 200
    assert "Accepted at the third try" in app.test_client().get("/gradebook", base_url=LMS).text


def test_down_services_leave_pages_and_keys_alone(app: Flask, lms: Lms, tool: ToolSide) -> None:
    lms.faults.services = Services.DOWN
    client = app.test_client()
    assert client.post("/mod/lti/token.php", base_url=LMS, data=tool.token_form()).status_code == 503
    assert client.get("/mod/lti/certs.php", base_url=LMS).status_code == 200
    assert "takes no grades" in client.get("/course", base_url=LMS).text


def test_slow_services_wait(lms: Lms, link: Link, server: ToolClient) -> None:
    lms.faults.slow, lms.slow_seconds = True, 0.15
    began = time.monotonic()
    assert server.ask(address(link)).status_code == 200
    assert time.monotonic() - began >= 0.15


def test_a_clock_ahead_conflicts_until_it_is_caught_up(lms: Lms, link: Link, server: ToolClient, hand: Hand) -> None:
    lms.faults.clock = ClockFault.FAST
    assert server.send(address(link, "/scores"), score(hand), SCORE).status_code == 200
    hand.move(seconds=30)
    assert server.send(address(link, "/scores"), score(hand), SCORE).status_code == 409
    hand.move(seconds=91)
    assert server.send(address(link, "/scores"), score(hand), SCORE).status_code == 200


def test_a_clock_behind_finds_the_tool_s_signature_too_young(app: Flask, lms: Lms, tool: ToolSide) -> None:
    lms.faults.clock = ClockFault.SLOW
    answer = app.test_client().post("/mod/lti/token.php", base_url=LMS, data=tool.token_form())
    assert answer.status_code == 400 and "Cannot handle token with iat prior to" in answer.text
    late = tool.token_form(iat=int((tool.clock() - timedelta(minutes=2)).timestamp()))
    assert app.test_client().post("/mod/lti/token.php", base_url=LMS, data=late).status_code == 200


# --- over a real line ---


@pytest.fixture
def running(config: LmsConfig, hand: Hand) -> Iterator[Running]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    here = LmsConfig(f"http://localhost:{port}", TOOL, config.data_dir)
    server = serve(here, port=port, clock=hand)
    yield server
    server.stop()


def test_gone_services_hang_up_without_an_answer(running: Running) -> None:
    running.lms.faults.services = Services.GONE
    with requests.Session() as session, pytest.raises(requests.ConnectionError):
        session.post(f"{running.lms.config.lms_url}/mod/lti/token.php", data={}, timeout=5)


def test_the_status_line_quotes_the_request_in_its_own_bytes(running: Running, hand: Hand) -> None:
    lms = running.lms
    link = lms.add_link("A")
    token = lms.grant(frozenset({"https://purl.imsglobal.org/spec/lti-ags/scope/score"}), timedelta(hours=1))
    body = json.dumps(json.loads(score(hand, "99999", comment="très ✓")), ensure_ascii=False)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": SCORE}
    with requests.Session() as session:
        url = f"{lms.config.lms_url}{address(link, '/scores')}"
        answer = session.post(url, data=body.encode(), headers=headers, timeout=5)
    assert answer.status_code == 400 and answer.text == "[]"
    assert "très ✓" in answer.reason.encode("latin-1").decode()


def test_it_listens_on_this_computer_only_and_stops_when_told(config: LmsConfig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = serve(LmsConfig(f"http://localhost:{port}", TOOL, config.data_dir), port=port)
    assert server._server.server_address[0] == "127.0.0.1"
    with requests.Session() as session:
        assert session.get(f"http://localhost:{port}/", timeout=5).status_code == 200
        server.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(f"http://localhost:{port}/", timeout=1)
