"""Everything that a recorded launch says, held against what we read of it: each value is read, or known to be left."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from lti_tool import lti
from lti_tool.lti.launching.roles import is_test_user, role_of
from tests.rooms.lti.lms import CLAIM

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
CANVAS = "https://www.instructure.com"


def composed(text: object) -> str | None:
    """A name as we keep it."""
    return (unicodedata.normalize("NFC", str(text)).strip() or None) if text is not None else None


def words(text: object) -> str:
    """A title as we keep it; none is empty."""
    return composed(text) or ""


# Claim, or claim and member → what must be read of its value, and what was.
_READ: Mapping[str, tuple[Callable[[Any], object], Callable[[lti.Launch], object]]] = {
    "iss": (str, lambda launch: launch.registration.issuer),
    "aud": (str, lambda launch: launch.registration.client_id),
    "azp": (str, lambda launch: launch.registration.client_id),
    "sub": (str, lambda launch: launch.subject),
    "name": (composed, lambda launch: launch.name),
    "given_name": (composed, lambda launch: launch.given_name),
    "family_name": (composed, lambda launch: launch.family_name),
    "email": (composed, lambda launch: launch.email),
    "locale": (composed, lambda launch: launch.locale),
    f"{CLAIM}/deployment_id": (str, lambda launch: launch.lms_deployment_id),
    f"{CLAIM}/message_type": (lti.MessageType, lambda launch: launch.message),
    f"{CLAIM}/version": (str, lambda launch: "1.3.0"),
    f"{CLAIM}/target_link_uri": (str, lambda launch: launch.target_link_uri),
    f"{CLAIM}/roles": (
        lambda said: (role_of(said), is_test_user(said)),
        lambda launch: (launch.role, launch.is_test_user),
    ),
    f"{CLAIM}/context.id": (str, lambda launch: launch.context_id),
    f"{CLAIM}/context.label": (words, lambda launch: launch.context_label),
    f"{CLAIM}/context.title": (words, lambda launch: launch.context_title),
    f"{CLAIM}/resource_link.id": (str, lambda launch: launch.resource_link_id),
    f"{CLAIM}/resource_link.title": (words, lambda launch: launch.resource_link_title),
    f"{CLAIM}/launch_presentation.locale": (composed, lambda launch: launch.locale),
    f"{CLAIM}/launch_presentation.return_url": (str, lambda launch: launch.return_url),
    f"{CLAIM}/tool_platform.name": (composed, lambda launch: launch.platform_name),
    f"{CLAIM}/for_user.user_id": (str, lambda launch: launch.for_user),
    f"{AGS}.lineitem": (str, lambda launch: launch.line_item_url),
    f"{AGS}.lineitems": (str, lambda launch: launch.line_items_url),
    f"{AGS}.scope": (frozenset, lambda launch: launch.ags_scopes),
    f"{NRPS}.context_memberships_url": (str, lambda launch: launch.memberships_url),
    f"{DL}.deep_link_return_url": (str, lambda launch: _asked(launch).return_url),
    f"{DL}.accept_types": (tuple, lambda launch: _asked(launch).accept_types),
    f"{DL}.accept_multiple": (bool, lambda launch: _asked(launch).accept_multiple),
    f"{DL}.title": (words, lambda launch: _asked(launch).title),
    f"{DL}.text": (words, lambda launch: _asked(launch).text),
}
# What says nothing that we need, and what other tests hold to its own rules.
_LEFT = {
    *("nonce", "iat", "exp", "picture", "errors"),
    *(f"{CLAIM}/{name}" for name in ("lis", "ext", "lti11_legacy_user_id", "lti1p1", "eulaservice")),
    # The services for old tools (LTI 1.1) and for notices, which have tests of their own.
    "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome",
    f"{CLAIM}/platformnotificationservice",
    f"{CANVAS}/placement",
    *(f"{CLAIM}/context.{name}" for name in ("type", "validation_context", "errors")),
    *(f"{CLAIM}/resource_link.{name}" for name in ("description", "validation_context", "errors")),
    *(f"{CLAIM}/launch_presentation.{name}" for name in ("document_target", "height", "width")),
    *(f"{CLAIM}/launch_presentation.{name}" for name in ("validation_context", "errors")),
    *(f"{CLAIM}/tool_platform.{name}" for name in ("guid", "version", "product_family_code", "description")),
    *(f"{CLAIM}/tool_platform.{name}" for name in ("validation_context", "errors")),
    *(f"{CLAIM}/for_user.{name}" for name in ("name", "given_name", "family_name", "email", "person_sourcedid")),
    *(f"{CLAIM}/for_user.{name}" for name in ("roles",)),
    *(f"{place}.{name}" for place in (AGS, NRPS) for name in ("validation_context", "errors", "service_versions")),
    # Where the LMS opens the page, and older words for `accept_types`.
    *(f"{DL}.{name}" for name in ("accept_presentation_document_targets", "accept_media_types", "auto_create")),
    *(f"{DL}.{name}" for name in ("accept_copy_advice", "accept_unsigned", "can_confirm")),
}
_VARIABLE = re.compile(r"\$[A-Za-z][\w.]*")


def unread(said: Mapping[str, Any], launch: lti.Launch) -> list[str]:
    """What of a payload was read otherwise than it was said, or is of a kind that nobody has thought of."""
    faults = custom_faults(said.get(f"{CLAIM}/custom") or {}, launch.custom)
    for place, value in _leaves(said):
        if place in _LEFT or any(place.startswith(f"{claim}.") for claim in _LEFT):
            continue
        if place not in _READ:
            faults.append(f"{place}: not read, and not known to be left")
            continue
        meant, read = _READ[place]
        if meant(value) != read(launch):
            faults.append(f"{place}: {read(launch)!r} was read of {value!r}")
    return faults


def custom_faults(said: Mapping[str, Any], read: Mapping[str, str]) -> list[str]:
    """Each parameter is kept as it is, or says nothing: a variable that was not filled in, null, a number, a double."""
    faults = [f"custom {name}: {value!r} was read" for name, value in read.items() if said.get(name) != value]
    lowered = {re.sub(r"[^a-z0-9]", "_", name.lower()) for name in said if name.lower() != name or " " in name}
    for name, value in said.items():
        is_empty = not isinstance(value, str) or _VARIABLE.fullmatch(value) is not None
        if name not in read and not is_empty and name not in lowered:
            faults.append(f"custom {name}: {value!r} was not read")
        if name in read and is_empty:
            faults.append(f"custom {name}: {value!r} says nothing, and was read")
    return faults


def _leaves(said: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Claims by name, and the members of those that are objects; custom parameters are judged by themselves."""
    found: list[tuple[str, Any]] = []
    for claim, value in said.items():
        if claim == f"{CLAIM}/custom":
            continue
        if isinstance(value, dict):
            found += [(f"{claim}.{name}", inner) for name, inner in value.items()]
        else:
            found.append((claim, value))
    return found


def _asked(launch: lti.Launch) -> lti.DeepLinkingSettings:
    assert launch.deep_linking is not None
    return launch.deep_linking
