"""The files of a package, from a folder or a zip, read into memory by checked names.

A zip is never extracted: members are read one by one, after the whole list has been checked for names that leave the
folder, links, duplicates, encryption, and sizes that only a bomb has (knowledge: zip slip, zip bomb).
"""

import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lti_tool.assessments import Issue
from lti_tool.modules.faults import fault

MAX_FILES = 2_000
MAX_FILE = 20 * 1024 * 1024
MAX_TOTAL = 100 * 1024 * 1024
MAX_RATIO = 100
# Small files of one repeated letter pack better than 100 : 1 and harm nobody.
_RATIO_FROM = 1024 * 1024
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_LITTER_FOLDERS = frozenset({"__MACOSX", ".git"})
_TAKEN_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class UnsafeFiles(Exception):
    """The files as such cannot be taken; carries all that is wrong with them."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__("; ".join(issue.problem for issue in issues))
        self.issues = issues


@dataclass(frozen=True)
class SourceFiles:
    """The files of one package by name (`/` between folders, NFC), and the name of the folder itself."""

    slug: str
    files: Mapping[str, bytes]


def read_files(source: Path) -> SourceFiles:
    """All files of a folder or zip; UnsafeFiles when there is none, or it is not safe to read."""
    if source.is_dir():
        return SourceFiles(source.resolve().name, _read_folder(source))
    if not source.is_file():
        raise UnsafeFiles(fault(source.name, "there is no such folder or file", "Check the path."))
    if not zipfile.is_zipfile(source):
        raise UnsafeFiles(
            fault(source.name, "this is neither a folder nor a zip", "Give the module's folder, or zip that folder.")
        )
    try:
        with zipfile.ZipFile(source) as archive:
            return _unwrap(source.stem, _read_zip(archive))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as broken:
        # What zipfile raises on damaged or crafted input is this whole family; the author's next step is the same.
        raise UnsafeFiles(
            fault(source.name, f"the zip cannot be read: {broken}", "Make the zip anew from the folder.")
        ) from None


def _read_folder(folder: Path) -> Mapping[str, bytes]:
    issues: list[Issue] = []
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        name = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
        if _is_litter(name):
            continue
        if _is_link(path):
            issues.append(fault(name, "this is a link to another file", "Put the file itself here."))
        elif path.is_file():
            size = path.stat().st_size
            total += size
            issues += _size_issues(name, size)
            if len(files) >= MAX_FILES or total > MAX_TOTAL:
                raise UnsafeFiles(*issues, _too_much(folder.name))
            files[name] = path.read_bytes() if size <= MAX_FILE else b""
    if issues:
        raise UnsafeFiles(*issues)
    return files


def _read_zip(archive: zipfile.ZipFile) -> Mapping[str, bytes]:
    members = [info for info in archive.infolist() if not info.is_dir() and not _is_litter(info.filename)]
    whole = str(Path(archive.filename or "the zip").name)
    total = sum(info.file_size for info in members)
    if len(archive.infolist()) > MAX_FILES or total > MAX_TOTAL:
        raise UnsafeFiles(_too_much(whole))
    issues: list[Issue] = []
    names: dict[str, zipfile.ZipInfo] = {}
    for info in members:
        name = unicodedata.normalize("NFC", info.filename)
        issues += _member_issues(name, info)
        # Compared without case, for a package must unpack to the same files on any machine.
        if name.casefold() in names:
            issues.append(fault(name, "the zip holds this name twice", "Make the zip anew from the folder."))
        names[name.casefold()] = info
    packed = sum(info.compress_size for info in members)
    if total > _RATIO_FROM and total > MAX_RATIO * max(packed, 1):
        issues.append(fault(whole, "it unpacks to far more than it holds", "Make the zip anew from the folder."))
    if issues:
        raise UnsafeFiles(*issues)
    return {unicodedata.normalize("NFC", info.filename): _member(archive, info) for info in members}


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    # `archive.read` unpacks up to a gigabyte before it looks at the size the member claims; a bounded read does not.
    with archive.open(info) as member:
        body = member.read(info.file_size + 1)
    if len(body) != info.file_size:
        raise zipfile.BadZipFile(f"{info.filename} is not as long as it says")
    return body


def _member_issues(name: str, info: zipfile.ZipInfo) -> list[Issue]:
    issues = _size_issues(name, info.file_size)
    parts = name.split("/")
    if (
        "\\" in name
        or any(unicodedata.category(char) == "Cc" for char in info.orig_filename)
        or re.match(r"[A-Za-z]:", name)
        or any(part in ("", ".", "..") for part in parts)
    ):
        issues.append(fault(name, "this name leads out of the package", "Make the zip anew from the folder."))
    mode = info.external_attr >> 16
    if mode and not (stat.S_ISREG(mode) or stat.S_IFMT(mode) == 0):
        issues.append(fault(name, "this is a link, not a file", "Put the file itself into the zip."))
    if info.flag_bits & 0x1:
        issues.append(fault(name, "it is locked with a password", "Make the zip without one."))
    if info.compress_type not in _TAKEN_METHODS:
        issues.append(fault(name, "it is packed in an unusual way", "Make an ordinary zip (deflate)."))
    return issues


def _size_issues(name: str, size: int) -> list[Issue]:
    if size <= MAX_FILE:
        return []
    return [fault(name, f"it is {size // 1024 // 1024} MB", f"Keep every file under {MAX_FILE // 1024 // 1024} MB.")]


def _too_much(name: str) -> Issue:
    limits = f"{MAX_FILES} files and {MAX_TOTAL // 1024 // 1024} MB"
    return fault(name, f"it holds more than {limits}", "Remove what learners do not need.")


def _unwrap(stem: str, files: Mapping[str, bytes]) -> SourceFiles:
    """A zip of the folder itself has one folder at its top, which names the module; else the zip's own name does."""
    tops = {PurePosixPath(name).parts[0] for name in files}
    if "module.md" in files or len(tops) != 1:
        return SourceFiles(stem, files)
    (top,) = tops
    inside = {name.removeprefix(f"{top}/"): body for name, body in files.items() if name != top}
    return SourceFiles(top, inside)


def _is_link(path: Path) -> bool:
    return path.is_symlink()


def _is_litter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and (parts[-1] in _LITTER or any(part in _LITTER_FOLDERS for part in parts))
