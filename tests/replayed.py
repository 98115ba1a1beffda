"""Every message in `../shared/platforms`, file by file and entry by entry, and the test that replays it.

`*` stands for whatever is there: the test goes through all of it by itself. `tests/house/test_replayed.py` is red for a
file or an entry that is not here, and for a test that is gone; each test is red at its end when it did not open what is
said of it here (`recordings.py`). What is no message, but words about messages, is in `WORDS` and `NOTED`.
"""

from collections.abc import Mapping

_L, _C = "rooms/lti/test_recorded_launches.py::test_", "rooms/lti/test_canvas_captures.py::test_"
_S, _P = "rooms/lti/test_recorded_scores.py::test_", "rooms/lti/test_recorded_services.py::test_"
_V, _T = "rooms/lti/test_canvas_services.py::test_", "rooms/lti/test_recorded_tokens.py::test_"
_R, _D = "rooms/lti/test_recorded_registrations.py::test_", "rooms/lti/test_dynamic_registration.py::test_"
_I, _W = "rooms/lti/test_canvas_logins.py::test_", "web/test_recorded_visits.py::test_"
_B = "browser/test_recorded_messages.py::test_"

_WHOLE = f"{_L}every_value_of_a_launch_is_read_as_it_was_said"
_CANVAS = f"{_C}every_value_of_a_launch_is_read_as_it_was_said"
_LAUNCH = {_WHOLE: ("login_initiation", "auth_response", "id_token")}
_SCORES = f"{_S}every_recorded_answer_to_a_score_means_what_it_did"
_OURS = f"{_S}our_scores_say_what_the_recorded_ones_said"

REPLAYED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    # --- Moodle 4.5 ---
    "moodle-4.5/openid-configuration": {
        f"{_D}moodle_s_own_words_are_read": ("request", "response"),
        f"{_R}what_moodle_was_asked_for_its_configuration_is_what_we_ask": ("request", "response"),
    },
    "moodle-4.5/jwks": {f"{_L}moodle_s_own_signature_is_genuine_but_not_our_login_s": ("headers", "json")},
    "moodle-4.5/registration": {
        f"{_R}our_registration_in_moodle_says_what_the_recorded_one_said": (
            "1 Moodle opens the tool's registration page in an iframe",
            "2 the tool posts to registration_endpoint, and Moodle's answer",
        ),
        f"{_W}the_page_that_ends_a_registration_says_what_was_recorded": ("3 the tool ends it",),
    },
    "moodle-4.5/registration-minimal": {
        f"{_R}our_registration_in_moodle_says_what_the_recorded_one_said": ("start", "exchange"),
    },
    "moodle-4.5/registration-update": {
        f"{_R}our_registration_in_moodle_says_what_the_recorded_one_said": ("start", "POST of the new one"),
        f"{_R}an_update_is_asked_under_which_client_it_is_known": ("GET of the present registration",),
    },
    "moodle-4.5/registration-errors": {
        f"{_D}each_refusal_of_moodle_is_told": ("*",),
        f"{_R}an_update_is_asked_under_which_client_it_is_known": ("get",),
    },
    **{
        f"moodle-4.5/launch-{name}": _LAUNCH
        for name in (
            *("student", "teacher", "deep-linking", "nonediting-teacher", "admin-not-enrolled", "submission-review"),
            *("student-no-line-item", "student-duplicated-activity", "student-minimal-registration"),
            "student-name-and-email-not-shared",
        )
    },
    "moodle-4.5/launch-other-names": {f"{_L}names_of_every_kind_arrive_unchanged_or_in_nfc": ("*",)},
    "moodle-4.5/auth-request": {f"{_L}our_request_for_a_launch_is_the_recorded_one": ("*",)},
    "moodle-4.5/deep-linking-response": {
        f"{_L}our_choice_says_what_the_recorded_ones_said": (
            *("one", "two", "nolineitem", "noturl", "decimal", "big", "empty", "error"),
        ),
    },
    "moodle-4.5/custom-variables": {
        f"{_L}each_variable_that_moodle_fills_in_is_taken_and_no_other": ("variables/*", "registered as"),
        f"{_L}each_other_parameter_is_taken_once_and_whole": ("other parameters", "of the deep linked item"),
    },
    "moodle-4.5/token": {
        f"{_T}moodle_s_token_answers_are_told_apart": (
            *("ok", "ok-unordered-and-unknown-scope", "only-unknown-scope", "toolsetting-scope-not-granted"),
            *("no-scope", "unknown-client", "expired-assertion", "assertion-aud-is-issuer"),
            *("assertion-aud-is-nonsense", "assertion-without-jti", "assertion-replay-1", "assertion-replay-2"),
            *("unknown-kid", "no-kid", "json-body", "form-with-charset", "readonly-token"),
        ),
        f"{_T}our_request_for_a_token_is_the_recorded_one": ("ok",),
    },
    "moodle-4.5/ags-lineitems": {
        f"{_P}moodle_s_columns_are_listed": (
            *("get", "get-by-resource_link_id", "get-by-resource_id", "get-by-tag", "get-by-tag-none"),
            *("get-without-type_id", "get-other-course", "get-after-delete-coupled"),
        ),
        f"{_P}moodle_s_curly_links_are_followed": ("get-limit-2", "get-limit-2-from-2"),
        f"{_P}moodle_lists_to_whoever_does_not_say_what_they_want": ("get-no-accept",),
        f"{_P}moodle_s_refusals_of_a_list": (
            *("get-without-token", "get-bad-token", "get-accept-star", "get-accept-json", "get-accept-list"),
            "get-accept-wrong-type",
        ),
        f"{_P}a_column_is_made_in_moodle": ("post",),
        f"{_P}a_second_column_of_a_link_keeps_its_maximum_with_a_fraction": ("post-decimal-max-with-link",),
        f"{_P}moodle_s_refusals_of_a_column": ("post-unknown-link", "post-no-label", "post-as-json"),
        f"{_P}a_token_that_only_reads_makes_no_column": ("post-readonly-token",),
    },
    "moodle-4.5/ags-lineitem": {
        f"{_P}moodle_s_column_is_read": ("get-coupled", "get-free", "get-free-after-put", "get-coupled-after-put"),
        f"{_P}a_column_of_moodle_s_is_renamed_exactly_as_recorded": ("put-coupled",),
        f"{_P}a_free_column_of_moodle_s_is_changed": ("put-free",),
        f"{_P}moodle_s_refusals_of_one_column": ("get-accept-json", "get-unknown"),
        f"{_P}moodle_deletes_columns": ("delete-free", "delete-free-with-link", "delete-coupled", "get-after-delete"),
    },
    "moodle-4.5/ags-score": {_SCORES: ("*",), _OURS: ("*",)},
    "moodle-4.5/ags-score-sequence": {f"{_S}what_moodle_erases_is_never_sent_and_what_it_holds_is_read": ("*",)},
    "moodle-4.5/ags-results": {
        f"{_P}moodle_s_results_are_read": ("all", "one-user", "one-user-without-grade", "unknown-user", "free-column"),
        f"{_P}moodle_s_error_pages_are_no_results": ("limit-5", "limit-5-from-5", "accept-json"),
    },
    "moodle-4.5/nrps": {
        f"{_P}moodle_s_roster_is_read_in_four_pages": (
            *("all", "limit-10", "limit-10-page-2", "limit-10-page-3", "limit-10-page-4"),
        ),
        f"{_P}a_part_of_moodle_s_roster_is_read_alike": (
            *("role-learner-uri", "role-instructor-short", "role-nonsense", "accept-star"),
        ),
        f"{_P}a_roster_in_the_form_of_lti_1_1_is_no_roster": ("accept-v1",),
        f"{_P}moodle_s_roster_of_a_link": ("rlid-1",),
        f"{_P}moodle_s_refusals_of_a_roster": ("rlid-unknown", "accept-json", "bad-token", "wrong-scope-token"),
        f"{_P}moodle_shares_no_names_where_privacy_forbids_it": ("names-and-emails-not-shared",),
    },
    "moodle-4.5/requests-from-moodle": {f"{_W}moodle_s_own_visits_are_answered": ("*",)},
    "moodle-4.5/browser": {
        f"{_W}our_cookies_are_of_the_one_kind_that_came_back": (
            "cookies the tool set at login initiation",
            "cookies that came back with the id_token and later, over http and over https",
        ),
        f"{_W}the_frames_of_the_demo_have_the_rights_of_moodle_s": (
            *("iframes", "headers of Moodle's pages", "way of a teacher to a submission review"),
        ),
    },
    # --- Canvas ---
    "canvas/openid-configuration": {
        f"{_D}canvas_s_words_and_answer_are_read": ("seen_2026",),
        f"{_R}canvas_opens_our_page_and_is_asked_with_its_token": ("request", "seen_2026"),
        f"{_R}what_canvas_s_documentation_shows_has_addresses_that_we_do_not_take": ("documented",),
    },
    "canvas/jwks": {f"{_I}a_key_set_without_algorithm_and_use_is_good_for_us": ("path", "shape")},
    "canvas/registration-request-response": {
        f"{_R}canvas_opens_our_page_and_is_asked_with_its_token": ("initiation", "registration_token"),
        f"{_R}our_registration_in_canvas_has_the_members_of_the_documented_one": ("request_documented", "schema"),
        f"{_R}canvas_s_answers_are_read_value_by_value": ("response_seen", "response_newer"),
        f"{_W}the_page_that_ends_a_registration_says_what_was_recorded": ("after_success",),
        f"{_R}each_refusal_of_canvas_is_told": ("errors/*",),
    },
    "canvas/lti-key-config": {
        f"{_R}the_key_for_canvas_is_of_the_documented_form": (
            *("example", "fields", "scopes_documented", "scopes_in_openid_configuration_2026", "constructed_for_tests"),
        ),
    },
    "canvas/login-initiation": {
        f"{_I}each_parameter_of_a_login_is_taken_or_passed_over": (
            *("seen_2025", "seen_2019", "parameters", "example_values_of_lti_storage_target"),
        ),
        f"{_I}our_request_for_a_launch_has_what_canvas_requires": (
            "authentication_request",
            "lti_message_hint_decoded",
        ),
        f"{_I}what_a_hosted_canvas_calls_its_doors": ("endpoints",),
        f"{_W}each_error_that_canvas_posts_is_told_in_plain_words": ("authentication_response",),
    },
    **{
        f"canvas/id-token-{name}": {_CANVAS: ("header", "payload")}
        for name in ("resource-link-learner", "resource-link-instructor", "student-view")
    },
    "canvas/id-token-deep-linking": {
        _CANVAS: ("header", "payload"),
        f"{_C}a_module_can_be_chosen_from_each_placement_that_takes_links": ("settings_by_placement/*",),
        f"{_I}what_canvas_s_return_address_carries_is_none_of_our_business": ("deep_link_return_url_data_decoded",),
    },
    "canvas/id-token-other": {
        _CANVAS: ("admin_not_enrolled", "student_no_services", "course_level_2019"),
        f"{_C}an_account_level_launch_has_a_context_without_a_label": ("account_level_context",),
    },
    "canvas/roles": {
        f"{_C}mixed_roles_count_by_this_course_alone": (
            *("seen/student", "seen/teacher", "seen/administrator, not enrolled, site admin", "seen/designer"),
            "seen/teaching assistant who is also a student elsewhere",
            "seen/student here who teaches elsewhere",
            "seen/teacher who is administrator and student elsewhere (hosted, about 2019-2020)",
            "seen/administrator who teaches elsewhere, account launch",
        ),
        f"{_C}roles_constructed_from_canvas_s_source": ("membership/*", "constructed/*"),
        f"{_C}a_role_of_the_whole_school_is_none_of_the_course": ("root_account",),
    },
    "canvas/deep-linking-response": {
        f"{_R}our_answer_to_deep_linking_has_the_envelope_that_canvas_wants": ("request",),
        f"{_R}what_we_hand_to_canvas_is_what_it_takes": (
            *("supported_properties", "line_item_to_assignment", "item_error"),
        ),
        f"{_C}a_module_can_be_chosen_from_each_placement_that_takes_links": ("accepted_by_placement/*",),
    },
    "canvas/token": {
        f"{_T}our_request_for_a_token_has_what_canvas_s_captured_one_has": ("seen_2026",),
        f"{_T}canvas_s_token_answers_are_told_apart": ("seen_2026", "seen_2019", "errors/*"),
    },
    "canvas/ags-lineitems": {
        f"{_V}the_documented_column_is_ours_but_for_dates_and_kind": ("create_documented",),
        f"{_V}canvas_s_captured_columns_are_read": ("seen_2019",),
        f"{_V}canvas_s_columns_are_made_changed_and_deleted": (
            *("cases/create-column", "cases/update", "cases/delete-made-by-the-service", "scopes"),
        ),
        f"{_V}what_canvas_makes_of_a_column_is_read": (
            "cases/create-assignment-of-the-tool",
            "cases/create-second-item-on-a-link",
        ),
        f"{_V}a_page_and_one_column_of_canvas_s": ("cases/list-page", "cases/show-with-launch-url"),
        f"{_V}canvas_s_refusals_of_a_column": (
            *("cases/create-unknown-resource-link", "cases/create-link-of-another-tool", "cases/course-concluded"),
            *("cases/create-link-without-active-assignment", "cases/create-bad-submission-type"),
            *("cases/show-other-client", "cases/show-assignment-deleted"),
        ),
        f"{_V}canvas_keeps_what_it_made_itself": ("cases/delete-made-in-canvas",),
    },
    "canvas/ags-scores": {
        _SCORES: ("cases/*",),
        _OURS: ("cases/*",),
        f"{_S}the_documented_score_of_canvas_is_ours_but_for_its_file": (
            *("request_documented", "response_documented", "response_seen_2019", "extension", "endpoint", "scope"),
        ),
    },
    "canvas/ags-results": {
        f"{_S}canvas_s_results_are_read": (
            *("cases/list", "cases/one-user", "cases/one-user-without-result", "cases/user-not-a-student", "scope"),
            "endpoints",
        ),
        f"{_S}canvas_s_captured_results_and_a_foreign_one": ("seen/*", "cases/other-item"),
    },
    "canvas/nrps": {
        f"{_V}canvas_s_own_capture_is_whole": ("seen_2019", "scope", "endpoints"),
        f"{_V}canvas_s_people_without_names_are_people": ("seen_anonymous",),
        f"{_V}canvas_s_roster_is_read_in_three_pages": (
            *("cases/first-page-public", "cases/second-page", "cases/last-page"),
        ),
        f"{_V}canvas_gives_fifty_at_most_and_says_how_to_go_on": ("cases/limit-too-high",),
        f"{_V}a_part_of_canvas_s_roster_is_read_alike": ("cases/role-filter", "cases/role-unknown"),
        f"{_V}canvas_fills_in_what_a_launch_would_say": ("cases/rlid-assignment",),
        f"{_V}canvas_s_refusals_of_a_roster": (
            *("cases/rlid-unknown", "cases/rlid-other-tool", "cases/rlid-not-external", "cases/rlid-tag-gone"),
            *("cases/rlid-other-type", "cases/rlid-bound-elsewhere", "cases/group-gone"),
        ),
    },
    "canvas/errors": {
        f"{_V}every_error_of_canvas_s_services_is_told_in_plain_words": ("service_access/*", "progress/*"),
        f"{_V}throttling_of_canvas_s_is_told_from_a_refusal": ("throttling",),
    },
    "canvas/postmessages": {
        f"{_B}our_script_asks_what_canvas_answers_and_believes_its_answers": (
            *("subjects/lti.capabilities", "subjects/lti.put_data", "subjects/lti.get_data", "target"),
        ),
        f"{_B}what_canvas_refuses_is_not_kept": ("subjects/lti.put_data", "errors/*"),
        f"{_B}we_say_nothing_else_to_the_lms": ("ignored",),
    },
}

WORDS = {
    *("about", "note", "notes", "rules", "cases_note", "errors_note", "documented_note", "not_covered", "forms"),
    *("spelling", "what_becomes_of_it"),
}
"""Names of entries that tell of messages, in every file."""

NOTED: Mapping[str, Mapping[str, str]] = {
    "canvas/ags-lineitems": {"endpoints": "two addresses, which the cases have in full"},
    "canvas/deep-linking-response": {"errors/*": "shown by Canvas in its own dialogue: none of it reaches a tool"},
    "canvas/errors": {"launch": "refused by Canvas before any request reaches a tool"},
    "canvas/postmessages": {
        "subjects/*": "subjects that none of our scripts knows, as `we_say_nothing_else_to_the_lms` sees",
    },
    "canvas/context-copy-notice": {"*": "replayed by the tests of notices (tests/rooms/lti/test_notice*.py)"},
    "moodle-4.5/custom-variables": {
        "substituted with a value": "names of variables, which `variables` has with their values",
        "substituted with an empty value": "the same",
        "left as they are": "the same",
    },
    "moodle-4.5/browser": {
        "chromium": "what the browser was",
        "in the tool's page, http": "what the browser offers to a page in a frame; tests/browser works in such frames",
        "in the tool's page, https": "the same",
        "postMessage": "Moodle answers no message at all: tests/browser/test_layers.py",
        "registration page where the tool's domain is known already": "words of a page of Moodle's own",
    },
}
"""What is no message to replay, and why."""
