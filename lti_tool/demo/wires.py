"""See the wires: every message of the last launch, taken apart claim by claim, each with one plain line of meaning."""

import base64
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from lti_tool.demo.meanings import MEANINGS, PREFIXES

_KEPT = 120
_LINE = 90
_LONG = 700


class Way(StrEnum):
    """Who speaks to whom."""

    TO_TOOL = "LMS → tool, through the browser"
    TO_LMS = "tool → LMS, through the browser"
    SERVER = "tool → LMS, server to server"
    NOTICE = "LMS → tool, server to server"
    WINDOWS = "tool ↔ LMS, between windows of the browser"


@dataclass(frozen=True, slots=True)
class Row:
    """One claim or field. `space` is the long prefix of the name, `value` is ready to read."""

    space: str
    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a message under a title, such as the header of a token."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `mark` is ok, warn or bad; `note` says what became of it."""

    at: datetime
    title: str
    way: Way
    address: str
    parts: tuple[Part, ...]
    note: str = ""
    mark: str = "ok"

    @property
    def count(self) -> int:
        return sum(len(part.rows) for part in self.parts)


@dataclass(slots=True)
class Wires:
    """The messages since the last login initiation."""

    _trail: list[Message] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, message: Message) -> None:
        """A new launch begins: what went before is forgotten."""
        with self._lock:
            self._trail = [message]

    def add(self, message: Message) -> None:
        with self._lock:
            self._trail = [*self._trail[:1], *self._trail[1:][-_KEPT:], message]

    @property
    def trail(self) -> tuple[Message, ...]:
        with self._lock:
            return tuple(self._trail)


def fields(title: str, values: Mapping[str, object]) -> Part:
    """Fields of a form, a query or a JSON body."""
    return Part(title, tuple(row for name, value in values.items() for row in _rows(name, value)))


def token(title: str, text: str) -> tuple[Part, ...]:
    """Header and claims of a signed token, decoded without asking whether it is genuine."""
    try:
        head, body = (_decoded(piece) for piece in text.split(".")[:2])
    except (ValueError, TypeError):
        return (Part(title, (Row("", "token", _short(text), "This is no readable token."),)),)
    return (fields(f"{title}: header", head), fields(f"{title}: claims", body))


def _decoded(piece: str) -> dict[str, object]:
    found = json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    if not isinstance(found, dict):
        raise ValueError(piece)
    return found


def _rows(name: str, value: object) -> list[Row]:
    """A claim, or one row for each field of a claim that has fields."""
    space = next((prefix for prefix in PREFIXES if name.startswith(prefix)), "")
    short = name[len(space) :]
    if not isinstance(value, Mapping) or not value:
        return [Row(space, short, _text(value), _meaning(short, value))]
    rows = [
        Row("", f"{short} · {key}", _text(inner), _meaning(f"{short}.{key}", inner)) for key, inner in value.items()
    ]
    return [replace(rows[0], space=space), *rows[1:]]


def _meaning(name: str, value: object) -> str:
    if name in ("iat", "exp", "nbf") and isinstance(value, int):
        return f"{MEANINGS[name]} That is {datetime.fromtimestamp(value).astimezone():%d %B %Y, %H:%M:%S}."
    outer = name.partition(".")[0]
    return MEANINGS.get(name) or MEANINGS.get(f"{outer}.*") or "Not part of LTI: an addition of the sender."


def _text(value: object) -> str:
    if isinstance(value, str):
        return _short(value)
    line = json.dumps(value, ensure_ascii=False)
    return line if len(line) <= _LINE else _short(json.dumps(value, ensure_ascii=False, indent=1))


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:280]} … {text[-40:]} ({len(text)} characters)"
