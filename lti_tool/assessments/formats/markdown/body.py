"""Takes the body of a question apart: stem, choices or answers, feedback, solution. Knows the marks, not the kinds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from lti_tool.assessments.formats.markdown.front_matter import Fields, Line

_CODE_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_CHOICE = re.compile(r"[-*+] +(?:\((?P<one>[ xX])\)|\[(?P<many>[ xX])\])(?: +(?P<text>.*)|)")
_NEARLY_CHOICE = re.compile(r"[-*+] *[(\[] *[xX✓✔*]? *[)\]](?!\()")
_ANSWER = re.compile(r"=(?!=)\s*(?P<text>.*)")
_FEEDBACK = re.compile(r"(?P<mark>[-+?])>(?: (?P<text>.*)|\s*)")
_CHOICE_FEEDBACK = re.compile(r"\s+> ?(?P<text>.*)")
_SOLUTION = re.compile(r"#{1,6} +solution\s*:?\s*#*", re.IGNORECASE)


@dataclass
class RawChoice:
    """A choice as it stands in the file; `ticks` is whether it has square brackets, for several right ones."""

    line: int
    right: bool
    ticks: bool
    text: list[str]
    feedback: list[str] = field(default_factory=list)


@dataclass
class Body:
    """The parts of a question's body, as Markdown."""

    stem: list[str] = field(default_factory=list)
    choices: list[RawChoice] = field(default_factory=list)
    answers: list[Line] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    solution: list[str] = field(default_factory=list)


class _Part(Enum):
    STEM = auto()
    ANSWERS = auto()
    SOLUTION = auto()


class _Reader:
    """Goes through the lines once; remembers the part it is in and whether it is inside a code block."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.body = Body()
        self.part = _Part.STEM
        self.code_fence = ""
        self.complained = False

    def read(self, line: Line) -> None:
        text = line.text
        inside = bool(self.code_fence)
        self._watch_code(text)
        if self.part is _Part.SOLUTION:
            self.body.solution.append(text)
        elif inside or self.code_fence or not self._marked(line):
            self._plain(line)

    def _watch_code(self, text: str) -> None:
        found = _CODE_FENCE.match(text)
        if found is None:
            return
        if not self.code_fence:
            self.code_fence = found[1]
        elif text.strip().startswith(self.code_fence) and not text.strip().strip(self.code_fence[0]):
            self.code_fence = ""

    def _marked(self, line: Line) -> bool:
        """Takes a line that begins with one of our marks; False for any other line."""
        text = line.text.rstrip()
        if _SOLUTION.fullmatch(text):
            self.part = _Part.SOLUTION
        elif choice := _CHOICE.fullmatch(text):
            self.part = _Part.ANSWERS
            tick = choice["one"] or choice["many"]
            ticks = choice["many"] is not None
            self.body.choices.append(RawChoice(line.number, tick in "xX", ticks, [choice["text"] or ""]))
        elif answer := _ANSWER.fullmatch(text):
            self.part = _Part.ANSWERS
            self.body.answers.append(Line(line.number, answer["text"].strip()))
        elif feedback := _FEEDBACK.fullmatch(text):
            self.part = _Part.ANSWERS
            self._feedback(feedback["mark"], feedback["text"] or "", line)
        elif _NEARLY_CHOICE.match(text):
            self.part = _Part.ANSWERS
            fix = (
                "Write - (x) or - ( ) where one is right, - [x] or - [ ] where several are, then a blank and the text."
            )
            self.fields.fault(f"“{text[:40]}” is not quite a choice", fix, line=line.number)
        else:
            return False
        return True

    def _feedback(self, mark: str, text: str, line: Line) -> None:
        if mark == "?":
            self.fields.fault("hints are not used yet", "Remove the ?> line.", line=line.number, fatal=False)
            return
        (self.body.right if mark == "+" else self.body.wrong).append(text)

    def _plain(self, line: Line) -> None:
        text = line.text
        if self.part is _Part.STEM:
            self.body.stem.append(text)
            return
        indented = text[:1] in (" ", "\t")
        if self.body.choices and (indented or not text.strip()):
            choice = self.body.choices[-1]
            feedback = _CHOICE_FEEDBACK.fullmatch(text)
            if feedback:
                choice.feedback.append(feedback["text"])
            elif text.strip() and choice.feedback:
                choice.feedback.append(text.strip())
            else:
                choice.text.append(text.removeprefix("  "))
        elif text.strip() and not self.complained:
            self.complained = True
            fix = "Move it above the answers; indent it to belong to a choice; or put it under a line “# solution”."
            self.fields.fault(f"text after the answers: “{text.strip()[:40]}”", fix, line=line.number)


def read_body(lines: Sequence[Line], fields: Fields) -> Body:
    """The parts of a question's body; what stands in no part is noted as a fault."""
    reader = _Reader(fields)
    for line in lines:
        reader.read(line)
    return reader.body
