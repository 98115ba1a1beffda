"""Reading a platform's claims: every value by the type it must have, every surprise a refusal and never a crash."""

import re
import unicodedata
from collections.abc import Mapping

from lti_tool.lti.refusals import LtiRefused, refused

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_LONGEST_OPAQUE = 20_000
_MOST_TEXTS = 200
_LONGEST_TEXT = 500


class Claims:
    """The claims of a token, or one object among them. Null counts as absent, as platforms send it for nothing."""

    def __init__(self, values: Mapping[str, object], place: str = "") -> None:
        self._values = values
        self._place = place

    def required_id(self, name: str, longest: int = 255) -> str:
        """An identifier, exactly as given; refused when absent or empty."""
        value = self.optional_id(name, longest)
        if value is None:
            raise refused("lti.missing_claim", claim=self._path(name))
        return value

    def optional_id(self, name: str, longest: int) -> str | None:
        """An identifier or address, exactly as given; None when absent or empty, refused when it cannot be one."""
        value = self._text(name)
        if not value:
            return None
        if len(value) > longest or _CONTROLS.search(value) or _SURROGATES.search(value):
            raise self._unreadable(name)
        return value

    def name(self, name: str, longest: int) -> str | None:
        """A name or title in NFC, without control characters, shortened to `longest`; None when absent or empty."""
        value = self._text(name)
        if value is None:
            return None
        # Cut first: normalising a text of megabytes would cost more than it is worth.
        plain = unicodedata.normalize("NFC", _SURROGATES.sub("", _CONTROLS.sub("", value[: 4 * longest])))
        return plain.strip()[:longest].rstrip() or None

    def opaque(self, name: str) -> str | None:
        """A text that goes back as it came, even when empty; None when absent."""
        value = self._text(name)
        if value is not None and (len(value) > _LONGEST_OPAQUE or not _storable(value)):
            raise self._unreadable(name)
        return value

    def texts(self, name: str, *, required: bool = False) -> list[str]:
        """A list of texts, which may be empty."""
        value = self._values.get(name)
        if value is None:
            if required:
                raise refused("lti.missing_claim", claim=self._path(name))
            return []
        if not isinstance(value, list) or len(value) > _MOST_TEXTS:
            raise self._unreadable(name)
        texts = [text for text in value if isinstance(text, str) and len(text) <= _LONGEST_TEXT and _storable(text)]
        if len(texts) != len(value):
            raise self._unreadable(name)
        return texts

    def one_or_more(self, name: str) -> list[str]:
        """A text or a list of texts; refused when absent."""
        value = self._values.get(name)
        return [self.required_id(name)] if isinstance(value, str) else self.texts(name, required=True)

    def has(self, name: str) -> bool:
        """Whether anything at all stands under this name."""
        return name in self._values

    def flag(self, name: str) -> bool | None:
        """True or false, also as the words; None when absent."""
        value = self._values.get(name)
        if value is None or isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        raise self._unreadable(name)

    def seconds(self, name: str) -> float | None:
        """A moment in seconds since 1970; None when absent, refused when it is no sensible number."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e11:
            raise self._unreadable(name)
        return float(value)

    def part(self, name: str, *, required: bool = False) -> "Claims":
        """An object among the claims; an absent one has nothing in it."""
        if required and self._values.get(name) is None:
            raise refused("lti.missing_claim", claim=self._path(name))
        return Claims(self.values(name), self._path(name) + ".")

    def values(self, name: str) -> Mapping[str, object]:
        """The values of an object among the claims; PHP writes an empty one as a list."""
        value = self._values.get(name)
        if value is None or value == []:
            return {}
        if not isinstance(value, dict):
            raise self._unreadable(name)
        return value

    def _text(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            raise self._unreadable(name)
        return value

    def _unreadable(self, name: str) -> LtiRefused:
        return refused("lti.claim", claim=self._path(name), log={"type": type(self._values.get(name)).__name__})

    def _path(self, name: str) -> str:
        """The claim's short name: what stands after the last slash is what people call it."""
        return self._place + name.rsplit("/", 1)[-1]


def _storable(text: str) -> bool:
    """Whether a database can keep the text: PostgreSQL takes neither a zero byte nor half a surrogate pair."""
    return "\x00" not in text and _SURROGATES.search(text) is None
