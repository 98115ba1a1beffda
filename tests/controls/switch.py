"""How a guard is switched off: what a control says, and the one switch.

This is the only place that patches our own code.
"""

import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Guard = Callable[..., Any]


@dataclass(frozen=True)
class Control:
    """One guard: where it stands, what stands there instead, and the tests that notice."""

    target: str
    """The dotted path of the function, method or constant."""
    bypass: Callable[[Any], Any]
    """Given the guard, returns its stand-in."""
    tests: tuple[str, ...]
    """pytest's node ids; a parametrised test that is named without brackets must fail in each of its cases."""


def answers(value: object) -> Callable[[Guard], Guard]:
    """A bypass that answers `value`, whatever it is asked."""
    return lambda _guard: lambda *_arguments, **_named: value


def becomes(value: object) -> Callable[[object], object]:
    """A bypass for a constant."""
    return lambda _constant: value


def echoes(place: int = 0) -> Callable[[Guard], Guard]:
    """A bypass that gives back what it was handed at `place`."""
    return lambda _guard: lambda *arguments, **_named: arguments[place]


def acts_like(other: str) -> Callable[[Any], Any]:
    """A bypass that puts another function or constant of ours in the guard's place."""
    return lambda _guard: getattr(*find(other))


def controls_of(room: str, guards: Mapping[str, tuple[Any, ...]]) -> dict[str, Control]:
    """The controls of a room, from guard → (bypass, test, test, …)."""
    return {
        f"{room}.{name}": Control(f"lti_tool.{room}.{name}", bypass, tests)
        for name, (bypass, *listed) in guards.items()
        if (tests := tuple(listed))
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
