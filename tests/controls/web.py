"""Guards of `web`, `workflows` and `people`."""

from tests.controls.switch import Control, acts_like, answers, echoes

_JOURNEY = "tests/workflows/test_journey.py::test_"
_ATTACKS = "tests/web/test_attacks.py::test_"

CONTROLS = {
    "web.security.check_unsafe": Control(
        "lti_tool.web.security.check_unsafe",
        answers(None),
        ("tests/web/test_launch_safety.py::test_a_form_from_elsewhere_changes_nothing",),
    ),
    "web.session.guard_teacher": Control(
        "lti_tool.web.session.guard_teacher",
        acts_like("lti_tool.web.session.guard_session"),
        ("tests/web/test_journey.py::test_a_learner_cannot_open_a_teachers_page",),
    ),
    "web.security._may_be_kept": Control(
        "lti_tool.web.security._may_be_kept",
        answers(True),
        (f"{_ATTACKS}no_cache_keeps_a_refusal",),
    ),
    "web.errors._tame": Control(
        "lti_tool.web.errors._tame",
        echoes(),
        (f"{_ATTACKS}what_a_stranger_writes_is_short_and_tame_in_the_log",),
    ),
    "web.instructor._require_choosing": Control(
        "lti_tool.web.instructor._require_choosing",
        answers(None),
        (f"{_ATTACKS}only_who_is_choosing_looks_into_other_modules",),
    ),
    "web.instructor._require_sight_of_learners": Control(
        "lti_tool.web.instructor._require_sight_of_learners",
        answers(None),
        (f"{_ATTACKS}a_designer_sees_no_learners",),
    ),
    "workflows.oversee._is_own": Control(
        "lti_tool.workflows.oversee._is_own",
        answers(True),
        (f"{_ATTACKS}a_neighbour_cannot_send_our_grades_again",),
    ),
    "workflows.attempt.require_assessed": Control(
        "lti_tool.workflows.attempt.require_assessed",
        answers(None),
        (f"{_JOURNEY}whoever_teaches_is_not_assessed",),
    ),
    "workflows.enter._require_author": Control(
        "lti_tool.workflows.enter._require_author",
        answers(None),
        (f"{_JOURNEY}a_learner_adds_nothing_to_the_course",),
    ),
    "people.identities.require_welcome": Control(
        "lti_tool.people.identities.require_welcome",
        answers(None),
        (
            "tests/workflows/test_timeline.py::test_a_blocked_person_has_no_session_and_gets_none",
            "tests/workflows/test_timeline.py::test_a_blocked_teacher_does_not_choose_either",
        ),
    ),
}
