"""Plain words out of what authors and learners wrote."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from html.parser import HTMLParser
from typing import Protocol, TypeVar

from lti_tool.core.errors import Invalid


class _Text(HTMLParser):
    """Collects the text of HTML, with the words that stand for a picture."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.parts.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"p", "li", "td", "th", "div", "figure"}:
            self.parts.append(" ")


@lru_cache(maxsize=4096)
def plain(html: str) -> str:
    """The words of some HTML, on one line."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    return " ".join("".join(reader.parts).split())


def typed(values: Sequence[str], *, limit: int) -> str | None:
    """What was typed into a field, fit for storing; None for blanks only; Invalid when it is longer than the field."""
    text = _storable(values[0]) if values else ""
    if not text.strip():
        return None
    _check_length(text, limit)
    return text


def _check_length(text: str, limit: int) -> None:
    if len(text) > limit:
        raise Invalid(
            "assessments.answer_too_long",
            "This answer has %(length)s characters; at most %(limit)s can be kept.",
            "Shorten the answer. What was saved before is still there.",
            length=len(text),
            limit=limit,
        )


def _storable(text: str) -> str:
    """One way to end a line, and none of the characters that PostgreSQL cannot keep (NUL, halves of a pair)."""
    text = re.sub(r"\r\n?", "\n", text)
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_HasId)


def in_order(things: Sequence[T], order: Sequence[str] | None) -> tuple[T, ...]:
    """The things in a recorded order of their ids; in the author's where none was recorded."""
    if order is None:
        return tuple(things)
    by_id = {thing.id: thing for thing in things}
    return tuple(by_id[id_] for id_ in order if id_ in by_id)
