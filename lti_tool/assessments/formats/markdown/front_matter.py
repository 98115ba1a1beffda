"""The YAML at the top of a file, each value with its line.

Values stay the text that stands there (YAML would make `no` a truth value and 1.10 a 1.1); what one means is decided by
whoever asks. Anchors and aliases are refused: a few lines of them unfold to gigabytes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import yaml

from lti_tool.assessments.formats.report import Issue

MAX_TEXT = 200_000
_FENCED = re.compile(r"---[ \t]*\n(.*?\n)??---[ \t]*(?:\n|\Z)", re.DOTALL)
_TRUE, _FALSE = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Value:
    """A value and its line: a text, a list, or named values."""

    line: int
    content: "str | tuple[Value, ...] | Mapping[str, Value]"


@dataclass
class Fields:
    """Named values of one file, asked for by type; whatever is wrong with them is noted in `issues`."""

    path: str
    line: int
    values: Mapping[str, Value]
    issues: list[Issue] = field(default_factory=list)

    def fault(self, problem: str, fix: str, *, key: str = "", line: int = 0, fatal: bool = True) -> None:
        """Notes an issue at the line given, else at the value's, else at the top of these fields."""
        at = line or (self.values[key].line if key in self.values else self.line)
        self.issues.append(Issue(self.path, at, problem, fix, fatal))

    def only(self, *known: str) -> None:
        """Faults every name that is not known: it would be lost without a word."""
        for key in self.values:
            if key not in known:
                self.fault(f"“{key}” is not known here", f"Remove it, or use one of: {', '.join(known)}.", key=key)

    def within(self, value: Value) -> "Fields | None":
        """The named values inside a list entry, noting faults in the same place; None if it holds none."""
        return Fields(self.path, value.line, value.content, self.issues) if isinstance(value.content, Mapping) else None

    def text(self, key: str, *, example: str, required: bool = False, longest: int = 300) -> str:
        """A text with single blanks; empty when absent."""
        value = self.values.get(key)
        if value is None or value.content == "":
            if required:
                self.fault(f"“{key}” is missing", f"Add the line: {key}: {example}", key=key)
            return ""
        if not isinstance(value.content, str):
            self.fault(f"“{key}” must be one value", f"Write it on one line: {key}: {example}", key=key)
            return ""
        text = " ".join(value.content.split())
        if len(text) > longest:
            self.fault(f"“{key}” is longer than {longest} characters", "Shorten it.", key=key)
        return text

    def truth(self, key: str) -> bool:
        """True or false; false when absent."""
        text = self.text(key, example="true").lower()
        if text and text not in _TRUE | _FALSE:
            self.fault(f"“{key}: {text[:40]}” is neither true nor false", f"Write {key}: true, or remove it.", key=key)
        return text in _TRUE

    def matching(self, key: str, pattern: str, *, example: str, required: bool = False) -> re.Match[str] | None:
        """A text of one form; None when absent or of another form."""
        text = self.text(key, example=example, required=required)
        found = re.fullmatch(pattern, text)
        if text and found is None:
            self.fault(f"“{key}: {text[:40]}” cannot be read", f"For example: {key}: {example}", key=key)
        return found

    def entries(self, key: str, *, example: str, required: bool = False) -> tuple[Value, ...]:
        """A list; empty when absent."""
        value = self.values.get(key)
        if value is None or value.content in ("", ()):
            if required:
                self.fault(f"“{key}” is missing or empty", f"For example: {example}", key=key)
            return ()
        if not isinstance(value.content, tuple):
            self.fault(f"“{key}” must be a list", f"For example: {example}", key=key)
            return ()
        return value.content

    def has_fault(self) -> bool:
        """Whether anything noted stops publication."""
        return any(issue.fatal for issue in self.issues)


@dataclass(frozen=True)
class Line:
    """A line of the body with its number in the file."""

    number: int
    text: str


def read_source(text: str, path: str) -> tuple[Fields, tuple[Line, ...]]:
    """The front matter and the lines below it; what cannot be read is noted in the fields' issues."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    fields = Fields(path, 1, {})
    if len(text) > MAX_TEXT:
        fields.fault(f"the file is longer than {MAX_TEXT} characters", "Shorten it.")
        return fields, ()
    found = _FENCED.match(text)
    if found is None:
        fields.fault(
            "the file does not begin with front matter", "Begin it with two --- lines and values between them."
        )
        return fields, ()
    try:
        fields.values = _parse(found[1] or "")
    except _Unreadable as broken:
        fields.fault(f"the front matter cannot be read: {broken.problem}", broken.fix, line=broken.line)
    first = text.count("\n", 0, found.end()) + 1
    return fields, tuple(Line(number, line) for number, line in enumerate(text[found.end() :].split("\n"), first))


class _Mark(Protocol):
    line: int


class _Unreadable(Exception):
    def __init__(self, problem: str, fix: str, line: int) -> None:
        super().__init__(problem)
        self.problem, self.fix, self.line = problem, fix, line


_PLAIN_LINES = "Write lines like name: value."


def _parse(text: str) -> Mapping[str, Value]:
    try:
        _refuse_aliases(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as broken:
        fix = "Put texts that hold “: ” or “#” in quotes, and indent lists alike."
        raise _Unreadable(broken.problem or "it is not YAML", fix, _at(broken.problem_mark)) from None
    except yaml.YAMLError:
        raise _Unreadable("it holds a control character", "Remove it.", 1) from None
    except RecursionError:
        raise _Unreadable("it is nested too deeply", _PLAIN_LINES, 1) from None
    content = {} if root is None else _value(root, 0).content
    if not isinstance(content, Mapping):
        raise _Unreadable("it holds no named values", _PLAIN_LINES, 2)
    return content


def _refuse_aliases(text: str) -> None:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Unreadable("& and * have a meaning of their own", "Put the text in quotes.", _at(event.start_mark))


def _at(mark: "_Mark | None") -> int:
    """The line in the file: YAML counts from 0, and the fence stands above."""
    return mark.line + 2 if mark else 1


def _value(node: yaml.Node, depth: int) -> Value:
    line = _at(node.start_mark)
    if depth > 4:
        raise _Unreadable("it is nested too deeply", _PLAIN_LINES, line)
    if isinstance(node, yaml.ScalarNode):
        return Value(line, "" if node.tag == "tag:yaml.org,2002:null" else str(node.value))
    if isinstance(node, yaml.SequenceNode):
        return Value(line, tuple(_value(entry, depth + 1) for entry in node.value))
    named: dict[str, Value] = {}
    for key, entry in node.value:
        at = _at(key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            raise _Unreadable("a name is not a word", _PLAIN_LINES, at)
        if key.value in named:
            raise _Unreadable(f"“{key.value}” stands there twice", "Keep one of them.", at)
        # The line of the name, where an author looks first, also when a list begins one line below.
        named[str(key.value)] = Value(at, _value(entry, depth + 1).content)
    return Value(line, named)
