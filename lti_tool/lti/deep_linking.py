"""Deep Linking 2.0: what a platform accepts when a teacher chooses a module, and our signed answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import jwt

from lti_tool.lti.keys import SigningKey
from lti_tool.lti.registrations import Registration
from lti_tool.lti.vocabulary import CLAIM, DL_CLAIM, VERSION

_LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True)
class DeepLinkingSettings:
    """The platform's wishes (DL 2.0 §4.4.1); `return_url` is on the platform's own origin."""

    return_url: str
    accept_types: tuple[str, ...]
    accept_multiple: bool
    accept_line_item: bool | None
    data: str | None
    title: str
    text: str


@dataclass(frozen=True)
class ContentLink:
    """A link to put into the course. `score_maximum`, a whole number from 1 to 100, asks for a line item."""

    url: str
    title: str
    text: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)
    score_maximum: int | None = None
    label: str = ""
    resource_id: str = ""
    icon_url: str | None = None

    def __post_init__(self) -> None:
        # Moodle's form refuses to save anything else (a site setting caps it at 100).
        if self.score_maximum is not None and not 1 <= self.score_maximum <= 100:
            raise ValueError("the maximum of a score is a whole number from 1 to 100")


def deep_linking_response(
    registration: Registration,
    lms_deployment_id: str,
    settings: DeepLinkingSettings,
    links: Sequence[ContentLink],
    *,
    key: SigningKey,
    now: datetime,
    nonce: str,
) -> str:
    """The signed message for the form field `JWT`, posted by the browser to `settings.return_url` (DL 2.0 §4.5)."""
    claims: dict[str, object] = {
        "iss": registration.client_id,
        "aud": registration.issuer,
        "iat": int(now.timestamp()),
        "exp": int((now + _LIFETIME).timestamp()),
        "nonce": nonce,
        f"{CLAIM}/deployment_id": lms_deployment_id,
        f"{CLAIM}/message_type": "LtiDeepLinkingResponse",
        f"{CLAIM}/version": VERSION,
        f"{DL_CLAIM}/content_items": [_item(link) for link in links],
    }
    if settings.data is not None:
        claims[f"{DL_CLAIM}/data"] = settings.data
    return jwt.encode(claims, key.pem, algorithm="RS256", headers={"kid": key.kid})


def _item(link: ContentLink) -> dict[str, object]:
    item: dict[str, object] = {"type": "ltiResourceLink", "url": link.url, "title": link.title}
    if link.text:
        item["text"] = link.text
    if link.icon_url:
        item["icon"] = {"url": link.icon_url}
    if link.custom:
        item["custom"] = dict(link.custom)
    if link.score_maximum is not None:
        line_item: dict[str, object] = {"scoreMaximum": link.score_maximum}
        if link.label:
            line_item["label"] = link.label
        if link.resource_id:
            line_item["resourceId"] = link.resource_id
        item["lineItem"] = line_item
    return item
