"""How each element of a page is written: figures, callouts, links that leave, tables that scroll, formulas, code."""

from collections.abc import Callable, Sequence
from typing import cast
from urllib.parse import unquote

from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from lti_tool.modules.maths import FormulaFault, mathml
from lti_tool.modules.pictures import MediaFile
from lti_tool.modules.words import Words

CALLOUTS = ("note", "example", "warning", "remember")
DETAILS = "details"
MAX_HIGHLIGHTED = 20_000
_bare = HtmlFormatter(nowrap=True)


def callout_parts(info: str) -> tuple[str, str]:
    """Kind and title of `::: kind Title`."""
    kind, _, title = info.strip().partition(" ")
    return kind.lower(), title.strip()


class ModuleRenderer(RendererHTML):
    """markdown-it's renderer with the house's markup; each method renders the token of its name."""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        file = _media(env, str(token.attrGet("src") or ""))
        if file is None:
            return ""  # A missing picture is a fault of the package; nothing is published without it.
        alt = "" if is_decorative(token) else self.renderInlineAsText(token.children, options, env)
        size = f' width="{file.width}" height="{file.height}"' if file.width and file.height else ""
        written = f'<img src="/media/{file.sha256}" alt="{escapeHtml(alt)}"{size} loading="lazy">'
        caption = str(token.attrGet("title") or "")
        if token.meta.get("figure") and caption:
            written += f"<figcaption>{escapeHtml(caption)}</figcaption>"
        return written

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        href = str(tokens[idx].attrGet("href") or "")
        file = _media(env, href)
        if file is not None:
            href = f"/media/{file.sha256}"
        if href.lower().startswith("mailto:"):
            return f'<a href="{escapeHtml(href)}">'
        return f'<a href="{escapeHtml(href)}" rel="noopener noreferrer" target="_blank">'

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        opening = next(token for token in reversed(tokens[:idx]) if token.type == "link_open")
        if str(opening.attrGet("href") or "").lower().startswith("mailto:"):
            return "</a>"
        return f'<span class="vh"> ({_words(env).new_tab})</span></a>'

    def container_callout_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        kind, title = callout_parts(token.info)
        attributes, words = self.renderAttrs(token), _words(env)
        if kind == DETAILS:
            summary = escapeHtml(title or words.details)
            return f'<details class="callout details"{attributes}><summary>{summary}</summary>\n'
        kind = kind if kind in CALLOUTS else CALLOUTS[0]
        word = words.callout(kind)
        first = f"<strong>{word}:</strong> {escapeHtml(title)}" if title else f"<strong>{word}</strong>"
        return f'<aside role="note" class="note callout {kind}"{attributes}><p class="callout-head">{first}</p>\n'

    def container_callout_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        level = tokens[idx].level
        opening = next(
            token for token in reversed(tokens[:idx]) if token.type == "container_callout_open" and token.level == level
        )
        return "</details>\n" if callout_parts(opening.info)[0] == DETAILS else "</aside>\n"

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        # Wide tables scroll in a box of their own, which the keyboard must be able to reach.
        name = escapeHtml(_words(env).table)
        attributes = self.renderAttrs(tokens[idx])
        return f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"{attributes}><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<th scope="col"{_alignment(tokens[idx])}>'

    def td_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<td{_alignment(tokens[idx])}>"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        return self._code(token, highlighted(token.content, token.info.strip().split(" ")[0]))

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return self._code(tokens[idx], escapeHtml(tokens[idx].content))

    def math_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _formula(tokens[idx].content, block=False)

    def math_inline_double(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return _formula(tokens[idx].content, block=True)

    def math_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        formula = _formula(tokens[idx].content, block=True)
        return f'<div class="math scroll" tabindex="0"{self.renderAttrs(tokens[idx])}>{formula}</div>\n'

    def _code(self, token: Token, inside: str) -> str:
        # Code runs left to right in every language, and long lines scroll within reach of the keyboard.
        return f'<pre class="code" tabindex="0" dir="ltr"{self.renderAttrs(token)}><code>{inside}</code></pre>\n'


def highlighted(code: str, language: str) -> str:
    """The code with Pygments' classes, plain when the language is not known or the text too long."""
    if not language or len(code) > MAX_HIGHLIGHTED:
        return escapeHtml(code)
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return escapeHtml(code)
    return str(highlight(code, lexer, _bare))


def is_decorative(image: Token) -> bool:
    """Whether the author has marked the picture as saying nothing."""
    return "decorative" in str(image.attrGet("class") or "").split()


def _formula(latex: str, *, block: bool) -> str:
    try:
        return mathml(latex.strip(), block=block)
    except FormulaFault:
        return f"<code>{escapeHtml(latex)}</code>"


def _alignment(token: Token) -> str:
    style = str(token.attrGet("style") or "")
    return {"text-align:center": ' class="center"', "text-align:right": ' class="end"'}.get(style, "")


def _words(env: EnvType) -> Words:
    return cast(Words, env["words"])


def _media(env: EnvType, name: str) -> MediaFile | None:
    lookup = cast(Callable[[str], MediaFile | None], env["media"])
    return lookup(unquote(name))
