"""The last gate before HTML is stored: whatever the renderer let through, only this list survives.

Nothing here may start a request or run: addresses are https, http, mailto or our own `/media/<sha256>`; ids and roles
are those the renderer writes; MathML is the Core list, without `annotation-xml`, by which HTML could come back in.
"""

import re

import nh3


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MATHML = _names(
    "math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle "
    "msub msubsup msup mtable mtd mtext mtr munder munderover"
)
_MATHML_ATTRIBUTES = _names(
    "accent accentunder columnalign columnspan depth dir display displaystyle fence form height largeop linethickness "
    "lspace mathvariant maxsize minsize movablelimits rowspan rspace scriptlevel separator stretchy symmetric voffset "
    "width"
)
_HTML = _names(
    "a aside blockquote br code details div em figcaption figure h2 h3 h4 h5 h6 hr img li ol p pre s span strong "
    "summary table tbody td th thead tr ul"
)
_EVERYWHERE = {"class", "id", "data-b"}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": _EVERYWHERE,
    "a": {"href", "rel", "target"},
    "img": {"src", "alt", "width", "height", "loading", "decoding"},
    "th": {"scope"},
    "ol": {"start"},
    "pre": {"tabindex", "dir"},
    "div": {"tabindex", "role", "aria-label"},
    "aside": {"role"},
    **{tag: set(_MATHML_ATTRIBUTES) for tag in _MATHML},
}
_VALUES = {
    "class": re.compile(r"[a-z0-9 _-]+"),
    "id": re.compile(r"b-[0-9]+"),
    "role": re.compile(r"note|region"),
    "rel": re.compile(r"noopener noreferrer"),
    "target": re.compile(r"_blank"),
    "tabindex": re.compile(r"0"),
    "src": re.compile(r"/media/[0-9a-f]{64}"),
    "href": re.compile(r"https?://.+|mailto:.+|/media/[0-9a-f]{64}", re.IGNORECASE | re.DOTALL),
}


def _only_known(_tag: str, attribute: str, value: str) -> str | None:
    allowed = _VALUES.get(attribute)
    return value if allowed is None or allowed.fullmatch(value) else None


_cleaner = nh3.Cleaner(
    tags=set(_HTML | _MATHML),
    attributes=_ATTRIBUTES,
    attribute_filter=_only_known,
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


def sanitise(html: str) -> str:
    """The fragment with everything removed that is not on the list."""
    return _cleaner.clean(html)
