"""The services of Moodle 4.5 and Canvas as recorded, played to our own client: requests and answers, value by value."""

import json
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Upstream
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.lti.advantage.paging import next_link
from lti_tool.lti.advantage.results import read_results
from lti_tool.lti.advantage.scores import read_outcome
from lti_tool.lti.advantage.tokens import TokenRefused, read_grant
from lti_tool.lti.quirks import TokenFault, token_fault
from tests.rooms.lti.grade_book import GradeBook
from tests.rooms.lti.replay import Replay, answer_of

pytestmark = pytest.mark.shared

MOODLE = "http://localhost:8100"
CANVAS = "https://canvas.example.edu"
COLUMNS = f"{MOODLE}/mod/lti/services.php/2/lineitems?type_id=3"
PEOPLE = f"{MOODLE}/mod/lti/services.php/CourseSection/2/bindings/3/memberships"
Recorded = Callable[[str, str], dict[str, Any]]
Cases = dict[str, dict[str, Any]]


@pytest.fixture
def recorded(shared_dir: Path) -> Recorded:
    def read(platform: str, name: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads((shared_dir / "platforms" / platform / f"{name}.json").read_text())
        return said

    return read


@pytest.fixture
def book(httpserver: HTTPServer, db: Database, registration: lti.Registration) -> GradeBook:
    return GradeBook(httpserver, db, registration)


@pytest.fixture
def services(db: Database, http: HttpClient, vault: Vault, clock: FixedClock) -> lti.Services:
    return lti.Services(db, http, vault, clock)


@pytest.fixture
def moodle(book: GradeBook) -> Replay:
    return Replay(book.server, MOODLE)


@pytest.fixture
def canvas(book: GradeBook) -> Replay:
    return Replay(book.server, CANVAS)


def as_listed(item: lti.LineItem, replay: Replay) -> dict[str, object]:
    """A line item as a platform would list it, of what we know."""
    said = {
        "id": replay.there(item.url),
        "label": item.label,
        "scoreMaximum": item.maximum,
        "resourceLinkId": item.resource_link_id,
        "resourceId": item.resource_id,
        "tag": item.tag,
    }
    return {name: value for name, value in said.items() if value != ""}


def known_of(listed: dict[str, Any]) -> dict[str, object]:
    names = ("id", "label", "scoreMaximum", "resourceLinkId", "resourceId", "tag")
    return {name: listed[name] for name in names if listed.get(name) not in ("", None)}


# --- Moodle: grade columns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "filters"),
    [
        ("get", {}),
        ("get-by-resource_link_id", {"resource_link_id": "1"}),
        ("get-by-resource_id", {"resource_id": "res-1"}),
        ("get-by-tag", {"tag": "tag-1"}),
        ("get-by-tag-none", {"tag": "nope"}),
        ("get-without-type_id", {}),
        ("get-other-course", {}),
        ("get-after-delete-coupled", {}),
    ],
)
def test_moodle_s_columns_are_listed(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook, case: str, filters: dict[str, str]
) -> None:
    played = recorded("moodle-4.5", "ags-lineitems")[case]
    moodle.play(played)
    url = played["request"]["url"].partition("&")[0]
    found = services.line_items(book.registration.id, moodle.here(url), **filters)
    assert [as_listed(item, moodle) for item in found] == [known_of(row) for row in played["response"]["json"]]
    moodle.done()


@pytest.mark.parametrize("case", ["get-limit-2", "get-limit-2-from-2"])
def test_moodle_s_curly_link_is_read(recorded: Recorded, moodle: Replay, case: str) -> None:
    headers = dict(recorded("moodle-4.5", "ags-lineitems")[case]["response"]["headers"])
    start = {"get-limit-2": 2, "get-limit-2-from-2": 4}[case]
    assert next_link(headers) == f"{COLUMNS}&limit=2&from={start}"


@pytest.mark.parametrize("case", ["get-coupled", "get-free", "get-free-after-put", "get-coupled-after-put"])
def test_moodle_s_column_is_read(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook, case: str
) -> None:
    played = recorded("moodle-4.5", "ags-lineitem")[case]
    moodle.play(played)
    item = services.line_item(book.registration.id, moodle.here(played["request"]["url"]))
    assert as_listed(item, moodle) == known_of(played["response"]["json"])
    moodle.done()


def test_a_column_of_moodle_s_is_renamed_exactly_as_recorded(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook
) -> None:
    cases = recorded("moodle-4.5", "ags-lineitem")
    moodle.play(cases["get-coupled"], cases["put-coupled"], cases["get-coupled-after-put"])
    url = moodle.here(cases["put-coupled"]["request"]["url"])
    item = services.update_line_item(book.registration.id, url, label="Coupled renamed by tool")
    assert item.label == "Coupled renamed by tool"
    moodle.done()


def test_a_column_is_made_in_moodle(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook
) -> None:
    """Recorded with dates and foreign fields too, which Moodle sends back and does not keep; we send none."""
    cases = recorded("moodle-4.5", "ags-lineitems")
    none = json.loads(json.dumps(cases["get-by-tag-none"]).replace("tag=nope", "resource_id=res-9"))
    sent = json.loads(cases["post"]["request"]["body"])
    plain = {name: sent[name] for name in ("label", "scoreMaximum", "resourceId", "tag")}
    made = {**cases["post"], "request": {**cases["post"]["request"], "body": json.dumps(plain)}}
    moodle.play(none, made)
    wanted = lti.NewLineItem("Free column ✓", 60, resource_id="res-9", tag="t9")
    item = services.find_or_create_line_item(book.registration.id, moodle.here(COLUMNS), wanted)
    assert as_listed(item, moodle) == known_of(cases["post"]["response"]["json"])
    moodle.done()


@pytest.mark.parametrize(
    ("case", "words"),
    [("post-unknown-link", "does not let"), ("post-no-label", "does not take"), ("post-as-json", "does not take")],
)
def test_moodle_s_refusals_of_a_column(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook, case: str, words: str
) -> None:
    cases = recorded("moodle-4.5", "ags-lineitems")
    none = json.loads(json.dumps(cases["get-by-tag-none"]).replace("tag=nope", "resource_id=r"))
    plain = {"label": "x", "scoreMaximum": 60, "resourceId": "r"}
    request = {**cases["post"]["request"], "body": json.dumps(plain)}
    moodle.play(none, {"request": request, "response": cases[case]["response"]})
    with pytest.raises(Upstream, match=r"lti\.line_items") as fault:
        services.find_or_create_line_item(
            book.registration.id, moodle.here(COLUMNS), lti.NewLineItem("x", 60, resource_id="r")
        )
    assert words in fault.value.text
    moodle.done()


@pytest.mark.parametrize("case", ["delete-free", "delete-free-with-link", "delete-coupled", "get-after-delete"])
def test_moodle_deletes_columns(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook, case: str
) -> None:
    played = recorded("moodle-4.5", "ags-lineitem")[case]
    url = moodle.here(played["request"]["url"])
    moodle.play(played)
    if case.startswith("delete"):
        services.delete_line_item(book.registration.id, url)
    else:
        with pytest.raises(Upstream, match=r"lti\.line_items") as fault:
            services.line_item(book.registration.id, url)
        assert "deleted" in fault.value.text
    moodle.done()


# --- Moodle: results, scores, tokens --------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["all", "one-user", "one-user-without-grade", "unknown-user", "free-column"])
def test_moodle_s_results_are_read(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook, case: str
) -> None:
    played = recorded("moodle-4.5", "ags-results")[case]
    url = played["request"]["url"]
    moodle.play(played)
    user = url.partition("user_id=")[2] or None
    column = moodle.here(url.partition("&user_id")[0].replace("/results", ""))
    found = services.results(book.registration.id, column, user_id=user)
    assert [(result.user_id, result.share) for result in found] == [
        (
            row["userId"],
            Decimal(str(row["resultScore"])) / Decimal(str(row["resultMaximum"])) if "resultScore" in row else None,
        )
        for row in played["response"]["json"]
    ]
    moodle.done()


def test_moodle_s_error_page_for_a_limit_is_no_result(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook
) -> None:
    played = recorded("moodle-4.5", "ags-results")["limit-5"]
    moodle.play(played)
    column = moodle.here(played["request"]["url"].replace("/results", ""))
    with pytest.raises(Upstream, match=r"lti\.results"):
        services.results(book.registration.id, column)


def test_every_recorded_answer_to_a_score_means_what_it_did(recorded: Recorded, clock: FixedClock) -> None:
    for platform, name in (("moodle-4.5", "ags-score"), ("canvas", "ags-scores")):
        cases: Cases = recorded(platform, name)
        for case, played in (cases["cases"] if platform == "canvas" else cases).items():
            answer = http_answer(played["response"])
            verdict = read_outcome(answer, now=clock.now()).verdict
            taken = answer.status == 200 and case != "refused-pretty-printed-body"
            busy = answer.status >= 500 or "throttled" in case
            expected = "accepted" if taken else "later" if busy else "refused"
            assert verdict == expected, f"{platform} {case}"


def http_answer(recorded: dict[str, Any]) -> HttpAnswer:
    played = answer_of(recorded)
    return HttpAnswer(played.status_code, "", dict(played.headers), played.get_data())


TOKENS = {
    "ok": None,
    "ok-unordered-and-unknown-scope": None,
    "only-unknown-scope": TokenFault.SCOPE,
    "toolsetting-scope-not-granted": TokenFault.SCOPE,
    "no-scope": TokenFault.OTHER,
    "unknown-client": TokenFault.CLIENT,
    "expired-assertion": TokenFault.CLOCK,
    "unknown-kid": TokenFault.KEYS,
    "json-body": TokenFault.OTHER,
    "readonly-token": None,
}


@pytest.mark.parametrize("case", TOKENS)
def test_moodle_s_token_answers_are_told_apart(recorded: Recorded, case: str) -> None:
    answer = http_answer(recorded("moodle-4.5", "token")[case]["response"])
    if TOKENS[case] is None:
        said = answer.json()
        assert (granted := read_grant(answer, said["scope"])).token == said["access_token"]
        assert granted.lasts == said["expires_in"] == 3600
    else:
        with pytest.raises(TokenRefused):
            read_grant(answer, "")
        assert token_fault(answer.text) is TOKENS[case]


# --- Moodle: people -------------------------------------------------------------------------------------------------


def as_read(member: lti.Member, listed: dict[str, Any]) -> None:
    """A member is what was listed: names as they are meant, roles by their meaning."""
    escapes = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#039;": "'"}
    assert member.user_id == listed["user_id"]
    assert (member.status.value, member.role.value) == (listed["status"], listed["roles"][0].rpartition("#")[2].lower())
    for name in ("name", "given_name", "family_name", "email"):
        meant = listed.get(name)
        for written, char in escapes.items():
            meant = meant.replace(written, char) if meant else meant
        # Moodle kept one name in decomposed form; ours are all composed (NFC), as in launches.
        assert (getattr(member, name) or "") == _composed(meant or "")


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def test_moodle_s_roster_is_read_in_four_pages(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook
) -> None:
    cases = recorded("moodle-4.5", "nrps")
    played = [cases[name] for name in ("limit-10", "limit-10-page-2", "limit-10-page-3", "limit-10-page-4")]
    moodle.play(*played)
    roster = services.roster(book.registration.id, moodle.here(f"{PEOPLE}?limit=10"))
    moodle.done()
    listed = [row for page in played for row in page["response"]["json"]["members"]]
    assert roster.complete and len(roster.members) == len(listed) == 32
    for member, row in zip(roster.members, listed, strict=True):
        as_read(member, row)
    assert listed == cases["all"]["response"]["json"]["members"]
    assert any(member.family_name == "Bb & Co" for member in roster.members)
    everybody = [row["user_id"] for row in listed]
    assert roster.gone([*everybody, "4711"]) == {"4711"}


def test_moodle_s_roster_of_a_link(recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook) -> None:
    played = recorded("moodle-4.5", "nrps")["rlid-1"]
    moodle.play(played)
    roster = services.roster(book.registration.id, moodle.here(f"{PEOPLE}?limit=2"), resource_link_id="1", most_pages=1)
    moodle.done()
    assert (len(roster.members), roster.complete, roster.cause) == (2, False, "lti.too_many_pages")
    for member, row in zip(roster.members, played["response"]["json"]["members"], strict=True):
        as_read(member, row)
        assert member.custom == {}


@pytest.mark.parametrize("case", ["rlid-unknown", "accept-json", "bad-token", "wrong-scope-token"])
def test_moodle_s_refusals_of_a_roster(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook, case: str
) -> None:
    cases = recorded("moodle-4.5", "nrps")
    request = {**cases["limit-10"]["request"]}
    again = 2 if "token" in case else 1
    moodle.play(*[{"request": request, "response": cases[case]["response"]} for _ in range(again)])
    roster = services.roster(book.registration.id, moodle.here(f"{PEOPLE}?limit=10"))
    moodle.done()
    assert not roster.complete and roster.members == () and roster.gone(["6"]) == frozenset()


def test_moodle_shares_no_names_where_privacy_forbids_it(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook
) -> None:
    played = recorded("moodle-4.5", "nrps")["names-and-emails-not-shared"]
    moodle.play(played)
    roster = services.roster(book.registration.id, moodle.here(f"{PEOPLE}?limit=3"), most_pages=1)
    assert [(member.name, member.given_name, member.email) for member in roster.members] == [(None, None, None)] * 3
    moodle.done()


# --- Canvas ---------------------------------------------------------------------------------------------------------


def with_request(case: dict[str, Any], method: str, url: str, **more: Any) -> dict[str, Any]:
    """A case whose request the collection leaves to the reader."""
    return {"request": {"method": method, "url": url, **more}, "response": case["response"]}


ROSTER = f"{CANVAS}/api/lti/courses/3/names_and_roles"
ITEMS = f"{CANVAS}/api/lti/courses/3/line_items"


def test_canvas_s_roster_is_read_in_three_pages(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook
) -> None:
    cases = recorded("canvas", "nrps")["cases"]
    third = with_request(cases["last-page"], "GET", f"{ROSTER}?page=3&per_page=50")
    canvas.play(cases["first-page-public"], cases["second-page"], third)
    roster = services.roster(book.registration.id, canvas.here(ROSTER))
    canvas.done()
    assert roster.complete
    listed = cases["first-page-public"]["response"]["json"]["members"]
    for member, row in zip(roster.members, listed, strict=True):
        as_read(member, row)
    assert [member.is_test_user for member in roster.members] == [False, False, True]


def test_canvas_s_own_capture_is_whole(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook
) -> None:
    seen = recorded("canvas", "nrps")["seen_2019"]
    url = "http://canvas.example.edu/api/lti/courses/1/names_and_roles"
    answer = json.loads(json.dumps(seen).replace("http://canvas.example.edu", CANVAS))
    canvas.play(with_request({"response": {**answer, "status": 200}}, "GET", url))
    roster = services.roster(book.registration.id, canvas.here(url.replace("http:", "https:")))
    canvas.done()
    assert roster.complete and [m.user_id for m in roster.members] == ["20eb59f5-26e8-46bc-87b0-57ed54820aeb"]


def test_canvas_fills_in_what_a_launch_would_say(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook
) -> None:
    played = recorded("canvas", "nrps")["cases"]["rlid-assignment"]
    canvas.play(played)
    link = "8aa641d1-b4d4-4fea-8a9b-e9fedfb62b1e"
    roster = services.roster(book.registration.id, canvas.here(ROSTER), resource_link_id=link)
    canvas.done()
    # `course` came as it was written, `$Canvas.course.id`: it says nothing.
    assert roster.complete and [member.custom for member in roster.members] == [{"locale": "de"}]


@pytest.mark.parametrize("case", ["rlid-unknown", "rlid-other-tool", "rlid-tag-gone", "role-unknown"])
def test_canvas_s_refusals_of_a_roster(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook, case: str
) -> None:
    played = recorded("canvas", "nrps")["cases"][case]
    canvas.play(with_request(played, "GET", f"{ROSTER}?rlid=gone"))
    roster = services.roster(book.registration.id, canvas.here(ROSTER), resource_link_id="gone")
    canvas.done()
    assert not roster.complete and roster.gone(["6"]) == frozenset()


def test_canvas_s_columns_are_made_changed_and_deleted(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook
) -> None:
    cases = recorded("canvas", "ags-lineitems")["cases"]
    none = {"request": {"method": "GET", "url": f"{ITEMS}?resource_id=res-1"}, "response": {"status": 200, "json": []}}
    sent = {name: value for name, value in cases["create-column"]["request"]["json"].items() if name != "endDateTime"}
    create = with_request(cases["create-column"], "POST", ITEMS, json=sent)
    before = with_request(cases["create-column"], "GET", f"{ITEMS}/12")
    changed = {**cases["create-column"]["response"]["json"], "label": "Quiz 1 (new)", "scoreMaximum": 50}
    update = with_request(cases["update"], "PUT", f"{ITEMS}/12", json=changed)
    after = with_request(cases["update"], "GET", f"{ITEMS}/12")
    canvas.play(none, create, before, update, after, cases["delete-made-by-the-service"])
    known = book.registration.id
    wanted = lti.NewLineItem("Quiz 1", 40, resource_id="res-1", tag="tag-1")
    made = services.find_or_create_line_item(known, canvas.here(ITEMS), wanted)
    assert as_listed(made, canvas) == known_of(cases["create-column"]["response"]["json"])
    now_so = services.update_line_item(known, made.url, label="Quiz 1 (new)", maximum=50)
    assert as_listed(now_so, canvas) == known_of(cases["update"]["response"]["json"])
    services.delete_line_item(known, made.url)
    canvas.done()


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("create-unknown-resource-link", "deleted"),
        ("create-link-of-another-tool", "over"),
        ("create-link-without-active-assignment", "deleted"),
        ("show-other-client", "another tool"),
        ("show-assignment-deleted", "deleted"),
        ("course-concluded", "over"),
        ("create-bad-submission-type", "does not take"),
    ],
)
def test_canvas_s_refusals_of_a_column(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook, case: str, words: str
) -> None:
    canvas.play(with_request(recorded("canvas", "ags-lineitems")["cases"][case], "GET", f"{ITEMS}/12"))
    with pytest.raises(Upstream, match=r"lti\.line_items") as fault:
        services.line_item(book.registration.id, canvas.here(f"{ITEMS}/12"))
    assert words in fault.value.text
    canvas.done()


def test_canvas_keeps_what_it_made_itself(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook
) -> None:
    refused = with_request(
        recorded("canvas", "ags-lineitems")["cases"]["delete-made-in-canvas"], "DELETE", f"{ITEMS}/1"
    )
    canvas.play(refused, refused)
    with pytest.raises(Upstream, match=r"lti\.line_items"):
        services.delete_line_item(book.registration.id, canvas.here(f"{ITEMS}/1"))
    canvas.done()


def test_canvas_s_links_and_results(recorded: Recorded) -> None:
    for name, case in (("ags-lineitems", "list-page"), ("ags-results", "list"), ("nrps", "first-page-public")):
        played = recorded("canvas", name)["cases"][case]["response"]
        base = played["headers"]["Link"].partition("?")[0].lstrip("<")
        size = 50 if name == "nrps" else 10
        assert next_link(played["headers"]) == f"{base}?page=2&per_page={size}"
    results = recorded("canvas", "ags-results")
    listed = results["cases"]["list"]["response"]["json"]
    assert [(found.user_id, found.share) for found in read_results(listed)] == [
        ("848b3a11-c7b6-4c05-9fb3-782a0c34ee43", Decimal("0.8")),
        ("aac22713-28b3-4397-9ff9-a3d2880ece1a", None),
    ]
    assert [found.share for found in read_results(results["seen"])] == [Decimal(1), Decimal("0.13")]


def test_canvas_s_token_answers_are_told_apart(recorded: Recorded) -> None:
    said = recorded("canvas", "token")
    for seen in (said["seen_2026"]["response"]["json"], said["seen_2019"]["response_json"]):
        answer = HttpAnswer(200, "", {}, json.dumps(seen).encode())
        assert read_grant(answer, seen["scope"]).lasts == 3600
    told = {fault["json"]["error_description"]: token_fault(json.dumps(fault["json"])) for fault in said["errors"]}
    assert {text[:24]: fault for text, fault in told.items()} == {
        "JWS signature invalid.": TokenFault.SIGNATURE,
        "JWK Error: Invalid JSON": TokenFault.KEYS,
        "JWK Error: <text of the ": TokenFault.KEYS,
        "the following assertions": TokenFault.OTHER,
        "the 'aud' is invalid": TokenFault.AUDIENCE,
        "the JWT has expired": TokenFault.CLOCK,
        "the 'exp' must be a numb": TokenFault.OTHER,
        "the 'iat' must be less t": TokenFault.CLOCK,
        "the 'iat' must not be in": TokenFault.CLOCK,
        "the 'aud' is invalid | t": TokenFault.CLOCK,
        "assertion method not sup": TokenFault.OTHER,
        "A requested scope is inv": TokenFault.SCOPE,
    }
