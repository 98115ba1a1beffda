"""Guards of `web` and `workflows`."""

from tests.controls.switch import Control, acts_like, answers

_JOURNEY = "tests/workflows/test_journey.py::test_"

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
}
