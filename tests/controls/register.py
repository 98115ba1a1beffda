"""Guards of connecting an LMS by its address, in `lti`, `workflows`, `web` and `demo`."""

import re
from datetime import timedelta
from typing import Any

from tests.controls.switch import Control, answers, becomes, echoes

_WEB = "tests/web/test_register.py::test_"
_INVITED = "tests/rooms/lti/test_invitations.py::test_"
_DYNAMIC = "tests/rooms/lti/test_dynamic_registration.py::test_"
_JOURNEY = "tests/web/test_registration_journey.py::test_"
_DEMO = "tests/demo/test_registering.py::test_"


def _of_any_attempt(_is_mine: Any) -> Any:
    """Lets a try that was given up settle what a later one has in hand."""
    from lti_tool.lti.tables import invitations

    return lambda claimed: invitations.c.id == claimed.id


_GUARDS: dict[str, tuple[Any, ...]] = {
    "lti.registering.invitations.require_open_invitation": (
        answers(None),
        f"{_INVITED}after_its_time_it_opens_nothing",
        f"{_INVITED}once_used_it_opens_nothing",
        f"{_WEB}an_invitation_ends_after_a_day",
        f"{_WEB}a_used_invitation_is_used",
        f"{_JOURNEY}a_second_tool_needs_a_second_invitation",
    ),
    "lti.registering.invitations.claim_invitation": (
        echoes(1),
        f"{_INVITED}of_a_hundred_at_once_one_asks_the_lms",
        f"{_WEB}of_a_hundred_presses_at_once_one_registers",
    ),
    "lti.registering.invitations._is_mine": (
        _of_any_attempt,
        f"{_INVITED}an_answer_that_comes_after_that_changes_nothing",
    ),
    "lti.registering.platform_configuration.is_from": (
        answers(True),
        f"{_DYNAMIC}an_issuer_that_lives_elsewhere_is_not_believed",
        f"{_DYNAMIC}another_host_or_port_is_somebody_else",
    ),
    "lti.registering.dynamic_registration._BEARER": (
        becomes(re.compile("(?s).*")),
        f"{_DYNAMIC}a_token_that_is_no_bearer_token_is_refused",
    ),
    "workflows.register.speaks_for": (
        answers(True),
        f"{_WEB}an_update_of_anything_else_is_refused",
        f"{_WEB}an_update_that_answers_for_another_client_is_refused",
    ),
    "workflows.register.require_own_host": (
        answers(None),
        f"{_WEB}the_address_that_connected_it_makes_us_ask_nobody_else",
    ),
    "workflows.register.is_invited": (answers(True), f"{_WEB}another_organisation_s_invitation_updates_nothing"),
    "web.security.require_own_origin": (answers(None), f"{_WEB}a_form_that_shows_no_origin_registers_nothing"),
    "web.register._GOOD_FOR": (becomes(timedelta(hours=2)), f"{_WEB}an_offer_of_an_hour_ago_is_too_old"),
    "web.register.may_test": (
        answers(True),
        f"{_JOURNEY}the_connection_is_tested_for_a_day_and_from_our_own_page",
    ),
    "demo.registering._need_admin": (answers(None), f"{_JOURNEY}who_is_no_administrator_adds_no_tool"),
    "demo.registered.Toolbox.use_up": (answers(True), f"{_DEMO}a_token_serves_once"),
    "demo.registering.is_over": (answers(False), f"{_DEMO}a_token_lives_for_an_hour"),
}

CONTROLS = {
    f"register.{name}": Control(f"lti_tool.{name}", bypass, tuple(tests)) for name, (bypass, *tests) in _GUARDS.items()
}
