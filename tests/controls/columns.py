"""Guards of a course's grade columns and its list of people, in `gradebook`, `courses` and `workflows`."""

from sqlalchemy import true

from tests.controls.switch import answers, controls_of

_C, _R = "tests/workflows/test_columns.py::test_", "tests/workflows/test_roster.py::test_"
_W = "tests/web/test_columns.py::test_"

_COLUMNS = {
    "columns.is_waiting": (answers(False), f"{_C}a_grade_waits_and_goes_when_its_column_is_known"),
    "columns.has_column": (answers(true()), f"{_C}a_teacher_cannot_send_where_there_is_no_column"),
    "columns.is_of_another": (answers(False), f"{_C}a_column_made_for_another_link_is_left_to_it"),
}
_LISTS = {
    "rosters.may_send_away": (
        answers(True),
        f"{_R}a_list_that_is_not_whole_sends_nobody_away[a part with somebody inactive]",
    ),
}
_VERBS = {
    "columns.require_time": (answers(None), f"{_C}a_worker_that_was_slow_makes_nothing"),
    "columns.require_leave": (
        answers(None),
        f"{_W}a_deleted_column_is_parked_found_again_or_made_when_somebody_asks",
    ),
}
_COUNTS = {
    "class_list.staff_of_course": (
        answers(frozenset()),
        f"{_R}staff_who_came_are_no_learners_whatever_the_list_says",
    ),
}

CONTROLS = {
    **controls_of("gradebook", _COLUMNS),
    **controls_of("courses", _LISTS),
    **controls_of("workflows", _VERBS),
    **controls_of("insights", _COUNTS),
}
