"""Which glyphs a PDF really sets, read back from its content and its embedded fonts, as outlines.

Subsetting renumbers glyphs, so ids say nothing; the outlines are compared, in the order in which they are set. Blank
glyphs are left out on both sides: a joiner leaves one behind or not, and the spaces are seen by reading the text.
"""

import io
import re
from collections.abc import Iterator
from functools import cache

import pikepdf
import uharfbuzz as hb
from fontTools.cffLib import CFFFontSet
from fontTools.pens.recordingPen import DecomposingRecordingPen, RecordingPen
from fontTools.ttLib import TTFont

from lti_tool.credentials import Run

Outline = tuple[tuple[str, tuple[tuple[int, int], ...]], ...]


def set_in(pdf: bytes, size: float) -> list[Outline]:
    """The outlines of all glyphs set at this size in points, in order."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        page = document.pages[0].obj
        fonts = {name: _Embedded(font) for name, font in page.Resources.Font.items()}
        outlines = (
            fonts[font].outline(code)
            for block in re.findall(rb"\nBT(.*?)\nET\n", page.Contents.read_bytes(), re.DOTALL)
            for font, shown, code in _codes(document, block)
            if abs(shown - size) < 0.01
        )
        return [outline for outline in outlines if outline]


def shaped(runs: tuple[Run, ...], file: str | None = None) -> list[Outline]:
    """What HarfBuzz sets for the runs with their named faces (or with another file), left to right."""
    return [outline for run in runs for outline in _shaped(run, file or str(run.face.path)) if outline]


def _codes(document: pikepdf.Pdf, block: bytes) -> Iterator[tuple[str, float, int]]:
    font, size = "", 0.0
    for step in pikepdf.parse_content_stream(pikepdf.Stream(document, block)):
        operator = str(step.operator)
        if operator == "Tf":
            font, size = str(step.operands[0]), float(step.operands[1])
        elif operator in ("Tj", "TJ"):
            parts = step.operands[0] if operator == "TJ" else [step.operands[0]]
            for part in parts:
                if isinstance(part, pikepdf.String):
                    raw = bytes(part)
                    for at in range(0, len(raw), 2):
                        yield font, size, int.from_bytes(raw[at : at + 2], "big")


class _Embedded:
    """A font as it lies in the PDF."""

    def __init__(self, font: pikepdf.Object) -> None:
        descendant = font.DescendantFonts[0]
        assert str(descendant.get("/CIDToGIDMap", "/Identity")) == "/Identity"
        descriptor = descendant.FontDescriptor
        self._true_type = "/FontFile2" in descriptor
        self._data = (descriptor.FontFile2 if self._true_type else descriptor.FontFile3).read_bytes()

    @cache  # noqa: B019 - a handful of fonts, gone with the test
    def _glyphs(self) -> object:
        if self._true_type:
            return hb.Font(hb.Face(self._data))
        fonts = CFFFontSet()
        fonts.decompile(io.BytesIO(self._data), None)
        return fonts[0]

    def outline(self, code: int) -> Outline:
        glyphs = self._glyphs()
        if self._true_type:
            return _drawn(glyphs, code)
        return _of_charstring(glyphs.CharStrings[f"cid{code:05d}" if code else ".notdef"])


def _shaped(run: Run, file: str) -> list[Outline]:
    font = hb.Font(hb.Face(hb.Blob.from_file_path(file), run.face.spec.index if file == str(run.face.path) else 0))
    buffer = hb.Buffer()
    buffer.add_str(run.text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer, {"liga": run.script.ligatures})
    if file.endswith(".ttc"):
        source = _collection(file, run.face.spec.index)
        names = source.getGlyphOrder()
        charstrings = source["CFF "].cff[0].CharStrings
        return [_of_charstring(charstrings[names[info.codepoint]]) for info in buffer.glyph_infos]
    return [_drawn(font, info.codepoint) for info in buffer.glyph_infos]


@cache
def _collection(file: str, index: int) -> TTFont:
    return TTFont(file, fontNumber=index, lazy=True)


def _drawn(font: hb.Font, glyph: int) -> Outline:
    pen = RecordingPen()
    font.draw_glyph_with_pen(glyph, pen)
    return _plain(pen)


def _of_charstring(charstring: object) -> Outline:
    pen = DecomposingRecordingPen({})
    charstring.draw(pen)
    return _plain(pen)


def _plain(pen: RecordingPen) -> Outline:
    return tuple((step, tuple((round(x), round(y)) for x, y in points)) for step, points in pen.value)
