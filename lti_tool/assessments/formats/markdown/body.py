"""Takes the body of a question apart: stem, choices, answers or pairs, feedback, hints, rubric, solution.

It knows the marks, not the kinds; marks that a stem of another kind may well hold (a list with arrows, with numbers in
brackets) are read only where a kind asks for them.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from lti_tool.assessments.formats.markdown.front_matter import Fields, Line

_CODE_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_SHARE = r"[+−-]?\d{1,3}(?:\.\d{1,2})? ?%"
_CHOICE = re.compile(rf"[-*+] +(?:\((?P<one>[ xX]|{_SHARE})\)|\[(?P<many>[ xX]|{_SHARE})\])(?: +(?P<text>.*)|)")
_NUMBERED = re.compile(r"[-*+] +\((?P<one>\d{1,2})\)(?: +(?P<text>.*)|)")
_PAIR = re.compile(r"[-*+] +(?P<left>.*?)\s*(?:->|→)\s*(?P<right>.*)")
_NEARLY_CHOICE = re.compile(r"[-*+] *[(\[] *[xX✓✔*]? *[)\]](?!\()")
_ANSWER = re.compile(r"=(?!=)\s*(?P<text>.*)")
_FEEDBACK = re.compile(r"(?P<mark>[-+?])>(?: (?P<text>.*)|\s*)")
_OWN_FEEDBACK = re.compile(r"\s+> ?(?P<text>.*)")
_ENDING = re.compile(r"#{1,6} +(?P<what>solution|rubric)\s*:?\s*#*", re.IGNORECASE)


class Marks(Enum):
    """Marks that only some kinds of question have."""

    NUMBERS = auto()
    PAIRS = auto()


@dataclass
class RawChoice:
    """A choice as it stands in the file.

    `mark` is what its brackets hold: nothing, x, a share such as 50%, a number. `ticks` is whether they are square.
    """

    line: int
    mark: str
    ticks: bool
    text: list[str]
    feedback: list[str] = field(default_factory=list)

    @property
    def right(self) -> bool:
        return self.mark == "x"


@dataclass
class RawAnswer:
    """What stands after `=`, with the feedback under it."""

    line: int
    text: str
    feedback: list[str] = field(default_factory=list)


@dataclass
class RawPair:
    """What stands on the two sides of an arrow."""

    line: int
    left: str
    right: str


@dataclass
class Body:
    """The parts of a question's body, as Markdown."""

    stem: list[Line] = field(default_factory=list)
    choices: list[RawChoice] = field(default_factory=list)
    answers: list[RawAnswer] = field(default_factory=list)
    pairs: list[RawPair] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    rubric: list[str] = field(default_factory=list)
    solution: list[str] = field(default_factory=list)

    @property
    def stem_text(self) -> str:
        """The stem as it was written."""
        return "\n".join(line.text for line in self.stem).strip()


class _Part(Enum):
    STEM = auto()
    ANSWERS = auto()
    RUBRIC = auto()
    SOLUTION = auto()


_ENDINGS = {"rubric": _Part.RUBRIC, "solution": _Part.SOLUTION}


class _Reader:
    """Goes through the lines once; remembers the part it is in and whether it is inside a code block."""

    def __init__(self, fields: Fields, marks: Collection[Marks]) -> None:
        self.fields = fields
        self.marks = marks
        self.body = Body()
        self.part = _Part.STEM
        self.code_fence = ""
        self.complained = False

    def read(self, line: Line) -> None:
        text = line.text
        inside = bool(self.code_fence)
        self._watch_code(text)
        if not inside and not self.code_fence and (ending := _ENDING.fullmatch(text.rstrip())):
            self.part = _ENDINGS[ending["what"].lower()]
        elif self.part is _Part.SOLUTION:
            self.body.solution.append(text)
        elif self.part is _Part.RUBRIC:
            self.body.rubric.append(text)
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
        if choice := self._choice(text):
            tick = choice.groupdict().get("one") or choice.groupdict().get("many") or ""
            ticks = choice.groupdict().get("many") is not None
            self.body.choices.append(RawChoice(line.number, tick.strip().lower(), ticks, [choice["text"] or ""]))
        elif Marks.PAIRS in self.marks and (found := _PAIR.fullmatch(text)):
            self.body.pairs.append(RawPair(line.number, found["left"].strip(), found["right"].strip()))
        elif answer := _ANSWER.fullmatch(text):
            self.body.answers.append(RawAnswer(line.number, answer["text"].strip()))
        elif feedback := _FEEDBACK.fullmatch(text):
            said = {"+": self.body.right, "-": self.body.wrong, "?": self.body.hints}[feedback["mark"]]
            said.append(feedback["text"] or "")
            if feedback["mark"] == "?":
                self.fields.fault("hints are not used yet", "Remove the ?> line.", line=line.number, fatal=False)
        elif _NEARLY_CHOICE.match(text):
            fix = (
                "Write - (x) or - ( ) where one is right, - [x] or - [ ] where several are, then a blank and the text."
            )
            self.fields.fault(f"“{text[:40]}” is not quite a choice", fix, line=line.number)
        else:
            return False
        self.part = _Part.ANSWERS
        return True

    def _choice(self, text: str) -> re.Match[str] | None:
        numbered = _NUMBERED.fullmatch(text) if Marks.NUMBERS in self.marks else None
        return numbered or _CHOICE.fullmatch(text)

    def _plain(self, line: Line) -> None:
        text = line.text
        if self.part is _Part.STEM:
            self.body.stem.append(line)
            return
        feedback = _OWN_FEEDBACK.fullmatch(text)
        indented = text[:1] in (" ", "\t")
        if self.body.choices and (indented or not text.strip()):
            choice = self.body.choices[-1]
            if feedback:
                choice.feedback.append(feedback["text"])
            elif text.strip() and choice.feedback:
                choice.feedback.append(text.strip())
            else:
                choice.text.append(text.removeprefix("  "))
        elif self.body.answers and feedback:
            self.body.answers[-1].feedback.append(feedback["text"])
        elif text.strip() and not self.complained:
            self.complained = True
            fix = "Move it above the answers; indent it to belong to a choice; or put it under a line “# solution”."
            self.fields.fault(f"text after the answers: “{text.strip()[:40]}”", fix, line=line.number)


def read_body(lines: Sequence[Line], fields: Fields, marks: Collection[Marks]) -> Body:
    """The parts of a question's body; what stands in no part is noted as a fault."""
    reader = _Reader(fields, marks)
    for line in lines:
        reader.read(line)
    return reader.body
