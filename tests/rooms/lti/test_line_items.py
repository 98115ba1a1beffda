"""Grade columns are found before one is made, and none is ever doubled, whatever becomes of an answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Invalid, Upstream
from lti_tool.core.http import HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.lti.advantage.line_items import CONTAINER_TYPE, ITEM_TYPE, choose, read_item
from tests.rooms.lti.grade_book import GradeBook

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope"
WANTED = lti.NewLineItem("Quiz 1", 100, resource_link_id="8", resource_id="offer-1", tag="grade")


@dataclass
class Columns:
    """A course's grade columns behind two addresses; `spoil` may change the answer to what was already carried out."""

    server: HTTPServer
    rows: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    spoil: Callable[[Request, Response], Response] = lambda _request, answer: answer

    def __post_init__(self) -> None:
        self.server.expect_request("/items").respond_with_handler(self._container)
        for number in range(4):
            self.server.expect_request(f"/items/{number}").respond_with_handler(self._one)

    @property
    def url(self) -> str:
        return self.server.url_for("/items") + "?type_id=3"

    def add(self, **facts: object) -> dict[str, Any]:
        made = {"label": "A column", "scoreMaximum": 100, **facts}
        made["id"] = f"{self.server.url_for('/items')}/{len(self.rows)}?type_id=3"
        self.rows.append(made)
        return made

    def sent(self, method: str) -> list[Request]:
        return [request for request in self.asked if request.method == method]

    def _container(self, request: Request) -> Response:
        self.asked.append(request)
        assert request.args["type_id"] == "3" and "limit" not in request.args
        if request.method == "POST":
            assert request.headers["Content-Type"] == ITEM_TYPE
            return self.spoil(request, Response(json.dumps(self.add(**json.loads(request.data))), 201))
        assert request.headers["Accept"] == CONTAINER_TYPE
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        filters = {names[name]: value for name, value in request.args.items() if name in names}
        found = [row for row in self.rows if all(row.get(name, "") == value for name, value in filters.items())]
        return self.spoil(request, Response(json.dumps(found)))

    def _one(self, request: Request) -> Response:
        self.asked.append(request)
        place = int(request.path.rpartition("/")[2])
        if place >= len(self.rows) or not self.rows[place]:
            return Response("", 404)
        if request.method == "PUT":
            self.rows[place] = json.loads(request.data)
        if request.method == "DELETE":
            self.rows[place] = {}
            return self.spoil(request, Response("", 204))
        return self.spoil(request, Response(json.dumps(self.rows[place])))


@pytest.fixture
def book(httpserver: HTTPServer, db: Database, registration: lti.Registration) -> GradeBook:
    return GradeBook(httpserver, db, registration)


@pytest.fixture
def columns(book: GradeBook) -> Columns:
    return Columns(book.server)


@pytest.fixture
def services(db: Database, http: HttpClient, vault: Vault, clock: FixedClock) -> lti.Services:
    return lti.Services(db, http, vault, clock)


@pytest.fixture
def ensure(services: lti.Services, book: GradeBook, columns: Columns) -> Callable[..., lti.LineItem]:
    def ensured(wanted: lti.NewLineItem = WANTED, **more: Any) -> lti.LineItem:
        return services.find_or_create_line_item(book.registration.id, columns.url, wanted, **more)

    return ensured


Ensure = Callable[..., lti.LineItem]


@pytest.mark.both_engines
def test_a_column_is_made_once_and_then_found(columns: Columns, ensure: Ensure) -> None:
    made = ensure()
    assert made == lti.LineItem(columns.rows[0]["id"], "Quiz 1", Decimal(100), "8", "offer-1", "grade")
    assert [ensure(), ensure()] == [made, made]
    (sent,) = columns.sent("POST")
    assert json.loads(sent.data) == {
        "label": "Quiz 1",
        "scoreMaximum": 100,
        "resourceLinkId": "8",
        "resourceId": "offer-1",
        "tag": "grade",
    }
    assert b"\n" not in sent.data and b": " not in sent.data


@pytest.mark.parametrize(
    "there",
    [
        {"resourceLinkId": "8", "resourceId": "offer-1"},
        {"resourceLinkId": "8", "resourceId": "offer-1", "tag": "another", "label": "Renamed", "scoreMaximum": 40},
        {"resourceLinkId": "8"},  # The LMS made it for the link.
        {"resourceLinkId": "8", "resourceId": None},
        {"resourceId": "offer-1"},  # Copied with the course, before there was a link.
    ],
)
def test_a_column_that_is_there_is_used_again(columns: Columns, ensure: Ensure, there: dict[str, Any]) -> None:
    row = columns.add(**there)
    assert ensure().url == row["id"]
    assert columns.sent("POST") == []


@pytest.mark.parametrize(
    "there", [{"resourceLinkId": "8", "resourceId": "offer-2"}, {"resourceLinkId": "9", "resourceId": "offer-1"}, {}]
)
def test_a_column_of_something_else_is_left_alone(columns: Columns, ensure: Ensure, there: dict[str, Any]) -> None:
    columns.add(**there)
    assert ensure().url == columns.rows[1]["id"]


def test_the_closest_column_is_chosen() -> None:
    exact = lti.LineItem("1", "", None, "8", "offer-1")
    links, ours = lti.LineItem("2", "", None, "8"), lti.LineItem("3", "", None, "", "offer-1")
    assert choose([ours, links, exact], WANTED) is exact
    assert choose([ours, links], WANTED) is links
    assert choose([ours], WANTED) is ours
    assert choose([lti.LineItem("4", "", None)], WANTED) is None
    linkless = lti.NewLineItem("x", resource_id="offer-1")
    assert choose([exact], linkless) is exact
    assert choose([exact, ours], linkless) is ours
    assert choose([lti.LineItem("4", "", None)], lti.NewLineItem("x", resource_link_id="8")) is None


@pytest.mark.parametrize(
    "lost",
    [
        Response("", 500),
        Response("", 504),
        Response("", 408),
        Response("<html>Log in</html>", 200),
        Response("", 201),
        Response('{"label": "x"}', 201),
        Response('{"id": "https://evil.example/1", "label": "x"}', 201),
    ],
)
def test_a_lost_answer_makes_no_second_column(columns: Columns, ensure: Ensure, lost: Response) -> None:
    columns.spoil = lambda request, answer: lost if request.method == "POST" else answer
    assert ensure().url == columns.rows[0]["id"]
    assert ensure().url == columns.rows[0]["id"]
    assert (len(columns.rows), len(columns.sent("POST"))) == (1, 1)


def test_a_column_that_was_not_made_is_told_and_made_the_next_time(columns: Columns, ensure: Ensure) -> None:
    def refuse(request: Request, answer: Response) -> Response:
        if request.method != "POST":
            return answer
        columns.rows.clear()
        return Response("", 503)

    columns.spoil = refuse
    with pytest.raises(Upstream, match=r"lti\.line_items"):
        ensure()
    assert len(columns.sent("POST")) == 1
    columns.spoil = lambda _request, answer: answer
    ensure()
    assert len(columns.rows) == 1


@pytest.mark.parametrize(
    "listing",
    [
        Response("", 503),
        Response("", 429),
        Response("<html>", 200),
        Response("{}", 200),
        Response('[{"label": "no id"}]', 200),
        Response('[{"id": "https://evil.example/1", "label": "x"}]', 200),
        Response("[]", 200, {"Link": "<https://evil.example/>; rel=next"}),
        Response("[]", 200, {"Link": "<?type_id=3&page=2>; rel=next"}),
    ],
)
def test_a_list_that_is_not_whole_makes_no_column(columns: Columns, ensure: Ensure, listing: Response) -> None:
    columns.add(resourceLinkId="8", resourceId="offer-1")

    def spoil(request: Request, answer: Response) -> Response:
        return Response("", 503) if "page" in request.args else listing

    columns.spoil = spoil
    with pytest.raises(Upstream):
        ensure()
    assert columns.sent("POST") == []


@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "does not let"), (404, "may have been deleted"), (422, "course over"), (400, "take")],
)
def test_a_refusal_is_told_in_words_and_not_repeated(columns: Columns, ensure: Ensure, status: int, words: str) -> None:
    columns.spoil = lambda request, answer: Response("{}", status) if request.method == "POST" else answer
    with pytest.raises(Upstream) as fault:
        ensure()
    assert words in fault.value.text
    assert len(columns.sent("POST")) == 1


def test_a_link_that_can_have_no_column_gets_one_beside_it(columns: Columns, ensure: Ensure) -> None:
    """Canvas answers 412 for a link with no assignment: the column is ours alone, found again by our resource."""

    def refuse(request: Request, answer: Response) -> Response:
        if request.method == "POST" and "resourceLinkId" in json.loads(request.data):
            columns.rows.pop()
            return Response("{}", 412)
        return answer

    columns.spoil = refuse
    made = ensure()
    assert (made.resource_link_id, made.resource_id, made.tag) == ("", "offer-1", "grade")
    assert ensure() == made
    assert (len(columns.rows), len(columns.sent("POST"))) == (1, 2)


def test_a_column_without_a_link_serves_one_link(columns: Columns, ensure: Ensure) -> None:
    ours, other = columns.add(resourceId="offer-1", tag="other"), columns.add(resourceId="offer-1", tag="grade")
    assert ensure().url == other["id"], "of two that fit, that with our tag"
    assert ensure(taken={other["id"]}).url == ours["id"]
    assert ensure(taken={other["id"], ours["id"]}).url == columns.rows[2]["id"]
    assert len(columns.sent("POST")) == 1


def test_nothing_is_made_by_whom_may_not(columns: Columns, ensure: Ensure) -> None:
    def forbid() -> None:
        raise Invalid("test.late", "too late")

    with pytest.raises(Invalid, match=r"test\.late"):
        ensure(before_making=forbid)
    assert columns.rows == []
    row = columns.add(resourceLinkId="8")
    assert ensure(before_making=forbid).url == row["id"], "what is there may be used"


@pytest.mark.parametrize(
    "wanted",
    [lti.NewLineItem("  "), lti.NewLineItem("x", 0), lti.NewLineItem("x", -1)],
)
def test_what_cannot_be_a_column_is_never_sent(columns: Columns, ensure: Ensure, wanted: lti.NewLineItem) -> None:
    with pytest.raises(Invalid, match=r"lti\.line_item"):
        ensure(wanted)
    assert columns.asked == []


def test_moodle_s_columns_have_a_hundred_points_at_most(services: lti.Services, book: GradeBook) -> None:
    url = book.server.url_for("/mod/lti/services.php/2/lineitems?type_id=3")
    with pytest.raises(Invalid, match=r"lti\.line_item"):
        services.find_or_create_line_item(book.registration.id, url, lti.NewLineItem("x", 101))
    book.server.expect_request("/mod/lti/services.php/2/lineitems", method="POST").respond_with_json(
        {"id": book.server.url_for("/items/0"), "label": "x", "scoreMaximum": 100}
    )
    found = services.find_or_create_line_item(book.registration.id, url, lti.NewLineItem("x", 100))
    assert found.maximum == 100


def test_a_change_keeps_all_that_it_does_not_name(services: lti.Services, book: GradeBook, columns: Columns) -> None:
    review = {"url": "https://tool.example/review", "custom": {"rev": "1"}}
    row = columns.add(resourceLinkId="8", tag="t", submissionReview=review, ltiLinkId="8")
    before = dict(row)
    changed = services.update_line_item(book.registration.id, row["id"], label="New name", maximum=40)
    assert (changed.label, changed.maximum, changed.tag) == ("New name", 40, "t")
    assert columns.rows[0] == {**before, "label": "New name", "scoreMaximum": 40}
    assert [request.method for request in columns.asked] == ["GET", "PUT", "GET"]
    with pytest.raises(Invalid):
        services.update_line_item(book.registration.id, row["id"], label=" ")


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_change_whose_answer_is_lost_is_looked_up(
    services: lti.Services, book: GradeBook, columns: Columns, carried_out: bool
) -> None:
    row = columns.add(tag="t")

    def lose(request: Request, answer: Response) -> Response:
        if request.method != "PUT":
            return answer
        if not carried_out:
            columns.rows[0] = row
        return Response("", 502)

    columns.spoil = lose
    if carried_out:
        assert services.update_line_item(book.registration.id, row["id"], tag="u").tag == "u"
    else:
        with pytest.raises(Upstream, match=r"lti\.line_items"):
            services.update_line_item(book.registration.id, row["id"], tag="u")
    assert len(columns.sent("PUT")) == 1


def test_a_column_is_deleted_and_may_be_gone_already(services: lti.Services, book: GradeBook, columns: Columns) -> None:
    row = columns.add()
    services.delete_line_item(book.registration.id, row["id"])
    assert columns.rows == [{}]
    services.delete_line_item(book.registration.id, row["id"])

    def keep(_request: Request, _answer: Response) -> Response:
        columns.rows[0] = row
        return Response("", 401)

    columns.rows, columns.spoil = [row], keep
    with pytest.raises(Upstream, match=r"lti\.line_items"):
        services.delete_line_item(book.registration.id, row["id"])


@pytest.mark.parametrize("url", ["https://evil.example/lineitem", "javascript:alert(1)", ""])
def test_nothing_is_asked_of_a_foreign_address(services: lti.Services, book: GradeBook, url: str) -> None:
    for ask in (services.line_items, services.line_item, services.delete_line_item):
        with pytest.raises(Upstream, match=r"lti\.(foreign|insecure)_service"):
            ask(book.registration.id, url)
    with pytest.raises(Upstream, match=r"lti\.(foreign|insecure)_service"):
        services.find_or_create_line_item(book.registration.id, url, WANTED)
    assert book.server.log == []


# --- Scopes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refused", "tokens"),
    [
        ((), [f"{SCOPE}/lineitem {SCOPE}/lineitem.readonly"]),
        (("both",), [f"{SCOPE}/lineitem"]),
        (("both", "write"), [f"{SCOPE}/lineitem.readonly"]),
    ],
)
def test_columns_are_read_by_the_scopes_that_the_platform_grants(
    services: lti.Services, book: GradeBook, columns: Columns, refused: tuple[str, ...], tokens: list[str]
) -> None:
    """Moodle leaves out silently what it does not grant; Canvas refuses the whole request."""
    book.token_answers = [
        Response('{"error": "invalid_scope", "error_description": "…"}', 400)
        if number
        else Response(json.dumps({"access_token": "t", "scope": f"{SCOPE}/result.readonly"}))
        for number, _ in enumerate(refused)
    ]
    for _ in range(3):
        services.line_items(book.registration.id, columns.url)
    asked = [request.form["scope"] for request, _ in book.server.log if request.path == "/mod/lti/token.php"]
    assert (asked[-1:], len(asked)) == (tokens, len(refused) + 1)


def test_a_token_refused_for_another_reason_is_not_asked_for_again(
    services: lti.Services, book: GradeBook, columns: Columns
) -> None:
    book.token_answers = [Response('{"error": "invalid_client"}', 400)]
    with pytest.raises(Upstream, match=r"lti\.token_refused"):
        services.line_items(book.registration.id, columns.url)
    assert len(book.assertions) == 1 and columns.asked == []


# --- Any answer -----------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
LMS = lti.Registration(
    1, "r", 1, "https://l.example", "c", "LMS", "https://l.example/a", "https://l.example/t", "https://l.example/k",
    None, lti.DeploymentPolicy.AUTO,
)  # fmt: skip
NAMES = st.sampled_from(["id", "label", "scoreMaximum", "resourceLinkId", "resourceId", "tag"])


@given(st.dictionaries(NAMES, JSON | st.just("https://l.example/1")) | JSON)
def test_any_entry_is_a_column_of_the_platform_s_or_a_fault(entry: object) -> None:
    try:
        item = read_item(entry, LMS)
    except Upstream as fault:
        assert fault.code == "lti.line_item_form"
    else:
        assert LMS.owns(item.url) and (item.maximum is None or item.maximum > 0)
