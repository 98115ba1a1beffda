"""What was recorded of Moodle 4.5 and Canvas (`../shared/platforms`), opened so that it is known who read what of it.

An entry is a member of a recording, or of a part that holds many (`DEEPER`). `replayed.py` says which test replays
which entry; the fixture sees at the end of each test that it has opened those that it is said to replay.
"""

import json
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

Recorded = Callable[[str, str], Any]
"""Platform and name of a recording → what it says."""
Note = Callable[[str], None]

# Parts of a recording that hold entries of their own.
DEEPER = {
    "cases",
    "errors",
    "service_access",
    "progress",
    "seen",
    "constructed",
    "membership",
    "settings_by_placement",
    "accepted_by_placement",
    "subjects",
    "variables",
}


class Members(dict[str, Any]):
    """The members of a recording; those that are looked at are noted."""

    def __init__(self, said: dict[str, Any], note: Note, place: str = "") -> None:
        super().__init__((name, _opened(value, note, f"{place}{name}", name)) for name, value in said.items())
        self._note, self._place = note, place

    def __getitem__(self, name: str) -> Any:
        self._note(f"{self._place}{name}")
        return super().__getitem__(name)

    def items(self) -> Any:
        return [(name, self[name]) for name in self]

    def values(self) -> Any:
        return [self[name] for name in self]


class Rows(list[Any]):
    """The rows of a recording; those that are looked at are noted."""

    def __init__(self, said: list[Any], note: Note, place: str = "") -> None:
        super().__init__(said)
        self._note, self._place = note, place

    def __getitem__(self, index: Any) -> Any:
        for number in range(len(self))[index] if isinstance(index, slice) else [range(len(self))[index]]:
            self._note(f"{self._place}{number}")
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Any]:
        return (self[number] for number in range(len(self)))


def _opened(value: Any, note: Note, place: str, name: str) -> Any:
    return _whole(value, note, f"{place}/") if name in DEEPER else value


def _whole(value: Any, note: Note, place: str = "") -> Any:
    if isinstance(value, dict):
        return Members(value, note, place)
    return Rows(value, note, place) if isinstance(value, list) else value


def entries(said: Any, place: str = "") -> list[str]:
    """The entries of a recording, by their way: `plain`, or `cases/plain`."""
    rows = said.items() if isinstance(said, dict) else ((str(number), row) for number, row in enumerate(said))
    found: list[str] = []
    for name, value in rows:
        deep = name in DEEPER and isinstance(value, dict | list)
        found += entries(value, f"{place}{name}/") if deep else [f"{place}{name}"]
    return found


def fitting(patterns: str | tuple[str, ...], among: list[str]) -> set[str]:
    """The entries that some patterns name; a name that is no pattern names itself alone."""
    wanted = (patterns,) if isinstance(patterns, str) else patterns
    return {one for one in among for pattern in wanted if one == pattern or fnmatchcase(one, pattern)}


def read_platform(folder: Path, file: str) -> Any:
    """A recording as it lies there; `file` is `canvas/token`, without ending."""
    return json.loads((folder / "platforms" / f"{file}.json").read_text(encoding="utf-8"))


@pytest.fixture
def recorded(request: pytest.FixtureRequest, shared_dir: Path) -> Iterator[Recorded]:
    """Opens recordings; in the end the test has opened all that `replayed.py` says it replays."""
    opened: set[tuple[str, str]] = set()

    def read(platform: str, name: str) -> Any:
        file = f"{platform}/{name}"
        return _whole(read_platform(shared_dir, file), lambda entry: opened.add((file, entry)))

    yield read
    missed = claimed(request, shared_dir) - opened
    assert not missed, f"said to be replayed here, but not opened: {sorted(missed)}"


def claimed(request: pytest.FixtureRequest, shared_dir: Path) -> set[tuple[str, str]]:
    """What a test is said to replay. An entry that is the parameter of one run of it is not expected of the others."""
    from tests.replayed import REPLAYED

    name = f"{request.path.relative_to(Path(__file__).parent).as_posix()}::{request.function.__name__}"
    marks = [mark for mark in getattr(request.function, "pytestmark", ()) if mark.name == "parametrize"]
    ever = {text for mark in marks for text in _texts(mark.args[1])}
    now = set(_texts(request.node.callspec.params.values())) if hasattr(request.node, "callspec") else set()
    found = set()
    for file, tests in REPLAYED.items():
        if name in tests:
            among = entries(read_platform(shared_dir, file))
            found |= {(file, entry) for entry in fitting(tests[name], among)}
    return {(file, entry) for file, entry in found if _is_expected(file, entry, ever, now)}


def _is_expected(file: str, entry: str, ever: set[str], now: set[str]) -> bool:
    """Whether this run of a test has to open an entry."""
    names = (entry.rpartition("/")[2], file.rpartition("/")[2])
    return all(name in now for name in names if name in ever)


def _texts(values: Any) -> Iterator[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, pytest.param("").__class__):
        yield from _texts(values.values)
    elif not isinstance(values, dict | bytes) and hasattr(values, "__iter__"):
        for value in values:
            yield from _texts(value)
    elif isinstance(values, dict):
        yield from (key for key in values if isinstance(key, str))
