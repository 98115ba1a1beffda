"""House rule: a GET never writes. Seen from the source: what a view for GET calls within `web` opens no transaction."""

import ast
from dataclasses import dataclass
from pathlib import Path

from tests.house.source import PACKAGE, Module, dotted, known_names, modules

# The OIDC login must remember its state, and may come as a GET (OpenID Connect Core §3.1.2.1).
MAY_WRITE = {"/lti/login"}
SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True)
class View:
    """A function that answers GET at an address."""

    address: str
    function: str
    place: str


def get_writes_nothing(root: Path) -> list[str]:
    """No view for GET reaches `.transaction(`; a view for both GET and POST cannot be told apart and counts as one."""
    web = [module for module in modules(root) if module.room == "web"]
    functions, calls = _functions(web)
    writers = {name for name, node in functions.items() if _opens_transaction(node)}
    found = []
    for view in _views(web):
        if view.address in MAY_WRITE:
            continue
        for name in _reached(view.function, calls):
            if name in writers:
                found.append(f"{view.place}: GET {view.address} writes in {name.removeprefix(PACKAGE + '.')}")
    return found


def _functions(web: list[Module]) -> tuple[dict[str, ast.AST], dict[str, set[str]]]:
    """Every function of `web` by its full name, and what each of them mentions."""
    functions: dict[str, ast.AST] = {}
    calls: dict[str, set[str]] = {}
    for module in web:
        names = known_names(module)
        # Nested views and methods are known by their own name alone: there are few, and a clash only makes us stricter.
        local = {n.name for n in ast.walk(module.tree) if isinstance(n, ast.FunctionDef)}
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                full = f"{module.name}.{node.name}"
                functions[full] = node
                calls.setdefault(full, set()).update(_mentioned(node, module, names, local))
    return functions, calls


def _mentioned(node: ast.FunctionDef, module: Module, names: dict[str, str], local: set[str]) -> set[str]:
    mentioned = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name | ast.Attribute):
            if isinstance(part, ast.Name) and part.id in local:
                mentioned.add(f"{module.name}.{part.id}")
            else:
                mentioned.add(dotted(part, names) or "")
    return mentioned - {f"{module.name}.{node.name}", ""}


def _opens_transaction(node: ast.AST) -> bool:
    own = [part for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    return any(part.attr == "transaction" for part in own)


def _views(web: list[Module]) -> list[View]:
    found = []
    for module in web:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                for mark in node.decorator_list:
                    address = _answers_get(mark)
                    if address is not None:
                        found.append(View(address, f"{module.name}.{node.name}", module.at(node)))
    return found


def _answers_get(mark: ast.expr) -> str | None:
    if not isinstance(mark, ast.Call) or not isinstance(mark.func, ast.Attribute) or not mark.args:
        return None
    address = mark.args[0].value if isinstance(mark.args[0], ast.Constant) else "?"
    if mark.func.attr == "get":
        return str(address)
    if mark.func.attr != "route":
        return None
    methods = next((ast.literal_eval(word.value) for word in mark.keywords if word.arg == "methods"), ["GET"])
    return str(address) if SAFE & {str(method).upper() for method in methods} else None


def _reached(start: str, calls: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += calls.get(name, ())
    return seen
