"""The folder that belongs to the demo: marked, held by one demo at a time, emptied of the demo's own files only."""

import json
from pathlib import Path

from sqlalchemy.engine import URL

from lti_tool.cli.serving import FileLock
from lti_tool.core.errors import Conflict
from lti_tool.core.folders import NotWritable, make_folder

MARK = ".lti-tool-demo"
_MARK_TEXT = (
    "This folder belongs to `lti-tool demo`: it writes here, and `lti-tool demo --fresh` deletes what it wrote.\n"
)
# What the LMS keeps of its course; of another flavour, in a folder of its own.
_COURSE = ("lms.json", "tools.json", "canvas.json")
# What the demo and the tool write here, without the mark and the locks.
_OWN = (
    *("tool.db", "tool.db-*", "tool.db.before-*", "master.key", "tool.log", "lti-tool.toml"),
    *_COURSE,
    *(f"*/{name}" for name in _COURSE),
)
_FIRST_LINE = "# Written anew at each `lti-tool demo`.\n"

_SETTINGS = """\
[server]
public_url = {tool_url}
port = {tool_port}
[database]
url = {database}
[security]
master_key_file = {key_file}
[http]
allow_networks = ["127.0.0.0/8"]
[organisation]
name = "Aldermoor University"
country = "NO"
website = "https://aldermoor.example"
[log]
level = "info"
format = "json"
file = {log_file}
"""


def claim(folder: Path) -> FileLock:
    """Makes this folder the demo's and holds it; Conflict when it is somebody else's, or another demo runs in it."""
    _refuse_foreign(folder)
    make_folder(folder)
    mark = folder / MARK
    lock = FileLock(mark)
    if not lock.take():
        raise Conflict(
            "cli.demo_runs",
            "Another demo already runs on the folder %(folder)s.",
            "It goes on undisturbed. Stop it first, or give this one another folder with --data.",
            folder=str(folder),
        )
    try:
        mark.write_text(_MARK_TEXT, encoding="utf-8")
    except OSError as fault:
        raise NotWritable(mark, fault) from None
    return lock


def _refuse_foreign(folder: Path) -> None:
    """The demo overwrites and deletes files by name, so it must not do that in a folder of an installation."""
    try:
        marked = (folder / MARK).is_file() or _is_older(folder)
        foreign = folder.is_dir() and not marked and any(folder.iterdir())
    except OSError as fault:
        raise NotWritable(folder, fault) from None
    if foreign:
        raise Conflict(
            "cli.not_a_demo_folder",
            "The folder %(folder)s holds files that are not the demo's.",
            "Nothing in it was changed. Give the demo a new or an empty folder with --data.",
            folder=str(folder),
        )


def _is_older(folder: Path) -> bool:
    """Whether a demo of before there was a mark wrote here: its settings say so, and its course lies beside them."""
    settings = folder / "lti-tool.toml"
    if not settings.is_file() or not any(folder.glob("**/lms.json")):
        return False
    return settings.read_text(encoding="utf-8", errors="replace").startswith(_FIRST_LINE)


def forget(folder: Path) -> None:
    """Deletes what earlier demos wrote here, and nothing else."""
    for pattern in _OWN:
        for path in folder.glob(pattern):
            if path.is_file() and not path.name.endswith(".lock"):
                path.unlink()


def write_settings(folder: Path, tool_url: str, tool_port: int) -> Path:
    """The settings of the demo's tool; the file."""
    path = folder / "lti-tool.toml"
    texts = {
        "tool_url": tool_url,
        "database": URL.create("sqlite", database=str(folder / "tool.db")).render_as_string(),
        "key_file": str(folder / "master.key"),
        "log_file": str(folder / "tool.log"),
    }
    text = _FIRST_LINE + _SETTINGS.format(tool_port=tool_port, **{name: _toml(value) for name, value in texts.items()})
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise NotWritable(path, fault) from None
    return path


def _toml(text: str) -> str:
    """A text in TOML's quotes, whose escapes are JSON's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
