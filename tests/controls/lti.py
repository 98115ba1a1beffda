"""Guards of `lti`."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select

from lti_tool.lti.tables import handovers
from tests.controls.switch import Control, answers, becomes, controls_of, echoes

_L, _S, _K, _G, _R, _C, _Y, _F = (
    f"tests/rooms/lti/test_{name}.py::test_"
    for name in ("launch", "sessions", "key_sets", "login", "registrations", "scores", "launch_says", "refusal_log")
)

_O = "tests/rooms/lti/test_own_origins.py::test_"
_BINDING, _TABS = "tests/web/test_binding.py::test_", "tests/rooms/lti/test_handover.py::test_"
_FORTY = "tests/rooms/lti/test_hostile_tokens.py::test_forty_hostile_tokens_get_nobody_in_and_nothing_fetched"
_CROSSED = "tests/rooms/lti/test_mixups.py::test_no_place_can_launch_by_the_login_of_another"
_REPLAYED = "tests/web/test_replays.py::test_a_hundred_replays_at_once_open_one_session"

_GUARDS = {
    "launching.claims._storable": (
        answers(True),
        "tests/web/test_attacks.py::test_a_platform_that_names_an_odd_type_is_refused",
    ),
    "sessions.binding.is_same_browser": (
        answers(True),
        f"{_L}a_launch_posted_by_another_browser_is_refused",
        f"{_S}another_browser_reads_nothing",
        f"{_S}reload_finds_the_session_again_for_the_same_browser_alone",
        "tests/web/test_launch_safety.py::test_another_browsers_state_is_refused",
        f"{_BINDING}a_proof_without_the_secret_is_refused",
        f"{_BINDING}a_proof_with_another_browser_s_secret_is_refused",
        _REPLAYED,
    ),
    "launching.exchange._Exchange.validate_jwt_signature": (
        echoes(),
        f"{_L}a_token_of_a_stranger_is_refused",
        f"{_L}a_token_that_was_altered_is_refused",
        f"{_L}a_key_that_a_token_brings_along_or_points_to_counts_for_nothing",
        f"{_L}a_token_that_names_an_unknown_key_is_refused",
        _FORTY,
        _CROSSED,
    ),
    "sessions.handover._take": (
        # Read, and not used up.
        becomes(select(handovers).where(handovers.c.code_hash == bindparam("asked"))),
        f"{_TABS}many_uses_of_one_code_at_once_open_one_session",
        f"{_BINDING}a_code_opens_one_tab",
    ),
    "sessions.handover._LIFETIME": (becomes(timedelta(days=1)), f"{_TABS}a_code_lives_a_minute"),
    "launching.login.consume": (
        answers(None),
        f"{_L}the_same_token_twice_opens_one_session",
        f"{_S}many_posts_of_one_launch_at_once_open_one_session",
        "tests/workflows/test_journey.py::test_the_same_launch_enters_once",
        _REPLAYED,
    ),
    "launching.login._LIFETIME": (becomes(timedelta(days=1)), f"{_L}a_login_ends_after_five_minutes"),
    "launching.login.Login.is_open": (answers(True), f"{_L}a_login_ends_after_five_minutes"),
    "origins.same_origin": (
        answers(True),
        f"{_L}a_launch_that_leads_to_a_foreign_address_is_refused",
        f"{_G}a_login_for_a_foreign_address_is_refused",
    ),
    "origins.path_of": (answers("/"), f"{_L}a_launch_that_leads_elsewhere_than_its_login_is_refused"),
    "registering.registrations.Registration.owns": (
        answers(True),
        f"{_Y}a_choice_is_never_sent_to_another_site",
        f"{_O}what_only_looks_like_a_school_s_host_is_a_stranger",
    ),
    "origins.is_under": (answers(True), f"{_O}a_host_that_ends_like_the_cloud_s_domain_is_no_part_of_it"),
    "origins.plain_origin": (echoes(), f"{_O}an_origin_is_an_origin_and_nothing_more"),
    "quirks.own_domains": (
        answers(("instructure.com",)),
        f"{_O}a_canvas_of_one_s_own_has_no_part_in_the_cloud",
        f"{_O}a_moodle_owns_its_own_host_alone",
    ),
    "quirks.masquerader_of": (answers(""), f"{_Y}whoever_acts_as_somebody_is_told"),
    "registering.registrations.end_logins": (
        answers(None),
        "tests/workflows/test_identity.py::test_a_launch_begun_by_the_old_rule_ends_when_the_rule_changes",
    ),
    "sessions.session.Session.counts": (
        becomes(True),
        "tests/workflows/test_identity.py::test_whoever_acts_as_a_learner_changes_nothing_of_theirs",
        "tests/workflows/test_journey.py::test_a_test_user_practises_and_earns_nothing",
    ),
    "advantage.bearer.is_own": (
        answers(True),
        f"{_C}a_token_is_never_sent_to_a_foreign_address",
        "tests/rooms/lti/test_line_items.py::test_nothing_is_asked_of_a_foreign_address",
        f"{_O}a_grade_goes_to_a_school_s_host_once_it_is_confirmed",
    ),
    "keys.key_sets.is_fit": (answers(True), f"{_K}an_unfit_key_is_passed_over"),
    "keys.key_sets.is_in_force": (answers(True), f"{_K}a_withdrawn_key_is_refused_after_ten_minutes"),
    "keys.key_sets.KeySets.may_ask": (
        answers(True),
        f"{_K}unknown_key_ids_do_not_make_us_ask_more_than_twice_a_minute",
        "tests/rooms/lti/test_hostile_tokens.py::test_unknown_key_ids_make_us_ask_twice_a_minute_at_most",
    ),
    "origins.is_secure": (answers(True), f"{_R}a_platform_s_addresses_must_be_secure"),
    "registering.registrations.require_allowed": (answers(None), f"{_R}a_new_deployment_waits_until_it_is_allowed"),
    "sessions.session.is_live": (
        answers(True),
        f"{_S}a_session_ends_four_hours_after_its_last_use",
        f"{_S}a_session_in_use_ends_after_twelve_hours",
        f"{_S}taking_back_a_deployment_ends_its_sessions",
        f"{_TABS}a_session_that_is_over_hands_nothing_over",
        f"{_BINDING}a_code_of_a_blocked_person_opens_nothing",
        "tests/workflows/test_timeline.py::test_a_blocked_person_has_no_session_and_gets_none",
        "tests/web/test_doctor.py::test_a_blocked_person_is_out_at_once_and_stays_out",
        "tests/web/test_doctor.py::test_taking_a_deployment_back_ends_its_visits",
    ),
    "launching.evidence.keepable": (
        echoes(),
        f"{_F}of_an_unverified_token_only_algorithm_and_key_are_kept",
        f"{_F}nothing_secret_is_kept_whatever_a_fault_carries",
        f"{_F}what_a_stranger_writes_is_cut_and_tame",
        f"{_F}facts_are_eight_kilobytes_at_most",
        "tests/web/test_doctor.py::test_no_state_nonce_token_cookie_or_name_is_in_the_record",
    ),
    "launching.evidence.evidence_of_header": (
        answers({"alg": "RS256", "kid": "x", "context": "2"}),
        f"{_F}of_an_unverified_token_only_algorithm_and_key_are_kept",
        f"{_F}of_a_forged_signature_only_algorithm_and_key_are_kept",
        "tests/web/test_doctor.py::test_an_unverified_token_leaves_this_record_and_nothing_else",
    ),
    "launching.refusal_log.KEPT_FOR": (becomes(timedelta(days=30)), f"{_F}after_seven_days_nothing_is_left"),
    "keys.key_sets.tries_left_behind": (
        answers(0),
        f"{_K}no_minute_has_three_fetches_wherever_it_begins",
        f"{_K}unknown_key_ids_do_not_make_us_ask_more_than_twice_a_minute",
    ),
    "quirks.is_silent_refusal": (answers(False), f"{_C}moodle_s_silent_refusal_is_a_refusal"),
}

_JUDGED = "tests/rooms/lti/test_rules.py::test_a_launch_that_breaks_one_rule_is_refused_by_it"
# Each rule of the table is a guard; these are the stories that need it.
_RULES: dict[str, tuple[str, ...]] = {
    "fields": (),
    "login": (),
    "browser": (),
    "token": (),
    "objects": (),
    "algorithm": (
        f"{_L}another_algorithm_is_refused_though_key_and_signature_are_right",
        f"{_L}a_token_signed_with_the_public_key_as_a_password_is_refused",
        "tests/rooms/lti/test_terms.py::test_until_an_operator_says_so_a_platform_signs_with_rs256",
        "tests/rooms/lti/test_terms.py::test_what_is_allowed_is_verified_and_nothing_else_is",
    ),
    "condition": (f"{_L}a_header_with_a_condition_that_we_do_not_know_is_refused",),
    "key id": (),
    "issuer": (f"{_L}a_launch_for_another_issuer_s_login_is_refused",),
    "audience": (f"{_L}a_launch_meant_for_another_tool_is_refused",),
    "authorized party": (f"{_L}a_launch_issued_to_another_party_is_refused",),
    "key": (),
    "signature": (),
    "times": (),
    "lifetime": (f"{_L}a_launch_that_claims_to_hold_too_long_or_not_at_all_is_refused",),
    "clock": (
        f"{_L}an_old_launch_is_refused_though_it_claims_to_hold",
        f"{_L}a_launch_from_the_future_names_the_difference_of_the_clocks",
        f"{_L}a_launch_not_yet_in_force_is_refused",
    ),
    "freshness": (f"{_L}a_launch_that_ran_out_on_the_way_is_refused",),
    "nonce": (
        f"{_L}a_nonce_of_another_login_is_refused",
        "tests/web/test_launch_safety.py::test_a_nonce_of_another_login_is_refused",
    ),
    "deployment": (f"{_L}a_launch_of_another_deployment_than_the_login_s_is_refused", _CROSSED),
    "version": (),
    "message type": (),
    "roles": (),
    "subject": (),
    "resource link": (),
    "whose work": (),
    "own target": (f"{_L}a_launch_that_leads_to_a_foreign_address_is_refused",),
    "target": (f"{_L}a_launch_that_leads_elsewhere_than_its_login_is_refused",),
    "deep linking": (),
    "kind of item": (),
    "return address": (
        f"{_Y}a_choice_is_never_sent_to_another_site",
        "tests/rooms/lti/test_return_corpus.py::test_none_of_fifty_foreign_addresses_is_returned_to",
    ),
    "every claim": (),
}


def _passes(name: str) -> Callable[[Any], Any]:
    """A bypass that lets everything pass one rule of a table."""
    return lambda table: tuple(replace(rule, check=lambda _case: None) if rule.name == name else rule for rule in table)


CONTROLS = {
    **controls_of("lti", _GUARDS),
    **{
        f"lti.rules.{name}": Control(
            "lti_tool.lti.launching.rules.RULES", _passes(name), (f"{_JUDGED}[{name}]", *stories)
        )
        for name, stories in _RULES.items()
    },
}
