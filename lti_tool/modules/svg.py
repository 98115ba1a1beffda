"""SVG: the one picture format that can hold a program.

Read event by event with expat, which fetches nothing and, once a DOCTYPE is refused, has nothing to expand. Refused are
scripts, events, foreign content, processing instructions and every reference to anything outside the picture itself.
"""

import re
from collections.abc import Mapping
from typing import NoReturn
from xml.parsers import expat

from lti_tool.modules.faults import MediaFault

_SVG = "http://www.w3.org/2000/svg"
_XHTML = "http://www.w3.org/1999/xhtml"
_FORBIDDEN = frozenset({"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "handler"})
_ADDRESSES = frozenset({"href", "src", "base"})
_ANIMATIONS = frozenset({"animate", "animatecolor", "animatemotion", "animatetransform", "set"})
_URL = re.compile(r"url\(\s*['\"]?\s*([^'\")\s]*)", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[0-9]*\.?[0-9]+(?:e[-+]?[0-9]+)?", re.IGNORECASE)
_LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(px|pt|pc|mm|cm|in)?\s*")
_PER_UNIT = {None: 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
MAX_DEPTH = 100


def svg_size(body: bytes) -> tuple[int, int]:
    """Width and height in CSS pixels of a harmless SVG; MediaFault for any other."""
    return _Checker().read(body)


class _Checker:
    """One reading of one picture."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.ProcessingInstructionHandler = self._instruction
        self._open: list[str] = []
        self._size: tuple[int, int] | None = None

    def read(self, body: bytes) -> tuple[int, int]:
        try:
            self._parser.Parse(body, True)
        except expat.ExpatError as broken:
            said = expat.ErrorString(broken.code)
            raise MediaFault(
                f"the SVG cannot be read: {said}", "Export it again from the drawing program.", broken.lineno
            ) from None
        if self._size is None:
            self._refuse("this is not an SVG picture", "Export it again from the drawing program.")
        return self._size

    def _refuse(self, problem: str, fix: str) -> NoReturn:
        raise MediaFault(problem, fix, self._parser.CurrentLineNumber or 1)

    def _doctype(self, *_what: object) -> None:
        self._refuse("the SVG has a DOCTYPE", "Remove the <!DOCTYPE …> line; SVG does not need it.")

    def _instruction(self, target: str, _data: str) -> None:
        self._refuse(f"it holds the instruction <?{target}", "Remove it; styles belong into the SVG itself.")

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        namespace, _, name = tag.rpartition("}")
        name = name.lower()
        if not self._open:
            if (namespace, name) != (_SVG, "svg"):
                self._refuse("this is not an SVG picture", f'Its first element must be <svg xmlns="{_SVG}">.')
            self._size = self._declared_size(attributes)
        if name in _FORBIDDEN or namespace == _XHTML:
            self._refuse(f"it holds <{name}>", "A picture may only draw: remove that element.")
        if len(self._open) >= MAX_DEPTH:
            self._refuse("its elements are nested too deeply", "Simplify the drawing.")
        for attribute, value in attributes.items():
            self._attribute(name, attribute.rpartition("}")[2].lower(), value)
        self._open.append(name)

    def _end(self, _tag: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open and self._open[-1] == "style":
            self._style(text)

    def _attribute(self, element: str, attribute: str, value: str) -> None:
        if attribute.startswith("on"):
            self._refuse(f"it has the event {attribute}=", "Remove that attribute.")
        if attribute in _ADDRESSES and not value.strip().startswith("#"):
            self._refuse(f"it points outside itself: {value[:60]}", "Draw it into the SVG, or remove the reference.")
        changed = value.rpartition(":")[2].strip().lower() if attribute == "attributename" else ""
        if element in _ANIMATIONS and (changed in _ADDRESSES or changed.startswith("on")):
            self._refuse(f"an animation changes {changed}", "Remove that animation.")
        if attribute == "style":
            self._style(value)
        self._urls(value)

    def _style(self, text: str) -> None:
        # CSS may hide any letter behind a backslash; a picture has no need of that.
        if "@import" in text.lower() or "\\" in text:
            self._refuse("its styles load something or hide letters", "Remove @import and backslashes.")
        self._urls(text)

    def _urls(self, text: str) -> None:
        for target in _URL.findall(text):
            if not target.startswith("#"):
                self._refuse(f"its styles point outside: {target[:60]}", "Use only url(#…) of the picture itself.")

    def _declared_size(self, attributes: Mapping[str, str]) -> tuple[int, int]:
        width, height = _pixels(attributes.get("width")), _pixels(attributes.get("height"))
        if width and height:
            return round(width), round(height)
        box = [float(part) for part in _NUMBER.findall(attributes.get("viewBox", ""))]
        if len(box) != 4 or min(box[2:]) <= 0:
            self._refuse(
                "the SVG does not say how large it is", 'Give <svg> a viewBox, for example viewBox="0 0 640 360".'
            )
        across, down = box[2:]
        if width:
            return round(width), round(width * down / across)
        if height:
            return round(height * across / down), round(height)
        return round(across), round(down)


def _pixels(length: str | None) -> float | None:
    found = _LENGTH.fullmatch(length or "")
    return float(found[1]) * _PER_UNIT[found[2]] if found else None
