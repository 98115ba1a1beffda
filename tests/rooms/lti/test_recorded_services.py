"""The services of Moodle 4.5 as recorded, played to our own client: requests and answers, value by value."""

import json
from decimal import Decimal

import pytest

from lti_tool import lti
from lti_tool.core.errors import Upstream
from lti_tool.lti.advantage.line_items import CONTAINER_TYPE, ITEM_TYPE
from lti_tool.lti.advantage.paging import next_link
from lti_tool.lti.advantage.roster import ROSTER_TYPE
from tests.recordings import Recorded
from tests.rooms.lti.grade_book import RESULTS_TYPE, GradeBook
from tests.rooms.lti.replay import Replay, as_listed, asked, check_member, known_of

pytestmark = pytest.mark.shared

MOODLE = "http://localhost:8100"
COLUMNS = f"{MOODLE}/mod/lti/services.php/2/lineitems?type_id=3"
PEOPLE = f"{MOODLE}/mod/lti/services.php/CourseSection/2/bindings/3/memberships"


@pytest.fixture
def moodle(book: GradeBook) -> Replay:
    return Replay(book.server, MOODLE)


# --- Grade columns ------------------------------------------------------------------------------------------


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


def test_moodle_s_curly_links_are_followed(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook
) -> None:
    """Its `Link` is read by no standard parser; page after page, up to one that is the last."""
    cases = recorded("moodle-4.5", "ags-lineitems")
    first, second = cases["get-limit-2"], cases["get-limit-2-from-2"]
    for case, start in ((first, 2), (second, 4)):
        assert next_link(dict(case["response"]["headers"])) == f"{COLUMNS}&limit=2&from={start}"
    url = f"{COLUMNS}&limit=2&from=4"
    moodle.play(first, second, asked("GET", url, cases["get-by-tag-none"]["response"]))
    found = services.line_items(book.registration.id, moodle.here(f"{COLUMNS}&limit=2"))
    listed = [*first["response"]["json"], *second["response"]["json"]]
    assert [as_listed(item, moodle) for item in found] == [known_of(row) for row in listed]
    moodle.done()


def test_moodle_lists_to_whoever_does_not_say_what_they_want(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook
) -> None:
    """Without `Accept` it answers the same; we say exactly what we want."""
    cases = recorded("moodle-4.5", "ags-lineitems")
    plain, exact = cases["get-no-accept"], cases["get"]
    assert "Accept" not in plain["request"]["headers"] and plain["response"]["json"] == exact["response"]["json"]
    moodle.play({"request": exact["request"], "response": plain["response"]})
    assert len(services.line_items(book.registration.id, moodle.here(COLUMNS))) == len(plain["response"]["json"])
    moodle.done()


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("get-without-token", "does not let"),
        ("get-bad-token", "does not let"),
        ("get-accept-star", "does not take"),
        ("get-accept-json", "does not take"),
        ("get-accept-list", "does not take"),
        ("get-accept-wrong-type", "does not take"),
    ],
)
def test_moodle_s_refusals_of_a_list(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook, case: str, words: str
) -> None:
    """To a token that it does not take, and to kinds that we never ask for; played to our own request."""
    refused = recorded("moodle-4.5", "ags-lineitems")[case]
    ours = {"method": "GET", "url": COLUMNS, "headers": {"Accept": CONTAINER_TYPE}}
    tries = 2 if refused["response"]["status"] == 401 else 1  # A token that is not taken is replaced once.
    moodle.play(*[{"request": ours, "response": refused["response"]}] * tries)
    with pytest.raises(Upstream, match=r"lti\.line_items") as fault:
        services.line_items(book.registration.id, moodle.here(COLUMNS))
    assert words in fault.value.text
    moodle.done()


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


def test_a_free_column_of_moodle_s_is_changed(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook
) -> None:
    """Recorded with dates and a foreign member, which Moodle sends back and does not keep: we ask what was kept."""
    cases = recorded("moodle-4.5", "ags-lineitem")
    before, after = cases["get-free"], cases["get-free-after-put"]
    sent = {**before["response"]["json"], "label": "Renamed", "scoreMaximum": 80, "tag": "t9b"}
    theirs = json.loads(cases["put-free"]["request"]["body"])
    assert sent == {name: value for name, value in theirs.items() if name in sent}
    put = {**cases["put-free"], "request": {**cases["put-free"]["request"], "body": json.dumps(sent)}}
    moodle.play(before, put, after)
    url = moodle.here(before["request"]["url"])
    item = services.update_line_item(book.registration.id, url, label="Renamed", maximum=80, tag="t9b")
    assert as_listed(item, moodle) == known_of(after["response"]["json"])
    assert not {"startDateTime", "https://example.test/ext"} & set(after["response"]["json"])
    moodle.done()


def test_a_second_column_of_a_link_keeps_its_maximum_with_a_fraction(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook
) -> None:
    """Moodle takes 12.5 by this service, as another tool may have asked; ours are whole numbers."""
    made = recorded("moodle-4.5", "ags-lineitems")["post-decimal-max-with-link"]
    row = made["response"]["json"]
    moodle.play(asked("GET", row["id"], {**made["response"], "status": 200}))
    item = services.line_item(book.registration.id, moodle.here(row["id"]))
    assert as_listed(item, moodle) == known_of(row) == {**json.loads(made["request"]["body"]), "id": row["id"]}
    assert item.maximum == Decimal("12.5")
    moodle.done()


def test_a_token_that_only_reads_makes_no_column(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook
) -> None:
    cases = recorded("moodle-4.5", "ags-lineitems")
    refused = cases["post-readonly-token"]
    plain = json.loads(refused["request"]["body"])
    none = asked("GET", f"{COLUMNS}&resource_id=r", cases["get-by-tag-none"]["response"])
    again = asked("POST", COLUMNS, refused["response"], json={**plain, "resourceId": "r"})
    moodle.play(none, again, again)
    wanted = lti.NewLineItem(plain["label"], plain["scoreMaximum"], resource_id="r")
    with pytest.raises(Upstream, match=r"lti\.line_items") as fault:
        services.find_or_create_line_item(book.registration.id, moodle.here(COLUMNS), wanted)
    assert "does not let" in fault.value.text
    moodle.done()


@pytest.mark.parametrize(("case", "words"), [("get-accept-json", "does not take"), ("get-unknown", "deleted")])
def test_moodle_s_refusals_of_one_column(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook, case: str, words: str
) -> None:
    refused = recorded("moodle-4.5", "ags-lineitem")[case]
    url = refused["request"]["url"]
    moodle.play(asked("GET", url, refused["response"], headers={"Accept": ITEM_TYPE}))
    with pytest.raises(Upstream, match=r"lti\.line_items") as fault:
        services.line_item(book.registration.id, moodle.here(url))
    assert words in fault.value.text
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


# --- Results --------------------------------------------------------------------------------


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


@pytest.mark.parametrize("case", ["limit-5", "limit-5-from-5", "accept-json"])
def test_moodle_s_error_pages_are_no_results(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook, case: str
) -> None:
    """For a `limit`, and for any `Accept` but its own; we send neither to Moodle."""
    refused = recorded("moodle-4.5", "ags-results")[case]
    url = f"{MOODLE}/mod/lti/services.php/2/lineitems/2/lineitem/results?type_id=3"
    moodle.play(asked("GET", url, refused["response"], headers={"Accept": RESULTS_TYPE}))
    with pytest.raises(Upstream, match=r"lti\.results"):
        services.results(book.registration.id, moodle.here(url.replace("/results", "")))
    moodle.done()


# --- People -------------------------------------------------------------------------------------------------


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
        check_member(member, row)
    assert listed == cases["all"]["response"]["json"]["members"]
    assert any(member.family_name == "Bb & Co" for member in roster.members)
    everybody = [row["user_id"] for row in listed]
    assert roster.gone([*everybody, "4711"]) == {"4711"}


@pytest.mark.parametrize("case", ["role-learner-uri", "role-instructor-short", "role-nonsense", "accept-star"])
def test_a_part_of_moodle_s_roster_is_read_alike(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook, case: str
) -> None:
    """Asked for by role, in full or short, or by nobody's role, which Moodle passes over; we ask for everybody."""
    cases = recorded("moodle-4.5", "nrps")
    listed = cases[case]["response"]["json"]["members"]
    moodle.play(asked("GET", f"{PEOPLE}?limit=1000", cases[case]["response"], headers={"Accept": ROSTER_TYPE}))
    roster = services.roster(book.registration.id, moodle.here(PEOPLE), most_pages=1)
    assert len(roster.members) == len(listed) > 0
    for member, row in zip(roster.members, listed, strict=True):
        check_member(member, row)
    everybody = cases["all"]["response"]["json"]["members"]
    role = {"role-learner-uri": ["Learner"], "role-instructor-short": ["Instructor"]}.get(case)
    wanted = [row for row in everybody if role in (None, row["roles"])]
    assert listed == (wanted[:1] if case == "accept-star" else wanted)
    moodle.done()


def test_a_roster_in_the_form_of_lti_1_1_is_no_roster(
    recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook
) -> None:
    """Moodle gives the old form to whoever asks for it; we do not, and would take nobody's place away by it."""
    old = recorded("moodle-4.5", "nrps")["accept-v1"]
    assert "members" not in old["response"]["json"] and "pageOf" in old["response"]["json"]
    moodle.play(asked("GET", f"{PEOPLE}?limit=1000", old["response"], headers={"Accept": ROSTER_TYPE}))
    roster = services.roster(book.registration.id, moodle.here(PEOPLE))
    assert not roster.complete and roster.gone(["6"]) == frozenset()
    moodle.done()


def test_moodle_s_roster_of_a_link(recorded: Recorded, moodle: Replay, services: lti.Services, book: GradeBook) -> None:
    played = recorded("moodle-4.5", "nrps")["rlid-1"]
    moodle.play(played)
    roster = services.roster(book.registration.id, moodle.here(f"{PEOPLE}?limit=2"), resource_link_id="1", most_pages=1)
    moodle.done()
    assert (len(roster.members), roster.complete, roster.cause) == (2, False, "lti.too_many_pages")
    for member, row in zip(roster.members, played["response"]["json"]["members"], strict=True):
        check_member(member, row)
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
