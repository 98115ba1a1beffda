"""What this tool says of itself to platforms: only what works, only what they offer, in the words that each wants."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest

from lti_tool import lti
from lti_tool.lti.registering.platform_configuration import PlatformConfiguration, read_configuration
from lti_tool.lti.registering.tool_metadata import (
    CLAIMS,
    CUSTOM,
    DEEP_LINKING,
    RESOURCE_LINK,
    TOOL,
    registration_request,
)
from lti_tool.lti.vocabulary import NOTICE_SCOPE, SCOPES

URL = "https://tool.example"
CANVAS = "https://canvas.instructure.com/lti/"
PLAIN = PlatformConfiguration(
    issuer="https://lms.example",
    auth_url="https://lms.example/auth",
    token_url="https://lms.example/token",
    jwks_url="https://lms.example/keys",
    registration_url="https://lms.example/register",
    authorization_server=None,
    product="moodle",
    version="4.5",
    account="",
    pages=None,
    scopes=(),
    variables=(),
    placements={RESOURCE_LINK: (), DEEP_LINKING: ("ContentArea", "RichTextEditor")},
)
# Moodle's own names for custom parameters: what has one of them overwrites a claim, or vanishes.
SWALLOWED = {
    "lineitem_url",
    "lineitems_url",
    "result_url",
    "results_url",
    "score_url",
    "scores_url",
    "gradebookservices_scope",
    "context_memberships_versions",
    "context_memberships_v2_url",
    "context_memberships_url",
}


def own(platform: PlatformConfiguration) -> dict[str, object]:
    said = registration_request(platform, URL)[TOOL]
    assert isinstance(said, dict)
    return said


def test_no_custom_parameter_has_a_name_that_moodle_swallows_or_doubles() -> None:
    names = list(CUSTOM)
    assert not SWALLOWED & set(names)
    assert [name for name in names if name != name.lower() or " " in name] == []
    assert [value for value in CUSTOM.values() if not value.startswith("$") or "=" in value] == []


def test_the_domain_has_host_and_port_of_the_target() -> None:
    """Moodle refuses the registration otherwise, and compares to the letter."""
    said = registration_request(PLAIN, "http://tool.localhost:8001")
    configuration = said[TOOL]
    assert isinstance(configuration, dict)
    assert configuration["domain"] == urlsplit(configuration["target_link_uri"]).netloc == "tool.localhost:8001"


def test_only_what_the_platform_offers_is_asked_for() -> None:
    offers = replace(
        PLAIN,
        scopes=(SCOPES[3], "openid"),
        variables=("Context.id.history",),
        placements={RESOURCE_LINK: (), "LtiEulaRequest": ()},
    )
    assert registration_request(offers, URL)["scope"] == SCOPES[3]
    assert own(offers)["custom_parameters"] == {"context_history": "$Context.id.history"}
    assert [message.kind for message in lti.messages_for(offers)] == [RESOURCE_LINK]


def test_a_platform_that_says_nothing_is_asked_for_everything() -> None:
    assert registration_request(PLAIN, URL)["scope"] == " ".join(SCOPES)
    assert own(PLAIN)["custom_parameters"] == CUSTOM
    assert own(PLAIN)["claims"] == list(CLAIMS)


def test_outside_canvas_modules_are_chosen_in_the_content_area() -> None:
    placements = {message.kind: message.placements for message in lti.messages_for(PLAIN)}
    assert placements == {RESOURCE_LINK: (), DEEP_LINKING: ("ContentArea",)}
    assert [name for name in own(PLAIN) if name.startswith(CANVAS)] == []


@pytest.mark.parametrize("prefix", ["", CANVAS])
def test_canvas_s_placements_are_spelled_as_it_spells_them(prefix: str) -> None:
    """Bare words in its documentation, addresses in the configuration of 2026."""
    spelled = {
        RESOURCE_LINK: (f"{prefix}account_navigation", f"{prefix}course_navigation"),
        DEEP_LINKING: (f"{prefix}editor_button", f"{prefix}link_selection", f"{prefix}assignment_selection"),
    }
    canvas = replace(PLAIN, product="canvas", placements=spelled)
    assert {message.kind: message.placements for message in lti.messages_for(canvas)} == {
        RESOURCE_LINK: (f"{prefix}course_navigation",),
        DEEP_LINKING: (f"{prefix}assignment_selection", f"{prefix}link_selection"),
    }
    assert own(canvas)[f"{CANVAS}privacy_level"] == "public"


def test_the_menu_of_a_canvas_course_stays_as_it_is_until_a_teacher_wants_it() -> None:
    canvas = replace(PLAIN, product="canvas", placements={RESOURCE_LINK: ("course_navigation",)})
    (message,) = own(canvas)["messages"]  # type: ignore[misc]
    assert message[f"{CANVAS}course_navigation/default_enabled"] is False


# --- against what platforms publish ---


@pytest.mark.shared
def test_canvas_takes_our_registration(shared_dir: Path) -> None:
    """Each member that its schema requires is there, and of the kind that it names; none that it does not know."""
    folder = shared_dir / "platforms" / "canvas"
    seen = json.loads((folder / "openid-configuration.json").read_text("utf-8"))
    schema = json.loads((folder / "registration-request-response.json").read_text("utf-8"))["schema"]
    platform = read_configuration(seen["seen_2026"], address=seen["request"]["url"])
    said = registration_request(platform, URL)
    required = [line.partition(": ")[0] for line in schema["registration"]["required"]]
    assert [name for name in required if name.partition(" and ")[0] not in said] == []
    assert set(said["grant_types"]) == {"client_credentials", "implicit"}  # type: ignore[call-overload]
    configuration = said[TOOL]
    assert isinstance(configuration, dict)
    known = [
        *schema["tool_configuration"]["required"],
        *(line.partition(": ")[0].partition(" (")[0] for line in schema["tool_configuration"]["optional"]),
    ]
    assert set(schema["tool_configuration"]["required"]) <= set(configuration) <= set(known)
    message_names = {"type", *(line.partition(": ")[0].partition(" (")[0] for line in schema["message"]["optional"])}
    for message in configuration["messages"]:
        assert set(message) <= message_names
        offered = platform.placements[message["type"]]
        assert message["placements"] and set(message["placements"]) <= set(offered)
    assert set(str(said["scope"]).split()) <= set(platform.scopes)


@pytest.mark.shared
def test_moodle_takes_our_registration(shared_dir: Path) -> None:
    """Every member without which the recorded Moodle refused is there."""
    folder = shared_dir / "platforms" / "moodle-4.5"
    recorded = json.loads((folder / "openid-configuration.json").read_text("utf-8"))
    platform = read_configuration(recorded["response"]["json"], address=recorded["request"]["url"])
    said = registration_request(platform, "http://127.0.0.1:9801")
    errors = json.loads((folder / "registration-errors.json").read_text("utf-8"))
    needed = [name.removeprefix("without-") for name in errors if name.startswith("without-")]
    short = {
        name.rpartition("/")[2].removesuffix("lti-tool-configuration") or "lti-tool-configuration" for name in said
    }
    inside = said[TOOL]
    assert isinstance(inside, dict)
    assert [name for name in needed if name not in short | set(inside)] == []
    assert set(str(said["scope"]).split()) == set(SCOPES)
    assert inside["custom_parameters"] == {"context_history": "$Context.id.history"}


KEY = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "description", "oidc_initiation_url", "target_link_uri", "scopes", "extensions"],
    "properties": {
        "title": {"type": "string"},
        "description": {"type": "string"},
        "oidc_initiation_url": {"type": "string", "pattern": "^https://"},
        "oidc_initiation_urls": {"type": "object", "additionalProperties": {"pattern": "^https://"}},
        "target_link_uri": {"type": "string", "pattern": "^https://"},
        "public_jwk_url": {"type": "string", "pattern": "^https://"},
        "scopes": {"type": "array", "items": {"type": "string"}},
        "custom_fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "extensions": {"type": "array", "minItems": 1, "maxItems": 1},
    },
}


def test_the_canvas_key_has_the_documented_form() -> None:
    key = lti.canvas_key(URL)
    jsonschema.validate(key, KEY)
    (extension,) = key["extensions"]  # type: ignore[misc]
    assert extension["platform"] == "canvas.instructure.com"
    assert extension["privacy_level"] == "public"
    placements = {one["placement"]: one["message_type"] for one in extension["settings"]["placements"]}
    assert placements == {
        "assignment_selection": DEEP_LINKING,
        "link_selection": DEEP_LINKING,
        "course_navigation": RESOURCE_LINK,
    }


@pytest.mark.shared
def test_the_canvas_key_has_no_member_that_canvas_does_not_document(shared_dir: Path) -> None:
    shapes = json.loads((shared_dir / "platforms" / "canvas" / "lti-key-config.json").read_text("utf-8"))
    ours, model = lti.canvas_key(URL), shapes["constructed_for_tests"]
    assert set(ours) - set(model) == {"oidc_initiation_urls"}
    assert set(model) <= set(ours)
    notices = json.loads((shared_dir / "platforms" / "canvas" / "context-copy-notice.json").read_text("utf-8"))
    assert set(ours["scopes"]) <= {*shapes["scopes_documented"], notices["scope"]}  # type: ignore[call-overload]
    (extension,) = ours["extensions"]  # type: ignore[misc]
    (modelled,) = model["extensions"]
    assert set(extension) == set(modelled)
    assert set(extension["settings"]) == set(modelled["settings"])
    members = {name for one in modelled["settings"]["placements"] for name in one} | {"text"}
    assert {name for one in extension["settings"]["placements"] for name in one} <= members


def test_both_documents_say_the_same() -> None:
    """One source: what a developer key has, a registration has."""
    canvas = replace(PLAIN, product="canvas", scopes=(*SCOPES, NOTICE_SCOPE))
    said, key = registration_request(canvas, URL), lti.canvas_key(URL)
    assert str(said["scope"]).split() == key["scopes"]
    assert own(PLAIN)["custom_parameters"] == key["custom_fields"]
    assert (said["initiate_login_uri"], said["jwks_uri"]) == (key["oidc_initiation_url"], key["public_jwk_url"])


def test_notices_are_asked_for_only_where_they_are_offered() -> None:
    """The scope is of 2024: a platform that does not say which it has may refuse a registration for it."""
    assert NOTICE_SCOPE not in lti.scopes_for(PLAIN) and NOTICE_SCOPE not in lti.scopes_for(
        replace(PLAIN, scopes=SCOPES)
    )
    assert lti.scopes_for(replace(PLAIN, scopes=(NOTICE_SCOPE, SCOPES[0]))) == (SCOPES[0], NOTICE_SCOPE)


@pytest.mark.shared
def test_canvas_is_asked_for_all_that_it_can_fill_in(shared_dir: Path) -> None:
    """Histories of course and link (by its older name), the beginning and the end of an assignment, and notices."""
    seen = json.loads((shared_dir / "platforms" / "canvas" / "openid-configuration.json").read_text("utf-8"))
    platform = read_configuration(seen["seen_2026"], address=seen["request"]["url"])
    asked = own(platform)["custom_parameters"]
    assert isinstance(asked, dict)
    assert set(asked) == {
        *("context_history", "activity_history", "canvas_assignment_id", "masquerading_user"),
        *("canvas_unlock_at", "canvas_due_at", "canvas_lock_at", "available_from", "available_until", "submit_until"),
    }
    assert "link_history" not in asked, "Canvas does not know $ResourceLink.id.history"
    assert NOTICE_SCOPE in lti.scopes_for(platform)
