"""A teacher's own grade in the gradebook: entered on the page, kept by Moodle, replaced by Canvas as it does."""

import re

import pytest

from lti_tool.demo import CanvasLms, Link, Lms
from tests.demo.canvas_side import STUDENT, CanvasTool
from tests.demo.sides import Hand, ToolClient, Visitor
from tests.demo.test_services import SCORE, address
from tests.demo.test_services import score as score_body

TEACHER, LEARNER = "3", "6"


def entered(visitor: Visitor, link: Link, grade: str, *, as_whom: str = TEACHER, person: str = LEARNER) -> int:
    visitor.post("/be", {"person": as_whom})
    return visitor.post("/gradebook/grade", {"column": str(link.item_id), "person": person, "grade": grade}).status_code


@pytest.fixture
def link(lms: Lms) -> Link:
    return lms.add_link("Data protection")


def test_a_teacher_enters_a_grade_and_it_says_so(visitor: Visitor, lms: Lms, link: Link) -> None:
    assert entered(visitor, link, "73.5") == 303
    page = visitor.get("/gradebook").text
    assert lms.grade_of(lms.people[LEARNER], link) == 73.5
    assert re.search(r"<b>73\.5</b><span class=\"meta\">entered by the teacher</span>", page)
    assert "Moodle calls it overridden" in page


@pytest.mark.parametrize(("typed", "kept"), [("500", 100), ("-3", 0), ("0", 0)])
def test_a_grade_lies_within_the_column(visitor: Visitor, lms: Lms, link: Link, typed: str, kept: float) -> None:
    assert entered(visitor, link, typed) == 303
    assert lms.grade_of(lms.people[LEARNER], link) == kept


def test_only_a_teacher_enters_grades(visitor: Visitor, lms: Lms, link: Link) -> None:
    assert entered(visitor, link, "50", as_whom=LEARNER) == 403
    assert lms.grades == {}


@pytest.mark.parametrize(
    ("grade", "person", "status"), [("many", LEARNER, 400), ("nan", LEARNER, 400), ("50", TEACHER, 404)]
)
def test_nothing_but_a_grade_of_a_learner_is_taken(
    visitor: Visitor, lms: Lms, link: Link, grade: str, person: str, status: int
) -> None:
    assert entered(visitor, link, grade, person=person) == status
    assert lms.grades == {}


def test_moodle_s_stays_over_the_tool_s_scores_until_it_is_taken_back(
    visitor: Visitor, server: ToolClient, lms: Lms, link: Link, hand: Hand
) -> None:
    """The score is answered as one that was taken; the cell says otherwise."""
    learner = lms.people[LEARNER]
    entered(visitor, link, "40")
    assert score(server, hand, link, 90) == (200, "")
    assert lms.grade_of(learner, link) == 40
    assert entered(visitor, link, "") == 303
    assert lms.grade_of(learner, link) == 40 and not lms.grades[(link.item_id, LEARNER)].by_hand
    assert score(server, hand, link, 90) == (200, "")
    assert lms.grade_of(learner, link) == 90


def score(server: ToolClient, hand: Hand, link: Link, points: float) -> tuple[int, str]:
    hand.move(seconds=2)
    answer = server.send(address(link, "/scores"), score_body(hand, scoreGiven=points), SCORE)
    return answer.status_code, answer.text


def test_canvas_s_is_replaced_unless_the_tool_leaves_grades_alone(
    school: CanvasLms, assignment: Link, school_tool: CanvasTool
) -> None:
    student = school.find_user(STUDENT)
    assert student is not None
    extension = "https://canvas.instructure.com/lti/submission"
    school.enter_grade(assignment.item_id, student.id, 12)
    answer = school_tool.score(assignment.item_id, STUDENT, **{extension: {"prioritize_non_tool_grade": True}})
    assert answer.status_code == 200 and school.grade_of(student, assignment) == 12
    assert school.grades[(assignment.item_id, student.id)].by_hand
    assert school_tool.score(assignment.item_id, STUDENT).status_code == 200
    assert school.grade_of(student, assignment) == 8
    assert not school.grades[(assignment.item_id, student.id)].by_hand


def test_canvas_takes_extra_credit_from_a_teacher_too_and_empties_a_cell(
    canvas: CanvasLms, canvas_visitor: Visitor
) -> None:
    link = canvas.add_link("Data protection")
    learner = next(person for person in canvas.people.values() if person.is_gradable)
    teacher = next(person for person in canvas.people.values() if person.may_edit)
    assert entered(canvas_visitor, link, "120", as_whom=teacher.id, person=learner.id) == 303
    assert canvas.grade_of(learner, link) == 120
    assert "Canvas keeps no lock on it" in canvas_visitor.get("/gradebook").text
    assert entered(canvas_visitor, link, "", as_whom=teacher.id, person=learner.id) == 303
    assert canvas.grade_of(learner, link) is None
