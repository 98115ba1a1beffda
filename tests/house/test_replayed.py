"""Every message that was recorded of a platform has a test that replays it; none is forgotten when one is added."""

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.recordings import entries, fitting, read_platform
from tests.replayed import NOTED, REPLAYED, WORDS

pytestmark = pytest.mark.shared


def unplayed(shared: Path) -> list[str]:
    """Files and entries that nobody replays, and nobody has noted as words."""
    missing = []
    for path in sorted((shared / "platforms").glob("*/*.json")):
        file = f"{path.parent.name}/{path.stem}"
        among = entries(read_platform(shared, file))
        covered = {one for patterns in REPLAYED.get(file, {}).values() for one in fitting(patterns, among)}
        covered |= fitting(tuple(NOTED.get(file, {})), among) | {one for one in among if one in WORDS}
        missing += [f"{file}: {one}" for one in among if one not in covered]
    return missing


def test_every_message_of_a_platform_is_replayed(shared_dir: Path) -> None:
    assert unplayed(shared_dir) == []


def test_a_message_that_is_added_is_missed(shared_dir: Path, tmp_path: Path) -> None:
    """The table cannot go stale unseen: a new file, a new entry and a new case are each told by name."""
    folder = tmp_path / "platforms"
    for name in ("canvas", "moodle-4.5"):
        (folder / name).mkdir(parents=True)
    (folder / "canvas" / "token.json").write_text('{"seen_2026": {}, "seen_2031": {}, "errors": [{}]}')
    (folder / "canvas" / "nrps.json").write_text('{"cases": {"rlid-assignment": {}, "a-new-one": {}}, "rules": []}')
    (folder / "moodle-4.5" / "new.json").write_text('{"one": {}}')
    assert unplayed(tmp_path) == ["canvas/nrps: cases/a-new-one", "canvas/token: seen_2031", "moodle-4.5/new: one"]


def test_the_table_names_only_what_is_there(shared_dir: Path) -> None:
    """Each file, each entry that it names, and each test."""
    for file, tests in REPLAYED.items():
        among = entries(read_platform(shared_dir, file))
        for test, patterns in tests.items():
            assert [one for one in patterns if not fitting(one, among)] == [], (file, test)
            path, _, name = test.partition("::")
            tree = ast.parse((ROOT / "tests" / path).read_text("utf-8"))
            assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, test
    for file, notes in NOTED.items():
        among = entries(read_platform(shared_dir, file))
        assert [one for one in notes if not fitting(one, among)] == [], file
