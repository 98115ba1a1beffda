"""The answers of each kind of question, from their marks to the model."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from lti_tool.assessments.formats.markdown.body import Body, RawChoice
from lti_tool.assessments.formats.markdown.front_matter import Fields
from lti_tool.assessments.model.item import Choice, Item, ItemKind, MultipleScoring, NumberKey
from lti_tool.assessments.scoring.texts import normalised
from lti_tool.core import ids

Render = Callable[[str], str]

MAX_CHOICES = 26
MAX_ANSWER = 300
_CHOICE_ID = re.compile(r"\s*\{#(?P<id>[^}]*)\}$")
_GOOD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_ONE_PARAGRAPH = re.compile(r"<p>((?:(?!</?p\b).)*)</p>", re.DOTALL)
_SIZE = r"\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?"
_NUMBER = re.compile(rf"(?P<value>[+-]?{_SIZE})(?:\s*(?:±|\+/-|\+-)\s*(?P<tolerance>{_SIZE})\s*(?P<percent>%)?)?")


def _single(item: Item, body: Body, fields: Fields, render: Render) -> Item:
    item = replace(item, choices=_choices(item, body, fields, render, ticks=False), fixed=fields.truth("fixed"))
    right = [choice for choice in body.choices if choice.right]
    for other in right[1:]:
        fix = "Keep one (x), or make it kind: multiple with [x]."
        fields.fault(f"a second right choice; the first is in line {right[0].line}", fix, line=other.line)
    return item


def _multiple(item: Item, body: Body, fields: Fields, render: Render) -> Item:
    found = fields.matching("scoring", "all|net", example="net")
    scoring = MultipleScoring(found[0]) if found else MultipleScoring.NET
    choices = _choices(item, body, fields, render, ticks=True)
    if choices and all(choice.right for choice in choices):
        fix = "Add a wrong choice: ticking everything earns all the points."
        fields.fault("every choice is right", fix, line=body.choices[0].line, fatal=False)
    return replace(item, choices=choices, scoring=scoring, fixed=fields.truth("fixed"))


def _text(item: Item, body: Body, fields: Fields, _render: Render) -> Item:
    case_matters = fields.truth("case")
    texts: dict[str, str] = {}
    for answer in body.answers:
        for part in re.split(r"(?<!\\)\|", answer.text):
            text = " ".join(part.replace(r"\|", "|").split())
            if not text:
                fields.fault(
                    "an empty answer", "Write the answer after =, or remove the | beside it.", line=answer.number
                )
            elif len(text) > MAX_ANSWER:
                fields.fault(f"an answer longer than {MAX_ANSWER} characters", "Ask for less.", line=answer.number)
            else:
                texts.setdefault(normalised(text, case_matters=case_matters), text)
    _answered(body, fields, "= the answer")
    return replace(item, texts=tuple(texts.values()), case_matters=case_matters)


def _number(item: Item, body: Body, fields: Fields, _render: Render) -> Item:
    _answered(body, fields, "= 72 ± 0")
    for other in body.answers[1:]:
        fields.fault("a second right number", "Keep one, with a tolerance if need be: = 72 ± 1", line=other.number)
    unit = fields.text("unit", example="hours", longest=40)
    if not body.answers:
        return replace(item, unit=unit)
    answer = body.answers[0]
    found = _NUMBER.fullmatch(answer.text.replace("−", "-"))
    if found is None:
        fix = "Write it with a decimal point and without a unit, such as = 72 ± 0, = 3.14 ± 0.01 or = 50 ± 5 %."
        fields.fault(f"“= {answer.text[:40]}” is not a number", fix, line=answer.number)
        return replace(item, unit=unit)
    key = NumberKey(Decimal(found["value"]), Decimal(found["tolerance"] or 0), found["percent"] is not None)
    if key.relative and not key.value:
        fields.fault("a percentage of 0 is 0", "Write the tolerance as a number: = 0 ± 0.1", line=answer.number)
    return replace(item, number=key, unit=unit)


_READERS: Mapping[ItemKind, Callable[[Item, Body, Fields, Render], Item]] = {
    ItemKind.SINGLE: _single,
    ItemKind.MULTIPLE: _multiple,
    ItemKind.TEXT: _text,
    ItemKind.NUMBER: _number,
}
OWN_KEYS: Mapping[ItemKind, tuple[str, ...]] = {
    ItemKind.SINGLE: ("fixed",),
    ItemKind.MULTIPLE: ("fixed", "scoring"),
    ItemKind.TEXT: ("case",),
    ItemKind.NUMBER: ("unit",),
}
_CHOOSING = frozenset({ItemKind.SINGLE, ItemKind.MULTIPLE})


def with_answers(item: Item, body: Body, fields: Fields, render: Render) -> Item:
    """The item with the answers of its kind; marks of another kind are faults, not silently dropped."""
    if item.kind in _CHOOSING:
        for answer in body.answers:
            fields.fault(
                f"“= …” in a question of kind {item.kind}", "Remove it: choices are the answers.", line=answer.number
            )
    else:
        for choice in body.choices:
            fix = "Write the answer as = …, or make it kind: single or multiple."
            fields.fault(f"a choice in a question of kind {item.kind}", fix, line=choice.line)
    return _READERS[item.kind](item, body, fields, render)


def inline(html: str) -> str:
    """HTML without the paragraph around it, where it is one: a choice stands inside a label."""
    found = _ONE_PARAGRAPH.fullmatch(html.strip())
    return found[1].strip() if found else html.strip()


def _answered(body: Body, fields: Fields, example: str) -> None:
    if not body.answers:
        fields.fault("there is no right answer", f"Add a line: {example}")


def _choices(item: Item, body: Body, fields: Fields, render: Render, *, ticks: bool) -> tuple[Choice, ...]:
    _check_choices(body.choices, fields, ticks=ticks)
    made: dict[str, Choice] = {}
    for raw in body.choices[:MAX_CHOICES]:
        text, name = _own_name(raw, fields)
        if not text:
            fields.fault("a choice without text", "Write the text after the brackets.", line=raw.line)
        key = name or text
        if key in made:
            same = f"have the id “{name}”" if name else "say the same"
            fields.fault(f"two choices {same}", "Change one of them, or give it another {#id}.", line=raw.line)
        feedback = inline(render("\n".join(raw.feedback))) if raw.feedback else ""
        made[key] = Choice(choice_id(item.id, key), inline(render(text)), raw.right, feedback)
    return tuple(made.values())


def choice_id(item_id: str, key: str) -> str:
    """The id of a choice, made of the author's `{#id}` (or, without one, of its text): the same in every version.

    It stands in the learner's page, so neither the author's word for the choice nor its place in the file may show.
    """
    return ids.digest(f"{item_id}\n{key}")[:12]


def _check_choices(choices: Sequence[RawChoice], fields: Fields, *, ticks: bool) -> None:
    marks = "- [ ] and - [x]" if ticks else "- ( ) and - (x)"
    if len(choices) < 2:
        found = "only one choice" if choices else "there are no choices"
        fields.fault(
            found, f"Write at least two, each on a line, with {marks}.", line=choices[0].line if choices else 0
        )
    if len(choices) > MAX_CHOICES:
        fields.fault(f"more than {MAX_CHOICES} choices", "Divide the question.", line=choices[MAX_CHOICES].line)
    if choices and not any(choice.right for choice in choices):
        fields.fault("there is no right choice", "Put an x into the brackets of the right one.", line=choices[0].line)
    for choice in choices:
        if choice.ticks != ticks:
            kind = "multiple" if ticks else "single"
            fields.fault(f"these brackets do not go with kind: {kind}", f"Use {marks}.", line=choice.line)


def _own_name(raw: RawChoice, fields: Fields) -> tuple[str, str]:
    """The text of a choice without its `{#id}`, and the author's id, empty where none is given."""
    text = "\n".join(raw.text).strip()
    found = _CHOICE_ID.search(text)
    if found is None:
        return text, ""
    if _GOOD_ID.fullmatch(found["id"]) is None:
        fix = "Use letters, digits, - and _ only, such as {#names}."
        fields.fault(f"“{found['id'][:40]}” cannot be the id of a choice", fix, line=raw.line)
    return text[: found.start()], found["id"]
