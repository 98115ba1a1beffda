"""What can go wrong, in five kinds. Rooms subclass them; `web.errors` alone turns a kind into a status and a page.

`detail` and `hint` are written for the person who sees them and are message ids: English sentences with `%(name)s`
places, translated at the edge. What only an operator may see goes into `log`.
"""

from collections.abc import Mapping
from enum import StrEnum


class Side(StrEnum):
    """Whose side a fault is on, so that a page can say who can mend it."""

    TOOL = "tool"
    LMS = "lms"
    YOU = "you"
    NOBODY = "nobody"


class ToolError(Exception):
    """A fault with a stable code `<room>.<cause>`, words for the person, and facts for the log."""

    usual_side = Side.TOOL

    def __init__(
        self,
        code: str,
        detail: str,
        hint: str = "",
        *,
        side: Side | None = None,
        log: Mapping[str, object] | None = None,
        **params: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.hint = hint
        self.side = side or self.usual_side
        self.params = params
        self.log = dict(log or {})
        # What is known of the case and may be kept for operators: neither secret nor personal. Set by who judges it.
        self.evidence: Mapping[str, str] = {}

    @property
    def text(self) -> str:
        """The detail in English, with its parameters filled in."""
        return self.detail % self.params if self.params else self.detail

    @property
    def hint_text(self) -> str:
        """What to do next in English, with its parameters filled in."""
        return self.hint % self.params if self.params else self.hint

    def __str__(self) -> str:
        facts = "".join(f" {name}={value!r}" for name, value in self.log.items())
        return f"{self.code}: {self.text}{facts}"


class NotFound(ToolError):
    """There is no such thing, or not for this person: the two look alike."""

    usual_side = Side.NOBODY


class NotAllowed(ToolError):
    """The person is known and may not do this."""

    usual_side = Side.NOBODY


class Invalid(ToolError):
    """What came in cannot be read or breaks a rule."""

    usual_side = Side.YOU


class Conflict(ToolError):
    """The thing changed meanwhile, or this was done already."""

    usual_side = Side.NOBODY


class Upstream(ToolError):
    """Another system did not answer, or not as its standard says."""

    usual_side = Side.LMS
