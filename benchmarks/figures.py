"""The page of figures, `docs/figures.md`: runs the commands that state them, and writes down what each one said.

    python benchmarks/figures.py [name …]

Without a name all of them run, for half an hour or so; with names only those, and the rest of the page stays. What was
said lies in `docs/figures.json`, and the page is made from it alone: no figure is written by hand. A goal that was
missed is marked so, and so is a command that failed.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from platform import machine, python_version, system
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.figures import FILE  # noqa: E402 - the checkout comes first.

PAGE, SAID = ROOT / "docs" / "figures.md", ROOT / "docs" / "figures.json"
_SUMMARY = re.compile(r"^(?=.*\b(?:passed|failed|error)\b)[\d\w ,]+ in [\d.]+s", re.MULTILINE)


@dataclass(frozen=True)
class Command:
    """A command by its name, and what it is about."""

    name: str
    about: str
    line: str

    @property
    def words(self) -> list[str]:
        """The command with this Python; the line says `python`, as people type it."""
        return [sys.executable if word == "python" else word for word in shlex.split(self.line)]


REPLAYED = (
    *("recorded_launches", "recorded_registrations", "recorded_scores", "recorded_services", "recorded_tokens"),
    *("canvas_captures", "canvas_logins", "canvas_services"),
)
COMMANDS = (
    Command(
        "schedules",
        "Hand-ins, corrections, teachers' own grades, lost, late, doubled and failed requests, killed workers and "
        "restarts, in random order; at the end the line is mended and the gradebook compared",
        "python -m pytest tests/rooms/gradebook/test_schedules.py -m faults -q",
    ),
    Command(
        "outages",
        "Outages by a clock of their own, with 10,000 scores waiting; a request takes a tenth of a second of it",
        "python -m pytest tests/rooms/gradebook/test_outages.py -m faults -q",
    ),
    Command(
        "requests",
        "What a batch of scores costs a platform: a class of 100 in one column, a request takes a tenth of a second. "
        "Improved scores in fewer than four cells of a column cost a look each",
        "python -m pytest tests/rooms/gradebook/test_outages.py -k 'hundred or token_a_platform' -q",
    ),
    Command(
        "workers",
        "`lti-tool worker` as processes of their own, on one PostgreSQL",
        "python -m pytest tests/faults/test_workers.py -m faults -q",
    ),
    Command(
        "rotation",
        "Keys rotated each second while learners launch, tokens are asked for and teachers choose modules",
        "python -m pytest tests/faults/test_rotation.py -m faults -q",
    ),
    Command(
        "messages",
        "Recorded messages of Moodle 4.5 and Canvas's documented ones, replayed against our client and server code",
        "python -m pytest -q tests/web/test_replays.py "
        + " ".join(f"tests/rooms/lti/test_{name}.py" for name in REPLAYED),
    ),
    Command(
        "addresses",
        "Addresses that must not be reached or returned to",
        "python -m pytest tests/rooms/core/test_http.py tests/rooms/lti/test_return_corpus.py "
        "tests/rooms/lti/test_dynamic_registration.py -q",
    ),
    Command(
        "slow-platform",
        "Whether learners notice an LMS that takes two seconds for a grade",
        "python benchmarks/slow_platform.py",
    ),
    Command(
        "hot-paths",
        "What a request costs, as a ratio to the least that Flask and the same database could do, in one process: "
        "a server in front, the same for both, would bring the ratios nearer to 1",
        "python benchmarks/hot_paths.py",
    ),
    Command(
        "launches",
        "What a launch costs here and with PyLTI1p3 as its documentation uses it, CPU time of the tool's processes",
        "python benchmarks/launch_baseline.py",
    ),
    Command(
        "scoring",
        "How many answers are scored in a second on one core; a command that missed its goal ends with status 1",
        "python benchmarks/scoring.py",
    ),
)


def main(names: list[str]) -> None:
    unknown = set(names) - {command.name for command in COMMANDS}
    if unknown:
        raise SystemExit(f"no such command: {', '.join(sorted(unknown))}")
    for command in COMMANDS:
        if not names or command.name in names:
            said = json.loads(SAID.read_text(encoding="utf-8")) if SAID.exists() else {}
            said[command.name] = run(command)
            SAID.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            PAGE.write_text(page(said), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")


def run(command: Command) -> dict[str, Any]:
    """Runs a command; what it stated, when, on what, and how it ended."""
    print(f"== {command.name}: {command.line}", flush=True)
    busy = os.getloadavg()[0]
    begun, at = time.monotonic(), datetime.now(UTC)
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as stated:
        environment = {**os.environ, FILE: stated.name}
        done = subprocess.run(command.words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
        figures = [json.loads(line) for line in stated]
    print(done.stdout[-4000:], flush=True)
    summary = _SUMMARY.findall(done.stdout)
    if summary:
        figures.append({"name": "tests", "value": summary[-1].rpartition(" in ")[0], "goal": "", "met": None})
    return {
        "at": at.isoformat(timespec="minutes"),
        "seconds": round(time.monotonic() - begun),
        "machine": this_machine(),
        "load": round(busy, 1),
        "ended": done.returncode,
        "figures": figures,
    }


def this_machine() -> str:
    """The class of machine, without a name."""
    memory = round(psutil.virtual_memory().total / 2**30)
    return f"{os.cpu_count()} cores ({machine()}), {memory} GiB of memory, {system()}, Python {python_version()}"


def page(said: dict[str, Any]) -> str:
    """The page: each command with what it stated."""
    missed = sum(figure["met"] is False for one in said.values() for figure in one["figures"])
    failed = sum(one["ended"] != 0 for one in said.values())
    text = [
        "# Figures",
        "",
        "Made by `make figures`, which runs each command below and writes down what it said; nothing here is typed by "
        "hand. “Load” is how many processes wanted a core when the command began: other work ran beside, so times vary "
        "and ratios less.",
        "",
        f"Goals missed: {missed}. Commands that failed: {failed}.",
    ]
    for command in COMMANDS:
        if command.name in said:
            text += ["", *_section(command, said[command.name])]
    return "\n".join(text) + "\n"


def _section(command: Command, one: dict[str, Any]) -> list[str]:
    ended = "" if one["ended"] == 0 else f" **The command failed (exit status {one['ended']}).**"
    when = f"{one['at'].replace('T', ' ').removesuffix('+00:00')} UTC, {one['seconds']} s"
    rows = [
        f"| {figure['name']} | {figure['value']} | {figure['goal']} | {_mark(figure['met'])} |"
        for figure in one["figures"]
    ]
    return [
        f"## {command.name.replace('-', ' ').capitalize()}",
        "",
        f"{command.about}.{ended}",
        "",
        f"    {command.line}",
        "",
        f"{when}; {one['machine']}; load {one['load']}.",
        "",
        "| what | figure | goal | |",
        "|---|---|---|---|",
        *rows,
    ]


def _mark(met: bool | None) -> str:
    return "" if met is None else "met" if met else "**missed**"


if __name__ == "__main__":
    main(sys.argv[1:])
