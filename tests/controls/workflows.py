"""Guards of `workflows`."""

from tests.controls.switch import answers, controls_of

_I = "tests/workflows/test_identity.py::test_"

_GUARDS = {
    "connect._require_nobody_known": (
        answers(None),
        f"{_I}the_scope_does_not_change_under_people",
        f"{_I}a_launch_begun_by_the_old_rule_ends_when_the_rule_changes",
        "tests/cli/test_platform.py::test_the_identity_scope_never_changes_under_people",
    ),
    "finish._is_told_to_the_lms": (
        answers(True),
        f"{_I}whoever_acts_as_a_learner_changes_nothing_of_theirs",
    ),
    "certify._require_counted": (answers(None), f"{_I}whoever_acts_as_a_learner_gets_no_certificate"),
}

CONTROLS = controls_of("workflows", _GUARDS)
