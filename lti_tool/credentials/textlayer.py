"""Mends the text layer that typst writes for scripts whose letters reorder or stack (Devanagari, Bengali, Khmer …).

typst marks each such cluster with its text (`/ActualText`, ISO 32000-1 §14.9.4) and leaves the rest to the character
map. Where a vowel sign hangs under the letter before it, readers take the step back for a gap and put a space into the
word: `श्रीकृष्ण` is copied as `श्रीकृ ष्ण`. One marked text for the whole run says the same and leaves no gap. Glyphs and
their places are not touched.
"""

import io
import re
from collections.abc import Collection, Mapping
from typing import Any

import pikepdf

_BLOCK = re.compile(rb"\nBT(?P<body>[^\n]*(?:\n(?!ET\n)[^\n]*)*)\nET\n")
_MARKED = rb"/Span<</ActualText<FEFF(?P<marked>[0-9A-Fa-f]*)>>>BDC(?P<inner>.*?)EMC"
_FONT = rb"/(?P<font>f\d+) [\d.]+ Tf"
_SHOWN = rb"\((?P<shown>(?:\\.|[^\\()])*)\)"
_PIECE = re.compile(b"|".join((_MARKED, _FONT, _SHOWN)), re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def mend(pdf: bytes, texts: Collection[str]) -> bytes:
    """The same PDF with one marked text for each run of `texts` that typst has marked piece by piece."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        page = document.pages[0].obj
        content = page.Contents.read_bytes()
        if b"/ActualText" not in content:
            return pdf
        fonts = _Fonts(page.Resources.Font)
        mended = _BLOCK.sub(lambda block: _one_text(block, fonts, texts), content)
        if mended == content:
            return pdf
        page.Contents.write(mended)
        target = io.BytesIO()
        # The identifier stays typst's own: the same record must give the same bytes.
        document.save(target, static_id=False, deterministic_id=True)
        return target.getvalue()


def _one_text(block: re.Match[bytes], fonts: "_Fonts", texts: Collection[str]) -> bytes:
    body = block["body"]
    if b"/ActualText" not in body:
        return block[0]
    text = _logical(body, fonts)
    if text not in texts:
        return block[0]  # Not one of ours, or not understood: better left as typst made it.
    bare = re.sub(_MARKED, lambda marked: marked["inner"], body, flags=re.DOTALL)
    marked = text.encode("utf-16-be").hex().upper().encode()
    return b"\nBT/Span<</ActualText<FEFF" + marked + b">>>BDC" + bare + b"\nEMC\nET\n"


def _logical(body: bytes, fonts: "_Fonts") -> str:
    """The text of a block as its marks and character maps give it, in the order shown."""
    text, font = "", ""
    for piece in _PIECE.finditer(body):
        if piece["marked"] is not None:
            text += bytes.fromhex(piece["marked"].decode()).decode("utf-16-be")
        elif piece["font"] is not None:
            font = piece["font"].decode()
        else:
            text += fonts.text(font, _unescaped(piece["shown"]))
    return text


def _unescaped(shown: bytes) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8)]) if code[:1].isdigit() else _LETTERS.get(code, code)

    return _ESCAPE.sub(one, shown)


class _Fonts:
    """The character maps of a page's fonts, read when first asked for."""

    def __init__(self, fonts: Any) -> None:
        self._fonts = fonts
        self._maps: dict[str, Mapping[int, str]] = {}

    def text(self, font: str, codes: bytes) -> str:
        if font not in self._maps:
            self._maps[font] = _character_map(self._fonts[f"/{font}"].ToUnicode.read_bytes())
        pairs = (int.from_bytes(codes[at : at + 2], "big") for at in range(0, len(codes), 2))
        return "".join(self._maps[font].get(code, "") for code in pairs)


def _character_map(cmap: bytes) -> Mapping[int, str]:
    """Glyph code → text, of a ToUnicode map (single entries, as typst writes them)."""
    entries = re.findall(rb"<([0-9A-Fa-f]{4})>\s*<((?:[0-9A-Fa-f]{4})+)>\s*\n", cmap)
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in entries}
