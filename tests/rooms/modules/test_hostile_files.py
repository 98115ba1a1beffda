"""Zips and folders made to harm: nothing is extracted, and what is not safe is refused before it is read."""

import io
import os
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from lti_tool.modules import PackageFaults, read_package
from lti_tool.modules import files as limits
from tests.rooms.modules.conftest import FILES, Build


def refusal(source: Path) -> list[tuple[str, str]]:
    with pytest.raises(PackageFaults) as refused:
        read_package(source)
    return [(issue.path, issue.problem) for issue in refused.value.faults]


def with_member(path: Path, name: str, body: bytes = b"x", **facts: int) -> Path:
    """A zip of the sound package and one more member, its header spoiled by `facts`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for sound, content in FILES.items():
            archive.writestr(f"keeping-bees/{sound}", content)
        info = zipfile.ZipInfo(name)
        for fact, value in facts.items():
            setattr(info, fact, value)
        archive.writestr(info, body)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "../evil.md",
        "keeping-bees/../../evil.md",
        "/etc/evil.md",
        "keeping-bees//evil.md",
        "keeping-bees/./evil.md",
        "keeping-bees\\..\\evil.md",
        "C:/evil.md",
        "keeping-bees/a\nb.md",
    ],
)
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    before = set(tmp_path.parent.rglob("*"))
    problems = refusal(with_member(tmp_path / "bees.zip", name))
    assert "this name leads out of the package" in [problem for _path, problem in problems]
    assert set(tmp_path.parent.rglob("*")) - before == {tmp_path / "bees.zip"}


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = with_member(
        tmp_path / "bees.zip", "keeping-bees/media/x.svg", b"/etc/passwd", external_attr=(stat.S_IFLNK | 0o777) << 16
    )
    assert ("keeping-bees/media/x.svg", "this is a link, not a file") in refusal(path)


def test_a_link_in_a_folder_is_refused(folder: Build) -> None:
    root = folder()
    (root / "media" / "x.svg").symlink_to("/etc/passwd")
    assert refusal(root) == [("media/x.svg", "this is a link to another file")]
    (root / "media" / "x.svg").unlink()
    (root / "more").symlink_to("/etc")
    assert refusal(root) == [("more", "this is a link to another file")]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["keeping-bees/module.md", "keeping-bees/MODULE.md"])
def test_a_name_twice_is_refused(tmp_path: Path, name: str) -> None:
    assert (name, "the zip holds this name twice") in refusal(with_member(tmp_path / "bees.zip", name))


def test_a_locked_member_is_refused(tmp_path: Path) -> None:
    path = with_member(tmp_path / "bees.zip", "keeping-bees/media/x.svg")
    body = bytearray(path.read_bytes())
    # The flag word of the last entry in the central directory.
    place = body.rindex(b"PK\x01\x02") + 8
    body[place : place + 2] = struct.pack("<H", 1)
    path.write_bytes(body)
    assert ("keeping-bees/media/x.svg", "it is locked with a password") in refusal(path)


def test_unusual_packing_is_refused(tmp_path: Path) -> None:
    path = with_member(tmp_path / "bees.zip", "keeping-bees/media/x.svg", compress_type=zipfile.ZIP_BZIP2)
    assert ("keeping-bees/media/x.svg", "it is packed in an unusual way") in refusal(path)


def test_a_bomb_is_refused_without_being_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bees.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"keeping-bees/media/{number}.svg", b"\0" * (15 << 20))
    tracemalloc.start()
    problems = refusal(path)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ("bees.zip", "it unpacks to far more than it holds") in problems
    assert peak < 5 << 20


def test_a_member_too_large_is_refused(tmp_path: Path) -> None:
    path = with_member(tmp_path / "bees.zip", "keeping-bees/media/x.svg", os.urandom(limits.MAX_FILE + 1))
    assert ("keeping-bees/media/x.svg", "it is 20 MB") in refusal(path)


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bees.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(limits.MAX_FILES + 1):
            archive.writestr(f"keeping-bees/media/{number}.svg", b"")
    assert refusal(path) == [("bees.zip", "it holds more than 2000 files and 100 MB")]


def test_a_size_that_lies_is_noticed_before_the_rest_is_unpacked(tmp_path: Path) -> None:
    path = with_member(tmp_path / "bees.zip", "keeping-bees/media/x.svg", b"\0" * (60 << 20), compress_type=8)
    body = bytearray(path.read_bytes())
    place = body.rindex(b"PK\x01\x02") + 24
    body[place : place + 4] = struct.pack("<I", 10)
    path.write_bytes(body)
    tracemalloc.start()
    problems = refusal(path)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert problems[0][1].startswith("the zip cannot be read")
    assert peak < 5 << 20


def test_anything_else_is_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"hello")
    assert refusal(tmp_path / "x.zip") == [("x.zip", "this is neither a folder nor a zip")]
    assert refusal(tmp_path / "none") == [("none", "there is no such folder or file")]


def test_every_damaged_zip_is_a_fault_and_never_a_crash(zipped: Build, tmp_path: Path) -> None:
    whole = zipped().read_bytes()
    broken = tmp_path / "broken" / "keeping-bees.zip"
    broken.parent.mkdir()
    for place in range(0, len(whole), 37):
        spoiled = bytearray(whole)
        spoiled[place] ^= 0xFF
        broken.write_bytes(spoiled)
        try:
            read_package(broken)
        except PackageFaults:
            continue
    for end in range(0, len(whole), 97):
        broken.write_bytes(whole[:end])
        refusal(broken)


def test_an_empty_zip_lacks_its_files(tmp_path: Path) -> None:
    body = io.BytesIO()
    zipfile.ZipFile(body, "w").close()
    (tmp_path / "bees.zip").write_bytes(body.getvalue())
    assert ("module.md", "the file is missing") in refusal(tmp_path / "bees.zip")
