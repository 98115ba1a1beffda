"""Guards of `workflows`."""

from datetime import timedelta

from tests.controls.switch import answers, controls_of

_TIME = "tests/workflows/test_time.py::test_"
_I = "tests/workflows/test_identity.py::test_"

_GUARDS = {
    "connect._require_nobody_known": (
        answers(None),
        f"{_I}the_scope_does_not_change_under_people",
        f"{_I}a_launch_begun_by_the_old_rule_ends_when_the_rule_changes",
        "tests/cli/test_platform.py::test_the_identity_scope_never_changes_under_people",
    ),
    "finish._is_unknown_to_the_lms": (
        answers(False),
        f"{_I}whoever_acts_as_a_learner_changes_nothing_of_theirs",
    ),
    "conduct.require_grading": (
        answers(None),
        f"{_TIME}only_who_grades_decides_and_only_about_attempts_of_the_activity",
    ),
    "conduct._is_here": (answers(True), f"{_TIME}only_who_grades_decides_and_only_about_attempts_of_the_activity"),
    "conduct.undo": (answers(None), f"{_TIME}what_a_certificate_rests_on_cannot_be_voided_or_reopened"),
    "conduct.require_none_else": (answers(None), f"{_TIME}there_is_one_attempt_at_a_time_and_time_has_bounds"),
    "conduct._minutes": (
        lambda _guard: lambda minutes: timedelta(minutes=minutes),
        f"{_TIME}there_is_one_attempt_at_a_time_and_time_has_bounds",
    ),
    "bring._require_signature": (
        answers(None),
        f"{_TIME}a_file_that_no_page_has_saved_changes_nothing[secret]",
        f"{_TIME}a_file_that_no_page_has_saved_changes_nothing[text]",
    ),
    "certify._require_counted": (answers(None), f"{_I}whoever_acts_as_a_learner_gets_no_certificate"),
}

CONTROLS = controls_of("workflows", _GUARDS)
