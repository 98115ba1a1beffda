"""Markdown to the HTML of a page, and every fault of the text with its line.

CommonMark with tables, strike-through, callouts (`::: note Title`), maths (`$…$`) and `{.decorative}` pictures. Raw
HTML is shown as text. The result has passed `modules.sanitise` and may be put into a page as it is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from lti_tool.modules.checking import Fault, check
from lti_tool.modules.markup import ModuleRenderer
from lti_tool.modules.pictures import MediaFile
from lti_tool.modules.sanitise import sanitise
from lti_tool.modules.words import words_for

MAX_TEXT = 200_000
MediaLookup = Callable[[str], MediaFile | None]
"""From the name written in the text (`media/x.svg`) to the picture; None when the package has none of that name."""


@dataclass(frozen=True)
class Rendered:
    """`html` is safe; `blocks` counts its top-level blocks; `lead` is the first paragraph as plain text."""

    html: str
    blocks: int
    words: int
    lead: str
    faults: tuple[Fault, ...]


def render(text: str, *, media: MediaLookup, language: str = "en") -> str:
    """Markdown as safe HTML, its top-level blocks numbered `id="b-N" data-b="N"` from 1."""
    return read_markdown(text, media=media, language=language, page=True).html


def read_markdown(text: str, *, media: MediaLookup, language: str, page: bool) -> Rendered:
    """Markdown as HTML with all its faults.

    `page` numbers the top-level blocks, for the reading position, and wants headings to begin at the second level.
    Other texts (stems, choices) stand several on one screen and get no ids.
    """
    if len(text) > MAX_TEXT:
        far_too_long = Fault(1, f"the text is longer than {MAX_TEXT} characters", "Divide it.", "")
        return Rendered("", 0, 0, "", (far_too_long,))
    env: dict[str, object] = {"media": media, "words": words_for(language)}
    tokens = _parser.parse(text, env)
    faults = check(tokens, text.split("\n"), media=media, page=page)
    _shift_headings(tokens)
    _unwrap_figures(tokens)
    blocks = _number_blocks(tokens) if page else 0
    html = _parser.renderer.render(tokens, _parser.options, env)
    return Rendered(sanitise(html).strip(), blocks, _count_words(tokens), _lead(tokens), tuple(faults))


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=ModuleRenderer)
    parser.enable(["table", "strikethrough"])
    container_plugin(parser, "callout", validate=lambda params, _markup: bool(params.strip()))
    attrs_plugin(parser, after=("image",), allowed=("class",))
    dollarmath_plugin(parser, allow_space=False, allow_digits=False, double_inline=True, allow_labels=False)
    # The plug-ins register their own rules on the renderer; ours are the methods of ModuleRenderer.
    parser.renderer = ModuleRenderer(parser)
    return parser


def _shift_headings(tokens: list[Token]) -> None:
    """The page's own title is the only h1: a text that begins at the first level moves down by one."""
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    if not any(token.tag == "h1" for token in headings):
        return
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"


def _unwrap_figures(tokens: list[Token]) -> None:
    """A picture alone in its paragraph is a figure; its title is the caption."""
    for opening, inline, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opening.type != "paragraph_open" or opening.hidden or inline.type != "inline":
            continue
        children = [child for child in inline.children or [] if child.type != "softbreak"]
        if len(children) == 1 and children[0].type == "image":
            opening.tag = closing.tag = "figure"
            children[0].meta["figure"] = True


def _number_blocks(tokens: list[Token]) -> int:
    count = 0
    for token in tokens:
        if token.level == 0 and token.nesting >= 0 and token.type != "inline":
            count += 1
            token.attrSet("id", f"b-{count}")
            token.attrSet("data-b", str(count))
    return count


# Scripts without blanks between words: about 0.6 of a word a character, so that minutes come out alike.
_DENSE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def _count_words(tokens: list[Token]) -> int:
    text = " ".join(_plain(token) for token in tokens if token.type in ("inline", "fence", "code_block"))
    dense = len(_DENSE.findall(text))
    return round(dense * 0.6) + len(_WORD.findall(_DENSE.sub(" ", text)))


def _lead(tokens: list[Token]) -> str:
    for opening, inline in pairwise(tokens):
        if opening.type == "paragraph_open" and (text := " ".join(_plain(inline).split())):
            return text
    return ""


def _plain(token: Token) -> str:
    if token.children is None:
        return token.content
    breaks = ("softbreak", "hardbreak")
    return "".join(" " if child.type in breaks else child.content for child in token.children if child.type != "image")


_parser = _make_parser()
