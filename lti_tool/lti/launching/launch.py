"""What a verified launch says: claims in, a `Launch` out (LTI Core 1.3 §5, DL 2.0 §4.4, AGS 2.0 §3.1).

Nothing here knows of keys, states or databases. Identifiers are taken exactly or refused, since a shortened id could
name somebody else; names and titles are brought to NFC and shortened where they are longer than any real one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.lti.advantage.deep_linking import DeepLinkingSettings
from lti_tool.lti.advantage.notices import NoticeService
from lti_tool.lti.launching.claims import Claims
from lti_tool.lti.launching.parameters import ASSIGNMENT_PARAMETER, OFFER_PARAMETER
from lti_tool.lti.launching.roles import Role, is_test_user, role_of
from lti_tool.lti.origins import is_secure
from lti_tool.lti.quirks import masquerader_of, plain_custom
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.vocabulary import AGS_CLAIM, CLAIM, DL_CLAIM, NOTICES_CLAIM, NRPS_CLAIM

LONGEST_URL = 2000
_ID = 255


class MessageType(StrEnum):
    """The messages that this tool takes."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"
    SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"
    DATA_PRIVACY = "LtiDataPrivacyLaunchRequest"

    @property
    def names_a_link(self) -> bool:
        """Whether it is about one activity, so that it must say which."""
        return self in (MessageType.RESOURCE_LINK, MessageType.SUBMISSION_REVIEW)


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
    # Who really sits there while acting as this person, by the platform's word; empty almost always.
    masquerader: str = ""
    # Where the platform can be asked to send notices; None where it does not offer that.
    notices: NoticeService | None = None
    # Whose work a submission review is about, by the platform's id; empty in every other message.
    for_user: str = ""

    @property
    def is_masquerade(self) -> bool:
        """Whether somebody else of the school acts as this person."""
        return self.masquerader != ""


def read_launch(claims: Claims, registration: Registration, state: str) -> Launch:
    """Reads the claims of a signed launch that keeps the rules; raises LtiRefused for one that cannot be read."""
    message = MessageType(message_name(claims.required_id(f"{CLAIM}/message_type")))
    roles = claims.texts(f"{CLAIM}/roles", required=True)
    context = claims.part(f"{CLAIM}/context")
    link = claims.part(f"{CLAIM}/resource_link")
    services = claims.part(AGS_CLAIM)
    presentation = claims.part(f"{CLAIM}/launch_presentation")
    platform = claims.part(f"{CLAIM}/tool_platform")
    return Launch(
        registration=registration,
        lms_deployment_id=claims.required_id(f"{CLAIM}/deployment_id"),
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
        resource_link_id=link.optional_id("id", _ID) or "",
        resource_link_title=link.name("title", 1000) or "",
        target_link_uri=claims.required_id(f"{CLAIM}/target_link_uri", LONGEST_URL),
        custom=plain_custom(claims.values(f"{CLAIM}/custom")),
        line_item_url=services.optional_id("lineitem", LONGEST_URL),
        line_items_url=services.optional_id("lineitems", LONGEST_URL),
        ags_scopes=frozenset(services.texts("scope")),
        memberships_url=claims.part(NRPS_CLAIM).optional_id("context_memberships_url", LONGEST_URL),
        deep_linking=_deep_linking(claims) if message is MessageType.DEEP_LINKING else None,
        return_url=_return_url(presentation, registration),
        platform_name=platform.name("name", 300) or registration.name,
        state=state,
        nonce=claims.required_id("nonce"),
        masquerader=masquerader_of(claims.values(f"{CLAIM}/custom")),
        notices=_notices(claims),
        for_user=claims.part(f"{CLAIM}/for_user").optional_id("user_id", _ID) or "",
    )


def message_name(given: str) -> str:
    """The name of a message as we know it: the data privacy launch is found with and without its `Lti`."""
    return MessageType.DATA_PRIVACY if f"Lti{given}" == MessageType.DATA_PRIVACY else given


def _return_url(presentation: Claims, registration: Registration) -> str | None:
    """Where “back to the course” leads: by https, or to the LMS itself. Anything else might run on our page."""
    given = presentation.optional_id("return_url", LONGEST_URL)
    return given if given is not None and (is_secure(given) or registration.owns(given)) else None


def _notices(claims: Claims) -> NoticeService | None:
    said = claims.part(NOTICES_CLAIM)
    url = said.optional_id("platform_notification_service_url", LONGEST_URL)
    return None if url is None else NoticeService(url, frozenset(said.texts("notice_types_supported")))


def _deep_linking(claims: Claims) -> DeepLinkingSettings:
    custom = plain_custom(claims.values(f"{CLAIM}/custom"))
    settings = claims.part(f"{DL_CLAIM}/deep_linking_settings", required=True)
    return DeepLinkingSettings(
        return_url=settings.required_id("deep_link_return_url", LONGEST_URL),
        accept_types=tuple(settings.texts("accept_types", required=True)),
        accept_multiple=settings.flag("accept_multiple") or False,
        accept_line_item=settings.flag("accept_lineitem"),
        data=settings.opaque("data"),
        title=settings.name("title", 1000) or "",
        text=settings.name("text", 5000) or "",
        offer=custom.get(OFFER_PARAMETER, ""),
        assignment=custom.get(ASSIGNMENT_PARAMETER, ""),
    )
