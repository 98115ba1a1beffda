"""What the readers of all kinds share: choices with their ids, things, shares, and HTML for a place in a line."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lti_tool.assessments.formats.markdown.body import Body, RawChoice
from lti_tool.assessments.formats.markdown.front_matter import Fields
from lti_tool.assessments.model.interaction import Choice, Scoring, Thing
from lti_tool.core import ids

Render = Callable[[str], str]

MAX_CHOICES = 26
MAX_ANSWER = 300
_CHOICE_ID = re.compile(r"\s*\{#(?P<id>[^}]*)\}$")
_GOOD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_ONE_PARAGRAPH = re.compile(r"<p>((?:(?!</?p\b).)*)</p>", re.DOTALL)
_SHARE = re.compile(r"(?P<size>[+−-]?\d{1,3}(?:\.\d{1,2})?) ?%")
_SHARE_FIRST = re.compile(rf"\[{_SHARE.pattern}\]\s*(?P<rest>.*)")


@dataclass(frozen=True, slots=True)
class Source:
    """A question while it is read: its id, the parts of its body, its front matter, and how to make HTML."""

    id: str
    body: Body
    fields: Fields
    render: Render

    def fault(self, problem: str, fix: str, *, line: int = 0) -> None:
        """Notes what is wrong."""
        self.fields.fault(problem, fix, line=line)

    def html(self, lines: Sequence[str]) -> str:
        """Some lines as HTML; empty for blank ones."""
        text = "\n".join(lines).strip()
        return self.render(text) if text else ""

    def phrase(self, text: str) -> str:
        """A text as HTML that may stand in a line."""
        return inline(self.render(text))

    def scoring(self, known: Sequence[Scoring]) -> Scoring:
        """The model of partial credit; the first known one where none is named."""
        names = "|".join(known)
        found = self.fields.matching("scoring", names, example=" or ".join(known))
        return Scoring(found[0]) if found else known[0]


def inline(html: str) -> str:
    """HTML without the paragraph around it, where it is one: a choice stands inside a label."""
    found = _ONE_PARAGRAPH.fullmatch(html.strip())
    return found[1].strip() if found else html.strip()


def choice_id(item_id: str, key: str) -> str:
    """The id of a choice, made of the author's `{#id}` (or, without one, of its text): the same in every version.

    It stands in the learner's page, so neither the author's word for the choice nor its place in the file may show.
    """
    return ids.digest(f"{item_id}\n{key}")[:12]


def share_in(mark: str) -> Fraction | None:
    """The share of the points in the brackets of a choice; None where none is given."""
    found = _SHARE.fullmatch(mark)
    return None if found is None else Fraction(found["size"].replace("−", "-")) / 100


def share_before(text: str) -> tuple[Fraction, str]:
    """An answer's share, written before it as [50%], and the rest; the whole where none is written."""
    found = _SHARE_FIRST.fullmatch(text)
    if found is None:
        return Fraction(1), text
    return Fraction(found["size"].replace("−", "-")) / 100, found["rest"]


def choices(source: Source, *, ticks: bool) -> tuple[Choice, ...]:
    """The choices of a list, with what is wrong with them noted."""
    raw_choices = source.body.choices
    _check_choices(raw_choices, source.fields, ticks=ticks)
    made: dict[str, Choice] = {}
    for raw in raw_choices[:MAX_CHOICES]:
        text, key = keyed(source, raw, made)
        feedback = source.phrase("\n".join(raw.feedback)) if raw.feedback else ""
        share = share_in(raw.mark)
        right = _is_right(raw)
        made[key] = Choice(choice_id(source.id, key), source.phrase(text), right, feedback, share)
    return tuple(made.values())


def _is_right(raw: RawChoice) -> bool:
    """Of several right ones each may earn a part of the points; the one right one earns them all."""
    share = share_in(raw.mark)
    return raw.right or (share is not None and (share > 0 if raw.ticks else share >= 1))


def keyed(source: Source, raw: RawChoice, made: "dict[str, Choice] | dict[str, Thing]") -> tuple[str, str]:
    """The text of a choice, and what it is known by: the author's id or the text, which no other choice may have."""
    text, name = _own_name(raw, source.fields)
    if not text:
        source.fault("a choice without text", "Write the text after the brackets.", line=raw.line)
    key = name or text
    if key in made:
        same = f"have the id “{name}”" if name else "say the same"
        source.fault(f"two choices {same}", "Change one of them, or give it another {#id}.", line=raw.line)
    return text, key


def thing(source: Source, text: str) -> Thing:
    """Something to match, order or put into a gap, known by its text."""
    return Thing(choice_id(source.id, text), source.phrase(text))


def _check_choices(raw_choices: Sequence[RawChoice], fields: Fields, *, ticks: bool) -> None:
    marks = "- [ ] and - [x]" if ticks else "- ( ) and - (x)"
    if len(raw_choices) < 2:
        found = "only one choice" if raw_choices else "there are no choices"
        fix = f"Write at least two, each on a line, with {marks}."
        fields.fault(found, fix, line=raw_choices[0].line if raw_choices else 0)
    if len(raw_choices) > MAX_CHOICES:
        line = raw_choices[MAX_CHOICES].line
        fields.fault(f"more than {MAX_CHOICES} choices", "Divide the question.", line=line)
    if raw_choices and not any(_is_right(choice) for choice in raw_choices):
        line = raw_choices[0].line
        fields.fault("there is no right choice", "Put an x into the brackets of the right one.", line=line)
    for choice in raw_choices:
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
