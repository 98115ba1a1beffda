"""Guards of `demo`."""

from typing import Any

import jwt

from tests.controls.switch import Guard, acts_like, answers, controls_of, echoes

_T = "tests/demo/test_"


def _believes(_verify: Guard) -> Guard:
    """Takes a token's word for everything."""

    def verify(_self: Any, token: str) -> Any:
        return jwt.decode(token, options={"verify_signature": False})

    return verify


def _unread(token: str) -> Any:
    """The claims of a token, whoever signed it and whenever."""
    return jwt.decode(token, options={"verify_signature": False})


_GUARDS = {
    "room.may_act": (
        acts_like("lti_tool.demo.room.visitor"),
        f"{_T}canvas_launch.py::test_an_administrator_acts_as_a_learner",
    ),
    "config.is_loopback": (answers(True), f"{_T}site.py::test_it_refuses_any_place_that_others_can_reach"),
    "server.has_own_name": (answers(True), f"{_T}site.py::test_it_answers_to_its_own_name_only"),
    "server.comes_from_own_page": (
        answers(True),
        f"{_T}site.py::test_forms_of_other_sites_are_refused",
        f"{_T}canvas_launch.py::test_a_message_between_windows_is_on_the_wires_page",
    ),
    "server._fence": (echoes(1), f"{_T}site.py::test_nothing_inline_and_nothing_from_elsewhere_may_run"),
    "pages.own_path": (echoes(0), f"{_T}site.py::test_nobody_is_led_elsewhere"),
    "pages._need_teacher": (
        answers(None),
        f"{_T}site.py::test_a_removed_activity_takes_its_column_along",
        f"{_T}launch.py::test_who_may_not_edit_gets_no_deep_linking",
    ),
    "show._need_teacher": (answers(None), f"{_T}own_grades.py::test_only_a_teacher_enters_grades"),
    "canvas.registering._need_admin": (
        answers(None),
        f"{_T}canvas_registering.py::test_only_an_administrator_and_only_our_tool",
    ),
    "canvas.registering._need_token": (
        answers({}),
        f"{_T}canvas_registering.py::test_a_token_and_a_body_are_refused_in_canvas_s_forms",
    ),
    "oidc.is_registered": (
        answers(True),
        f"{_T}launch.py::test_nothing_is_sent_to_an_address_that_is_not_registered",
    ),
    "oidc.is_theirs": (
        answers(True),
        f"{_T}launch.py::test_only_who_started_a_launch_can_finish_it",
        f"{_T}launch.py::test_a_launch_of_somebody_else_is_not_taken_over_by_ones_own_login_hint",
    ),
    "state.Lms.finish_launch": (
        lambda _guard: lambda lms, launch_id: lms.pending.get(launch_id),
        f"{_T}launch.py::test_a_launch_serves_once",
    ),
    "state.Lms.close_dialogue": (
        answers(True),
        f"{_T}deep_linking.py::test_an_answer_counts_once",
        f"{_T}canvas_deep_linking.py::test_an_answer_is_taken_once",
    ),
    "tool_keys.ToolKeys.verify": (
        _believes,
        f"{_T}services.py::test_a_foreign_signature_gets_no_token",
        f"{_T}deep_linking.py::test_a_foreign_signature_saves_nothing",
        f"{_T}canvas_deep_linking.py::test_a_foreign_signature_saves_nothing",
    ),
    "services.Ask.need": (
        answers(None),
        f"{_T}services.py::test_a_token_ends_after_an_hour",
        f"{_T}services.py::test_a_token_does_what_it_was_asked_for_and_no_more",
    ),
    # The Canvas flavour has its own rules of launch and services.
    "canvas.oidc.is_registered": (
        answers(True),
        f"{_T}canvas_launch.py::test_nothing_is_sent_to_an_unknown_place",
    ),
    "canvas.oidc.read_hint": (
        lambda _guard: lambda _lms, hint: _unread(hint)["verifier"],
        f"{_T}canvas_launch.py::test_a_hint_of_another_canvas_is_none",
        f"{_T}canvas_launch.py::test_a_hint_is_good_for_five_minutes",
    ),
    "canvas.oidc.find_fault": (
        answers(None),
        f"{_T}canvas_launch.py::test_a_bad_request_is_answered_at_the_tool",
        f"{_T}canvas_launch.py::test_only_who_started_a_launch_can_fetch_it",
    ),
    "canvas.state.CanvasLms.fetch": (
        lambda _guard: lambda lms, verifier: lms.started.get(verifier),
        f"{_T}canvas_launch.py::test_a_launch_is_fetched_once",
    ),
    "canvas.services.Ask.need": (
        answers(None),
        f"{_T}canvas_services.py::test_the_wrong_scope_is_401_and_no_403",
    ),
    "canvas.services.read_token": (
        lambda _guard: lambda _lms, token: _unread(token),
        f"{_T}canvas_services.py::test_a_token_ends_after_an_hour",
    ),
    "canvas.services.hindrance": (
        answers(None),
        f"{_T}canvas_services.py::test_a_request_without_user_agent_is_refused",
    ),
    "canvas.tokens.find_faults": (
        answers(()),
        f"{_T}canvas_deep_linking.py::test_a_bad_answer_is_refused_in_canvas_words",
    ),
    "canvas.state.CanvasLms.client_of": (
        answers("10000000000019"),
        f"{_T}canvas_services.py::test_another_key_of_the_issuer_can_grade_nothing_here",
    ),
}

CONTROLS = controls_of("demo", _GUARDS)
