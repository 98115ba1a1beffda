"""Guards of what is settled with one platform, of connection tests that pages ask for, and of errors in a session."""

from datetime import timedelta
from typing import Any

from sqlalchemy import true

from lti_tool.lti.tables import session_faults
from tests.controls.switch import Control, answers, becomes, echoes

_TERMS = "tests/rooms/lti/test_terms.py::test_"
_FAULTS = "tests/rooms/lti/test_fault_log.py::test_"
_ASKED = "tests/rooms/lti/test_asked.py::test_"
_INVITED = "tests/rooms/lti/test_invitations.py::test_"
_OWN_CLOCK = f"{_TERMS}each_platform_s_clock_may_be_off_as_far_as_was_settled"
_OTHERS_KEY = f"{_TERMS}a_key_that_is_for_another_algorithm_is_unknown"


def _overwrites(write: Any) -> Any:
    """Brings a platform that is known up to date, though it should be new."""
    return lambda *arguments, only_new, **named: write(*arguments, only_new=False, **named)


_GUARDS: dict[str, tuple[Any, ...]] = {
    "lti.registering.registrations.Registration.leeway": (
        echoes(1),
        *(f"{_OWN_CLOCK}[{side}-{case}]" for side in (1, -1) for case in ("0-0-1", "120-120-121", "300-300-301")),
    ),
    "lti.registering.terms.Terms.__post_init__": (
        answers(None),
        f"{_TERMS}no_leeway_is_longer_than_five_minutes",
        f"{_TERMS}odd_algorithms_and_columns_are_refused",
        "tests/cli/test_platform.py::test_odd_terms_are_refused_and_change_nothing",
    ),
    "lti.registering.terms.read_algorithms": (
        becomes(tuple),
        f"{_TERMS}odd_algorithms_and_columns_are_refused",
        f"{_TERMS}what_needs_no_private_key_is_never_allowed",
    ),
    "lti.keys.key_sets.is_meant_for": (
        answers(True),
        *(f"{_OTHERS_KEY}[{published}]" for published in ("RS256", "RS384", "RS512")),
    ),
    "lti.registering.connecting._write": (
        _overwrites,
        "tests/workflows/test_registered_twice.py::test_of_two_at_the_same_instant_the_first_one_stays",
        "tests/web/test_register.py::test_a_client_that_is_connected_already_is_not_overwritten",
        "tests/web/test_admin.py::test_an_lms_is_connected_by_hand",
    ),
    "lti.registering.invitations.forget_invitations": (
        answers(0),
        f"{_INVITED}what_nobody_used_in_time_is_forgotten_after_a_week",
        f"{_INVITED}one_that_has_connected_a_platform_is_kept_for_more_than_a_year",
    ),
    "lti.connection.asked._is_idle": (becomes(true()), f"{_ASKED}however_often_it_is_asked_for_one_runs"),
    "lti.connection.asked._MOST_TRIES": (becomes(9), f"{_ASKED}a_worker_that_died_leaves_it_to_another_twice"),
    "lti.sessions.fault_log._keep": (
        becomes(session_faults.insert()),
        f"{_FAULTS}of_a_session_that_there_is_not_nothing_is_kept",
    ),
    "lti.sessions.fault_log.may_displace": (
        answers(True),
        f"{_FAULTS}whoever_is_not_in_the_session_takes_nobody_s_place",
    ),
    "lti.sessions.fault_log.KEPT_FOR": (becomes(timedelta(days=365)), f"{_FAULTS}after_a_week_it_is_gone"),
    "web.limits.may_keep_fault": (
        answers(True),
        "tests/web/test_doctor.py::test_of_a_flood_of_errors_ten_a_minute_are_written_down",
    ),
}

CONTROLS = {
    f"terms.{name}": Control(f"lti_tool.{name}", bypass, tuple(tests)) for name, (bypass, *tests) in _GUARDS.items()
}
