"""What single platforms do differently, each with its platform and version. Only here does behaviour hang on one."""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$[A-Za-z][A-Za-z0-9_.]*")
_MOST = 500
_LONGEST_KEY = 200
_LONGEST_VALUE = 5000


def plain_custom(values: Mapping[str, object]) -> dict[str, str]:
    """The custom parameters that say something.

    Any platform sends a variable that it does not know back as it was written, `$Like.this` (LTI Core 1.3 Appendix C);
    Moodle 4.5 sends some as null in deep linking, and each key with a capital or a space twice: as written, and in
    lower case with underscores.
    """
    said: dict[str, str] = {}
    for key, value in list(values.items())[:_MOST]:
        if not _is_plain(key, _LONGEST_KEY) or not isinstance(value, str) or not _is_plain(value, _LONGEST_VALUE):
            continue
        if not _VARIABLE.fullmatch(value):
            said[key] = value
    written = {_lowered(key): value for key, value in said.items() if _lowered(key) != key}
    return {key: value for key, value in said.items() if written.get(key) != value or _lowered(key) != key}


def is_silent_refusal(status: int, body: bytes) -> bool:
    """Whether an accepted-looking answer to a score is a refusal.

    Moodle 4.5 writes the reason into the status line; where that fails, the refusal goes out as 200 with an empty list.
    An accepted score has no body at all.
    """
    return 200 <= status < 300 and body.strip() == b"[]"


def is_rate_limit(status: int, remaining: str | None) -> bool:
    """Whether an answer means “too many requests”. Canvas said so for years by 403 with nothing remaining."""
    if status == 429:
        return True
    try:
        return status == 403 and remaining is not None and float(remaining) <= 0
    except ValueError:
        return False


def _is_plain(text: str, longest: int) -> bool:
    return len(text) <= longest and "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _lowered(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "_", key.lower())
