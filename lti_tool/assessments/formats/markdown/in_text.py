"""Reads questions that are answered within their text, at places in double brackets: cloze, gaps, words to mark.

A place is taken out before the text is rendered, with a private character in its stead; there the HTML is cut.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lti_tool.assessments.formats.markdown.parts import MAX_CHOICES, Source, choice_id, thing
from lti_tool.assessments.formats.markdown.typed import number_key, text_alternatives
from lti_tool.assessments.model.interaction import (
    Choice,
    ChoiceInteraction,
    GapInteraction,
    Interaction,
    ItemKind,
    NumberInteraction,
    Thing,
)
from lti_tool.assessments.model.item import Place
from lti_tool.assessments.model.variables import pair
from lti_tool.assessments.scoring.partial import FOR_CHOICES, FOR_PAIRS

_PLACE = re.compile(r"\[\[(?P<inside>(?:(?!\]\]|\[\[).)*)\]\]")
_STAND_IN = re.compile("\ue000(\\d+)\ue001")
_OPTION = re.compile(r"\((?P<mark>[ xX])\)\s*(?P<text>[^|]*?)\s*(?:\||$)\s*")
_CHOICES_INSIDE = re.compile(r"(?:\([ xX]\)[^|]*(?:\||$)\s*)+")
_NUMBER_INSIDE = re.compile(r"#\s*(?P<number>.*?)(?:\s*\{(?P<unit>[^}]{1,40})\})?")


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in one place, and its line."""

    line: int
    inside: str


@dataclass(frozen=True, slots=True)
class InText:
    """The interactions of a text, its pieces with the places between them, and the whole for reading."""

    interactions: tuple[Interaction, ...]
    flow: tuple[str | Place, ...]
    stem: str


def cloze(source: Source) -> InText:
    """Each place is an interaction of its own: a menu, a short text or a number."""
    written = _places(source, "[[= word]], [[( ) wrong | (x) right]] or [[# 72 ± 1]]")
    made = [_interaction(source, place, str(number)) for number, place in enumerate(written, start=1)]
    pieces = _pieces(source, written)
    flow = _flow(pieces, [Place(str(number)) for number in range(1, len(written) + 1)])
    return InText(tuple(asked for asked in made if asked), flow, _numbered(pieces))


def gaps(source: Source) -> InText:
    """Each place is a gap with its word; words that belong nowhere are `- ( ) word` below the text."""
    written = _places(source, "[[word]]")
    names = [f"g{number}" for number in range(1, len(written) + 1)]
    words: dict[str, Thing] = {}
    pairs: list[str] = []
    for name, place in zip(names, written, strict=True):
        accepted = [text for part in place.inside.split("|") if (text := part.strip())]
        if not accepted:
            source.fault("a gap without its word", "Write the word in it: [[word]]", line=place.line)
        pairs += [pair(words.setdefault(text, thing(source, text)).id, name) for text in accepted]
    for raw in source.body.choices:
        text = "\n".join(raw.text).strip()
        if raw.mark or not text:
            source.fault("a word that is in no gap is not right", "Write it as - ( ) word.", line=raw.line)
        else:
            words.setdefault(text, thing(source, text))
    reuse = source.fields.truth("reuse")
    _check_reuse(source, written, reuse=reuse)
    if len(words) > MAX_CHOICES:
        source.fault(f"more than {MAX_CHOICES} words", "Divide the question.")
    asked = GapInteraction(tuple(words.values()), tuple(names), tuple(pairs), reuse, source.scoring(FOR_PAIRS))
    pieces = _pieces(source, written)
    return InText((asked,), _flow(pieces, [Place("", name) for name in names]), _numbered(pieces))


def hottext(source: Source) -> InText:
    """Each place is some words to mark, `[[(x) right]]` or `[[( ) wrong]]`."""
    written = _places(source, "[[(x) words to mark]] and [[( ) other words]]")
    made: list[Choice] = []
    for number, place in enumerate(written, start=1):
        option = _OPTION.fullmatch(place.inside)
        if option is None or not option["text"]:
            fix = "Write [[(x) words]] where they are right, [[( ) words]] where not."
            source.fault(f"“[[{place.inside[:40]}]]” says not whether it is right", fix, line=place.line)
            continue
        key = f"{number}\n{option['text']}"
        made.append(Choice(choice_id(source.id, key), source.phrase(option["text"]), option["mark"] in "xX"))
    if made and not any(choice.right for choice in made):
        source.fault("there are no right words", "Mark them with (x): [[(x) words]]", line=written[0].line)
    asked = ChoiceInteraction(ItemKind.HOTTEXT, tuple(made), source.scoring(FOR_CHOICES[:-1]))
    pieces = _pieces(source, written)
    flow = _flow(pieces, [Place("", choice.id) for choice in made]) if len(made) == len(written) else ()
    words = [choice.html for choice in made]
    stem = "".join(each for two in zip(pieces, [*words, ""], strict=False) for each in two)
    return InText((asked,), flow, stem)


def _places(source: Source, example: str) -> list[Written]:
    found = [
        Written(line.number, at["inside"].strip()) for line in source.body.stem for at in _PLACE.finditer(line.text)
    ]
    if not found:
        source.fault("the text has no place to answer in", f"Write one into it: {example}")
    if len(found) > MAX_CHOICES:
        source.fault(f"more than {MAX_CHOICES} places", "Divide the question.", line=found[MAX_CHOICES].line)
    return found


def _pieces(source: Source, written: Sequence[Written]) -> list[str]:
    """The HTML of the text, cut at its places."""
    numbers = iter(range(len(written)))
    text = _PLACE.sub(lambda _: f"\ue000{next(numbers)}\ue001", source.body.stem_text)
    pieces = _STAND_IN.split(source.render(text))
    if pieces[1::2] != [str(number) for number in range(len(written))]:
        missing = next((at for number, at in enumerate(written) if str(number) not in pieces[1::2]), None)
        fix = "Take it out of maths, code, links and pictures."
        source.fault("a place that cannot be answered", fix, line=missing.line if missing else 0)
        return ["", *("" for _ in written)]
    return pieces[::2]


def _flow(pieces: Sequence[str], places: Sequence[Place]) -> tuple[str | Place, ...]:
    flow: list[str | Place] = []
    for piece, place in zip(pieces, [*places, None], strict=False):
        flow += [piece] if piece else []
        flow += [place] if place else []
    return tuple(flow)


def _numbered(pieces: Sequence[str]) -> str:
    """The whole for reading, with a numbered blank at each place."""
    first, *rest = pieces
    return first + "".join(f"({number}) ____{piece}" for number, piece in enumerate(rest, start=1))


def _interaction(source: Source, place: Written, name: str) -> Interaction | None:
    for pattern, read in _INSIDE.items():
        if found := pattern.fullmatch(place.inside):
            return read(source, place, name, found)
    fix = "Write [[= word]], [[( ) wrong | (x) right]] or [[# 72 ± 1]]."
    source.fault(f"“[[{place.inside[:40]}]]” cannot be read", fix, line=place.line)
    return None


def _menu(source: Source, place: Written, name: str, _found: re.Match[str]) -> Interaction:
    options = [(option["mark"] in "xX", option["text"]) for option in _OPTION.finditer(place.inside)]
    texts = [text for _, text in options]
    if len(set(texts)) < len(texts) or not all(texts):
        source.fault("a menu with the same or nothing twice", "Give each choice its own text.", line=place.line)
    if len(texts) < 2 or sum(right for right, _ in options) != 1:
        fix = "Write at least two, one of them with (x): [[( ) wrong | (x) right]]"
        source.fault("a menu without one right choice", fix, line=place.line)
    choices = tuple(
        Choice(choice_id(source.id, f"{name}\n{text}"), source.phrase(text), right) for right, text in options if text
    )
    return ChoiceInteraction(ItemKind.DROPDOWN, choices, fixed=source.fields.truth("fixed"), id=name)


def _words(source: Source, place: Written, name: str, found: re.Match[str]) -> Interaction:
    return text_alternatives(source, found["words"], line=place.line, name=name)


def _count(source: Source, place: Written, name: str, found: re.Match[str]) -> Interaction | None:
    key = number_key(source, found["number"], line=place.line)
    return NumberInteraction((key,), (found["unit"] or "").strip(), id=name) if key else None


_INSIDE: Mapping[re.Pattern[str], Callable[[Source, Written, str, re.Match[str]], Interaction | None]] = {
    _CHOICES_INSIDE: _menu,
    _NUMBER_INSIDE: _count,
    re.compile(r"=\s*(?P<words>.*)"): _words,
}


def _check_reuse(source: Source, written: Sequence[Written], *, reuse: bool) -> None:
    seen: dict[str, int] = {}
    for place in written:
        if place.inside in seen and not reuse:
            problem = f"the word “{place.inside[:40]}” is in two gaps; the first is in line {seen[place.inside]}"
            source.fault(problem, "Add reuse: true above, or change one of them.", line=place.line)
        seen.setdefault(place.inside, place.line)
