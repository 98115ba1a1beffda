"""Negative controls: for each guard, a way to switch it off and the tests that must then fail.

A test that still passes when its guard is gone shows nothing. This is the only place that patches our own code;
`make controls` switches off one guard at a time (`tests/run_controls.py`).
"""

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

VARIABLE = "LTITEST_CONTROL"

Guard = Callable[..., Any]


@dataclass(frozen=True)
class Control:
    """One guard: where it stands, what stands there instead, and the tests that notice."""

    target: str
    """The dotted path of the function, method or constant."""
    bypass: Callable[[Any], Any]
    """Given the guard, returns its stand-in."""
    tests: tuple[str, ...]
    """pytest's node ids; a parametrised test is named without its brackets and must fail in each of them."""


def answers(value: object) -> Callable[[Guard], Guard]:
    """A bypass that answers `value`, whatever it is asked."""
    return lambda _guard: lambda *_arguments, **_named: value


def becomes(value: object) -> Callable[[object], object]:
    """A bypass for a constant."""
    return lambda _constant: value


def echoes(place: int = 0) -> Callable[[Guard], Guard]:
    """A bypass that gives back what it was handed at `place`."""
    return lambda _guard: lambda *arguments, **_named: arguments[place]


def _without_fence(finish: Guard) -> Guard:
    """Finishes a piece of work for whoever asks, as if they still had its lease."""

    def finish_anyway(tx: Any, table: Any, row_id: int, _fence: int, **values: object) -> bool:
        fence = tx.execute(table.select().where(table.c.id == row_id)).mappings().one()["fence"]
        return bool(finish(tx, table, row_id, fence, **values))

    return finish_anyway


def _unpinned(_pool_classes: Guard) -> Guard:
    """Lets each connection look its name up by itself."""
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

    return answers({"http": HTTPConnectionPool, "https": HTTPSConnectionPool})(_pool_classes)


def _like(other: str) -> Callable[[Guard], Guard]:
    """A bypass that does what another function of ours does."""
    return lambda _guard: getattr(*find(other))


_CORE = "tests/rooms/core"

CONTROLS: dict[str, Control] = {
    "core.http.private-networks": Control(
        "lti_tool.core.http.HttpClient._is_allowed",
        answers(True),
        (f"{_CORE}/test_http.py::test_this_machine_is_refused_unless_it_is_named",),
    ),
    "core.http.pinned-address": Control(
        "lti_tool.core.http._pool_classes",
        _unpinned,
        (f"{_CORE}/test_http.py::test_a_second_answer_of_the_name_server_leads_nowhere_else",),
    ),
    "core.http.not-in-a-transaction": Control(
        "lti_tool.core.http.in_transaction",
        answers(False),
        (f"{_CORE}/test_http.py::test_nothing_is_sent_inside_a_transaction",),
    ),
    "core.db.reading-rolls-back": Control(
        "lti_tool.core.db.Database.reading",
        _like("lti_tool.core.db.Database.transaction"),
        (f"{_CORE}/test_db.py::test_reading_leaves_nothing",),
    ),
    "core.leases.fence": Control(
        "lti_tool.core.leases.finish",
        _without_fence,
        (f"{_CORE}/test_leases.py::test_who_lost_the_lease_cannot_finish",),
    ),
    "core.ids.check-character": Control(
        "lti_tool.core.ids._check_character",
        answers("0"),
        (f"{_CORE}/test_ids.py::test_one_wrong_or_two_swapped_characters_are_noticed",),
    ),
}


def find(target: str) -> tuple[Any, str]:
    """The object that holds the guard, and the guard's name in it; LookupError when there is none."""
    parts = target.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            holder: Any = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:-1]:
            holder = getattr(holder, name, None)
        if hasattr(holder, parts[-1]):
            return holder, parts[-1]
    raise LookupError(f"there is no {target}")


def switch_off(control: Control) -> None:
    """Puts the stand-in in the guard's place, in every module that knows the guard by name."""
    holder, name = find(control.target)
    guard = getattr(holder, name)
    stand_in = control.bypass(guard)
    kind = holder.__dict__.get(name) if isinstance(holder, type) else None
    setattr(holder, name, staticmethod(stand_in) if isinstance(kind, staticmethod) else stand_in)
    if not callable(guard):
        return
    root = control.target.partition(".")[0]
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] != root:
            continue
        for alias, value in list(vars(module).items()):
            if value is guard:
                setattr(module, alias, stand_in)


def switch_off_asked() -> None:
    """Switches off the guard that the environment names, if it names one."""
    asked = os.environ.get(VARIABLE)
    if asked:
        switch_off(CONTROLS[asked])
