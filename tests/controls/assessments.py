"""Guards of `assessments`."""

from sqlalchemy import true

from lti_tool.assessments import State
from tests.controls.switch import answers, becomes, controls_of

_T = "tests/rooms/assessments/test_"

_GUARDS = {
    "attempts.store._check_limit": (answers(None), f"{_T}attempts.py::test_attempts_end_with_the_limit"),
    "attempts.store._is_own": (
        answers(True),
        f"{_T}attempts.py::test_an_attempt_is_found_by_its_own_enrolment_only",
    ),
    "attempts.journal._counts": (
        becomes(true()),
        f"{_T}journal.py::test_what_comes_after_the_hand_in_is_kept_and_counts_for_nothing",
        f"{_T}deadline.py::test_an_answer_within_the_grace_counts_and_one_after_it_is_kept_and_does_not",
        "tests/web/test_attempts.py::test_a_save_a_second_after_the_grace_is_refused_and_shown",
    ),
    "attempts.journal._has_room": (
        becomes(true()),
        "tests/web/test_attacks.py::test_the_journal_of_an_attempt_has_an_end",
    ),
    "attempts.states.after": (
        answers(State.GRADED),
        f"{_T}deadline.py::test_the_state_is_the_fold_of_the_events",
    ),
    "attempts.accommodations._check": (
        answers(None),
        f"{_T}deadline.py::test_what_makes_no_sense_is_not_granted",
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
    "interactions.choice.check_known": (
        answers(None),
        f"{_T}responses.py::test_a_choice_that_the_question_does_not_have_is_refused",
        f"{_T}kinds.py::test_what_the_question_cannot_have_sent_is_refused[match-fields1-assessments.unknown_choice]",
        f"{_T}kinds.py::test_what_the_question_cannot_have_sent_is_refused[order-fields2-assessments.unknown_choice]",
        f"{_T}kinds.py::test_what_the_question_cannot_have_sent_is_refused[gaps-fields3-assessments.unknown_choice]",
    ),
    "interactions.match._check_several": (
        answers(None),
        f"{_T}kinds.py::test_a_second_match_where_one_is_asked_for_is_refused",
    ),
    "interactions.written._check_count": (
        answers(None),
        f"{_T}kinds.py::test_what_the_question_cannot_have_sent_is_refused[upload-fields6-assessments.too_many_files]",
    ),
    "scoring.texts.MAX_PATTERN_MEMORY": (
        becomes(1 << 26),
        f"{_T}texts.py::test_a_pattern_that_would_need_too_much_memory_is_refused",
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
    "formats.markdown.parts._check_choices": (
        answers(None),
        f"{_T}markdown.py::test_a_choice_question_without_a_right_choice_is_refused",
    ),
}

CONTROLS = controls_of("assessments", _GUARDS)
