"""What Canvas keeps beside the gradebook's cells: attempts, comments, numbers of results, columns, notice handlers.

Kept in `canvas.json` beside the course's own file, and replaced whole like it.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lti_tool.demo.shelf import replace_file


@dataclass(frozen=True, slots=True)
class Attempt:
    """A submission of a learner, as a score made it. `at` is ISO 8601, as `submittedAt` had it or the score came."""

    item_id: int
    user_id: str
    at: str
    kind: str
    data: str = ""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """The number of a result, and the extension that came with its last score, as JSON."""

    id: int
    item_id: int
    user_id: str
    extension: str = ""


@dataclass(frozen=True, slots=True)
class MadeItem:
    """A column that a tool made by the service; only such ones may it delete. `tool_url` launches, if there is one."""

    item_id: int
    client_id: str
    tool_url: str = ""


@dataclass(slots=True)
class Record:
    """Everything above, in the order in which it came. `tools` is deployment id by link.

    `handlers` are addresses by number of installation and kind of notice, with a space between them.
    """

    attempts: list[Attempt] = field(default_factory=list)
    comments: list[tuple[int, str, str]] = field(default_factory=list)
    results: dict[tuple[int, str], ResultRow] = field(default_factory=dict)
    made: dict[int, MadeItem] = field(default_factory=dict)
    tools: dict[str, str] = field(default_factory=dict)
    handlers: dict[str, str] = field(default_factory=dict)

    def tried(self, item_id: int, user_id: str) -> list[Attempt]:
        """The attempts of a learner at an assignment."""
        return [one for one in self.attempts if (one.item_id, one.user_id) == (item_id, user_id)]

    def said(self, item_id: int, user_id: str) -> list[str]:
        """The comments that scores left on a submission, each a new one."""
        return [text for number, name, text in self.comments if (number, name) == (item_id, user_id)]

    def handler(self, number: str, kind: str) -> str:
        """Where an installation wants notices of a kind; empty for nowhere."""
        return self.handlers.get(f"{number} {kind}", "")

    def note_result(self, item_id: int, user_id: str, extension: str) -> ResultRow:
        known = self.results.get((item_id, user_id))
        row = ResultRow(known.id if known else len(self.results) + 1, item_id, user_id, extension)
        self.results[(item_id, user_id)] = row
        return row


def read_record(file: Path) -> Record:
    """The record of an earlier start; an empty one at the first."""
    if not file.exists():
        return Record()
    found = json.loads(file.read_text(encoding="utf-8"))
    return Record(
        [Attempt(**row) for row in found["attempts"]],
        [(row[0], row[1], row[2]) for row in found["comments"]],
        {(row["item_id"], row["user_id"]): ResultRow(**row) for row in found["results"]},
        {row["item_id"]: MadeItem(**row) for row in found["made"]},
        found["tools"],
        found.get("handlers", {}),
    )


def write_record(file: Path, record: Record) -> None:
    rows = {
        "attempts": [asdict(one) for one in record.attempts],
        "comments": [list(row) for row in record.comments],
        "results": [asdict(row) for row in record.results.values()],
        "made": [asdict(row) for row in record.made.values()],
        "tools": record.tools,
        "handlers": record.handlers,
    }
    replace_file(file, json.dumps(rows, ensure_ascii=False, indent=1))
