"""Formulas: LaTeX to MathML Core, on the server, so that a page needs no script to show them.

latex2mathml's own text output leaves `<` in `\\text{…}` unescaped; the tree it builds is written out here instead.
"""

import html
import re
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter

MAX_FORMULA = 2_000
# Definitions can call themselves for ever.
_DEFINES = re.compile(r"\\(?:re|provide)?new(?:command|environment)|\\[egx]?def\b|\\let\b|\\DeclareMathOperator")


class FormulaFault(Exception):
    """Why a formula cannot be set, in the words of an author."""


def mathml(latex: str, *, block: bool) -> str:
    """The formula as `<math>`; FormulaFault when it cannot be read."""
    if len(latex) > MAX_FORMULA:
        raise FormulaFault(f"the formula is longer than {MAX_FORMULA} characters")
    if _DEFINES.search(latex):
        raise FormulaFault("a formula cannot define commands")
    try:
        tree = Converter(display="block" if block else "inline").convert_to_element(latex)
    except Exception:
        # The library raises its own dozen classes, and IndexError and the like on what it did not foresee.
        raise FormulaFault("the formula cannot be read") from None
    return _written(tree)


def _written(node: Element) -> str:
    attributes = "".join(
        f' {name}="{html.escape(html.unescape(value))}"' for name, value in node.attrib.items() if name != "xmlns"
    )
    inside = _text(node.text) + "".join(_written(child) + _text(child.tail) for child in node)
    return f"<{node.tag}{attributes}>{inside}</{node.tag}>"


def _text(text: str | None) -> str:
    # The library writes symbols as entities (&#x0003C;) into what should be plain text.
    return html.escape(html.unescape(text or ""), quote=False)
