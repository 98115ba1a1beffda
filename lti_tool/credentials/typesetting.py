"""Texts made ready for typst: cut into spans that name their face, and the holder's name broken and sized to fit.

The template never chooses a font for foreign words itself: each span says family, language, script and direction.
"""

from dataclasses import dataclass
from typing import TypedDict

from lti_tool.credentials.faces import Faces, Run

_LARGEST, _TWO_LINES, _SMALLEST = 40.0, 27.0, 4.5
_LARGER = 1.2  # Letters of most scripts are drawn smaller on their em than Latin and Han: set larger, they look alike.
_FULL_SIZE = frozenset({"Latn", "Grek", "Cyrl", "Armn", "Geor", "Cher", "Hani", "Hira", "Kana", "Hang", "Bopo"})
_MM_PER_POINT = 25.4 / 72
_BREAK_ANYWHERE = frozenset({"Hani", "Hira", "Kana", "Hang", "Bopo"})


class Span(TypedDict):
    """A run as the template reads it; `own` leaves the choice among Noto's Latin styles to the template."""

    text: str
    font: str
    lang: str
    script: str
    liga: bool
    own: bool


class Text(TypedDict):
    """A whole text: its spans in reading order, and whether it reads from the right."""

    spans: list[Span]
    rtl: bool


@dataclass(frozen=True)
class NameLines:
    """The name on one line or two, and the size in points at which both fit."""

    lines: tuple[str, ...]
    size: float


def typeset(faces: Faces, text: str) -> Text:
    """The spans of a text that `check_name` has passed."""
    runs = faces.runs(text)
    return {"spans": [_span(run) for run in runs], "rtl": reads_from_right(runs)}


def reads_from_right(runs: tuple[Run, ...]) -> bool:
    """The direction of a text is that of its first run (UAX #9, rules P2 and P3, on whole runs)."""
    return bool(runs) and runs[0].script is not None and runs[0].script.rtl


def fit_name(faces: Faces, name: str, *, width_mm: float) -> NameLines:
    """The name as large as it will go: on one line while that stays large, else on two of nearly equal length."""
    largest = _LARGEST if any(run.code in _FULL_SIZE for run in faces.runs(name)) else _LARGEST * _LARGER
    one = min(largest, _size_for(faces, name, width_mm))
    if one >= _TWO_LINES:
        return NameLines((name,), one)
    best = NameLines((name,), max(one, _SMALLEST))
    for left, right in _halves(faces, name):
        size = min(_TWO_LINES, _size_for(faces, left, width_mm), _size_for(faces, right, width_mm))
        if size > best.size:
            best = NameLines((left, right), size)
    return best


def _halves(faces: Faces, name: str) -> list[tuple[str, str]]:
    """The ways to break the name near its middle: at white space, or anywhere in scripts that know no spaces."""
    places = [place for place, char in enumerate(name) if char == " "]
    if not places and all(run.code in _BREAK_ANYWHERE for run in faces.runs(name)):
        places = list(range(1, len(name)))
    near = sorted(places, key=lambda place: abs(place - len(name) / 2))[:8]
    return [(name[:place].rstrip(), name[place:].lstrip()) for place in near]


def _size_for(faces: Faces, text: str, width_mm: float) -> float:
    """The size in points at which a line fills the width."""
    ems = sum(_ems(run) for run in faces.runs(text))
    return width_mm / _MM_PER_POINT / ems if ems else _LARGEST


def _ems(run: Run) -> float:
    assert run.face is not None and run.script is not None, "the name has been checked"
    return sum(glyph.advance for glyph in run.face.shape(run.text, run.script)) / run.face.units_per_em


def _span(run: Run) -> Span:
    assert run.face is not None and run.script is not None, "the text has been checked"
    return {
        "text": run.text,
        "font": run.face.spec.family,
        "lang": run.script.language,
        "script": run.script.code.lower(),
        "liga": run.script.ligatures,
        "own": run.face.spec.family == "Noto Serif",
    }
