"""Guards of administrators: keys that rotate, accounts, signing in, and what each may touch."""

from datetime import timedelta
from typing import Any

from tests.controls.switch import Control, answers, becomes

_KEYS = "tests/rooms/lti/test_keys.py::test_"
_OPERATORS = "tests/rooms/people/test_operators.py::test_"
_WORKFLOWS = "tests/workflows/test_administer.py::test_"
_ADMIN = "tests/web/test_admin.py::test_"


def _any_organisation(find: Any) -> Any:
    """Finds a platform by its id alone, whoever's it is."""

    def found(tx: Any, public_id: str, *, organisation_id: int) -> Any:
        from lti_tool import lti

        return next(one for one in lti.list_registrations(tx) if one.public_id == public_id)

    return found


def _anybody(find: Any) -> Any:
    """Finds a person by id, whosever platform they came from."""

    def found(tx: Any, person: Any, *, organisation_id: int) -> Any:
        from lti_tool import people
        from lti_tool.core.errors import NotFound

        for one in people.list_organisations(tx):
            try:
                return find(tx, person, organisation_id=one.id)
            except NotFound:
                continue
        raise NotFound("people.no_person", "")

    return found


_GUARDS: dict[str, tuple[Any, ...]] = {
    "people.passwords.require_good": (answers(None), f"{_ADMIN}a_weak_password_is_refused_with_the_reason"),
    "people.operators.SETUP_LIVES": (becomes(timedelta(hours=2)), f"{_ADMIN}a_link_runs_out_after_half_an_hour"),
    "people.operators.spend_code": (
        answers(True),
        f"{_ADMIN}a_code_serves_once",
        f"{_ADMIN}a_code_of_before_the_last_one_is_refused",
        f"{_OPERATORS}of_several_with_one_code_one_comes_in",
    ),
    "people.passwords.is_password": (
        answers(True),
        f"{_ADMIN}whatever_is_wrong_the_answer_is_the_same[wrong0]",
        f"{_ADMIN}an_unknown_name_costs_as_much_time_as_a_known_one",
    ),
    "people.sign_ins.seconds_to_wait": (
        answers(0),
        f"{_ADMIN}who_guesses_is_slowed_down",
        f"{_ADMIN}an_unknown_name_is_slowed_down_alike",
        f"{_ADMIN}guessing_from_everywhere_is_slowed_down_too",
        f"{_OPERATORS}of_many_guesses_at_once_five_are_judged",
    ),
    "people.sign_ins.is_live": (
        answers(True),
        f"{_ADMIN}a_session_ends_after_half_an_hour_of_rest",
        f"{_ADMIN}a_session_ends_after_eight_hours_of_work",
    ),
    "people.sign_ins.end_sign_in": (
        answers(None),
        f"{_ADMIN}an_administrator_signs_in_and_out",
        f"{_ADMIN}a_session_that_somebody_laid_ready_is_not_taken_over",
    ),
    "lti.registering.administration.registration_with_id": (
        _any_organisation,
        f"{_ADMIN}an_operator_of_another_organisation_sees_and_changes_nothing_of_ours",
    ),
    "people.search.person_of": (
        _anybody,
        f"{_ADMIN}an_operator_of_another_organisation_sees_and_changes_nothing_of_ours",
        f"{_WORKFLOWS}a_person_is_found_by_launch_and_only_within_the_organisation",
    ),
    "lti.registering.registrations.end_logins": (answers(None), f"{_WORKFLOWS}a_launch_under_way_does_not_arrive"),
    "lti.registering.administration.require_enabled": (
        answers(None),
        f"{_ADMIN}a_closed_platform_opens_nothing_until_it_is_opened_again",
    ),
    "web.administrator.admitted": (answers(None), f"{_ADMIN}without_a_session_nothing_is_shown_or_done"),
    "web.administrator.csrf_token": (
        answers("0" * 64),
        f"{_ADMIN}a_form_without_our_token_or_from_elsewhere_changes_nothing",
        f"{_ADMIN}another_operator_s_token_is_none",
    ),
    "web.security.require_own_origin": (
        answers(None),
        f"{_ADMIN}a_set_up_form_of_another_site_is_refused",
        f"{_ADMIN}a_sign_in_form_of_another_site_is_refused",
    ),
    "web.sign_in._onward": (
        lambda _guard: lambda given: given.get("next", ""),
        f"{_ADMIN}signing_in_leads_to_a_page_of_ours",
    ),
    "lti.keys.tool_keys.retire_tool_keys": (
        answers([]),
        f"{_KEYS}rotation_signs_with_the_new_key_and_publishes_both_for_a_fortnight",
        f"{_KEYS}a_retired_key_s_private_half_is_destroyed",
    ),
}

CONTROLS = {
    f"admin.{name}": Control(f"lti_tool.{name}", bypass, tuple(tests)) for name, (bypass, *tests) in _GUARDS.items()
}
