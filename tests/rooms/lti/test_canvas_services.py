"""The services of Canvas as captured and as its source has them, played to our own client: values, refusals, pages."""

import json
from typing import Any

import pytest

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.errors import Upstream
from lti_tool.lti.advantage.line_items import ITEM_TYPE, body_of
from lti_tool.lti.advantage.paging import next_link
from lti_tool.lti.advantage.results import read_results
from lti_tool.lti.advantage.scores import read_outcome
from lti_tool.lti.quirks import grade_rules, is_rate_limit
from lti_tool.lti.vocabulary import LINE_ITEM_READ_SCOPE, LINE_ITEM_SCOPE, ROSTER_SCOPE
from tests.recordings import Recorded
from tests.rooms.lti.grade_book import GradeBook
from tests.rooms.lti.replay import Replay, as_listed, asked, check_member, http_answer, known_of

pytestmark = pytest.mark.shared

CANVAS = "https://canvas.example.edu"
ROSTER = f"{CANVAS}/api/lti/courses/3/names_and_roles"
ITEMS = f"{CANVAS}/api/lti/courses/3/line_items"


@pytest.fixture
def canvas(book: GradeBook) -> Replay:
    return Replay(book.server, CANVAS)


# --- The roster -----------------------------------------------------------------------------------------------------


def test_canvas_s_roster_is_read_in_three_pages(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook
) -> None:
    cases = recorded("canvas", "nrps")["cases"]
    third = asked("GET", f"{ROSTER}?page=3&per_page=50", cases["last-page"]["response"])
    canvas.play(cases["first-page-public"], cases["second-page"], third)
    roster = services.roster(book.registration.id, canvas.here(ROSTER))
    canvas.done()
    assert roster.complete
    pages = [cases[name]["response"]["json"] for name in ("first-page-public", "last-page")]
    # Somebody who is on two pages is one person.
    listed = {row["user_id"]: row for page in pages for row in page["members"]}
    assert len(roster.members) == len(listed)
    for member, row in zip(roster.members, listed.values(), strict=True):
        check_member(member, row)
    assert [member.is_test_user for member in roster.members] == [False, False, True]


def test_canvas_gives_fifty_at_most_and_says_how_to_go_on(recorded: Recorded) -> None:
    """Whoever asks for a thousand gets a page of fifty; so we do not say how many, and follow its links."""
    cases = recorded("canvas", "nrps")["cases"]
    assert next_link(cases["limit-too-high"]["response"]["headers"]) == f"{ROSTER}?page=2&per_page=50"
    assert cases["limit-too-high"]["response"]["status"] == 200


@pytest.mark.parametrize(("case", "count"), [("role-filter", 2), ("role-unknown", 0)])
def test_a_part_of_canvas_s_roster_is_read_alike(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook, case: str, count: int
) -> None:
    found = recorded("canvas", "nrps")["cases"][case]
    canvas.play(asked("GET", ROSTER, found["response"]))
    roster = services.roster(book.registration.id, canvas.here(ROSTER))
    canvas.done()
    listed = found["response"]["json"]["members"]
    assert len(roster.members) == len(listed) == count
    for member, row in zip(roster.members, listed, strict=True):
        check_member(member, row)


def test_canvas_s_own_capture_is_whole(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook
) -> None:
    said = recorded("canvas", "nrps")
    assert said["scope"] == ROSTER_SCOPE and said["endpoints"][0].endswith("/courses/:id/names_and_roles")
    url = "http://canvas.example.edu/api/lti/courses/1/names_and_roles"
    answer = json.loads(json.dumps(said["seen_2019"]).replace("http://canvas.example.edu", CANVAS))
    canvas.play(asked("GET", url, {**answer, "status": 200}))
    roster = services.roster(book.registration.id, canvas.here(url.replace("http:", "https:")))
    canvas.done()
    assert roster.complete
    for member, row in zip(roster.members, answer["json"]["members"], strict=True):
        check_member(member, row)


def test_canvas_s_people_without_names_are_people(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook
) -> None:
    said = recorded("canvas", "nrps")["seen_anonymous"]
    canvas.play(asked("GET", ROSTER, {"status": 200, "json": said}))
    roster = services.roster(book.registration.id, canvas.here(ROSTER))
    canvas.done()
    assert roster.complete and [member.name for member in roster.members] == [None, None]
    for member, row in zip(roster.members, said["members"], strict=True):
        check_member(member, row)


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
    for member, row in zip(roster.members, played["response"]["json"]["members"], strict=True):
        check_member(member, row)


@pytest.mark.parametrize(
    "case",
    [
        "rlid-unknown",
        "rlid-other-tool",
        "rlid-not-external",
        "rlid-tag-gone",
        "rlid-other-type",
        "rlid-bound-elsewhere",
        "group-gone",
    ],
)
def test_canvas_s_refusals_of_a_roster(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook, case: str
) -> None:
    """An assignment that is gone takes nobody's place away."""
    played = recorded("canvas", "nrps")["cases"][case]["response"]
    answer = {"status": played["status"], "body": played.get("body_contains", ""), **played}
    canvas.play(asked("GET", f"{ROSTER}?rlid=gone", answer))
    roster = services.roster(book.registration.id, canvas.here(ROSTER), resource_link_id="gone")
    canvas.done()
    assert not roster.complete and roster.reason and roster.gone(["6"]) == frozenset()


# --- Grade columns --------------------------------------------------------------------------------------------------


def test_canvas_s_columns_are_made_changed_and_deleted(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook
) -> None:
    said = recorded("canvas", "ags-lineitems")
    cases = said["cases"]
    assert said["scopes"]["create, update, delete"].endswith(LINE_ITEM_SCOPE.rpartition("/")[2])
    assert LINE_ITEM_READ_SCOPE.endswith(said["scopes"]["list, show"].rpartition(" ")[2])
    none = asked("GET", f"{ITEMS}?resource_id=res-1", {"status": 200, "json": []})
    sent = {name: value for name, value in cases["create-column"]["request"]["json"].items() if name != "endDateTime"}
    kind = cases["create-column"]["request"]["headers"]
    create = asked("POST", ITEMS, cases["create-column"]["response"], json=sent, headers=kind)
    before = asked("GET", f"{ITEMS}/12", cases["create-column"]["response"])
    changed = {**cases["create-column"]["response"]["json"], "label": "Quiz 1 (new)", "scoreMaximum": 50}
    update = asked("PUT", f"{ITEMS}/12", cases["update"]["response"], json=changed)
    assert {name: changed[name] for name in ("label", "scoreMaximum")} == {
        name: value for name, value in cases["update"]["request"]["json"].items() if name != "startDateTime"
    }
    after = asked("GET", f"{ITEMS}/12", cases["update"]["response"])
    canvas.play(none, create, before, update, after, cases["delete-made-by-the-service"])
    known = book.registration.id
    wanted = lti.NewLineItem("Quiz 1", 40, resource_id="res-1", tag="tag-1")
    made = services.find_or_create_line_item(known, canvas.here(ITEMS), wanted)
    assert as_listed(made, canvas) == known_of(cases["create-column"]["response"]["json"])
    now_so = services.update_line_item(known, made.url, label="Quiz 1 (new)", maximum=50)
    assert as_listed(now_so, canvas) == known_of(cases["update"]["response"]["json"])
    services.delete_line_item(known, made.url)
    canvas.done()


@pytest.mark.parametrize("case", ["create-assignment-of-the-tool", "create-second-item-on-a-link"])
def test_what_canvas_makes_of_a_column_is_read(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook, case: str
) -> None:
    """An assignment of its own we never ask for: our columns belong to links that are there."""
    made = recorded("canvas", "ags-lineitems")["cases"][case]
    row, said = made["response"]["json"], made["request"]["json"]
    canvas.play(asked("GET", row["id"], {**made["response"], "status": 200}))
    item = services.line_item(book.registration.id, canvas.here(row["id"]))
    assert as_listed(item, canvas) == known_of(row)
    wanted = lti.NewLineItem(
        said["label"], said["scoreMaximum"], said.get("resourceLinkId", ""), said.get("resourceId", "")
    )
    assert body_of(wanted) == {name: value for name, value in said.items() if not name.startswith("https:")}
    canvas.done()


def test_the_documented_column_is_ours_but_for_dates_and_kind(recorded: Recorded) -> None:
    """Canvas's documentation has a number for an id, which we take as its text."""
    said = recorded("canvas", "ags-lineitems")["create_documented"]["request_json"]
    plain = {name: value for name, value in said.items() if not name.endswith(("DateTime", "submission_type"))}
    wanted = lti.NewLineItem(
        said["label"], int(said["scoreMaximum"]), said["resourceLinkId"], str(said["resourceId"]), said["tag"]
    )
    assert body_of(wanted) == {**plain, "resourceId": "1"}


def test_canvas_s_captured_columns_are_read(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook
) -> None:
    school = "https://school.example.edu"
    listed = json.loads(json.dumps(recorded("canvas", "ags-lineitems")["seen_2019"]["list"]).replace(school, CANVAS))
    canvas.play(
        asked("GET", ITEMS, {"status": 200, "json": [json.loads(canvas.here(json.dumps(row))) for row in listed]})
    )
    found = services.line_items(book.registration.id, canvas.here(ITEMS))
    canvas.done()
    assert [as_listed(item, canvas) for item in found] == [known_of(row) for row in listed]


def test_a_page_and_one_column_of_canvas_s(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook
) -> None:
    cases = recorded("canvas", "ags-lineitems")["cases"]
    listed, shown = cases["list-page"]["response"], cases["show-with-launch-url"]
    link = listed["json"][0]["resourceLinkId"]
    assert next_link(listed["headers"]) == f"{ITEMS}?page=2&per_page=10"
    canvas.play(
        asked("GET", f"{ITEMS}?resource_link_id={link}", {"status": 200, "json": listed["json"]}),
        asked("GET", shown["response"]["json"]["id"], shown["response"], headers={"Accept": ITEM_TYPE}),
    )
    found = services.line_items(book.registration.id, canvas.here(ITEMS), resource_link_id=link)
    assert [as_listed(item, canvas) for item in found] == [known_of(row) for row in listed["json"]]
    one = services.line_item(book.registration.id, canvas.here(shown["response"]["json"]["id"]))
    assert as_listed(one, canvas) == known_of(shown["response"]["json"])
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
    canvas.play(asked("GET", f"{ITEMS}/12", recorded("canvas", "ags-lineitems")["cases"][case]["response"]))
    with pytest.raises(Upstream, match=r"lti\.line_items") as fault:
        services.line_item(book.registration.id, canvas.here(f"{ITEMS}/12"))
    assert words in fault.value.text
    canvas.done()


def test_canvas_keeps_what_it_made_itself(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook
) -> None:
    answer = recorded("canvas", "ags-lineitems")["cases"]["delete-made-in-canvas"]["response"]
    refused = asked("DELETE", f"{ITEMS}/1", answer)
    canvas.play(refused, refused)
    with pytest.raises(Upstream, match=r"lti\.line_items"):
        services.delete_line_item(book.registration.id, canvas.here(f"{ITEMS}/1"))
    canvas.done()


def test_canvas_s_links_lead_on(recorded: Recorded) -> None:
    for name, case in (("ags-lineitems", "list-page"), ("ags-results", "list"), ("nrps", "first-page-public")):
        played = recorded("canvas", name)["cases"][case]["response"]
        base = played["headers"]["Link"].partition("?")[0].lstrip("<")
        size = 50 if name == "nrps" else 10
        assert next_link(played["headers"]) == f"{base}?page=2&per_page={size}"
    listed = recorded("canvas", "ags-results")["cases"]["list"]["response"]["json"]
    assert read_results(listed)[1].share is None, "a grade that was cleared"


# --- Errors ---------------------------------------------------------------------------------------------------------


def test_every_error_of_canvas_s_services_is_told_in_plain_words(
    recorded: Recorded, canvas: Replay, services: lti.Services, book: GradeBook, clock: FixedClock
) -> None:
    """17 ways in which it lets nobody in, two about progress: to a column, to a roster and to a score alike."""
    said = recorded("canvas", "errors")
    for fault in [*said["service_access"], *said["progress"]]:
        answer = {"status": fault["status"], "body": fault.get("body_contains", "")}
        answer |= {"json": fault["json"]} if "json" in fault else {}
        tries = 2 if fault["status"] == 401 else 1
        canvas.play(*[asked("GET", f"{ITEMS}/12", answer)] * tries, *[asked("GET", ROSTER, answer)] * tries)
        with pytest.raises(Upstream, match=r"lti\.line_items") as refused:
            services.line_item(book.registration.id, canvas.here(f"{ITEMS}/12"))
        roster = services.roster(book.registration.id, canvas.here(ROSTER))
        outcome = read_outcome(http_answer(answer), now=clock.now(), rules=grade_rules(f"{ITEMS}/12"))
        assert outcome.verdict is lti.ScoreVerdict.REFUSED and not roster.complete
        for words in (refused.value.text, roster.reason, outcome.reason):
            assert words.startswith("The LMS"), (fault, words)
        canvas.done()


@pytest.mark.parametrize("name", ["response_403", "response_429"])
def test_throttling_of_canvas_s_is_told_from_a_refusal(
    recorded: Recorded, clock: FixedClock, services: lti.Services, canvas: Replay, book: GradeBook, name: str
) -> None:
    """By its number, or by nothing remaining; an ordinary answer has hundreds left."""
    said = recorded("canvas", "errors")["throttling"]
    answer: dict[str, Any] = said[name]
    assert is_rate_limit(answer["status"], answer["headers"]["X-Rate-Limit-Remaining"])
    assert not is_rate_limit(403, said["normal_headers_seen_2019"]["X-Rate-Limit-Remaining"])
    outcome = read_outcome(http_answer(answer), now=clock.now(), rules=grade_rules(f"{ITEMS}/12"))
    assert (outcome.verdict, outcome.whole_platform) == (lti.ScoreVerdict.LATER, True)
    canvas.play(asked("GET", f"{ITEMS}/12", answer))
    with pytest.raises(Upstream, match=r"lti\.line_items") as fault:
        services.line_item(book.registration.id, canvas.here(f"{ITEMS}/12"))
    assert "slow down" in fault.value.text
    canvas.done()
