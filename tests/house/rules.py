"""The house rules that source code alone can break. Each takes the project's root and lists the violations it finds."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

from tests.house.source import DOORS, PACKAGE, Module, dotted, imports, known_names, modules, tracked_files

Rule = Callable[[Path], list[str]]

# --- Time, chance, HTTP, commit ------------------------------------------------------------------------------------

CLOCKS = re.compile(
    r"datetime\.(datetime\.|date\.)?(now|utcnow|today)"
    r"|time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|localtime|gmtime|ctime|strftime)"
    r"|sqlalchemy\.(sql\.)?func\.(now|current_timestamp|current_date|current_time|localtimestamp)"
)
CHANCE = re.compile(
    r"(random|secrets|uuid|numpy\.random)(\..*)?|os\.(urandom|getrandom)|sqlalchemy\.(sql\.)?func\.random"
)
OUTGOING = re.compile(
    r"(requests|urllib3|httpx|aiohttp|http\.client|urllib\.request|ftplib|smtplib)(\..*)?|jwt\.PyJWKClient(\..*)?"
)
# Who may: the one place for each. The vault draws its nonces, and no others, where it seals.
KEEPERS = {
    "the clock": (CLOCKS, {"lti_tool.core.clock"}),
    "chance": (CHANCE, {"lti_tool.core.ids", "lti_tool.core.secrets"}),
    "outgoing HTTP": (OUTGOING, {"lti_tool.core.http"}),
}


def one_commit(root: Path) -> list[str]:
    """A transaction ends in `core/db.py` alone: what commits half-way cannot be taken back."""
    found = []
    for module in modules(root):
        if module.name == "lti_tool.core.db":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and (node.attr == "commit" or _opens_engine(node)):
                found.append(f"{module.at(node)}: .{node.attr} outside core/db.py")
    return found


def _opens_engine(node: ast.Attribute) -> bool:
    """`engine.begin()`, `db.engine.connect()`: a way past `transaction()` and `reading()`."""
    holder = node.value
    name = holder.id if isinstance(holder, ast.Name) else holder.attr if isinstance(holder, ast.Attribute) else ""
    return name == "engine" and node.attr in ("begin", "connect", "raw_connection")


def time_chance_and_http(root: Path) -> list[str]:
    """Clock, chance and outgoing HTTP have one keeper each in core; the demo, an LMS of its own, is exempt."""
    found = []
    for module in modules(root):
        if module.room == "demo":
            continue
        for what, (forbidden, keepers) in KEEPERS.items():
            if module.name not in keepers:
                found += [f"{module.at(node)}: {what} by {name}" for node, name in _uses(module, forbidden)]
    return found


def _uses(module: Module, forbidden: re.Pattern[str]) -> list[tuple[ast.AST, str]]:
    names = known_names(module)
    used: list[tuple[ast.AST, str]] = [
        (item.node, item.target) for item in imports(module) if forbidden.fullmatch(item.target)
    ]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            name = dotted(node, names)
            if name is not None and name.partition(".")[0] in _roots(names) and forbidden.fullmatch(name):
                used.append((node, name))
    return used


def _roots(names: dict[str, str]) -> set[str]:
    """The first parts of everything imported: a local variable called `time` is no clock."""
    return {target.partition(".")[0] for target in names.values()}


# --- Who opens whose door ------------------------------------------------------------------------------------------

# The schema brings every room's tables together for the migrations; insights reads them all and writes none.
READS_ALL_TABLES = {"lti_tool.workflows.schema"}
# And the migrations' environment takes them from there.
TAKES_THE_SCHEMA = {"lti_tool.migrations.env"}


def own_tables_only(root: Path) -> list[str]:
    """A room's tables are its own; others ask the room."""
    found = []
    for module in modules(root):
        if module.name in READS_ALL_TABLES or module.room == "insights":
            continue
        for item in imports(module):
            place = re.match(rf"{PACKAGE}\.(\w+)\.tables(\.|$)", item.target)
            if place and place[1] != module.room:
                found.append(f"{module.at(item.node)}: the tables of {place[1]}")
    return found


def one_front_door(root: Path) -> list[str]:
    """Another room is entered by its front door, and only by names that it offers there."""
    offered = {module.room: _offered(module) for module in modules(root) if module.name == f"{PACKAGE}.{module.room}"}
    found = []
    for module in modules(root):
        for item in imports(module):
            parts = item.target.split(".")
            if parts[0] != PACKAGE or len(parts) < 3 or parts[1] in (module.room, "core"):
                continue
            room, name = parts[1], parts[2]
            reads_tables = module.name in READS_ALL_TABLES or module.room == "insights"
            if (reads_tables and name == "tables") or (
                module.name in TAKES_THE_SCHEMA and (room, name) == ("workflows", "schema")
            ):
                continue
            if len(parts) > 3 or (item.name is None):
                found.append(f"{module.at(item.node)}: {item.target} is inside {room}; use its front door")
            elif name not in offered.get(room, set()):
                found.append(f"{module.at(item.node)}: {room} does not offer {name} (__all__ of its __init__.py)")
    return found


def _offered(module: Module) -> set[str]:
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            names: list[str] = ast.literal_eval(node.value)
            return set(names)
    if module.room in DOORS:
        return {node.name for node in module.tree.body if isinstance(node, ast.FunctionDef)}
    return set()


# --- Form ----------------------------------------------------------------------------------------------------------

FUNCTION_LINES, FILE_LINES = 40, 300
# What is longer, and why it stays so. An entry that is no longer needed is a violation too.
LONGER: dict[str, str] = {}
ATTICS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base", "stuff"}


def fits_a_screen(root: Path, longer: dict[str, str] | None = None) -> list[str]:
    """A function fits a screen, a file a sitting; docstrings do not count."""
    allowed = LONGER if longer is None else longer
    long: dict[str, str] = {}
    for module in modules(root):
        if module.name.startswith(f"{PACKAGE}.migrations.versions."):
            continue  # A migration is a list, written once and never read again.
        lines = len(module.text.splitlines())
        if lines > FILE_LINES:
            long[module.name] = f"{module.name}: {lines} lines (at most {FILE_LINES})"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = _lines(node)
                if size > FUNCTION_LINES:
                    name = f"{module.name}.{node.name}"
                    long[name] = f"{module.at(node)}: {node.name} has {size} lines (at most {FUNCTION_LINES})"
    spare = [f"{name}: need not be excused any more" for name in allowed if name not in long]
    return [said for name, said in long.items() if name not in allowed] + spare


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    size = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        size -= (first.end_lineno or first.lineno) - first.lineno + 1
    return size


def said_at_the_top(root: Path) -> list[str]:
    """Each module says what it knows; none is an attic."""
    found = []
    for module in modules(root):
        if ast.get_docstring(module.tree) is None and module.text.strip():
            found.append(f"{module.name}: no docstring")
        if set(module.name.split(".")) & ATTICS:
            found.append(f"{module.name}: a name that says nothing")
    return found


# --- What the repository must not carry ----------------------------------------------------------------------------

# Put together here, so that this file does not carry them either.
_MACHINE = re.compile(r"(?<![\w.~-])/(work|root|home/\w+|workspace)" + r"/[\w.]")
_HOSTS = re.compile(
    r"\b(pypi\.org|pythonhosted\.org|npmjs\.(org|com)|deb\.debian" + r"\.org|registry\.\w+\.\w+)\b", re.I
)
_PRIVATE = re.compile("-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----\s*[\\n\"']*\s*[A-Za-z0-9+/]{16}")
_BINARY = {
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".webp",
    ".ico",
    ".pdf",
    ".ttf",
    ".otf",
    ".ttc",
    ".woff",
    ".woff2",
    ".mp4",
    ".zip",
}


def carries_nothing_foreign(root: Path) -> list[str]:
    """No path of one machine, no registry's host, no private key."""
    found = []
    for path in tracked_files(root):
        if path.suffix.lower() in _BINARY:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            for what, pattern in (("a path of one machine", _MACHINE), ("a registry's host", _HOSTS)):
                if pattern.search(line):
                    found.append(f"{path.relative_to(root)}:{number}: {what}")
        if _PRIVATE.search(text):
            found.append(f"{path.relative_to(root)}: a private key")
    return found


def locked_with_hashes(root: Path) -> list[str]:
    """Each locked version carries its hashes, and no index is named."""
    found = []
    for path in sorted((root / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in map(str.strip, text.splitlines()):
            if not line or line.startswith("#"):
                continue
            if line.startswith("-") or "://" in line:
                found.append(f"{path.name}: {line.split()[0]}: names a place to fetch from")
            elif not re.match(r"[a-z0-9][a-z0-9._-]*==\S+", line):
                found.append(f"{path.name}: {line[:60]}: no exact version")
            elif "--hash=sha256:" not in line:
                found.append(f"{path.name}: {line[:60]}: no hash")
    lock = root / "package-lock.json"
    if lock.exists() and '"resolved"' in lock.read_text(encoding="utf-8"):
        found.append("package-lock.json: names a place to fetch from")
    return found


RULES: tuple[Rule, ...] = (
    one_commit,
    time_chance_and_http,
    own_tables_only,
    one_front_door,
    fits_a_screen,
    said_at_the_top,
    carries_nothing_foreign,
    locked_with_hashes,
)
