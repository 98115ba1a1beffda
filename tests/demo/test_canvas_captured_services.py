"""What is known of Canvas's services is asked of the demo's Canvas flavour: scores, columns, roster, tokens."""

import json
import re

import jwt
import pytest

from lti_tool.demo import CanvasLms, Link, create_lms
from lti_tool.demo.canvas.facts import ISSUER
from tests.demo.canvas_side import ITEMS, STUDENT, STUDENT_VIEW, CanvasTool, Known, comparable, shape
from tests.demo.sides import CORE, ToolSide

pytestmark = pytest.mark.shared


_SENT = [
    "plain", "regrade-only", "submission-type-none", "basic-lti-launch", "online-url", "online-text",
    "submission-without-grade", "progress-clears-grade", "progress-safe", "teacher-grade-wins", "submitted-at",
    "submitted-at-extension", "extra-credit", "numeric-canvas-id", "comment", "files", "student-view",
    "equal-timestamp", "400-older-timestamp", "400-bad-timestamp", "400-bad-submitted-at",
    "400-submitted-in-the-future", "422-user", "422-no-maximum", "422-negative-maximum", "422-zero-maximum",
    "422-negative-score", "422-upload-without-files",
]  # fmt: skip


@pytest.mark.parametrize("case", _SENT)
def test_a_score_is_answered_as_canvas_does(assignment: Link, school_tool: CanvasTool, known: Known, case: str) -> None:
    found = known("ags-scores")["cases"][case]
    plain = {**known("ags-scores")["cases"]["plain"]["request"]["json"], "scoreGiven": 5}
    assert school_tool.open("POST", f"{ITEMS}/{assignment.item_id}/scores", plain).status_code == 200
    answer = school_tool.open("POST", f"{ITEMS}/{assignment.item_id}/scores", found["request"]["json"])
    wanted = found["response"]
    assert answer.status_code == wanted["status"], answer.text
    assert comparable(answer.json, assignment.item_id) == comparable(wanted["json"], 1)
    if "headers" in wanted:
        assert answer.headers["Content-Type"] == wanted["headers"]["Content-Type"]


# case → the grade afterwards (5 stood there), and how many attempts it added.
_EFFECTS = {
    "plain": (8, 1), "regrade-only": (8, 0), "submission-type-none": (8, 0), "basic-lti-launch": (8, 1),
    "submission-without-grade": (5, 1), "progress-clears-grade": (None, 1), "progress-safe": (5, 0),
    "teacher-grade-wins": (5, 1), "submitted-at": (8, 1), "extra-credit": (12, 1), "comment": (8, 1),
}  # fmt: skip


@pytest.mark.parametrize("case", _EFFECTS)
def test_a_score_has_canvas_effect_on_grade_and_attempts(
    school: CanvasLms, assignment: Link, school_tool: CanvasTool, known: Known, case: str
) -> None:
    student = school.find_user(STUDENT)
    assert student is not None
    school_tool.score(assignment.item_id, STUDENT, scoreGiven=5)
    school_tool.open(
        "POST", f"{ITEMS}/{assignment.item_id}/scores", known("ags-scores")["cases"][case]["request"]["json"]
    )
    grade, added = _EFFECTS[case]
    assert school.grade_of(student, assignment) == grade
    assert school.attempts_of(assignment.item_id, student.id) == 1 + added


@pytest.mark.parametrize(("switch", "case"), [("403", "403-throttled"), ("429", "429-throttled")])
def test_throttling_looks_like_canvas(
    school: CanvasLms, assignment: Link, school_tool: CanvasTool, known: Known, switch: str, case: str
) -> None:
    school_tool.score(assignment.item_id, STUDENT)
    school.faults.throttle = type(school.faults.throttle)(switch)
    answer, wanted = school_tool.score(assignment.item_id, STUDENT), known("ags-scores")["cases"][case]["response"]
    assert answer.status_code == wanted["status"]
    assert {name: answer.headers[name] for name in wanted["headers"]} == wanted["headers"]
    assert answer.text == wanted.get("body", answer.text)
    assert "Retry-After" not in answer.headers and "X-Request-Cost" not in answer.headers
    assert school.attempts_of(assignment.item_id, "5323497") == 1


@pytest.mark.parametrize(
    ("switch", "case"), [("one_attempt", "422-attempts-used-up"), ("concluded", "422-course-concluded")]
)
def test_a_switched_limit_speaks_in_canvas_words(
    school: CanvasLms, assignment: Link, school_tool: CanvasTool, known: Known, switch: str, case: str
) -> None:
    school_tool.score(assignment.item_id, STUDENT)
    setattr(school.faults, switch, True)
    answer, wanted = school_tool.score(assignment.item_id, STUDENT), known("ags-scores")["cases"][case]["response"]
    assert (answer.status_code, answer.json) == (wanted["status"], wanted["json"])


# --- roster, columns ---


def test_a_member_has_the_members_of_a_captured_one(school: CanvasLms, school_tool: CanvasTool, known: Known) -> None:
    answer = school_tool.open("GET", "/api/lti/courses/2/names_and_roles")
    wanted = known("nrps")["cases"]["first-page-public"]["response"]
    assert answer.headers["Content-Type"] == wanted["headers"]["Content-Type"]
    assert set(answer.json) == set(wanted["json"]) and set(answer.json["context"]) == set(wanted["json"]["context"])
    mine = [{**row, "lti11_legacy_user_id": ""} for row in answer.json["members"]]
    theirs = [{**row, "lti11_legacy_user_id": ""} for row in wanted["json"]["members"]]
    assert mine == theirs, "the administrator without enrolment is not listed"


@pytest.mark.parametrize(
    ("query", "case"),
    [
        ("role=http%3A%2F%2Fpurl.imsglobal.org%2Fvocab%2Flis%2Fv2%2Fmembership%23Learner", "role-filter"),
        ("role=Learner", "role-unknown"),
    ],
)
def test_a_role_must_be_a_whole_uri(school_tool: CanvasTool, known: Known, query: str, case: str) -> None:
    answer = school_tool.open("GET", f"/api/lti/courses/2/names_and_roles?{query}")
    wanted = known("nrps")["cases"][case]["response"]["json"]["members"]
    assert [row["user_id"] for row in answer.json["members"]] == [row["user_id"] for row in wanted]


def test_an_unknown_rlid_is_refused_in_canvas_words(school_tool: CanvasTool, known: Known) -> None:
    answer = school_tool.open("GET", "/api/lti/courses/2/names_and_roles?rlid=nonsense")
    wanted = known("nrps")["cases"]["rlid-unknown"]["response"]
    assert (answer.status_code, answer.json) == (wanted["status"], wanted["json"])


def test_rlid_adds_a_message_to_each_member(
    school: CanvasLms, assignment: Link, school_tool: CanvasTool, known: Known
) -> None:
    answer = school_tool.open("GET", f"/api/lti/courses/2/names_and_roles?rlid={school.resource_link_id(assignment)}")
    wanted = known("nrps")["cases"]["rlid-assignment"]["response"]["json"]["members"][0]["message"][0]
    message = answer.json["members"][1]["message"][0]
    assert set(message) == set(wanted)
    assert message[f"{CORE}custom"]["canvas_course_id"] == "$Canvas.course.id", "few variables are filled in here"
    assert message[f"{CORE}custom"]["canvas_user_id"] == "5323497"


@pytest.mark.parametrize("case", ["create-column", "create-assignment-of-the-tool", "create-bad-submission-type"])
def test_a_new_column_is_answered_as_canvas_does(school_tool: CanvasTool, known: Known, case: str) -> None:
    found = known("ags-lineitems")["cases"][case]
    body = json.loads(
        json.dumps(found["request"]["json"]).replace("https://tool.example.com", "http://tool.localhost:8401")
    )
    answer = school_tool.open("POST", ITEMS, body, "application/vnd.ims.lis.v2.lineitem+json")
    wanted = found["response"]
    assert answer.status_code == wanted["status"], answer.text
    assert shape(answer.json) == shape(wanted["json"])


@pytest.mark.parametrize("where", ["create-unknown-resource-link", "delete-made-in-canvas"])
def test_refusals_without_a_body(assignment: Link, school_tool: CanvasTool, known: Known, where: str) -> None:
    found = known("ags-lineitems")["cases"][where]
    if where.startswith("create"):
        answer = school_tool.open("POST", ITEMS, found["request"]["json"])
    else:
        answer = school_tool.open("DELETE", f"{ITEMS}/{assignment.item_id}")
    assert (answer.status_code, answer.data) == (found["response"]["status"], b"")


def test_results_are_listed_as_canvas_does(assignment: Link, school_tool: CanvasTool, known: Known) -> None:
    extension = {"https://canvas.instructure.com/lti/submission": {"new_submission": False}}
    school_tool.score(assignment.item_id, STUDENT, **extension)
    answer = school_tool.open("GET", f"{ITEMS}/{assignment.item_id}/results")
    wanted = known("ags-results")["cases"]["list"]["response"]["json"][:1]
    assert comparable(answer.json, assignment.item_id) == json.loads(
        re.sub(r"results/\d+", "results/N", json.dumps(wanted))
    ), "with the extension of the last score"
    empty = school_tool.open("GET", f"{ITEMS}/{assignment.item_id}/results?user_id={STUDENT_VIEW}")
    assert empty.json == []


# --- tokens and access ---


def test_a_token_looks_as_captured(school_tool: CanvasTool, known: Known) -> None:
    found = known("token")["seen_2026"]["response"]
    answer = school_tool.ask_token("https://purl.imsglobal.org/spec/lti-ags/scope/score")
    assert {**answer.json, "access_token": ""} == {**found["json"], "access_token": ""}
    claims = jwt.decode(answer.json["access_token"], options={"verify_signature": False})
    assert shape(claims) == shape(found["access_token"]["payload"])


@pytest.mark.parametrize(
    ("changes", "description"),
    [
        ({"jti": None}, "the following assertions are missing: jti"),
        ({"aud": ISSUER}, "the 'aud' is invalid"),
        ({"exp": 1}, "the JWT has expired"),
        ({"aud": ISSUER, "exp": 1}, "the 'aud' is invalid | the JWT has expired"),
        ({"exp": "soon"}, "the 'exp' must be a number"),
        ({"iat": 1}, "the 'iat' must be less than 300 seconds old"),
        ({"iat": 4_000_000_000}, "the 'iat' must not be in the future"),
    ],
)
def test_a_bad_assertion_is_refused_in_canvas_words(
    school_tool: CanvasTool, known: Known, changes: dict[str, object], description: str
) -> None:
    answer = school_tool.ask_token(**changes)
    wanted = next(one for one in known("token")["errors"] if one["json"]["error_description"] == description)
    assert (answer.status_code, answer.json) == (wanted["status"], wanted["json"])


def test_one_scope_too_many_refuses_all(school_tool: CanvasTool, known: Known) -> None:
    answer = school_tool.ask_token("https://purl.imsglobal.org/spec/lti-ags/scope/score x:one y:two")
    text = known("token")["errors"][-1]["json"]["error_description"]
    assert answer.status_code == 400 and answer.json["error"] == "invalid_scope"
    assert answer.json["error_description"] == text.partition("granted: ")[0] + "granted: x:one and y:two"


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Authorization": ""}, "Missing access token"),
        ({"Authorization": "Bearer nonsense"}, "Access token invalid - signature likely incorrect"),
    ],
)
def test_a_bad_token_is_refused_in_canvas_words(
    assignment: Link, school_tool: CanvasTool, known: Known, headers: dict[str, str], message: str
) -> None:
    answer = school_tool.open("GET", ITEMS, **headers)
    wanted = [
        one
        for one in known("errors")["service_access"]
        if one.get("json", {}).get("errors", {}).get("message") == message
    ]
    assert (answer.status_code, answer.json) == (wanted[0]["status"], wanted[0]["json"])


def test_the_other_key_of_the_same_issuer_sees_none_of_it(
    school: CanvasLms, assignment: Link, tool: ToolSide, known: Known
) -> None:
    other = CanvasTool(create_lms(school.config, school), tool, "10000000000019")
    assert other.open("GET", ITEMS).json == []
    answer = other.open("GET", f"{ITEMS}/{assignment.item_id}")
    wanted = known("ags-lineitems")["cases"]["show-other-client"]["response"]
    assert (answer.status_code, answer.json) == (wanted["status"], wanted["json"])
