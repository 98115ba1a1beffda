"""Guards of `courses`, and of the workflows about links that are copied, edited, dated or reviewed."""

from sqlalchemy import bindparam, select

from lti_tool.courses import enrolments, offers
from lti_tool.courses.tables import enrolments as enrolment_rows
from lti_tool.courses.tables import offers as offer_rows
from tests.controls.switch import answers, controls_of, echoes

_C = "tests/workflows/test_copies.py::test_"
_W = "tests/web/test_courses.py::test_"

_GUARDS = {
    "placements.has_begun": (
        answers(False),
        f"{_C}who_has_begun_keeps_the_module_until_the_teacher_has_decided",
        f"{_C}a_module_that_is_changed_begins_anew_and_loses_nothing",
        f"{_W}a_teacher_decides_in_words_what_an_edited_link_shows",
    ),
    "enrolments._by_public_id": (
        lambda _guard: select(*enrolments._COLUMNS).where(enrolment_rows.c.public_id == bindparam("public_id")),
        f"{_C}a_review_shows_nobody_of_another_activity",
    ),
    "offers._by_public_id": (
        lambda _guard: select(*offers.COLUMNS).where(offer_rows.c.public_id == bindparam("public_id")),
        "tests/rooms/courses/test_placements.py::test_an_offer_of_another_organisation_is_unknown",
    ),
    "window._conflicts": (
        answers(()),
        f"{_C}one_learner_s_dates_are_nobody_else_s",
    ),
}
_VERBS = {
    "attempt._require_open": (
        answers(None),
        f"{_C}no_new_attempt_begins_outside_the_window",
        f"{_W}the_lms_s_dates_open_and_close_the_assessment",
    ),
    "review._require_own": (answers(None), f"{_C}a_learner_reviews_nobody_else_s_work"),
    "author._once_each": (
        echoes(),
        f"{_C}one_module_at_a_time_where_the_lms_takes_one",
    ),
    "author._require_to_settle": (
        answers(None),
        f"{_C}an_assistant_does_not_decide",
    ),
}

CONTROLS = {**controls_of("courses", _GUARDS), **controls_of("workflows", _VERBS)}
