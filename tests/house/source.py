"""Reading the house's source as a tree, for rules that judge it; all takes the project's root, real or planted."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

PACKAGE = "lti_tool"
DOORS = ("cli", "wsgi", "migrations", "web")
"""What has no front door for other rooms, since nothing is above it but tests."""


Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True, eq=False)
class Module:
    """One Python file of the package."""

    path: Path
    name: str
    tree: ast.Module
    text: str

    @property
    def room(self) -> str:
        """`lti` for lti_tool/lti/launch.py; the empty text for lti_tool/__init__.py."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    @property
    def package(self) -> str:
        """What a relative import starts from."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    def nodes(self, kind: type[Node]) -> list[Node]:
        """All nodes of one kind."""
        return [node for node in _nodes(self) if isinstance(node, kind)]

    def at(self, node: ast.AST) -> str:
        """The place of a node, as an editor understands it."""
        return f"{self.name.replace('.', '/')}.py:{getattr(node, 'lineno', 0)}"


def modules(root: Path) -> list[Module]:
    """All modules of the package, in order of their names."""
    return [_read(path, root) for path in sorted((root / PACKAGE).rglob("*.py"))]


@lru_cache(maxsize=2000)
def _read(path: Path, root: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    parts = path.relative_to(root).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(path, name, ast.parse(text), text)


@lru_cache(maxsize=2000)
def _nodes(module: Module) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(module.tree))


@dataclass(frozen=True)
class Import:
    """One name that a module imports: `from source import name as alias`; name None for `import source`."""

    source: str
    name: str | None
    alias: str
    node: ast.AST

    @property
    def target(self) -> str:
        return self.source if self.name is None else f"{self.source}.{self.name}"


def imports(module: Module) -> Iterator[Import]:
    """Everything imported anywhere in the module, relative imports resolved."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(name.name, None, name.asname or name.name.partition(".")[0], node)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                base = module.package.split(".")[: len(module.package.split(".")) - node.level + 1]
                source = ".".join([*base, source] if source else base)
            for name in node.names:
                yield Import(source, name.name, name.asname or name.name, node)


def known_names(module: Module) -> dict[str, str]:
    """Local name → the dotted name it stands for, by the module's imports."""
    names: dict[str, str] = {}
    for item in imports(module):
        if item.name is None and "." in item.source and item.alias == item.source.partition(".")[0]:
            names[item.alias] = item.alias
        else:
            names[item.alias] = item.target
    return names


def dotted(node: ast.AST, names: dict[str, str]) -> str | None:
    """The full dotted name of `a.b.c`, seen through the imports; None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([names.get(node.id, node.id), *reversed(parts)])


def tracked_files(root: Path) -> list[Path]:
    """What belongs to the project: what git knows or would take; in a planted tree, every file."""
    if (root / ".git").exists():
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            capture_output=True,
            check=True,
        ).stdout.decode()
        return sorted({root / name for name in listing.split("\0") if name and (root / name).is_file()})
    return sorted(path for path in root.rglob("*") if path.is_file())
