"""Reads matching, in its three looks, and ordering."""

from collections.abc import Sequence
from typing import Literal

from lti_tool.assessments.formats.markdown.body import RawPair
from lti_tool.assessments.formats.markdown.parts import MAX_CHOICES, Source, thing
from lti_tool.assessments.model.interaction import ItemKind, MatchInteraction, OrderInteraction, Thing
from lti_tool.assessments.model.variables import pair
from lti_tool.assessments.scoring.partial import FOR_ORDERS, FOR_PAIRS

_Looks = Literal[ItemKind.MATCH, ItemKind.MATRIX, ItemKind.CATEGORISE]
_EXAMPLE = "- Berlin -> Germany"


def match(source: Source) -> MatchInteraction:
    """`- left -> right`, one a line; `- -> right` is in nobody's match, `- left ->` has none."""
    return _matching(source, ItemKind.MATCH)


def matrix(source: Source) -> MatchInteraction:
    """The same as a table; `several: true` lets each line have more than one mark."""
    return _matching(source, ItemKind.MATRIX)


def categorise(source: Source) -> MatchInteraction:
    """The same, with few targets that take many."""
    return _matching(source, ItemKind.CATEGORISE)


def order(source: Source) -> OrderInteraction:
    """`- (1) first`, `- (2) second`, in any order of lines."""
    found: dict[int, Thing] = {}
    lines: dict[str, int] = {}
    for raw in source.body.choices:
        text = "\n".join(raw.text).strip()
        if not raw.mark.isdigit():
            source.fault("a line without its place", "Write its place in the brackets: - (1) first", line=raw.line)
        elif int(raw.mark) in found:
            source.fault(f"a second thing in place {raw.mark}", "Give each its own place.", line=raw.line)
        elif not text:
            source.fault("a place without text", "Write the text after the brackets.", line=raw.line)
        elif text in lines:
            source.fault(f"the same text as in line {lines[text]}", "Change one of them.", line=raw.line)
        else:
            found[int(raw.mark)] = thing(source, text)
            lines[text] = raw.line
    _check_places(source, sorted(found))
    return OrderInteraction(tuple(found[place] for place in sorted(found)), source.scoring(FOR_ORDERS))


def _check_places(source: Source, places: Sequence[int]) -> None:
    line = source.body.choices[0].line if source.body.choices else 0
    if len(places) < 2:
        source.fault("there is nothing to bring into an order", "Write - (1) first and - (2) second.", line=line)
    elif list(places) != list(range(1, len(places) + 1)):
        source.fault("places are left out", f"Number them from 1 to {len(places)}.", line=line)
    if len(places) > MAX_CHOICES:
        source.fault(f"more than {MAX_CHOICES} things", "Divide the question.", line=line)


def _matching(source: Source, kind: _Looks) -> MatchInteraction:
    pairs = source.body.pairs
    _check_pairs(source, pairs)
    several = source.fields.truth("several")
    columns = source.fields.entries("targets", example="targets: [never, sometimes, always]")
    named = [entry.content for entry in columns if isinstance(entry.content, str) and entry.content]
    sources = {raw.left: thing(source, raw.left) for raw in pairs if raw.left}
    targets = {text: thing(source, text) for text in (*named, *(raw.right for raw in pairs if raw.right))}
    if named and len(targets) > len(named):
        stranger = next(raw for raw in pairs if raw.right and raw.right not in named)
        source.fault(f"“{stranger.right[:40]}” is not among the targets", "Add it to targets.", line=stranger.line)
    made = [(raw, pair(sources[raw.left].id, targets[raw.right].id)) for raw in pairs if raw.left and raw.right]
    first: dict[str, int] = {}
    for raw, _ in made:
        if raw.left in first and not several:
            fix = "Keep one, or add several: true above."
            problem = f"a second match of “{raw.left[:40]}”; the first is in line {first[raw.left]}"
            source.fault(problem, fix, line=raw.line)
        first.setdefault(raw.left, raw.line)
    return MatchInteraction(
        kind,
        tuple(sources.values()),
        tuple(targets.values()),
        tuple(dict.fromkeys(each for _, each in made)),
        several,
        source.scoring(FOR_PAIRS),
        fixed=source.fields.truth("fixed"),
    )


def _check_pairs(source: Source, pairs: Sequence[RawPair]) -> None:
    line = pairs[0].line if pairs else 0
    if not any(raw.left and raw.right for raw in pairs):
        source.fault("there is nothing to match", f"Write the pairs, each on a line: {_EXAMPLE}", line=line)
    for raw in pairs:
        if not raw.left and not raw.right:
            source.fault("an arrow with nothing beside it", f"Write {_EXAMPLE}", line=raw.line)
    if len({raw.left for raw in pairs}) > MAX_CHOICES or len({raw.right for raw in pairs}) > MAX_CHOICES:
        source.fault(f"more than {MAX_CHOICES} to match", "Divide the question.", line=line)
