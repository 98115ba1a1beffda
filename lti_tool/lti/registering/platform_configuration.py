"""What a platform says of itself when a tool is to register with it (Dynamic Registration 1.0 §3.4).

The document is a stranger's until its issuer is seen to live where the document came from. Each member is read by its
type; what is missing or of another shape is refused by name, and what we do not need is passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from lti_tool.lti.origins import is_secure, origin_of, plain_origin
from lti_tool.lti.refusals import refused

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
CANVAS_ACCOUNT = "https://canvas.instructure.com/lti/account_name"
CANVAS_DOMAIN = "https://canvas.instructure.com/lti/account_domain"
_LONGEST_ISSUER, _LONGEST_URL, _LONGEST_WORD = 500, 2000, 300
_MOST_WORDS = 500
# By the product family codes that they send, in lower case.
_PRODUCTS = {
    "moodle": "Moodle",
    "canvas": "Canvas",
    "blackboard": "Blackboard",
    "blackboardlearn": "Blackboard",
    "desire2learn": "Brightspace",
    "brightspace": "Brightspace",
    "d2l": "Brightspace",
    "sakai": "Sakai",
    "openedx": "Open edX",
    "schoology": "Schoology",
}


@dataclass(frozen=True)
class PlatformConfiguration:
    """A platform by its own words. `placements` is message type → the places it offers for it, as it spells them.

    `authorization_server` is whom token requests are meant for; None means the token URL. Empty tuples: it did not say.
    """

    issuer: str
    auth_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    authorization_server: str | None
    product: str
    version: str
    account: str
    # Where the pages of a Canvas account lie: all hosted schools share one issuer, on none of whose hosts they are.
    pages: str | None
    scopes: tuple[str, ...]
    variables: tuple[str, ...]
    placements: Mapping[str, tuple[str, ...]]

    @property
    def host(self) -> str:
        """The issuer's host, as people compare it with the address in their browser."""
        return urlsplit(self.issuer).netloc

    @property
    def product_name(self) -> str:
        """What people call the product; empty when it is none that we know."""
        return _PRODUCTS.get(self.product.lower(), "")

    @property
    def is_canvas(self) -> bool:
        return self.product_name == "Canvas"

    @property
    def audience(self) -> str | None:
        """Whom token requests are meant for, where that is not the token URL.

        Canvas names its bare host, which its own token endpoint takes only since 2026; the token URL, always.
        """
        return None if self.is_canvas else self.authorization_server


def read_configuration(document: object, *, address: str) -> PlatformConfiguration:
    """Reads the document that came from `address`; raises LtiRefused `lti.configuration…` for one that will not do."""
    if not isinstance(document, dict):
        raise refused("lti.configuration", field="an object", log={"type": type(document).__name__})
    issuer = _url(document, "issuer", longest=_LONGEST_ISSUER, secure=False)
    if not is_from(issuer, address):
        raise refused("lti.configuration_host", issuer=issuer, host=urlsplit(address).netloc)
    own = document.get(PLATFORM)
    if not isinstance(own, dict):
        raise refused("lti.configuration", field=PLATFORM.rpartition("/")[2], log={"type": type(own).__name__})
    return PlatformConfiguration(
        issuer=issuer,
        auth_url=_url(document, "authorization_endpoint"),
        token_url=_url(document, "token_endpoint"),
        jwks_url=_url(document, "jwks_uri"),
        registration_url=_url(document, "registration_endpoint"),
        authorization_server=_word(document, "authorization_server", longest=_LONGEST_URL) or None,
        product=_word(own, "product_family_code"),
        version=_word(own, "version"),
        account=_word(own, CANVAS_ACCOUNT),
        pages=plain_origin(f"https://{_word(own, CANVAS_DOMAIN)}"),
        scopes=_words(document, "scopes_supported"),
        variables=_words(own, "variables"),
        placements=_placements(own),
    )


def is_from(issuer: str, address: str) -> bool:
    """Whether a configuration of this issuer may come from this address: the same host, and the same port."""
    return origin_of(issuer) is not None and _place(issuer) == _place(address)


def _place(url: str) -> tuple[str, int | None]:
    """Host and port. An issuer is a name, not an address: Canvas's documentation has it with http on an https site."""
    parts = urlsplit(url)
    port = None if parts.port in (80, 443) else parts.port
    return (parts.hostname or "").rstrip("."), port


def _url(document: Mapping[str, object], name: str, *, longest: int = _LONGEST_URL, secure: bool = True) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest or origin_of(value) is None:
        raise refused("lti.configuration", field=name, log={"type": type(value).__name__})
    if secure and not is_secure(value):
        raise refused("lti.configuration_plain", field=name, url=value[:200])
    return value


def _word(document: Mapping[str, object], name: str, *, longest: int = _LONGEST_WORD) -> str:
    """A short text, for showing; empty when absent. It is cut, and freed of what a page or a table cannot hold."""
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refused("lti.configuration", field=name.rpartition("/")[2], log={"type": type(value).__name__})
    return "".join(char for char in value[:longest] if char.isprintable()).strip()


def _words(document: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = document.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise refused("lti.configuration", field=name, log={"type": type(value).__name__})
    return tuple(item for item in value[:_MOST_WORDS] if isinstance(item, str) and len(item) <= _LONGEST_WORD)


def _placements(own: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Message type → its placements. Entries without a type are passed over: they are offers only."""
    value = own.get("messages_supported")
    if not isinstance(value, list):
        raise refused("lti.configuration", field="messages_supported", log={"type": type(value).__name__})
    found: dict[str, tuple[str, ...]] = {}
    for item in value[:_MOST_WORDS]:
        kind = item.get("type") if isinstance(item, dict) else None
        if isinstance(kind, str):
            found.setdefault(kind, _words(item, "placements"))
    return found
