"""What a verified launch says, as pure rules: claims in, a `Launch` out (LTI Core 1.3 §5, DL 2.0 §4.4, AGS 2.0 §3.1).

Nothing here knows of keys, states or databases. Identifiers are taken exactly or refused, since a shortened id could
name somebody else; names and titles are brought to NFC and shortened where they are longer than any real one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.lti.claims import Claims
from lti_tool.lti.deep_linking import DeepLinkingSettings
from lti_tool.lti.origins import is_secure, origin_of, path_of, same_origin
from lti_tool.lti.quirks import plain_custom
from lti_tool.lti.refusals import refused
from lti_tool.lti.registrations import Registration
from lti_tool.lti.roles import Role, is_test_user, role_of
from lti_tool.lti.vocabulary import AGS_CLAIM, CLAIM, DL_CLAIM, NRPS_CLAIM, VERSION

_URL = 2000
_ID = 255


class MessageType(StrEnum):
    """The messages that this tool takes."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"


@dataclass(frozen=True)
class Launch:
    """A launch whose signature, times, nonce and addressee are in order. Empty text where the platform says nothing."""

    registration: Registration
    lms_deployment_id: str
    message: MessageType
    subject: str
    name: str | None
    given_name: str | None
    family_name: str | None
    email: str | None
    locale: str | None
    role: Role
    is_test_user: bool
    context_id: str
    context_label: str
    context_title: str
    resource_link_id: str
    resource_link_title: str
    target_link_uri: str
    custom: Mapping[str, str]
    line_item_url: str | None
    line_items_url: str | None
    ags_scopes: frozenset[str]
    memberships_url: str | None
    deep_linking: DeepLinkingSettings | None
    return_url: str | None
    platform_name: str
    state: str
    nonce: str


@dataclass(frozen=True)
class Expected:
    """What the login says that the launch must agree with."""

    registration: Registration
    target_link_uri: str
    lms_deployment_id: str | None
    public_url: str
    state: str


def read_launch(payload: Mapping[str, object], expected: Expected) -> Launch:
    """Reads the claims of a signed launch; raises LtiRefused for whatever breaks a rule, whatever its type."""
    claims = Claims(payload)
    _check_version(claims)
    message = _message(claims)
    roles = claims.texts(f"{CLAIM}/roles", required=True)
    context = claims.part(f"{CLAIM}/context")
    link = claims.part(f"{CLAIM}/resource_link")
    services = claims.part(AGS_CLAIM)
    presentation = claims.part(f"{CLAIM}/launch_presentation")
    platform = claims.part(f"{CLAIM}/tool_platform")
    is_link = message is MessageType.RESOURCE_LINK
    return Launch(
        registration=expected.registration,
        lms_deployment_id=_deployment(claims, expected),
        message=message,
        subject=claims.required_id("sub"),
        name=claims.name("name", 500),
        given_name=claims.name("given_name", 300),
        family_name=claims.name("family_name", 300),
        email=claims.name("email", 320),
        locale=claims.name("locale", 35) or presentation.name("locale", 35),
        role=role_of(roles),
        is_test_user=is_test_user(roles),
        context_id=context.optional_id("id", _ID) or "",
        context_label=context.name("label", 500) or "",
        context_title=context.name("title", 1000) or "",
        resource_link_id=link.required_id("id") if is_link else link.optional_id("id", _ID) or "",
        resource_link_title=link.name("title", 1000) or "",
        target_link_uri=_target(claims, expected),
        custom=plain_custom(claims.values(f"{CLAIM}/custom")),
        line_item_url=services.optional_id("lineitem", _URL),
        line_items_url=services.optional_id("lineitems", _URL),
        ags_scopes=frozenset(services.texts("scope")),
        memberships_url=claims.part(NRPS_CLAIM).optional_id("context_memberships_url", _URL),
        deep_linking=None if is_link else _deep_linking(claims, expected.registration),
        return_url=_return_url(presentation),
        platform_name=platform.name("name", 300) or expected.registration.name,
        state=expected.state,
        nonce=claims.required_id("nonce"),
    )


def _check_version(claims: Claims) -> None:
    given = claims.required_id(f"{CLAIM}/version")
    if given != VERSION:
        raise refused("lti.version", log={"version": given})


def _message(claims: Claims) -> MessageType:
    given = claims.required_id(f"{CLAIM}/message_type")
    try:
        return MessageType(given)
    except ValueError:
        raise refused("lti.message_type", log={"message_type": given}) from None


def _deployment(claims: Claims, expected: Expected) -> str:
    given = claims.required_id(f"{CLAIM}/deployment_id")
    if expected.lms_deployment_id is not None and given != expected.lms_deployment_id:
        raise refused("lti.deployment", log={"login": expected.lms_deployment_id, "launch": given})
    return given


def _target(claims: Claims, expected: Expected) -> str:
    given = claims.required_id(f"{CLAIM}/target_link_uri", _URL)
    if not same_origin(given, expected.public_url):
        raise refused("lti.foreign_target", log={"target_link_uri": given[:200]})
    if path_of(given) != path_of(expected.target_link_uri):
        raise refused("lti.target", log={"login": expected.target_link_uri[:200], "launch": given[:200]})
    return given


def _return_url(presentation: Claims) -> str | None:
    """Where “back to the course” leads; anything but a web address is left out, as it would run on our page."""
    given = presentation.optional_id("return_url", _URL)
    return given if given is not None and origin_of(given) is not None else None


def _deep_linking(claims: Claims, registration: Registration) -> DeepLinkingSettings:
    name = f"{DL_CLAIM}/deep_linking_settings"
    settings = claims.part(name, required=True)
    return_url = settings.required_id("deep_link_return_url", _URL)
    if not is_secure(return_url) or not registration.owns(return_url):
        raise refused("lti.return_url", log={"deep_link_return_url": return_url[:200]})
    return DeepLinkingSettings(
        return_url=return_url,
        accept_types=tuple(settings.texts("accept_types", required=True)),
        accept_multiple=settings.flag("accept_multiple") or False,
        accept_line_item=settings.flag("accept_lineitem"),
        data=settings.opaque("data"),
        title=settings.name("title", 1000) or "",
        text=settings.name("text", 5000) or "",
    )
