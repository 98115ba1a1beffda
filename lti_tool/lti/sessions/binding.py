"""Who began a launch is who goes on with it: the browser's secret, of which only a hash is kept (DESIGN §5).

Where a browser keeps the secret is its layer. A cookie comes by itself; what a page's own storage or the LMS's keeps, a
script has to fetch, and then the secret is shown in a header, from the page's memory, with each request.
"""

from dataclasses import dataclass
from enum import StrEnum

from lti_tool.core import ids


class Layer(StrEnum):
    """Where a browser keeps its secret, best first."""

    COOKIE = "cookie"
    """A partitioned cookie, in the LMS's frame."""
    SESSION = "session"
    """The `sessionStorage` of our own origin."""
    STORAGE = "storage"
    """The LMS's platform storage, asked by messages (1EdTech LTI platform storage 0.1)."""
    TAB = "tab"
    """A cookie, in a tab of its own."""

    @property
    def by_header(self) -> bool:
        """Whether a script shows the secret in a header; a cookie needs none."""
        return self in (Layer.SESSION, Layer.STORAGE)


@dataclass(frozen=True)
class Browser:
    """A browser as it shows itself: its secret, where it keeps it, and in which frame the LMS's storage answers."""

    secret: str
    layer: Layer = Layer.COOKIE
    storage_target: str | None = None


@dataclass(frozen=True)
class Keeping:
    """Where a page finds the secret that it kept: under which key, in which layer, and whose messages it may believe.

    `platform_origin` is the origin of the LMS's authorization address: whom platform storage is asked for, and nobody
    else (LTI platform storage 0.1 §3).
    """

    key: str
    layer: Layer
    storage_target: str | None
    platform_origin: str


def hash_of(secret: str) -> str:
    """What is stored of a browser's secret."""
    return ids.digest(secret)


def is_same_browser(browser_hash: str, secret: str) -> bool:
    """Whether this secret is the one that was stored, compared in constant time."""
    return ids.same(browser_hash, hash_of(secret))


def storage_key(browser_hash: str) -> str:
    """Under which name a page keeps the secret: found by whoever knows the hash, and telling nothing of the secret."""
    return f"lti_tool_{browser_hash[:16]}"
