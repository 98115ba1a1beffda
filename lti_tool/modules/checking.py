"""What an author should mend in a text: each fault with its line, in the words of somebody who writes, not parses."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from markdown_it.token import Token
from pygments.lexers import find_lexer_class_by_name
from pygments.util import ClassNotFound

from lti_tool.modules.markup import CALLOUTS, DETAILS, callout_parts, is_decorative
from lti_tool.modules.maths import FormulaFault, mathml
from lti_tool.modules.pictures import MediaFile

_NOT_THERE = "Put the file into media/, or correct the name."
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>")

# markdown-it leaves a link with such an address as the text it was.
_REFUSED_LINK = re.compile(r"\]\(\s*<?((?:javascript|vbscript|data|file):)", re.IGNORECASE)


@dataclass(frozen=True)
class Fault:
    """A fault of a text: `line` from 1 within it; `near` is a piece of the source by which to find it again."""

    line: int
    problem: str
    fix: str
    near: str
    fatal: bool = True


def check(
    tokens: Sequence[Token], lines: Sequence[str], *, media: Callable[[str], MediaFile | None], page: bool
) -> Sequence[Fault]:
    """All faults of a parsed text, in its order."""
    return [
        *(_headings(tokens) if page else ()),
        *_callouts(tokens, lines),
        *_code_and_maths(tokens),
        *(fault for token, line in _inline(tokens) for fault in _inline_faults(token, line, media)),
    ]


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _inline(tokens: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """Every inline piece with its line: a paragraph knows its first line, breaks count on from there."""
    for block in tokens:
        line = _line(block)
        for child in block.children or []:
            yield child, line
            if child.type in ("softbreak", "hardbreak"):
                line += 1


def _headings(tokens: Sequence[Token]) -> Iterator[Fault]:
    last = 1
    for token, inline in pairwise(tokens):
        if token.type != "heading_open":
            continue
        level = int(token.tag[1])
        if level == 1:
            fix = "Write it with ##: the page's title stands above it."
            yield Fault(_line(token), "a heading of the first level", fix, "# ")
        elif level > last + 1:
            problem = f"the heading “{inline.content[:40]}” skips a level"
            yield Fault(_line(token), problem, f"Write it with {'#' * (last + 1)}.", inline.content, fatal=False)
        last = max(level, 2)


def _callouts(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Fault]:
    for token in tokens:
        if token.type != "container_callout_open" or not token.map:
            continue
        kind, _title = callout_parts(token.info)
        if kind not in (*CALLOUTS, DETAILS):
            known = ", ".join((*CALLOUTS, DETAILS))
            yield Fault(_line(token), f"“::: {kind}” is not a kind of callout", f"Use one of: {known}.", token.info)
        end = token.map[1]
        if end >= len(lines) or not lines[end].lstrip(" >").startswith(":::"):
            yield Fault(_line(token), f"“::: {kind}” is never closed", "Add a line ::: where it ends.", token.info)


def _code_and_maths(tokens: Sequence[Token]) -> Iterator[Fault]:
    for token in tokens:
        language = token.info.strip().split(" ")[0] if token.type == "fence" else ""
        if language:
            try:
                find_lexer_class_by_name(language)
            except ClassNotFound:
                problem = f"code in “{language}” cannot be coloured"
                fix = "Use a language that Pygments knows, or none."
                yield Fault(_line(token), problem, fix, language, fatal=False)
        if token.type == "math_block":
            yield from _formula(token, _line(token), block=True)


def _inline_faults(token: Token, line: int, media: Callable[[str], MediaFile | None]) -> Iterator[Fault]:
    if token.type == "image":
        yield from _image(token, line, media)
    elif token.type == "link_open":
        yield from _link(str(token.attrGet("href") or ""), line, media)
    elif token.type in ("math_inline", "math_inline_double"):
        yield from _formula(token, line, block=False)
    elif token.type == "text":
        if tag := _TAG.search(token.content):
            yield Fault(line, f"HTML ({tag[0][:40]}) is shown as text", "Write it as Markdown.", tag[0], fatal=False)
        if refused := _REFUSED_LINK.search(token.content):
            yield Fault(line, f"a link cannot be {refused[1]}", "Write the whole address, https://….", refused[0])


def _image(token: Token, line: int, media: Callable[[str], MediaFile | None]) -> Iterator[Fault]:
    source = unquote(str(token.attrGet("src") or ""))
    if not token.content.strip() and not is_decorative(token):
        yield Fault(
            line,
            f"the picture {source} has no description",
            "Say between [ and ] what it tells, or add {.decorative} after it.",
            source,
        )
    if not source.startswith("media/"):
        problem = f"the picture {source[:80]} is not in the package"
        yield Fault(line, problem, "Put it into media/ and write media/….", source)
    elif media(source) is None:
        yield Fault(line, f"there is no picture {source[:80]}", _NOT_THERE, source)


def _link(href: str, line: int, media: Callable[[str], MediaFile | None]) -> Iterator[Fault]:
    try:
        parts = urlsplit(href)
    except ValueError:
        parts = urlsplit("")
    if href.startswith("media/"):
        if media(unquote(href)) is None:
            yield Fault(line, f"there is no file {href[:80]}", _NOT_THERE, href)
    elif not (parts.scheme in ("http", "https") and parts.netloc) and parts.scheme != "mailto":
        yield Fault(line, f"the link {href[:80] or '()'} leads nowhere", "Write the whole address, https://….", href)


def _formula(token: Token, line: int, *, block: bool) -> Iterator[Fault]:
    try:
        mathml(token.content.strip(), block=block)
    except FormulaFault as broken:
        yield Fault(line, str(broken), "Check its braces and commands, or write it in words.", token.content)
