"""What is known of Canvas's launches is asked of the demo's Canvas flavour: claims, forms, roles, keys."""

from dataclasses import replace

import jwt
import pytest

from lti_tool.demo import CanvasLms, CanvasPerson, Link, Role
from lti_tool.demo.canvas.facts import ISSUER
from tests.demo.canvas_side import STUDENT, STUDENT_VIEW, TEACHER, CanvasTool, Known, shape
from tests.demo.sides import CORE, LMS

pytestmark = pytest.mark.shared


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("id-token-resource-link-learner", STUDENT),
        ("id-token-resource-link-instructor", TEACHER),
        ("id-token-student-view", STUDENT_VIEW),
    ],
)
def test_a_launch_has_the_members_of_a_captured_one(
    school: CanvasLms, assignment: Link, known: Known, name: str, who: str
) -> None:
    captured = known(name)["payload"]
    person = school.find_user(who)
    assert person is not None
    given = replace(assignment, custom=(("custom1", "value1"), ("custom2", "value2")))
    mine = jwt.decode(school.id_token(person, given, "n"), options={"verify_signature": False})
    for one in (captured, mine):
        # The LTI 1.1 key of an older installation, and the key's own custom fields, are of each Canvas itself.
        for member in ("oauth_consumer_key", "oauth_consumer_key_sign"):
            one[f"{CORE}lti1p1"].pop(member, None)
        one[f"{CORE}custom"] = {key: text for key, text in one[f"{CORE}custom"].items() if key.startswith("custom")}
    assert shape(mine) == shape(captured)
    assert list(mine) == list(captured), "in Canvas's order"
    same = ("roles", "resource_link", "lis", "custom")
    assert mine["sub"] == captured["sub"] and mine["exp"] - mine["iat"] == captured["exp"] - captured["iat"]
    for claim in same:
        mine_claim, theirs = mine[f"{CORE}{claim}"], captured[f"{CORE}{claim}"]
        if claim == "resource_link":
            mine_claim, theirs = {**mine_claim, "id": ""}, {**theirs, "id": ""}
        assert mine_claim == theirs
    assert (mine["iss"], mine["azp"]) == (ISSUER, mine["aud"])


def test_a_deep_linking_request_has_the_members_of_a_captured_one(school: CanvasLms, known: Known) -> None:
    captured = known("id-token-deep-linking")["payload"]
    teacher = school.find_user(TEACHER)
    assert teacher is not None
    mine = jwt.decode(school.id_token(teacher, None, "n"), options={"verify_signature": False})
    # The captured key has fewer scopes and therefore neither roster nor notices; it has no custom fields.
    for claim in (
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice",
        f"{CORE}platformnotificationservice",
    ):
        del mine[claim]
    mine[f"{CORE}custom"] = {}
    assert shape(mine) == shape(captured)
    assert list(mine) == list(captured)


def test_a_login_request_has_the_fields_of_a_captured_one(school: CanvasLms, assignment: Link, known: Known) -> None:
    captured = known("login-initiation")
    student = school.find_user(STUDENT)
    assert student is not None
    form = school.login_form(student, assignment)
    assert list(form) == list(captured["seen_2025"]["form"])
    hint = jwt.decode(form["lti_message_hint"], options={"verify_signature": False, "verify_exp": False})
    assert shape(hint) == shape(captured["lti_message_hint_decoded"]["payload"])
    for name in ("canvas_environment", "canvas_region", "lti_storage_target"):
        assert form[name] == captured["seen_2025"]["form"][name]
    answer = school.launch_form(student, assignment, state="s", nonce="n")
    assert list(answer) == captured["authentication_response"]["fields_seen_2025"]


@pytest.mark.parametrize(
    ("case", "role", "elsewhere"),
    [
        ("student", Role.LEARNER, ()),
        ("teacher", Role.TEACHER, ()),
        ("student here who teaches elsewhere", Role.LEARNER, (Role.TEACHER,)),
        ("teaching assistant who is also a student elsewhere", Role.ASSISTANT, (Role.LEARNER,)),
        ("designer", Role.DESIGNER, ()),
        ("teacher who is administrator and student elsewhere (hosted, about 2019-2020)", Role.TEACHER,
         (Role.ADMIN, Role.LEARNER)),
        ("administrator who teaches elsewhere, account launch", Role.ADMIN, (Role.TEACHER,)),
    ],
)  # fmt: skip
def test_roles_of_course_and_school_are_mixed_as_seen(
    known: Known, case: str, role: Role, elsewhere: tuple[Role, ...]
) -> None:
    person = CanvasPerson("1", "x", "X", "Y", role, elsewhere=elsewhere)
    assert sorted(person.launch_roles) == sorted(known("roles")["seen"][case])


@pytest.mark.parametrize(("case", "role"), [("student view", Role.STUDENT_VIEW), ("observer only", Role.OBSERVER)])
def test_roles_that_follow_from_the_source(known: Known, case: str, role: Role) -> None:
    assert list(CanvasPerson("1", "x", "X", "Y", role).launch_roles) == known("roles")["constructed"][case]


def test_the_key_set_has_the_shape_of_canvas(known: Known, school_tool: CanvasTool) -> None:
    rows = school_tool.client.get("/api/lti/security/jwks", base_url=LMS).json["keys"]
    theirs = known("jwks")["shape"]["keys"]
    assert [(set(row), row["kid"]) for row in rows] == [(set(row), row["kid"]) for row in theirs]
