"""Guards of `demo`."""

from typing import Any

import jwt

from tests.controls.switch import Guard, answers, controls_of, echoes

_T = "tests/demo/test_"


def _believes(_verify: Guard) -> Guard:
    """Takes a token's word for everything."""

    def verify(_self: Any, token: str) -> Any:
        return jwt.decode(token, options={"verify_signature": False})

    return verify


_GUARDS = {
    "config.is_loopback": (answers(True), f"{_T}site.py::test_it_refuses_any_place_that_others_can_reach"),
    "server.has_own_name": (answers(True), f"{_T}site.py::test_it_answers_to_its_own_name_only"),
    "server.comes_from_own_page": (answers(True), f"{_T}site.py::test_forms_of_other_sites_are_refused"),
    "server._fence": (echoes(1), f"{_T}site.py::test_nothing_inline_and_nothing_from_elsewhere_may_run"),
    "pages.own_path": (echoes(0), f"{_T}site.py::test_nobody_is_led_elsewhere"),
    "pages._need_teacher": (
        answers(None),
        f"{_T}site.py::test_a_removed_activity_takes_its_column_along",
        f"{_T}launch.py::test_who_may_not_edit_gets_no_deep_linking",
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
    "state.Lms.close_dialogue": (answers(True), f"{_T}deep_linking.py::test_an_answer_counts_once"),
    "tool_keys.ToolKeys.verify": (
        _believes,
        f"{_T}services.py::test_a_foreign_signature_gets_no_token",
        f"{_T}deep_linking.py::test_a_foreign_signature_saves_nothing",
    ),
    "services.Ask.need": (
        answers(None),
        f"{_T}services.py::test_a_token_ends_after_an_hour",
        f"{_T}services.py::test_a_token_does_what_it_was_asked_for_and_no_more",
    ),
}

CONTROLS = controls_of("demo", _GUARDS)
