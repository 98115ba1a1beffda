"""Scores reach a platform as Moodle and Canvas want them, and each answer means one thing for the next try."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Response

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Upstream
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.lti.advantage.results import read_results, service_url
from lti_tool.lti.advantage.scores import read_outcome, score_body
from lti_tool.lti.quirks import SUBMISSION, usual_audience
from tests.rooms.lti.grade_book import GradeBook

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SCORE = lti.Score(user_id="6", given="86.6667", maximum="100", finished=True, timestamp=NOW)
ACCEPTED, REFUSED, LATER = lti.ScoreVerdict.ACCEPTED, lti.ScoreVerdict.REFUSED, lti.ScoreVerdict.LATER


@pytest.fixture
def book(httpserver: HTTPServer, db: Database, registration: lti.Registration) -> GradeBook:
    return GradeBook(httpserver, db, registration)


@pytest.fixture
def services(db: Database, http: HttpClient, vault: Vault, clock: FixedClock) -> lti.Services:
    return lti.Services(db, http, vault, clock)


def send(services: lti.Services, book: GradeBook, score: lti.Score = SCORE) -> lti.ScoreOutcome:
    return services.send_score(book.registration.id, book.line_item, score)


@pytest.mark.both_engines
def test_a_score_arrives_as_moodle_wants_it(services: lti.Services, book: GradeBook) -> None:
    assert send(services, book) == lti.ScoreOutcome(ACCEPTED)
    assert book.scores == [
        {
            "userId": "6",
            "scoreGiven": 86.6667,
            "scoreMaximum": 100,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": "2026-11-24T09:00:00.000+00:00",
        }
    ]
    request = book.requests[0]
    assert b"\n" not in request.data
    assert b": " not in request.data
    assert request.headers["Authorization"] == "Bearer token-0"


def canvas_body(**submission: object) -> dict[str, object]:
    handed_in = lti.Submission(**submission)  # type: ignore[arg-type]
    score = replace(SCORE, submission=handed_in)
    said: dict[str, object] = json.loads(score_body(score, lti.grade_rules("https://c.example/api/lti/courses/2/x")))
    return said


def test_canvas_is_told_which_score_is_a_new_attempt_and_when_it_was_handed_in() -> None:
    at = "2026-11-24T09:00:00.000+00:00"
    said = canvas_body(handed_in_at=NOW, is_new=True, keeps=lti.Keeps.EXISTING)
    assert said["submission"] == {"submittedAt": at}
    assert said[SUBMISSION] == {"new_submission": True, "prioritize_non_tool_grade": True, "submitted_at": at}
    said = canvas_body(handed_in_at=NOW, is_new=True, keeps=lti.Keeps.WHATEVER)
    assert said[SUBMISSION] == {"new_submission": True, "preserve_score": True, "submitted_at": at}
    said = canvas_body(handed_in_at=None, is_new=False)
    assert said[SUBMISSION] == {"new_submission": False} and "submission" not in said


def test_canvas_sends_back_which_attempt_it_knows_of() -> None:
    said = {"userId": "6", "resultScore": 5, "resultMaximum": 10}
    told = {"submitted_at": "2026-11-24T10:00:00.000+01:00"}
    (known, unknown, odd) = read_results(
        [{**said, SUBMISSION: told}, said, {**said, SUBMISSION: {"submitted_at": "x"}}]
    )
    assert known == lti.Result("6", Decimal("0.5"), NOW)
    assert unknown.handed_in_at is None and odd.handed_in_at is None


@pytest.mark.parametrize(("path", "body", "believed"), [
    ("/mod/lti/services.php/2/x", "", True),
    ("/mod/lti/services.php/2/x", "{}", False),
    ("/api/lti/courses/2/x", '{"resultUrl": "x"}', True),
    ("/api/lti/courses/2/x", "", False),
    ("/api/lti/courses/2/x", "{}", False),
    ("/elsewhere", "", True),
    ("/elsewhere", "[1]", True),
    ("/elsewhere", "<html>", False),
])  # fmt: skip
def test_each_product_s_own_word_of_success_is_believed(path: str, body: str, believed: bool) -> None:
    rules = lti.grade_rules(f"https://lms.example.edu{path}")
    outcome = read_outcome(HttpAnswer(200, "", {}, body.encode()), now=NOW, rules=rules)
    assert (outcome.verdict is ACCEPTED) is believed and outcome.unsettled is not believed


@pytest.mark.parametrize(("path", "unsettled"), [("/mod/lti/x", False), ("/api/lti/courses/2/x", True)])
def test_a_server_error_of_canvas_settles_nothing(path: str, unsettled: bool) -> None:
    rules = lti.grade_rules(f"https://lms.example.edu{path}")
    outcome = read_outcome(HttpAnswer(502, "", {}, b""), now=NOW, rules=rules)
    assert (outcome.verdict, outcome.unsettled) == (LATER, unsettled)


def test_brightspace_wants_one_audience_for_all() -> None:
    assert usual_audience("https://auth.brightspace.com/core/connect/token") == "https://api.brightspace.com/auth/token"
    assert usual_audience("https://lms.example.edu/token") == "https://lms.example.edu/token"


def test_an_unfinished_learner_s_score_is_still_fully_graded(services: lti.Services, book: GradeBook) -> None:
    send(services, book, lti.Score("6", "0", "100", False, NOW, comment="Très bien ✓"))
    said = book.scores[0]
    assert (said["activityProgress"], said["gradingProgress"]) == ("Submitted", "FullyGraded")
    assert (said["scoreGiven"], said["comment"]) == (0, "Très bien ✓")


def test_a_token_is_asked_for_once_and_kept(
    services: lti.Services, book: GradeBook, db: Database, http: HttpClient, vault: Vault, clock: FixedClock
) -> None:
    send(services, book)
    send(services, book)
    send(lti.Services(db, http, vault, clock), book)
    assert book.tokens_given == ["token-0"]
    said = book.assertions[0]
    assert said["iss"] == said["sub"] == book.registration.client_id
    assert said["exp"] - said["iat"] == 300
    clock.advance(3600 - 60)
    send(services, book)
    assert book.tokens_given == ["token-0", "token-1"]
    assert book.assertions[1]["jti"] != said["jti"]


def test_a_token_that_the_platform_no_longer_takes_is_replaced_once(services: lti.Services, book: GradeBook) -> None:
    send(services, book)
    book.answers = [Response("[]", status=401)]
    assert send(services, book).verdict is ACCEPTED
    assert [request.headers["Authorization"][7:] for request in book.requests] == ["token-0", "token-0", "token-1"]
    book.answers = [Response("[]", status=401), Response("[]", status=401)]
    outcome = send(services, book)
    assert outcome.verdict is REFUSED
    assert "administrator" in outcome.reason
    assert len(book.tokens_given) == 3


def test_moodle_s_silent_refusal_is_a_refusal(services: lti.Services, book: GradeBook) -> None:
    book.answers = [Response("[]", status=200)]
    outcome = send(services, book)
    assert outcome.verdict is REFUSED
    assert "enrolled" in outcome.reason


@pytest.mark.parametrize("answer", [(200, ""), (201, "{}"), (204, ""), (200, '{"resultUrl": "x"}')])
def test_any_other_success_is_one(services: lti.Services, book: GradeBook, answer: tuple[int, str]) -> None:
    book.answers = [Response(answer[1], status=answer[0])]
    assert send(services, book).verdict is ACCEPTED


@pytest.mark.parametrize("body", ["<html>Please log in</html>", "[1,", "\x00"])
def test_a_success_that_no_gradebook_says_is_not_believed(services: lti.Services, book: GradeBook, body: str) -> None:
    """A login page or a proxy's word in front of the LMS: the score is looked up, never called delivered."""
    book.answers = [Response(body, status=200)]
    outcome = send(services, book)
    assert (outcome.verdict, outcome.unsettled, outcome.status) == (LATER, True, 200)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 422, 301, 302])
def test_a_refusal_is_told_in_words_for_a_teacher(services: lti.Services, book: GradeBook, status: int) -> None:
    book.answers = [Response("[]", status=status, headers={"Location": "https://evil.example/"})]
    outcome = send(services, book)
    assert outcome.verdict is REFUSED
    assert outcome.reason.startswith("The LMS")
    assert str(status) not in outcome.reason


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (Response("", status=429, headers={"Retry-After": "17"}), 17.0),
        (Response("", status=429, headers={"Retry-After": "Tue, 24 Nov 2026 09:00:30 GMT"}), 30.0),
        (Response("", status=429, headers={"Retry-After": "Tue, 24 Nov 2026 08:00:00 GMT"}), 0.0),
        (Response("", status=429, headers={"Retry-After": "999999"}), 86_400.0),
        (Response("", status=429, headers={"Retry-After": "soon"}), None),
        (Response("", status=429), None),
        (Response("403 Forbidden (Rate Limit Exceeded)", status=403, headers={"X-Rate-Limit-Remaining": "0.0"}), None),
        (Response("", status=503, headers={"Retry-After": "5"}), 5.0),
        (Response("", status=502), None),
        (Response("", status=408), None),
    ],
)
def test_a_busy_platform_is_asked_later(
    services: lti.Services, book: GradeBook, answer: Response, wait: float | None
) -> None:
    book.answers = [answer]
    outcome = send(services, book)
    assert (outcome.verdict, outcome.retry_after) == (LATER, wait)
    assert outcome.reason


def test_a_platform_that_is_down_is_asked_later(services: lti.Services, book: GradeBook) -> None:
    send(services, book)
    gone = lti.Score("6", "1", "100", True, NOW)
    elsewhere = book.line_item.replace(str(book.server.port), "1")
    assert services.send_score(book.registration.id, elsewhere, gone).verdict is REFUSED
    book.answers = [Response("", status=504)]
    assert send(services, book) == lti.ScoreOutcome(LATER, "The LMS does not answer at the moment.")


def test_no_answer_at_all_is_later(
    services: lti.Services, register: object, httpserver: HTTPServer, db: Database
) -> None:
    assert callable(register)
    dead = register(client_id="dead", token_url="http://127.0.0.1:1/token")
    outcome = services.send_score(dead.id, "http://127.0.0.1:1/lineitem", SCORE)
    assert outcome == lti.ScoreOutcome(LATER, "The LMS does not answer at the moment.")


def test_an_address_that_we_may_not_contact_is_a_matter_for_the_operator(
    db: Database, vault: Vault, clock: FixedClock, book: GradeBook
) -> None:
    services = lti.Services(db, HttpClient([]), vault, clock)
    outcome = send(services, book)
    assert outcome.verdict is REFUSED
    assert "settings" in outcome.reason


@pytest.mark.parametrize("held", [(86.6667, 100), (34.66668, 40), (0.866667, 1)])
def test_a_conflict_over_the_very_score_is_success(
    services: lti.Services, book: GradeBook, held: tuple[float, float]
) -> None:
    book.answers = [Response("[]", status=409)]
    book.results = [
        {"id": "x", "userId": "6"},
        {"id": "y", "userId": "7", "resultScore": 1, "resultMaximum": 100},
        {"id": "z", "userId": "6", "resultScore": held[0], "resultMaximum": held[1]},
    ]
    assert send(services, book) == lti.ScoreOutcome(ACCEPTED, confirmed=True)


@pytest.mark.parametrize("results", [[], [{"userId": "6", "resultScore": 86.6, "resultMaximum": 100}]])
def test_a_conflict_over_another_score_is_tried_again(
    services: lti.Services, book: GradeBook, results: list[dict[str, object]]
) -> None:
    book.answers = [Response("[]", status=409)]
    book.results = results
    outcome = send(services, book)
    assert outcome.verdict is LATER
    assert "newer" in outcome.reason


def test_a_conflict_on_a_platform_that_shows_no_results_is_tried_again(services: lti.Services, book: GradeBook) -> None:
    send(services, book)
    book.answers = [Response("[]", status=409)]
    book.token_answers = [Response('{"error": "invalid_scope"}', status=400)]
    assert send(services, book).verdict is LATER


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Response('{"error": "invalid_client"}', status=401), REFUSED),
        (Response("not json either", status=400), REFUSED),
        (Response("", status=503), LATER),
        (Response("", status=429, headers={"Retry-After": "3"}), LATER),
        (Response("<html>", status=200), LATER),
        (Response('{"token_type": "Bearer"}', status=200), LATER),
        (Response("[1]", status=200), LATER),
        (Response('{"access_token": "a\\nb: c"}', status=200), LATER),
        (Response('{"access_token": "t", "scope": "other"}', status=200), REFUSED),
    ],
)
def test_without_a_token_nothing_is_sent(
    services: lti.Services, book: GradeBook, answer: Response, verdict: lti.ScoreVerdict
) -> None:
    book.token_answers = [answer]
    outcome = send(services, book)
    assert outcome.verdict is verdict
    assert outcome.reason
    assert book.scores == []


@pytest.mark.parametrize(
    ("headers", "verdict", "wait"),
    [
        ({"X-Rate-Limit-Remaining": "0.0", "Retry-After": "12"}, LATER, 12.0),
        ({"x-rate-limit-remaining": "0"}, LATER, None),
        ({"X-Rate-Limit-Remaining": "640.5"}, REFUSED, None),
        ({}, REFUSED, None),
    ],
)
def test_a_token_that_canvas_withholds_for_haste_is_asked_for_later(
    services: lti.Services, book: GradeBook, headers: dict[str, str], verdict: lti.ScoreVerdict, wait: float | None
) -> None:
    """Canvas throttles by 403; without its header a 403 means what it says."""
    book.token_answers = [Response("403 Forbidden (Rate Limit Exceeded)", status=403, headers=headers)]
    outcome = send(services, book)
    assert (outcome.verdict, outcome.retry_after) == (verdict, wait)
    assert ("slow down" in outcome.reason) is (verdict is LATER)
    assert book.scores == []
    assert send(services, book).verdict is ACCEPTED


@pytest.mark.parametrize("lasts", [None, "3600", "soon", -5, 1e400, [1], 61])
def test_a_token_s_life_may_be_told_in_odd_ways(services: lti.Services, book: GradeBook, lasts: object) -> None:
    book.expires_in = lasts
    assert send(services, book).verdict is ACCEPTED
    assert send(services, book).verdict is ACCEPTED
    assert book.tokens_given == ["token-0"]


@pytest.mark.parametrize(
    "url", ["https://evil.example/lineitem", "javascript:alert(1)", "", "http://127.0.0.1\\@evil/"]
)
def test_a_token_is_never_sent_to_a_foreign_address(services: lti.Services, book: GradeBook, url: str) -> None:
    outcome = services.send_score(book.registration.id, url, SCORE)
    assert outcome.verdict is REFUSED
    assert book.server.log == []
    with pytest.raises(Upstream, match=r"lti\.(foreign|insecure)_service"):
        services.results(book.registration.id, url)


def test_two_registrations_never_share_a_token(services: lti.Services, book: GradeBook, register: object) -> None:
    assert callable(register)
    send(services, book)
    other = register(client_id="other-tenant", audience=book.registration.token_audience)
    services.send_score(other.id, book.line_item, SCORE)
    assert book.tokens_given == ["token-0", "token-1"]


def test_tokens_lie_sealed(services: lti.Services, book: GradeBook, db_url: str) -> None:
    send(services, book)
    path = Path(db_url.removeprefix("sqlite:///"))
    stored = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))
    assert b"access_tokens" in stored
    assert b"token-0" not in stored


def test_results_are_read(services: lti.Services, book: GradeBook) -> None:
    book.results = [{"id": "x", "userId": "6", "resultScore": 33, "resultMaximum": 40}, {"id": "y", "userId": "7"}]
    six, seven = services.results(book.registration.id, book.line_item)
    assert (six.user_id, six.share) == ("6", Decimal("0.825"))
    assert (seven.user_id, seven.share) == ("7", None)
    assert services.results(book.registration.id, book.line_item, user_id="8") == ()


@pytest.mark.parametrize(
    ("line_item", "url"),
    [
        ("http://m.example/l?type_id=3", "http://m.example/l/scores?type_id=3"),
        ("http://m.example/l/", "http://m.example/l/scores"),
        ("http://m.example/L?Tok=XyZ%2F&b=#x", "http://m.example/L/scores?Tok=XyZ%2F&b="),
    ],
)
def test_the_service_stands_before_the_query(line_item: str, url: str) -> None:
    assert service_url(line_item, "scores") == url


# Status codes and bodies that no platform should send must still end in one of three verdicts.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(100, 999), JSON, st.text(max_size=20))
def test_any_answer_is_a_verdict(status: int, said: object, wait: str) -> None:
    answer = HttpAnswer(status, "", {"Retry-After": wait}, json.dumps(said).encode())
    assert read_outcome(answer, now=NOW).verdict in lti.ScoreVerdict
    assert isinstance(read_results(said), tuple)


@settings(max_examples=100, deadline=None)
@given(JSON, JSON, JSON)
def test_any_result_is_readable_or_passed_over(user: object, given_score: object, maximum: object) -> None:
    for result in read_results([{"userId": user, "resultScore": given_score, "resultMaximum": maximum}]):
        assert result.share is None or result.share.is_finite()
