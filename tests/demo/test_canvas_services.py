"""What the Canvas flavour's services want and do where no capture says it word by word."""

import pytest
from flask import Flask

from lti_tool.demo import CanvasLms, Link, LmsConfig, Role, create_lms
from lti_tool.demo.canvas.facts import INSTALLED
from lti_tool.demo.canvas.people import PEOPLE, CanvasPerson
from tests.demo.canvas_side import ITEMS, CanvasTool
from tests.demo.sides import LMS, Hand, ToolSide, Visitor

ROSTER = "/api/lti/courses/2/names_and_roles"


@pytest.fixture
def link(canvas: CanvasLms) -> Link:
    return canvas.add_link("Data protection essentials", maximum=100)


def sub(canvas: CanvasLms, name: str) -> str:
    return canvas.canvas_person(canvas.person(name)).sub


def test_every_score_is_an_attempt_and_every_comment_a_new_one(
    canvas: CanvasLms, link: Link, canvas_tool: CanvasTool, hand: Hand
) -> None:
    for _ in range(3):
        answer = canvas_tool.score(link.item_id, sub(canvas, "tuyet"), comment="Well done")
        assert answer.status_code == 200
        hand.move(seconds=1)
    assert canvas.attempts_of(link.item_id, "6") == 3
    assert canvas.record.said(link.item_id, "6") == ["Well done"] * 3
    assert canvas.grades[(link.item_id, "6")].value == 80


def test_a_score_with_the_same_hand_in_again_is_no_new_attempt(
    canvas: CanvasLms, link: Link, canvas_tool: CanvasTool, hand: Hand
) -> None:
    for at in ("2026-11-20T10:00:00.000Z", "2026-11-20T10:00:00.000Z", "2026-11-20T10:00:01.000Z"):
        canvas_tool.score(link.item_id, sub(canvas, "tuyet"), submission={"submittedAt": at})
        hand.move(seconds=1)
    assert canvas.attempts_of(link.item_id, "6") == 2


def test_attempts_and_results_outlive_a_restart(
    canvas: CanvasLms, link: Link, canvas_tool: CanvasTool, hand: Hand
) -> None:
    canvas_tool.score(link.item_id, sub(canvas, "tuyet"))
    again = CanvasLms(canvas.config, clock=hand)
    assert again.attempts_of(link.item_id, "6") == 1
    assert again.record.results[(link.item_id, "6")].id == 1


def test_the_lms_own_clock_does_not_matter(canvas: CanvasLms, link: Link, canvas_tool: CanvasTool, hand: Hand) -> None:
    """Unlike Moodle: a score of yesterday is taken, and so is a second one within the second."""
    user = sub(canvas, "tuyet")
    assert canvas_tool.score(link.item_id, user, timestamp="2026-11-23T00:00:00.000Z").status_code == 200
    assert canvas_tool.score(link.item_id, user, timestamp="2026-11-23T00:00:00.001Z").status_code == 200
    assert canvas_tool.score(link.item_id, user, timestamp="2026-11-23T00:00:00.000Z").status_code == 400


@pytest.mark.parametrize("name", ["timestamp", "activityProgress", "gradingProgress"])
def test_required_members(canvas: CanvasLms, link: Link, canvas_tool: CanvasTool, name: str) -> None:
    user = sub(canvas, "tuyet")
    assert canvas_tool.score(link.item_id, user, **{name: None}).status_code == 400
    assert canvas_tool.score(link.item_id, user, **{name: {"x": 1}}).status_code == 400


@pytest.mark.parametrize("who", ["ingrid", "tom", "admin", "dagny", "oskar"])
def test_only_students_are_graded(canvas: CanvasLms, link: Link, canvas_tool: CanvasTool, who: str) -> None:
    assert canvas_tool.score(link.item_id, sub(canvas, who)).status_code == 422


def test_a_second_column_of_an_assignment_touches_no_attempt(
    canvas: CanvasLms, link: Link, canvas_tool: CanvasTool
) -> None:
    made = canvas_tool.open(
        "POST", ITEMS, {"scoreMaximum": 5, "label": "Effort", "resourceLinkId": canvas.resource_link_id(link)}
    )
    assert made.status_code == 201
    number = int(made.json["id"].rpartition("/")[2])
    assert canvas_tool.score(number, sub(canvas, "tuyet")).status_code == 200
    assert canvas.attempts_of(number, "6") == canvas.attempts_of(link.item_id, "6") == 0
    assert canvas_tool.open("DELETE", made.json["id"]).status_code == 204


def test_a_request_without_user_agent_is_refused(link: Link, canvas_tool: CanvasTool) -> None:
    assert canvas_tool.open("GET", ITEMS).status_code == 200
    assert canvas_tool.open("GET", ITEMS, **{"User-Agent": ""}).status_code == 403
    answer = canvas_tool.client.post(
        "/login/oauth2/token", base_url=LMS, data=canvas_tool.token_form(), headers={"User-Agent": ""}
    )
    assert answer.status_code == 403


def test_the_wrong_scope_is_401_and_no_403(link: Link, canvas_tool: CanvasTool) -> None:
    scope = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
    canvas_tool.token = canvas_tool.ask_token(scope).json["access_token"]
    answer = canvas_tool.open("GET", ITEMS)
    assert answer.status_code == 401
    assert answer.json == {"errors": {"type": "unauthorized", "message": "Insufficient permissions"}}


def test_a_token_ends_after_an_hour(canvas: CanvasLms, link: Link, canvas_tool: CanvasTool, hand: Hand) -> None:
    assert canvas_tool.open("GET", ITEMS).status_code == 200
    hand.move(minutes=61)
    answer = canvas_tool.open("GET", ITEMS)
    assert answer.json["errors"]["message"] == "Access token expired"


def test_the_roster_comes_in_pages_of_fifty(config: LmsConfig, canvas: CanvasLms, hand: Hand, tool: ToolSide) -> None:
    many = tuple(CanvasPerson(str(100 + n), f"p{n}", "P", str(n), Role.LEARNER) for n in range(110))
    school = CanvasLms(canvas.config, clock=hand, fetch_keys=tool.key_set, people=many)
    server = CanvasTool(create_lms(school.config, school), tool)
    first = server.open("GET", f"{ROSTER}?limit=1000")
    base = f"<{LMS}{ROSTER}?page="
    assert first.headers["Link"] == ",".join(
        f'{base}{page}&per_page=50>; rel="{name}"'
        for name, page in (("current", 1), ("next", 2), ("first", 1), ("last", 3))
    )
    sizes, seen, url = [], set(), f"{LMS}{ROSTER}"
    while url:
        answer = server.open("GET", url)
        sizes.append(len(answer.json["members"]))
        seen |= {row["user_id"] for row in answer.json["members"]}
        links = {part.split("; ")[1]: part.split("; ")[0] for part in answer.headers["Link"].split(",")}
        url = links.get('rel="next"', "").strip("<>")
    assert sizes == [50, 50, 10] and len(seen) == 110


def test_student_view_is_a_person_with_no_address(canvas: CanvasLms, canvas_tool: CanvasTool) -> None:
    members = canvas_tool.open("GET", ROSTER).json["members"]
    (row,) = [row for row in members if "http://purl.imsglobal.org/vocab/lti/system/person#TestUser" in row["roles"]]
    assert row["name"] == "Test Student" and "email" not in row
    assert len(members) == len(PEOPLE) - 1, "all but the administrator"


def test_a_put_changes_only_what_is_sent(canvas: CanvasLms, link: Link, canvas_tool: CanvasTool) -> None:
    answer = canvas_tool.open("PUT", f"{ITEMS}/{link.item_id}", {"label": "New", "scoreMaximum": 50})
    assert answer.json["label"] == "New" and answer.json["scoreMaximum"] == 50.0
    assert canvas.items[link.item_id].link_id == link.id


def test_the_gradebook_page_counts_attempts(
    canvas: CanvasLms, link: Link, canvas_tool: CanvasTool, canvas_visitor: Visitor
) -> None:
    canvas_tool.score(link.item_id, sub(canvas, "tuyet"))
    canvas_tool.score(link.item_id, sub(canvas, "tuyet"))
    assert "attempt 2" in canvas_visitor.get("/gradebook").text


def test_the_switches_of_canvas(canvas: CanvasLms, canvas_visitor: Visitor) -> None:
    page = canvas_visitor.get("/faults").text
    assert "Throttled by 403" in page and "Course concluded" in page
    canvas_visitor.post("/faults", {"throttle": "429", "concluded": "yes", "one_attempt": "yes"})
    assert canvas.faults.throttle == "429" and canvas.faults.concluded and canvas.faults.one_attempt
    assert "too many" in canvas_visitor.get("/course").text
    canvas_visitor.post("/faults", {"mend": "yes"})
    assert not canvas.faults.any


def test_another_key_of_the_issuer_can_grade_nothing_here(
    canvas: CanvasLms, link: Link, canvas_app: Flask, tool: ToolSide
) -> None:
    other = CanvasTool(canvas_app, tool, INSTALLED[2].client_id)
    assert other.score(link.item_id, sub(canvas, "tuyet")).status_code == 412 and not canvas.grades
    canvas.put_in(link, INSTALLED[2])
    assert other.score(link.item_id, sub(canvas, "tuyet")).status_code == 200
