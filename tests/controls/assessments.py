"""Guards of `assessments`."""

from tests.controls.switch import acts_like, answers, controls_of

_T = "tests/rooms/assessments/test_"

_GUARDS = {
    "attempts.store._check_limit": (answers(None), f"{_T}attempts.py::test_attempts_end_with_the_limit"),
    "attempts.store._is_own": (
        answers(True),
        f"{_T}attempts.py::test_an_attempt_is_found_by_its_own_enrolment_only",
    ),
    "attempts.journal._open_attempt": (
        acts_like("lti_tool.assessments.attempts.journal._attempt_row"),
        f"{_T}journal.py::test_after_handing_in_nothing_is_saved",
        "tests/web/test_attacks.py::test_the_journal_of_an_attempt_has_an_end",
    ),
    "attempts.journal._check": (
        answers(None),
        f"{_T}journal.py::test_a_question_that_was_not_drawn_is_refused",
        f"{_T}journal.py::test_a_save_without_the_mark_of_a_page_is_refused",
    ),
    "attempts.submission._was_handed_in": (
        answers(False),
        f"{_T}attempts.py::test_a_second_hand_in_changes_nothing",
        f"{_T}attempts.py::test_handing_in_from_many_places_at_once_happens_once",
    ),
    "interactions.choice._check_known": (
        answers(None),
        f"{_T}responses.py::test_a_choice_that_the_question_does_not_have_is_refused",
    ),
    "interactions.choice._check_one": (
        answers(None),
        f"{_T}responses.py::test_a_second_choice_where_one_is_asked_for_is_refused",
    ),
    "interactions.words._check_length": (
        answers(None),
        f"{_T}responses.py::test_an_answer_longer_than_its_field_is_refused",
    ),
    "formats.markdown.front_matter._refuse_aliases": (
        answers(None),
        f"{_T}markdown.py::test_front_matter_with_anchors_is_refused",
    ),
    "formats.markdown.front_matter.Fields.only": (
        answers(None),
        f"{_T}markdown.py::test_a_name_that_is_not_known_is_refused_and_not_dropped",
    ),
    "formats.markdown.answers._check_choices": (
        answers(None),
        f"{_T}markdown.py::test_a_choice_question_without_a_right_choice_is_refused",
    ),
}

CONTROLS = controls_of("assessments", _GUARDS)
