"""Reads one question: front matter, stem, answers by their marks, feedback, solution."""

import re
from fractions import Fraction
from pathlib import PurePosixPath

from lti_tool.assessments.formats.markdown.answers import OWN_KEYS, Render, with_answers
from lti_tool.assessments.formats.markdown.body import Body, read_body
from lti_tool.assessments.formats.markdown.front_matter import Fields, read_source
from lti_tool.assessments.formats.report import Issue
from lti_tool.assessments.model.item import Item, ItemKind

_GOOD_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_KEYS = ("kind", "points", "title", "outcomes")
_KINDS = ", ".join(ItemKind)


def read_question(text: str, *, path: str, render: Render) -> tuple[Item | None, tuple[Issue, ...]]:
    """The question in a file, and everything to say about it; None when something fatal is among that.

    The file's name is the question's id. `render` makes safe HTML of Markdown; it is called for every text, also when
    there are faults, so that it can note its own.
    """
    fields, lines = read_source(text, path)
    if not fields.has_fault():
        item = _read(fields, read_body(lines, fields), render)
        if not fields.has_fault():
            return item, tuple(fields.issues)
    return None, tuple(sorted(fields.issues, key=lambda issue: issue.line))


def _read(fields: Fields, body: Body, render: Render) -> Item | None:
    kind = _kind(fields)
    fields.only(*_KEYS, *(OWN_KEYS[kind] if kind else sum(OWN_KEYS.values(), ())))
    stem = "\n".join(body.stem).strip()
    if not stem:
        fields.fault("the question has no text", "Write it below the front matter.")
    plain = Item(
        id=_id(fields),
        kind=kind or ItemKind.TEXT,
        title=fields.text("title", example="A short name", longest=120),
        stem=render(stem),
        points=_points(fields),
        feedback_right=_html(body.right, render),
        feedback_wrong=_html(body.wrong, render),
        solution=_html(body.solution, render),
        outcomes=_outcomes(fields),
    )
    return with_answers(plain, body, fields, render) if kind else None


def _id(fields: Fields) -> str:
    name = PurePosixPath(fields.path).stem
    if _GOOD_NAME.fullmatch(name) is None:
        fields.fault(
            f"“{name[:60]}” cannot be the id of a question", "Name the file like lawful-basis.md: a-z, 0-9, -."
        )
    return name


def _kind(fields: Fields) -> ItemKind | None:
    text = fields.text("kind", example=f"single (or {_KINDS})", required=True)
    if not text:
        return None
    if text not in set(ItemKind):
        fields.fault(f"“{text[:40]}” is not a kind of question", f"Use one of: {_KINDS}.", key="kind")
        return None
    return ItemKind(text)


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


def _html(lines: list[str], render: Render) -> str:
    text = "\n".join(lines).strip()
    return render(text) if text else ""
