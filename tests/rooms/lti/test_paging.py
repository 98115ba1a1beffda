"""Lists in pages are read to their end or not at all, and the access token never leaves the platform."""

import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Upstream
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.lti.advantage.paging import next_link, pages
from tests.rooms.lti.grade_book import GradeBook

# As Moodle 4.5 was seen to send it: UTF-8 quotes where HTTP reads Latin-1, and `&amp;`.
MOODLE = (
    "<http://m.example/lineitems?type_id=3&amp;limit=2&amp;from=0>; rel=“first”, "
    "<http://m.example/lineitems?type_id=3&amp;limit=2&amp;from=2>; rel=“next”, "
    "<http://m.example/lineitems?type_id=3&amp;limit=2&amp;from=5>; rel=“last”"
)
MEMBER = {"user_id": "6", "roles": ["Learner"]}


@pytest.mark.parametrize(
    ("header", "url"),
    [
        ('<https://l.example/Page?Bookmark=QWJD%2Fz>; rel="next"', "https://l.example/Page?Bookmark=QWJD%2Fz"),
        ("<https://l.example/2>; rel=next", "https://l.example/2"),
        ('<https://l.example/2>;REL="NEXT"', "https://l.example/2"),
        ('<https://l.example/2>; title="a, b; rel=c"; rel="prev next"', "https://l.example/2"),
        (
            '<https://l.example/1?a=1,2>; rel="current",<https://l.example/2?a=1,2>; rel="next"',
            "https://l.example/2?a=1,2",
        ),
        ('<https://l.example/1>; rel="prev", <https://l.example/9>; rel="last"', None),
        ('<https://l.example/d>; rel="differences"', None),
        ('<https://l.example/2>; rel="nextish"', None),
        ("https://l.example/2; rel=next", None),
        ('<https://l.example/?a=1&amp;b=2>; rel="next"', "https://l.example/?a=1&amp;b=2"),
        (MOODLE, "http://m.example/lineitems?type_id=3&limit=2&from=2"),
        (MOODLE.encode().decode("latin-1"), "http://m.example/lineitems?type_id=3&limit=2&from=2"),
        ("", None),
    ],
)
def test_the_next_page_is_found_as_it_is_written(header: str, url: str | None) -> None:
    for name in ("Link", "link", "LINK"):
        assert next_link({name: header}) == url
    assert next_link({}) is None


@given(st.text(alphabet="<>;,=\"'“” \\relnxtRELNXT/:.?&\x80\xe2", max_size=400))
def test_any_header_is_read_or_passed_over(header: str) -> None:
    found = next_link({"Link": header})
    assert found is None or found in header.replace("&amp;", "&") or "“" in header or "â" in header


# --- Over HTTP ------------------------------------------------------------------------------------------------------


@pytest.fixture
def book(httpserver: HTTPServer, db: Database, registration: lti.Registration) -> GradeBook:
    return GradeBook(httpserver, db, registration)


@pytest.fixture
def services(db: Database, http: HttpClient, vault: Vault, clock: FixedClock) -> lti.Services:
    return lti.Services(db, http, vault, clock)


@pytest.fixture
def elsewhere() -> Iterator[HTTPServer]:
    """A server of somebody else, on this machine too."""
    with HTTPServer() as server:
        server.expect_request("/").respond_with_data("[]")
        yield server


@pytest.fixture
def roster(services: lti.Services, book: GradeBook) -> Callable[[], lti.Roster]:
    return lambda: services.roster(book.registration.id, book.server.url_for("/Members"))


def serve(book: GradeBook, links: dict[str, str], *, header: str = "Link") -> list[str]:
    """Pages by their path and query, each with the Link header given; returns what is asked for, exactly."""
    asked: list[str] = []

    def answer(request: Request) -> Response:
        place = request.environ["REQUEST_URI"]
        asked.append(place)
        said = Response(json.dumps({"members": [{"user_id": f"u{len(asked)}", "roles": ["Learner"]}]}))
        if place in links:
            said.headers[header] = links[place]
        return said

    book.server.expect_request("/Members").respond_with_handler(answer)
    return asked


@pytest.mark.parametrize("header", ["Link", "link", "LINK"])
def test_addresses_are_followed_to_the_letter(book: GradeBook, roster: Callable[[], lti.Roster], header: str) -> None:
    second = "/Members?Bookmark=QWJDz%2FdEF%3D&Page=B"
    asked = serve(book, {"/Members": f'<{book.server.url_for(second)}>; rel="next"'}, header=header)
    found = roster()
    assert asked == ["/Members", second]
    assert found.complete and [member.user_id for member in found.members] == ["u1", "u2"]


def test_a_relative_address_is_one_too(book: GradeBook, roster: Callable[[], lti.Roster]) -> None:
    asked = serve(book, {"/Members": "<?page=2>; rel=next", "/Members?page=2": "</Members?page=3>; rel=next"})
    assert roster().complete
    assert asked == ["/Members", "/Members?page=2", "/Members?page=3"]


def test_a_token_is_never_carried_to_another_origin(
    book: GradeBook, roster: Callable[[], lti.Roster], elsewhere: HTTPServer
) -> None:
    other = elsewhere.url_for("/Page?Bookmark=QWJDz")
    serve(book, {"/Members": f'<{other}>; rel="next"'})
    found = roster()
    assert not found.complete and "not the LMS's own" in found.reason
    assert elsewhere.log == []


@pytest.mark.parametrize(
    "scheme", ["javascript:alert(1)", "//evil.example/x", "http://127.0.0.1\\@evil/", "file:///etc"]
)
def test_odd_addresses_lead_nowhere(book: GradeBook, roster: Callable[[], lti.Roster], scheme: str) -> None:
    asked = serve(book, {"/Members": f'<{scheme}>; rel="next"'})
    assert not roster().complete
    assert asked == ["/Members"]


def test_another_origin_of_the_platform_is_not_where_the_list_began(
    register: Callable[..., lti.Registration],
    services: lti.Services,
    httpserver: HTTPServer,
    db: Database,
    elsewhere: HTTPServer,
) -> None:
    registration = register(auth_url=elsewhere.url_for("/auth"))
    book = GradeBook(httpserver, db, registration)
    assert registration.owns(elsewhere.url_for("/Members"))
    serve(book, {"/Members": f'<{elsewhere.url_for("/Members?page=2")}>; rel="next"'})
    assert not services.roster(registration.id, httpserver.url_for("/Members")).complete
    assert elsewhere.log == []


def test_a_circle_is_noticed(book: GradeBook, roster: Callable[[], lti.Roster]) -> None:
    asked = serve(book, {"/Members": "<?page=2>; rel=next", "/Members?page=2": "</Members>; rel=next"})
    found = roster()
    assert not found.complete and "circle" in found.reason
    assert asked == ["/Members", "/Members?page=2"]


def test_an_endless_list_ends_after_five_hundred_pages(registration: lti.Registration) -> None:
    asked: list[str] = []
    first = f"{registration.token_url}?page=0"

    def fetch(url: str) -> HttpAnswer:
        asked.append(url)
        return HttpAnswer(200, "OK", {"Link": f"<{registration.token_url}?page={len(asked)}>; rel=next"}, b"[]")

    with pytest.raises(Upstream, match=r"lti\.too_many_pages"):
        list(pages(fetch, first, registration))
    assert len(asked) == 500


@pytest.mark.parametrize(("size", "complete"), [(7 * 1024 * 1024, True), (9 * 1024 * 1024, False)])
def test_a_page_has_eight_megabytes_at_most(
    book: GradeBook, roster: Callable[[], lti.Roster], size: int, complete: bool
) -> None:
    body = b'{"members": [{"user_id": "6", "roles": []}]' + b" " * size + b"}"
    book.server.expect_request("/Members").respond_with_data(body)
    assert roster().complete is complete
