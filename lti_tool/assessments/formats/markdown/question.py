"""Reads one question: front matter, stem, answers by their marks, feedback, solution."""

import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import PurePosixPath

from lti_tool.assessments.formats.markdown.answers import KINDS, with_answers
from lti_tool.assessments.formats.markdown.body import read_body
from lti_tool.assessments.formats.markdown.front_matter import Fields, Line, read_source
from lti_tool.assessments.formats.markdown.in_text import InText
from lti_tool.assessments.formats.markdown.parts import Render, Source
from lti_tool.assessments.formats.report import Issue
from lti_tool.assessments.model.item import Item, Stimulus

_GOOD_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_KEYS = ("kind", "points", "title", "outcomes", "tags", "stimulus")


def read_question(text: str, *, path: str, render: Render) -> tuple[Item | None, tuple[Issue, ...]]:
    """The question in a file, and everything to say about it; None when something fatal is among that.

    The file's name is the question's id. `render` makes safe HTML of Markdown; it is called for every text, also when
    there are faults, so that it can note its own.
    """
    fields, lines = read_source(text, path)
    if not fields.has_fault():
        item = _read(fields, lines, render)
        if not fields.has_fault():
            return item, tuple(fields.issues)
    return None, tuple(sorted(fields.issues, key=lambda issue: issue.line))


def _read(fields: Fields, lines: Sequence[Line], render: Render) -> Item | None:
    kind = _kind(fields)
    fields.only(*_KEYS, *(KINDS[kind].keys if kind else (key for each in KINDS.values() for key in each.keys)))
    body = read_body(lines, fields, KINDS[kind].marks if kind else ())
    if not body.stem_text:
        fields.fault("the question has no text", "Write it below the front matter.")
    name = _id(fields)
    source = Source(name, body, fields, render)
    asked = with_answers(kind, source) if kind else InText((), (), render(body.stem_text))
    return Item(
        id=name,
        title=fields.text("title", example="A short name", longest=120),
        stem=asked.stem,
        interactions=asked.interactions,
        points=_points(fields),
        flow=asked.flow,
        stimulus=_stimulus(fields),
        tags=tags_in(fields),
        hints=tuple(source.html([hint]) for hint in body.hints),
        feedback_right=source.html(body.right),
        feedback_wrong=source.html(body.wrong),
        solution=source.html(body.solution),
        outcomes=_outcomes(fields),
    )


def _id(fields: Fields) -> str:
    name = PurePosixPath(fields.path).stem
    if _GOOD_NAME.fullmatch(name) is None:
        fields.fault(
            f"“{name[:60]}” cannot be the id of a question", "Name the file like lawful-basis.md: a-z, 0-9, -."
        )
    return name


def _kind(fields: Fields) -> str:
    kind = fields.text("kind", example="single (or another kind)", required=True)
    if kind and kind not in KINDS:
        fields.fault(f"“{kind[:40]}” is not a kind of question", f"Use one of: {', '.join(KINDS)}.", key="kind")
        return ""
    return kind


def _points(fields: Fields) -> Fraction:
    found = fields.matching("points", r"\d{1,3}(\.\d{1,3})?", example="1")
    points = Fraction(found[0]) if found else Fraction(1)
    if not points:
        fields.fault("a question worth 0 points", "Give it points, such as points: 1, or remove it.", key="points")
    return points


def _outcomes(fields: Fields) -> tuple[int, ...]:
    numbers = []
    for entry in fields.entries("outcomes", example="outcomes: [1]"):
        if isinstance(entry.content, str) and re.fullmatch(r"[1-9]\d?", entry.content):
            numbers.append(int(entry.content))
        else:
            fix = "Write the numbers of outcomes in module.md, counted from 1: outcomes: [1, 3]"
            fields.fault("an outcome that is not a number", fix, line=entry.line)
    return tuple(dict.fromkeys(numbers))


def _stimulus(fields: Fields) -> str:
    found = fields.matching("stimulus", _GOOD_NAME.pattern, example="the-harbour-case")
    return found[0] if found else ""


def tags_in(fields: Fields) -> tuple[str, ...]:
    """The words in `tags`, by which sections find questions."""
    tags = []
    for entry in fields.entries("tags", example="tags: [cases, rights]"):
        if isinstance(entry.content, str) and _GOOD_NAME.fullmatch(entry.content):
            tags.append(entry.content)
        else:
            fields.fault("a tag that is none", "Use a-z, 0-9 and -: tags: [cases, rights]", line=entry.line)
    return tuple(dict.fromkeys(tags))


def read_stimulus(text: str, *, path: str, render: Render) -> tuple[Stimulus | None, tuple[Issue, ...]]:
    """The passage in a file, which questions name by the file's name; None when something fatal is wrong."""
    fields, lines = read_source(text, path)
    if not fields.has_fault():
        fields.only("title")
        body = "\n".join(line.text for line in lines).strip()
        if not body:
            fields.fault("the passage has no text", "Write it below the front matter.")
        found = Stimulus(_id(fields), fields.text("title", example="A harbour case", longest=120), render(body))
        if not fields.has_fault():
            return found, tuple(fields.issues)
    return None, tuple(sorted(fields.issues, key=lambda issue: issue.line))
