"""The name guarantee: a text is set with a named, hash-checked face per script, or it is not set at all.

typst alone does not promise this: without the right face it draws Devanagari conjuncts broken and may leave a name
blank, while the text layer still reads right. So each text is cut into runs of one script; each run must have a face
whose character map holds all its characters, and HarfBuzz must shape it without a missing glyph or a dotted circle.
"""

import hashlib
import os
import shutil
import tempfile
import threading
import unicodedata
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import typst
import uharfbuzz as hb
from fontTools import unicodedata as scripts_of

from lti_tool.core.paths import templates_dir
from lti_tool.credentials.facts import describe_character, refused_character
from lti_tool.credentials.scripts import ALL_FACES, OWN_FACES, SCRIPTS, FaceSpec, Script

_COMMON, _INHERITED = "Zyyy", "Zinh"
_JOINERS = "\u200c\u200d"
_DOTTED_CIRCLE = 0x25CC
_DEBIAN = Path("/usr/share/fonts")


@dataclass(frozen=True)
class Glyph:
    """One shaped glyph: its id in the source face, its advance in font units."""

    gid: int
    advance: int


class Face:
    """A face that lies on disk with an accepted hash, ready for HarfBuzz."""

    def __init__(self, spec: FaceSpec, path: Path) -> None:
        self.spec = spec
        self.path = path
        self._face = hb.Face(hb.Blob.from_file_path(str(path)), spec.index)
        self._font = hb.Font(self._face)

    @property
    def units_per_em(self) -> int:
        """Font units per em."""
        return int(self._face.upem)

    def covers(self, char: str) -> bool:
        """Whether the face's character map holds the character; joiners need no glyph."""
        return char in _JOINERS or bool(self._font.get_nominal_glyph(ord(char)))

    def shape(self, text: str, script: Script) -> tuple[Glyph, ...]:
        """The glyphs that HarfBuzz sets for a run, in visual order."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.direction = "rtl" if script.rtl else "ltr"
        buffer.script = script.code
        buffer.language = script.language or "en"
        hb.shape(self._font, buffer, {"liga": script.ligatures})
        advances = buffer.glyph_positions
        return tuple(Glyph(info.codepoint, at.x_advance) for info, at in zip(buffer.glyph_infos, advances, strict=True))

    def draws_circle(self, text: str, glyphs: Iterable[Glyph]) -> bool:
        """Whether HarfBuzz has put a dotted circle under a mark that has no letter to stand on."""
        circle = self._font.get_nominal_glyph(_DOTTED_CIRCLE)
        return bool(circle) and chr(_DOTTED_CIRCLE) not in text and any(glyph.gid == circle for glyph in glyphs)


@dataclass(frozen=True)
class Run:
    """A stretch of text in one script. `face` is None where no accepted face is there; `script` where none is known."""

    text: str
    face: Face | None
    script: Script | None
    code: str


@dataclass(frozen=True)
class NameCheck:
    """Whether a text can be set; `missing` names the scripts without a face, `reason` says it in plain words."""

    ok: bool
    missing: tuple[str, ...] = ()
    reason: str = ""


class Faces:
    """The faces found on this machine. Looks anew for one that is missing, so fonts may arrive while we run."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self._found: dict[FaceSpec, Face] = {}
        self._lock = threading.Lock()
        self._typst: tuple[frozenset[FaceSpec], typst.Fonts] | None = None

    @classmethod
    def find(cls, folder: Path | None = None) -> Self:
        """The faces in `folder`, or where `make fonts` and Debian put them."""
        places = (checkout_fonts(), user_fonts(), _DEBIAN) if folder is None else (folder,)
        return cls(tuple(inner for place in places if place for inner in _layouts(place)))

    def face(self, spec: FaceSpec) -> Face | None:
        """The face, if a file with an accepted hash is there."""
        with self._lock:
            if spec not in self._found:
                path = self._locate(spec)
                if path is None:
                    return None
                self._found[spec] = Face(spec, path)
            return self._found[spec]

    def missing(self) -> tuple[FaceSpec, ...]:
        """The faces of the table that are not there."""
        return tuple(spec for spec in ALL_FACES if self.face(spec) is None)

    def lacks_own(self) -> bool:
        """Whether a face of the certificate's own words is missing: then nothing can be drawn."""
        return any(self.face(spec) is None for spec in OWN_FACES)

    def runs(self, text: str) -> tuple[Run, ...]:
        """The text cut by script; characters common to many scripts go with their neighbour if its face has them."""
        return tuple(self._run(part, code) for code, part in _by_script(text, self._covers))

    def typst_fonts(self) -> typst.Fonts:
        """All accepted faces, and no others, for typst."""
        present = frozenset(spec for spec in ALL_FACES if self.face(spec) is not None)
        with self._lock:
            if self._typst is None or self._typst[0] != present:
                self._typst = (present, self._gather(present))
            return self._typst[1]

    def _gather(self, present: frozenset[FaceSpec]) -> typst.Fonts:
        # typst takes folders, not files: one folder of links to exactly the files whose hashes were checked.
        folder = Path(tempfile.mkdtemp(prefix="lti-tool-faces-"))
        weakref.finalize(self, shutil.rmtree, folder, True)
        for path in {self._found[spec].path for spec in present}:
            (folder / path.name).symlink_to(path.resolve())
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])

    def _locate(self, spec: FaceSpec) -> Path | None:
        for folder in self.folders:
            path = folder / spec.file
            if path.is_file() and _sha256(path, *_stamp(path)) in spec.sha256:
                return path
        return None

    def _covers(self, code: str, char: str) -> bool:
        face = self._face_of(code)
        return face is not None and face.covers(char)

    def _face_of(self, code: str) -> Face | None:
        script = SCRIPTS.get(code)
        return None if script is None else self.face(script.face)

    def _run(self, text: str, code: str) -> Run:
        return Run(text, self._face_of(code), SCRIPTS.get(code), code[:4])


def _layouts(folder: Path) -> Iterator[Path]:
    """Where in a folder faces may lie: loose, as Debian installs them, or as its packages unpack."""
    yield folder
    for base in (folder, folder / "usr" / "share" / "fonts"):
        yield base / "truetype" / "noto"
        yield base / "opentype" / "noto"


def check_name(faces: Faces, name: str) -> NameCheck:
    """Whether every part of the name can be set as it should be; else why not, and what to do."""
    odd = refused_character(name)
    if odd is not None:
        return NameCheck(False, (), f"It holds a character that cannot be printed: {describe_character(odd)}.")
    runs = faces.runs(name)
    missing = tuple(dict.fromkeys(_script_name(run.code) for run in runs if run.face is None))
    if missing:
        return NameCheck(False, missing, _absence(runs, missing))
    for run in runs:
        reason = _fault(run)
        if reason:
            return NameCheck(False, (), reason)
    return NameCheck(True)


def _absence(runs: tuple[Run, ...], missing: tuple[str, ...]) -> str:
    names = ", ".join(missing)
    if any(run.script is None for run in runs):
        return f"This tool has no tested font for {names} yet. The record is safe; its certificate waits."
    return (
        f"No tested font for {names} is installed here. The administrator can run `make fonts`; "
        "the certificate is then drawn by itself."
    )


def _fault(run: Run) -> str:
    """Why a run that has a face cannot be set with it; empty if it can."""
    assert run.face is not None and run.script is not None, "asked only of runs with a face"
    absent = next((char for char in run.text if not run.face.covers(char)), None)
    if absent is not None:
        return f"The font {run.face.spec.family} has no form for {describe_character(absent)}."
    if unicodedata.category(run.text[0]).startswith("M"):
        return f"In “{run.text}” a mark stands without the letter it belongs to."
    glyphs = run.face.shape(run.text, run.script)
    if any(glyph.gid == 0 for glyph in glyphs):
        return f"The font {run.face.spec.family} cannot set “{run.text}” whole."
    if run.face.draws_circle(run.text, glyphs):
        return f"In “{run.text}” a mark stands without the letter it belongs to."
    return ""


def _by_script(text: str, covers: Callable[[str, str], bool]) -> Iterator[tuple[str, str]]:
    """(script, text) of each run."""
    codes = _scripts(text, covers)
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or codes[place] != codes[start]:
            yield codes[start], text[start:place]
            start = place


def _scripts(text: str, covers: Callable[[str, str], bool]) -> list[str]:
    """The script to set each character in: its own, or that of the neighbour it goes with."""
    own = [scripts_of.script(char) for char in text]
    codes = _resolve(own)
    beside = "Kana" if {"Hira", "Kana"} & set(codes) else "Hang" if "Hang" in codes else ""
    codes = [f"Hani{beside}" if code == "Hani" else code for code in codes]
    for place, char in enumerate(text):
        if own[place] == _COMMON and not covers(codes[place], char) and covers("Latn", char):
            codes[place] = "Latn"
        elif own[place] == _INHERITED and place:
            codes[place] = codes[place - 1]  # A mark stays with the letter it stands on, whatever became of that.
    for place in range(len(text) - 2, -1, -1):
        # White space between two directions belongs to the left-to-right side, as the bidi algorithm shows it.
        if text[place] == " " and _rtl(codes[place]) and not _rtl(codes[place + 1]):
            codes[place] = codes[place + 1]
    return codes


def _rtl(code: str) -> bool:
    script = SCRIPTS.get(code)
    return script is not None and script.rtl


def _resolve(codes: list[str]) -> list[str]:
    """Gives Common and Inherited characters the script before them, or at the beginning the one after."""
    first = next((code for code in codes if code not in (_COMMON, _INHERITED)), "Latn")
    resolved, current = [], first
    for code in codes:
        current = current if code in (_COMMON, _INHERITED) else code
        resolved.append(current)
    return resolved


def _script_name(code: str) -> str:
    name: str = scripts_of.script_name(code, default=code)
    return name.replace("_", " ")


def _stamp(path: Path) -> tuple[int, int]:
    facts = path.stat()
    return facts.st_mtime_ns, facts.st_size


@lru_cache(maxsize=512)
def _sha256(path: Path, _changed: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checkout_fonts() -> Path | None:
    """`.fonts/` beside the checkout; None for an installed wheel."""
    root = templates_dir().parent
    return root / ".fonts" if (root / "pyproject.toml").is_file() else None


def user_fonts() -> Path:
    """Where an installed wheel keeps fonts for its user."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "lti-tool" / "fonts"
