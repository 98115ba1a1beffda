"""Deep Linking 2.0: what a platform accepts when a teacher chooses a module, and our signed answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from html import escape

import jwt

from lti_tool.lti.keys.tool_keys import SigningKey
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.registering.terms import LineItemPolicy
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
    # What the link that is being edited carries, where the platform says so: its offer, Canvas's assignment.
    offer: str = ""
    assignment: str = ""

    @property
    def item_type(self) -> "ItemType | None":
        """The best kind of item that the platform takes; None where it takes none of ours."""
        return next((kind for kind in ItemType if kind in self.accept_types), None)

    @property
    def is_plain(self) -> bool:
        """Whether only plain links are taken, which nobody launches or grades."""
        return self.item_type is not ItemType.RESOURCE_LINK

    @property
    def takes_line_item(self) -> bool:
        """Unless it says no: Moodle 4.5 says nothing, and takes one."""
        return self.accept_line_item is not False


class ItemType(StrEnum):
    """Kinds of items that we can hand back, the best first: only the first of them is launched and graded."""

    RESOURCE_LINK = "ltiResourceLink"
    LINK = "link"
    HTML = "html"


@dataclass(frozen=True)
class Period:
    """From when and until when; None where there is no such end."""

    from_at: datetime | None = None
    until_at: datetime | None = None

    def claim(self) -> dict[str, str]:
        """As `available` or `submission` of an item."""
        ends = {"startDateTime": self.from_at, "endDateTime": self.until_at}
        return {name: at.isoformat(timespec="seconds") for name, at in ends.items() if at is not None}


@dataclass(frozen=True)
class ContentLink:
    """A link to put into the course. `score_maximum`, a whole number from 1 to 100, asks for a line item.

    `page_url` is what anybody may open, for platforms that take plain links only. `review_url` is where a submission
    is looked at; `frame` is the width and height that the module wants, in pixels.
    """

    url: str
    title: str
    text: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)
    score_maximum: int | None = None
    label: str = ""
    resource_id: str = ""
    icon_url: str | None = None
    page_url: str = ""
    review_url: str = ""
    available: Period = Period()
    submission: Period = Period()
    frame: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        # Moodle's form refuses to save anything else (a site setting caps it at 100).
        given = self.score_maximum
        if given is not None and (given != int(given) or not 1 <= given <= 100):
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
    msg: str = "",
    errormsg: str = "",
) -> str:
    """The signed message for the form field `JWT`, posted by the browser to `settings.return_url` (DL 2.0 §4.5).

    `msg` and `errormsg` are for the platform to show; not all do. Raises ValueError for links where it takes none.
    """
    if registration.line_items is LineItemPolicy.NONE:
        # A column that no grade would ever come to.
        settings = replace(settings, accept_line_item=False)
    claims: dict[str, object] = {
        "iss": registration.client_id,
        "aud": registration.issuer,
        "iat": int(now.timestamp()),
        "exp": int((now + _LIFETIME).timestamp()),
        "nonce": nonce,
        f"{CLAIM}/deployment_id": lms_deployment_id,
        f"{CLAIM}/message_type": "LtiDeepLinkingResponse",
        f"{CLAIM}/version": VERSION,
        f"{DL_CLAIM}/content_items": [_item(link, settings) for link in links],
        **{f"{DL_CLAIM}/{name}": text for name, text in (("msg", msg), ("errormsg", errormsg)) if text},
    }
    if settings.data is not None:
        claims[f"{DL_CLAIM}/data"] = settings.data
    return jwt.encode(claims, key.pem, algorithm="RS256", headers={"kid": key.kid})


def _item(link: ContentLink, settings: DeepLinkingSettings) -> dict[str, object]:
    match settings.item_type:
        case ItemType.RESOURCE_LINK:
            return _resource_link(link, settings)
        case ItemType.LINK:
            return {"type": "link", "url": link.page_url, **_words(link), **_pictures(link)}
        case ItemType.HTML:
            said = f'<p><a href="{escape(link.page_url)}">{escape(link.title)}</a></p>'
            return {"type": "html", "html": said, **_words(link)}
    raise ValueError("the platform takes no kind of item that we have")


def _resource_link(link: ContentLink, settings: DeepLinkingSettings) -> dict[str, object]:
    item: dict[str, object] = {"type": "ltiResourceLink", "url": link.url, **_words(link), **_pictures(link)}
    if link.custom:
        item["custom"] = dict(link.custom)
    if link.score_maximum is not None and settings.takes_line_item:
        item["lineItem"] = _line_item(link, link.score_maximum)
    for name, period in (("available", link.available), ("submission", link.submission)):
        if period.claim():
            item[name] = period.claim()
    if link.frame is not None:
        item["iframe"] = {"width": link.frame[0], "height": link.frame[1]}
    return item


def _words(link: ContentLink) -> dict[str, object]:
    return {"title": link.title, "text": link.text} if link.text else {"title": link.title}


def _pictures(link: ContentLink) -> dict[str, object]:
    if not link.icon_url:
        return {}
    return {"icon": {"url": link.icon_url}, "thumbnail": {"url": link.icon_url}}


def _line_item(link: ContentLink, maximum: int) -> dict[str, object]:
    made: dict[str, object] = {"scoreMaximum": maximum}
    if link.label:
        made["label"] = link.label
    if link.resource_id:
        made["resourceId"] = link.resource_id
    if link.review_url:
        made["submissionReview"] = {"reviewableStatus": ["Submitted", "Completed"], "url": link.review_url}
    return made
