"""YAML front matter with the line of every value.

Values stay the text that stands in the file: YAML would read `language: no` as False and `version: 1.10` as 1.1. What a
value means is decided by whoever asks. Anchors and aliases are refused: a few lines of them unfold to gigabytes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import yaml

from lti_tool.assessments import Issue
from lti_tool.modules.faults import fault

MAX_FRONT_MATTER = 64 * 1024
MAX_DEPTH = 5
_FENCE = re.compile(r"---[ \t]*\n(.*?)(?:^|\n)---[ \t]*(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Value:
    """One value and the line it stands on: a text, a list, or named values."""

    line: int
    content: "str | Sequence[Value] | Mapping[str, Value]"


@dataclass
class Fields:
    """The named values at the top of a file. Each is asked for by its type; what is wrong is noted in `issues`."""

    path: str
    values: Mapping[str, Value]
    body: str
    body_line: int
    issues: list[Issue] = field(default_factory=list)

    def fault(self, key: str, problem: str, fix: str) -> None:
        """Notes a fault of the value `key`, at its line."""
        line = self.values[key].line if key in self.values else 1
        self.issues.append(fault(self.path, problem, fix, line))

    def only(self, *known: str) -> None:
        """Faults every name that is not known: it would be lost without a word."""
        for key in self.values:
            if key not in known:
                self.fault(key, f"“{key}” is not known here", f"Remove it, or use one of: {', '.join(known)}.")

    def text(self, key: str, *, required: bool = False, example: str = "…", longest: int = 300) -> str:
        """A text, blanks collapsed; empty when absent."""
        value = self.values.get(key)
        if value is None or value.content == "":
            if required:
                self.fault(key, f"“{key}” is missing", f"Add the line: {key}: {example}")
            return ""
        if not isinstance(value.content, str):
            self.fault(key, f"“{key}” must be a text", f"Write it on one line: {key}: {example}")
            return ""
        text = " ".join(value.content.split())
        if len(text) > longest:
            self.fault(key, f"“{key}” is longer than {longest} characters", "Shorten it.")
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when absent."""
        value = self.values.get(key)
        if value is None or value.content == "":
            return ()
        items = value.content if isinstance(value.content, Sequence) and not isinstance(value.content, str) else None
        if items is None or not all(isinstance(item.content, str) and item.content for item in items):
            self.fault(key, f"“{key}” must be a list of texts", f"Write each on its own line below {key}:, after “- ”.")
            return ()
        return tuple(" ".join(str(item.content).split()) for item in items)

    def number(self, key: str, *, least: Decimal, most: Decimal, required: bool, example: str) -> Decimal | None:
        """A number between `least` and `most`; None when absent or faulty."""
        text = self.text(key, required=required, example=example)
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not least <= number <= most:
            problem = f"“{key}: {text[:40]}” is not a number from {least} to {most}"
            self.fault(key, problem, f"For example: {key}: {example}")
            return None
        return number


def as_text(body: bytes) -> str:
    """A file's text with plain line ends; UnicodeDecodeError when it is not UTF-8."""
    return body.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def read_fields(path: str, body: bytes) -> Fields:
    """The front matter and text of a file; where they cannot be read, `issues` says why."""
    try:
        text = as_text(body)
    except UnicodeDecodeError as broken:
        line = body[: broken.start].count(b"\n") + 1
        return Fields(path, {}, "", 1, [fault(path, "this is not UTF-8 text", "Save the file as UTF-8.", line)])
    found = _FENCE.match(text)
    if found is None:
        issue = fault(path, "the file does not begin with front matter", "Begin it with --- lines around title: ….", 1)
        return Fields(path, {}, text, 1, [issue])
    body_line = text.count("\n", 0, found.end()) + 1
    fields = Fields(path, {}, text[found.end() :], body_line)
    try:
        fields.values = _parse(found[1])
    except _Unreadable as broken:
        fields.issues.append(fault(path, broken.problem, broken.fix, broken.line + 1))
    return fields


class _Unreadable(Exception):
    def __init__(self, problem: str, fix: str, line: int) -> None:
        super().__init__(problem)
        self.problem, self.fix, self.line = problem, fix, line


def _parse(text: str) -> Mapping[str, Value]:
    """The named values in a YAML text; lines counted from 1 in that text plus the fence above it."""
    if len(text) > MAX_FRONT_MATTER:
        raise _Unreadable("the front matter is too long", "Move text below the second --- line.", 1)
    try:
        _refuse_traps(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as broken:
        line = broken.problem_mark.line + 1 if broken.problem_mark else 1
        said = broken.problem or "it is not YAML"
        raise _Unreadable(
            f"the front matter cannot be read: {said}", "Put texts that hold “: ” or “#” in quotes.", line
        ) from None
    except yaml.YAMLError:
        raise _Unreadable("the front matter holds a control character", "Remove it.", 1) from None
    if root is None:
        return {}
    content = _value(root).content
    if not isinstance(content, Mapping):
        raise _Unreadable("the front matter is not a list of names", "Write lines like title: …", 1)
    return content


def _refuse_traps(text: str) -> None:
    """Looks at the events one by one, so that a trap is seen before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Unreadable("& and * are not used here", "Put the text in quotes.", line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        # Each level costs the scanner a look at all the others: thousands of them would cost hours.
        if depth > MAX_DEPTH:
            raise _Unreadable("the front matter is nested too deeply", "Write lists one level deep.", line)


def _value(node: yaml.Node) -> Value:
    line = node.start_mark.line + 2
    if isinstance(node, yaml.ScalarNode):
        empty = node.tag == "tag:yaml.org,2002:null"
        return Value(line, "" if empty else str(node.value))
    if isinstance(node, yaml.SequenceNode):
        return Value(line, tuple(_value(item) for item in node.value))
    named: dict[str, Value] = {}
    for key, item in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _Unreadable("a name in the front matter is not a word", "Write lines like title: …", line - 1)
        at = key.start_mark.line + 2
        if key.value in named:
            raise _Unreadable(f"“{key.value}” stands here twice", "Keep one of them.", at - 1)
        # The line of the name: an author looks there, also when its list begins one line below.
        named[str(key.value)] = Value(at, _value(item).content)
    return Value(line, named)
