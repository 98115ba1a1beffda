"""Guards of `web`, `workflows` and `people`."""

import re

from flask import g, request

from tests.controls.switch import Control, acts_like, answers, becomes, echoes

_JOURNEY = "tests/workflows/test_journey.py::test_"
_ATTACKS = "tests/web/test_attacks.py::test_"
_LIMITS = "tests/web/test_limits.py::test_"
_BINDING = "tests/web/test_binding.py::test_"

CONTROLS = {
    "web.attempts._require_sight_of_learners": Control(
        "lti_tool.web.attempts._require_sight_of_learners",
        answers(None),
        ("tests/web/test_attempts.py::test_a_designer_sees_no_attempts",),
    ),
    "web.security.require_own_origin": Control(
        "lti_tool.web.security.require_own_origin",
        answers(None),
        (
            f"{_BINDING}a_proof_from_elsewhere_is_refused",
            f"{_BINDING}a_code_from_elsewhere_opens_nothing",
        ),
    ),
    "web.surroundings.note_platform": Control(
        "lti_tool.web.surroundings.note_platform",
        lambda _guard: lambda _registration: setattr(g, "frame_ancestor", "*"),
        (f"{_BINDING}the_page_that_asks_may_be_framed_by_the_lms_alone",),
    ),
    "web.session.is_secret": Control(
        "lti_tool.web.session.is_secret",
        answers(True),
        (f"{_BINDING}a_secret_that_is_none_is_not_taken",),
    ),
    "web.browser._PLACE": Control(
        "lti_tool.web.browser._PLACE",
        becomes(re.compile(r"(?P<rest>.*)")),
        (f"{_BINDING}a_code_leads_to_no_foreign_place",),
    ),
    "web.security.check_unsafe": Control(
        "lti_tool.web.security.check_unsafe",
        answers(None),
        ("tests/web/test_launch_safety.py::test_a_form_from_elsewhere_changes_nothing",),
    ),
    "web.guards.guard_teacher": Control(
        "lti_tool.web.guards.guard_teacher",
        acts_like("lti_tool.web.guards.guard_session"),
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
    "web.limits.is_too_many": Control(
        "lti_tool.web.limits.is_too_many",
        answers(False),
        (
            f"{_LIMITS}who_guesses_certificates_is_stopped_after_sixty_in_a_minute",
            f"{_LIMITS}logins_and_launches_have_an_end_all_the_same",
            f"{_LIMITS}the_doors_of_browsers_without_a_cookie_have_an_end_too",
            f"{_LIMITS}refusals_are_cut_short_but_nobody_is_kept_out_by_them",
            f"{_LIMITS}a_flood_of_strangers_costs_few_writes_and_crowds_out_nobody",
        ),
    ),
    "web.limits.client_address": Control(
        "lti_tool.web.limits.client_address",
        lambda _client_address: lambda: request.headers.get("X-Forwarded-For") or request.remote_addr,
        (f"{_LIMITS}an_address_may_not_be_claimed",),
    ),
    "web.limits.judge_refusal": Control(
        "lti_tool.web.limits.judge_refusal",
        echoes(),
        (f"{_LIMITS}refusals_are_cut_short_but_nobody_is_kept_out_by_them",),
    ),
    "web.limits.may_keep_refusal": Control(
        "lti_tool.web.limits.may_keep_refusal",
        answers(True),
        (
            f"{_LIMITS}a_flood_of_strangers_costs_few_writes_and_crowds_out_nobody",
            f"{_LIMITS}a_flood_in_the_name_of_one_platform_crowds_out_no_other",
        ),
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
