"""What the house has that its documentation must name: settings, commands and error codes, read off the code."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from tests.house.source import Module, modules

# --- Settings ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """One setting, as the model has it."""

    section: str
    key: str
    default: object

    @property
    def variable(self) -> str:
        return f"LTI_TOOL_{self.section}__{self.key}".upper()


def settings_of(model: type[BaseModel]) -> list[Setting]:
    """All settings, in the model's order."""
    found = []
    for section, field in model.model_fields.items():
        defaults = field.get_default(call_default_factory=True)
        for key in type(defaults).model_fields:
            found.append(Setting(section, key, getattr(defaults, key)))
    return found


def settings_keys(model: type[BaseModel]) -> list[tuple[str, str]]:
    """(section, key) of all settings."""
    return [(setting.section, setting.key) for setting in settings_of(model)]


def plain(value: object) -> object:
    """A value as TOML would write it; none and the empty text are one."""
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, tuple):
        return list(value)
    return "" if value is None else value


def explained(example: str) -> dict[tuple[str, str], str]:
    """(section, key) → the comment above it in the example file."""
    found: dict[tuple[str, str], str] = {}
    section, comment = "", []
    for line in example.splitlines():
        head = re.fullmatch(r"\[(\w+)\]", line)
        entry = re.match(r"#(\w+) = ", line)
        if head:
            section, comment = head[1], []
        elif entry:
            found[section, entry[1]] = " ".join(comment)
            comment = []
        elif line.startswith("# "):
            comment.append(line[2:])
        else:
            comment = []
    return found


def uncommented(example: str) -> dict[str, Any]:
    """The example file with every setting in force."""
    return tomllib.loads(re.sub(r"(?m)^#(\w+ = )", r"\1", example))


# --- Commands ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """One command of the command line, by its whole name."""

    name: str
    command: click.Command

    @property
    def options(self) -> list[click.Option]:
        return [param for param in self.command.params if isinstance(param, click.Option) and not param.hidden]


def commands_of(command: click.Command, name: str = "lti-tool") -> list[Command]:
    """The command and everything under it."""
    found = [Command(name, command)]
    if isinstance(command, click.Group):
        for part in sorted(command.commands):
            found += commands_of(command.commands[part], f"{name} {part}")
    return found


# --- Error codes ---------------------------------------------------------------------------------------------------

KINDS = {"NotFound", "NotAllowed", "Invalid", "Conflict", "Upstream", "ToolError", "TooMany"}
_LOGGING = {"debug", "info", "warning", "error", "exception", "critical"}


@dataclass(frozen=True)
class Fault:
    """One error code, with the words that go with it where the code shows them."""

    code: str
    kind: str
    detail: str
    hint: str
    place: str
    room: str


@lru_cache(maxsize=100)
def faults(root: Path) -> tuple[Fault, ...]:
    """Every error code of the house, in order; of several places that raise one, the one that says most."""
    kinds = _kinds(root)
    rooms = {module.room for module in modules(root)} - {"", "demo"}
    found: dict[str, Fault] = {}
    for module in modules(root):
        if module.room == "demo":
            continue
        for fault in _faults_in(module, rooms, kinds):
            known = found.get(fault.code)
            if known is None or (len(known.detail), len(known.kind)) < (len(fault.detail), len(fault.kind)):
                found[fault.code] = fault
    return tuple(found[code] for code in sorted(found))


def _kinds(root: Path) -> dict[str, str]:
    """Name of an error class → the kind it is of."""
    bases: dict[str, str] = {}
    for module in modules(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and node.bases:
                bases[node.name] = getattr(node.bases[0], "id", getattr(node.bases[0], "attr", ""))
    kinds = {kind: kind for kind in KINDS}
    for name in bases:
        seen = name
        for _ in range(6):
            seen = seen if seen in KINDS else bases.get(seen, "")
        if seen in KINDS:
            kinds[name] = seen
    return kinds


def _faults_in(module: Module, rooms: set[str], kinds: dict[str, str]) -> list[Fault]:
    pattern = re.compile(rf"({'|'.join(sorted(rooms))})\.[a-z][a-z0-9_]*")
    found = []
    for node, words in _candidates(module, kinds):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and pattern.fullmatch(node.value):
            found.append(Fault(node.value, *words, module.at(node), module.room))
    return found


Words = tuple[str, str, str]
"""Kind, detail and hint."""


def _candidates(module: Module, kinds: dict[str, str]) -> Iterator[tuple[ast.expr | None, Words]]:
    """Where a code can stand: first in a call (though not of the log), or in a table of codes."""
    for node in (*module.nodes(ast.Call), *module.nodes(ast.Dict)):
        if isinstance(node, ast.Call) and _name(node.func) not in {"ForeignKey", "Index", *_LOGGING}:
            named = [item.value for item in node.keywords if item.arg == "code"]
            # `.get(status, "web.bad_request")`: the code for everything else.
            others = node.args[1:2] if _name(node.func) == "get" else []
            for place in (*node.args[:1], *named):
                yield place, _words(node, module, kinds)
            for place in others:
                yield place, ("", "", "")
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                texts = [_string(part, module) for part in getattr(value, "elts", ())]
                detail, hint, *_ = [*texts, "", ""]
                yield key, (_made_here(module, kinds), detail, hint)
                yield value, ("", "", "")


def _words(call: ast.Call, module: Module, kinds: dict[str, str]) -> Words:
    """What the call that names a code says; or the function of this module that it goes through."""
    name = _name(call.func)
    detail, hint = _argument(call, 1, "detail", module), _argument(call, 2, "hint", module)
    if name in kinds:
        return kinds[name], detail, hint
    if name == "__init__":
        owner = next(
            (node for node in module.nodes(ast.ClassDef) if node.lineno < call.lineno <= (node.end_lineno or 0)), None
        )
        return kinds.get(owner.name, "") if owner else "", detail, hint
    for helper in module.nodes(ast.FunctionDef):
        if helper.name == name:
            for inner in ast.walk(helper):
                if isinstance(inner, ast.Call) and _name(inner.func) in kinds:
                    detail = detail or _argument(inner, 1, "detail", module)
                    hint = hint or _argument(inner, 2, "hint", module)
                    return kinds[_name(inner.func)], detail, hint
    return "", detail, hint


def _made_here(module: Module, kinds: dict[str, str]) -> str:
    """The kind of fault that this module makes of a code from its table."""
    for node in module.nodes(ast.Call):
        if _name(node.func) in kinds and isinstance(next(iter(node.args), None), ast.Name):
            return kinds[_name(node.func)]
    return ""


def _argument(call: ast.Call, place: int, word: str, module: Module) -> str:
    node: ast.expr | None = call.args[place] if len(call.args) > place else None
    return _string(next((item.value for item in call.keywords if item.arg == word), node), module)


def _string(node: ast.expr | None, module: Module) -> str:
    """The text of a constant, of a sum of them, or of the module's own constant of that name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp):
        return _string(node.left, module) + _string(node.right, module)
    if isinstance(node, ast.Name):
        for statement in module.tree.body:
            if isinstance(statement, ast.Assign) and any(_name(target) == node.id for target in statement.targets):
                return _string(statement.value, module)
    return ""


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


# These have no subject of their own: what they refuse, they refuse in the name of the room concerned.
SPEAK_FOR_ROOMS = {"workflows", "web", "cli"}


def codes_of_other_rooms(root: Path) -> list[str]:
    """A code begins with the room that raises it, so that whoever reads it knows where to look."""
    return [
        f"{fault.place}: {fault.code} is raised in {fault.room}"
        for fault in faults(root)
        if fault.room not in (fault.code.partition(".")[0], "", *SPEAK_FOR_ROOMS)
    ]
