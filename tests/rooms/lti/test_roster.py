"""Who is in a course is read whole, or says that it is not: a page that fails must send nobody away."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.lti.advantage.roster import ROSTER_TYPE, read_member, read_page
from tests.rooms.lti.grade_book import GradeBook

CLAIM = "https://purl.imsglobal.org/spec/lti/claim"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
MOODLE = "https://m.example/mod/lti/services.php/CourseSection/2/bindings/3/memberships"
OTHER = "https://l.example/roster"
ACTIVE, INACTIVE, DELETED = lti.MemberStatus.ACTIVE, lti.MemberStatus.INACTIVE, lti.MemberStatus.DELETED


@pytest.fixture
def book(httpserver: HTTPServer, db: Database, registration: lti.Registration) -> GradeBook:
    return GradeBook(httpserver, db, registration)


@pytest.fixture
def services(db: Database, http: HttpClient, vault: Vault, clock: FixedClock) -> lti.Services:
    return lti.Services(db, http, vault, clock)


def page(*members: object) -> str:
    return json.dumps({"id": "x", "context": {"id": "2"}, "members": list(members)}, ensure_ascii=False)


def person(user_id: str, **facts: object) -> dict[str, object]:
    return {"user_id": user_id, "roles": ["Learner"], "status": "Active", **facts}


def answered(book: GradeBook, *answers: Response, path: str = "/members") -> list[Request]:
    """Answers in this order, each but the last with a link to a next page; returns the requests."""
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        number = len(asked)
        said = answers[number - 1]
        if number < len(answers):
            said.headers["Link"] = f'<{book.server.url_for(path)}?page={number + 1}>; rel="next"'
        return said

    book.server.expect_request(path).respond_with_handler(answer)
    return asked


def read(services: lti.Services, book: GradeBook, **more: Any) -> lti.Roster:
    return services.roster(book.registration.id, book.server.url_for("/members"), **more)


@pytest.mark.both_engines
def test_a_roster_is_read_page_by_page(services: lti.Services, book: GradeBook) -> None:
    asked = answered(book, Response(page(person("6", name="Åse Nordmann"))), Response(page(person("7"))))
    roster = read(services, book)
    assert roster == lti.Roster(
        (lti.Member("6", lti.Role.LEARNER, name="Åse Nordmann"), lti.Member("7", lti.Role.LEARNER)), complete=True
    )
    assert [request.headers["Accept"] for request in asked] == [ROSTER_TYPE, ROSTER_TYPE]
    assert {request.headers["Authorization"] for request in asked} == {"Bearer token-0"}
    assert "limit" not in asked[0].args


def test_moodle_is_asked_for_pages_and_for_a_link(services: lti.Services, book: GradeBook) -> None:
    path = "/mod/lti/services.php/CourseSection/2/bindings/3/memberships"
    asked = answered(book, Response(page(person("6"))), path=path)
    assert services.roster(book.registration.id, book.server.url_for(path), resource_link_id="1 &").complete
    assert dict(asked[0].args) == {"limit": "1000", "rlid": "1 &"}


def test_whoever_is_not_in_a_whole_roster_has_left(services: lti.Services, book: GradeBook) -> None:
    answered(book, Response(page(person("6"), person("7", status="Inactive"), person("8", status="Deleted"))))
    assert read(services, book).gone(["6", "7", "8", "9"]) == {"7", "8", "9"}


@pytest.mark.parametrize(
    ("failing", "reason", "wait"),
    [
        (Response("", status=503), "does not answer", None),
        (Response("", status=500, headers={"Retry-After": "30"}), "does not answer", 30.0),
        (Response("", status=429, headers={"Retry-After": "17"}), "slow down", 17.0),
        (Response("403 Forbidden (Rate Limit Exceeded)", 403, {"X-Rate-Limit-Remaining": "0.0"}), "slow down", None),
        (Response('{"errors": {}}', status=403), "does not let", None),
        (Response("", status=404), "does not know", None),
        (Response("", status=400), "does not show", None),
        (Response("<html>Log in</html>", mimetype="text/html"), "not JSON", None),
        (Response('{"members": [{"user_id": "7"', mimetype=ROSTER_TYPE), "not JSON", None),
        (Response("", status=302, headers={"Location": "/login"}), "does not show", None),
        (Response('{"people": []}'), "cannot be read", None),
        (Response("[]"), "cannot be read", None),
        (Response(page(person("7"), {"user_id": 8}, "x")), "entries that cannot be read", None),
        (Response(page(person("7"), {"roles": ["Learner"]})), "entries that cannot be read", None),
    ],
)
def test_a_page_that_fails_sends_nobody_away(
    services: lti.Services, book: GradeBook, failing: Response, reason: str, wait: float | None
) -> None:
    answered(book, Response(page(person("6"))), failing)
    roster = read(services, book)
    assert (roster.complete, roster.retry_after) == (False, wait)
    assert reason in roster.reason
    assert "6" in {member.user_id for member in roster.members}
    assert roster.gone(["6", "7", "9"]) == frozenset()


def test_an_empty_roster_sends_nobody_away(services: lti.Services, book: GradeBook) -> None:
    answered(book, Response(page()))
    roster = read(services, book)
    assert (roster.members, roster.complete, roster.gone(["6"])) == ((), False, frozenset())


@pytest.mark.parametrize("status", [401, 403])
def test_a_service_that_is_not_granted_is_told(services: lti.Services, book: GradeBook, status: int) -> None:
    answered(book, *(Response("{}", status=status) for _ in range(2)))
    roster = read(services, book)
    assert (roster.complete, roster.members) == (False, ())
    assert roster.reason == "The LMS does not let this tool read the list of the course's people."
    assert len(book.tokens_given) == (2 if status == 401 else 1)


def test_without_a_token_there_is_no_roster(services: lti.Services, book: GradeBook) -> None:
    asked = answered(book, Response(page(person("6"))))
    book.token_answers = [Response('{"error": "invalid_scope"}', status=400)]
    assert not read(services, book).complete
    assert asked == []


def test_a_token_that_runs_out_between_pages_is_renewed(services: lti.Services, book: GradeBook) -> None:
    asked = answered(book, Response(page(person("6"))), Response("[]", status=401), Response(page(person("7"))))
    assert read(services, book).complete
    assert [request.headers["Authorization"][7:] for request in asked] == ["token-0", "token-0", "token-1"]


def test_one_token_serves_a_scope_set_for_an_hour(
    services: lti.Services, book: GradeBook, clock: FixedClock, db: Database, http: HttpClient, vault: Vault
) -> None:
    """Rosters, columns, results and scores of two processes: four sets of scopes, so four tokens an hour."""
    body = Response(page(person("6")))
    book.server.expect_request("/members").respond_with_handler(lambda _request: Response(body.get_data()))
    book.server.expect_request("/items").respond_with_json([])
    for hour in (1, 2):
        for number in range(25):
            either = services if number % 2 else lti.Services(db, http, vault, clock)
            assert read(either, book).complete
            either.line_items(book.registration.id, book.server.url_for("/items"))
            either.results(book.registration.id, book.line_item)
            score = lti.Score("6", "1", "100", True, clock.now())
            assert either.send_score(book.registration.id, book.line_item, score).verdict is lti.ScoreVerdict.ACCEPTED
        assert len(book.tokens_given) == 4 * hour
        clock.advance(3600)


def test_threads_that_begin_together_ask_for_one_token(services: lti.Services, book: GradeBook) -> None:
    book.server.expect_request("/members").respond_with_json({"members": [person("6")]})
    together = threading.Barrier(8)

    def go() -> bool:
        together.wait()
        return read(services, book).complete

    with ThreadPoolExecutor(8) as pool:
        assert all(found.result() for found in [pool.submit(go) for _ in range(8)])
    assert len(book.tokens_given) == 1


# --- One person -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Bb &amp; Co", "Bb & Co"),
        ("a &lt;b&gt; &quot;c&quot; d&#039;e", 'a <b> "c" d\'e'),
        ("&amp;amp;", "&amp;"),
        ("&amp;lt;script&amp;gt;", "&lt;script&gt;"),
        ("R&D", "R&D"),
        ("&eacute;&notit;", "&eacute;&notit;"),
    ],
)
def test_moodle_s_escaped_names_are_unescaped_exactly_once(written: str, meant: str) -> None:
    for name in ("name", "given_name", "family_name"):
        said = person("6", **{name: written})
        assert getattr(read_member(said, MOODLE), name) == meant
        assert getattr(read_member(said, OTHER), name) == written


@pytest.mark.parametrize(
    ("status", "read_as"),
    [
        ("Active", ACTIVE),
        ("Inactive", INACTIVE),
        ("Deleted", DELETED),
        ("inactive", INACTIVE),
        ("http://purl.imsglobal.org/vocab/lis/v2/status#Inactive", INACTIVE),
        (None, ACTIVE),
        ("Suspended", ACTIVE),
        (7, ACTIVE),
    ],
)
def test_a_status_is_read_and_an_unknown_one_is_active(status: object, read_as: lti.MemberStatus) -> None:
    member = read_member(person("6", status=status), OTHER)
    assert member is not None and member.status is read_as


@pytest.mark.parametrize(
    ("roles", "role", "is_test_user"),
    [
        (["Instructor"], lti.Role.INSTRUCTOR, False),
        ([f"{MEMBERSHIP}#Learner"], lti.Role.LEARNER, False),
        (
            [f"{MEMBERSHIP}#Learner", "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"],
            lti.Role.LEARNER,
            True,
        ),
        (
            [f"{MEMBERSHIP}/Instructor#TeachingAssistant", f"{MEMBERSHIP}#Instructor"],
            lti.Role.TEACHING_ASSISTANT,
            False,
        ),
        ("Instructor", lti.Role.INSTRUCTOR, False),
        ([], lti.Role.LEARNER, False),
        (None, lti.Role.LEARNER, False),
        ([7, None, "Mentor"], lti.Role.MENTOR, False),
    ],
)
def test_roles_are_read_short_and_long(roles: object, role: lti.Role, is_test_user: bool) -> None:
    member = read_member(person("6", roles=roles), OTHER)
    assert member is not None and (member.role, member.is_test_user) == (role, is_test_user)


def test_a_message_s_custom_parameters_are_kept() -> None:
    other = {f"{CLAIM}/message_type": "Other", f"{CLAIM}/custom": {"a": "0"}}
    mine = {
        f"{CLAIM}/message_type": "LtiResourceLinkRequest",
        f"{CLAIM}/custom": {"a": "1", "due": "$ResourceLink.submission.endDateTime"},
    }
    member = read_member(person("6", message=[other, mine]), OTHER)
    assert member is not None and member.custom == {"a": "1"}
    for odd in (None, [], [7], [{}], "x", [{f"{CLAIM}/message_type": "LtiResourceLinkRequest", f"{CLAIM}/custom": []}]):
        found = read_member(person("6", message=odd), OTHER)
        assert found is not None and found.custom == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["user_id", "roles", "status", "name", "email", "message"]), JSON) | JSON)
def test_any_entry_is_a_person_or_none(entry: object) -> None:
    member = read_member(entry, MOODLE)
    assert member is None or (member.user_id and member.status in lti.MemberStatus)
    body = json.dumps({"members": [entry]}).encode()
    assert next(read_page(HttpAnswer(200, "OK", {}, body), MOODLE)) == member or b"NaN" in body
