"""What this tool says of itself to platforms: for Dynamic Registration 1.0 (§3.5) and for a Canvas developer key.

Pure: the address of the tool and what the platform offers go in, documents come out. Only what works is advertised, and
only what the platform offers is asked for: some refuse a registration for one word that they do not know.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lti_tool.lti.launching.launch import MessageType
from lti_tool.lti.launching.parameters import LINK_PARAMETERS
from lti_tool.lti.quirks import MASQUERADE_PARAMETER
from lti_tool.lti.registering.platform_configuration import PlatformConfiguration
from lti_tool.lti.vocabulary import NOTICE_SCOPE, SCOPES

TITLE = "Modules with a certificate"
DESCRIPTION = "Short assessed modules inside your course; who passes gets a certificate that anybody can check."
PICK = "Add a module with a certificate"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
RESOURCE_LINK, DEEP_LINKING = MessageType.RESOURCE_LINK.value, MessageType.DEEP_LINKING.value
_CANVAS = "https://canvas.instructure.com/lti/"
CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "email", "locale")

# What our links ask for too, for links that were made by hand. Names that Moodle uses inside (`lineitem_url`,
# `score_url`, …) would overwrite its claims.
CUSTOM = {**LINK_PARAMETERS, **MASQUERADE_PARAMETER}
# Hosted Canvas begins a launch at the address for its own region; this tool has one for them all.
_CANVAS_REGIONS = (
    "us-east-1",
    "us-west-2",
    "ca-central-1",
    "eu-west-1",
    "eu-central-1",
    "ap-southeast-1",
    "ap-southeast-2",
)


@dataclass(frozen=True)
class Addresses:
    """The tool's addresses, as platforms must know them to the letter."""

    public_url: str

    @property
    def login(self) -> str:
        return f"{self.public_url}/lti/login"

    @property
    def launch(self) -> str:
        """Redirect URI, and target of every link: which module is meant stands in the link's own parameters."""
        return f"{self.public_url}/lti/launch"

    @property
    def keys(self) -> str:
        return f"{self.public_url}/lti/jwks.json"

    @property
    def notices(self) -> str:
        """Where platforms send their notices."""
        return f"{self.public_url}/lti/notices"

    @property
    def icon(self) -> str:
        """The same for good: LMSs keep it, and static files answer under any release's name."""
        return f"{self.public_url}/static/logo/icon.svg"

    @property
    def domain(self) -> str:
        """Host and port: Moodle compares it with those of the target, port included."""
        return urlsplit(self.public_url).netloc


@dataclass(frozen=True)
class Message:
    """A kind of launch that is asked for, and the places in the LMS from which it is to come."""

    kind: str
    placements: tuple[str, ...]


def scopes_for(platform: PlatformConfiguration) -> tuple[str, ...]:
    """The services we ask for: those of ours that the platform offers; all of them where it does not say."""
    return (*_offered(SCOPES, platform.scopes), *(scope for scope in (NOTICE_SCOPE,) if scope in platform.scopes))


def messages_for(platform: PlatformConfiguration) -> tuple[Message, ...]:
    """The launches we ask for. Canvas spells its placements as addresses since 2026, as bare words before."""
    wanted = {RESOURCE_LINK: ("course_navigation",), DEEP_LINKING: ("assignment_selection", "link_selection")}
    if not platform.is_canvas:
        wanted = {RESOURCE_LINK: (), DEEP_LINKING: ("ContentArea",)}
    return tuple(
        Message(kind, _spelled(names, platform.placements[kind]))
        for kind, names in wanted.items()
        if kind in platform.placements
    )


def custom_for(platform: PlatformConfiguration) -> dict[str, str]:
    """The custom parameters we ask for: those whose variables the platform knows; all of them where it does not say."""
    known = _offered([value.removeprefix("$") for value in CUSTOM.values()], platform.variables)
    return {name: value for name, value in CUSTOM.items() if value.removeprefix("$") in known}


def registration_request(platform: PlatformConfiguration, public_url: str) -> dict[str, object]:
    """The client registration to be posted to the platform."""
    ours = Addresses(public_url)
    configuration: dict[str, object] = {
        "domain": ours.domain,
        "target_link_uri": ours.launch,
        "description": DESCRIPTION,
        "custom_parameters": custom_for(platform),
        "claims": list(CLAIMS),
        "messages": [_message(message, ours) for message in messages_for(platform)],
    }
    if platform.is_canvas:
        # Without it Canvas gives neither names nor addresses, whatever `claims` says.
        configuration |= {f"{_CANVAS}privacy_level": "public", f"{_CANVAS}tool_id": "lti-tool"}
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": ours.login,
        "redirect_uris": [ours.launch],
        "client_name": TITLE,
        "jwks_uri": ours.keys,
        "logo_uri": ours.icon,
        "client_uri": f"{public_url}/",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(scopes_for(platform)),
        TOOL: configuration,
    }


def _message(message: Message, ours: Addresses) -> dict[str, object]:
    label = PICK if message.kind == DEEP_LINKING else TITLE
    said: dict[str, object] = {
        "type": message.kind,
        "target_link_uri": ours.launch,
        "label": label,
        "icon_uri": ours.icon,
    }
    if message.placements:
        said["placements"] = list(message.placements)
    if any(name.endswith("course_navigation") for name in message.placements):
        # Not every course has something of ours: a teacher turns the entry of the course's menu on.
        said[f"{_CANVAS}course_navigation/default_enabled"] = False
    return said


def canvas_key(public_url: str) -> dict[str, object]:
    """The configuration of a Canvas developer key, for production, beta and test alike: the key's host decides."""
    ours = Addresses(public_url)
    choosing = {
        "message_type": DEEP_LINKING,
        "target_link_uri": ours.launch,
        "text": PICK,
        "selection_width": 800,
        "selection_height": 700,
    }
    placements: list[dict[str, object]] = [
        {"placement": "assignment_selection", **choosing},
        {"placement": "link_selection", **choosing},
        {
            "placement": "course_navigation",
            "message_type": RESOURCE_LINK,
            "target_link_uri": ours.launch,
            "text": TITLE,
            "default": "disabled",
        },
    ]
    settings = {"text": TITLE, "icon_url": ours.icon, "placements": placements}
    return {
        "title": TITLE,
        "description": DESCRIPTION,
        "oidc_initiation_url": ours.login,
        "oidc_initiation_urls": dict.fromkeys(_CANVAS_REGIONS, ours.login),
        "target_link_uri": ours.launch,
        "public_jwk_url": ours.keys,
        "scopes": [*SCOPES, NOTICE_SCOPE],
        "custom_fields": dict(CUSTOM),
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": ours.domain,
                "tool_id": "lti-tool",
                "privacy_level": "public",
                "settings": settings,
            }
        ],
    }


def _offered(wanted: Sequence[str], offered: Iterable[str]) -> tuple[str, ...]:
    there = set(offered)
    return tuple(word for word in wanted if not there or word in there)


def _spelled(names: Iterable[str], offered: Sequence[str]) -> tuple[str, ...]:
    """Placements as the platform spells them; those that it does not offer are left out."""
    return tuple(place for name in names for place in offered if place in (name, f"{_CANVAS}{name}"))
