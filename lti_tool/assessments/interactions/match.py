"""Matching: each source gets its target, by a menu beside it, or by marks in a table."""

from collections.abc import Callable

from lti_tool.assessments.interactions.choice import check_known
from lti_tool.assessments.interactions.kind import (
    Control,
    Field,
    Given,
    Layout,
    Mark,
    Option,
    Orders,
    Plain,
    Row,
    Shuffle,
    Widget,
)
from lti_tool.assessments.interactions.words import in_order, plain
from lti_tool.assessments.model.interaction import MatchInteraction
from lti_tool.assessments.model.variables import BaseType, Cardinality, Declaration, Value, members, pair
from lti_tool.assessments.scoring.partial import Tally, of_tally, total
from lti_tool.core.errors import Invalid

_PAIRS = Declaration(Cardinality.MULTIPLE, BaseType.DIRECTED_PAIR)


class Match(Plain[MatchInteraction]):
    """A menu of the targets beside each source."""

    field, layout, hint = Field.SELECT, Layout.STACK, "Choose what goes with each."

    def declaration(self, asked: MatchInteraction) -> Declaration:
        return _PAIRS

    def read(self, asked: MatchInteraction, given: Given) -> Value | None:
        targets = [target.id for target in asked.targets]
        check_known([spot for spot in given if spot], {source.id for source in asked.sources})
        pairs = []
        for source in asked.sources:
            chosen = [value for value in dict.fromkeys(given.get(source.id, ())) if value]
            check_known(chosen, targets)
            _check_several(chosen, several=asked.several)
            # In the author's order, whatever order the learner saw.
            pairs += [pair(source.id, target) for target in targets if target in chosen]
        return tuple(pairs) or None

    def rows(self, asked: MatchInteraction) -> tuple[Row, ...]:
        shuffle = Shuffle.NEVER if asked.fixed else Shuffle.ASKED
        sources = Row("sources", tuple(source.id for source in asked.sources), shuffle)
        return sources, Row("targets", tuple(target.id for target in asked.targets), self.shuffle_targets(asked))

    def shuffle_targets(self, asked: MatchInteraction) -> Shuffle:
        """As written they often stand beside their sources, which would give the key away."""
        return Shuffle.NEVER if asked.fixed else Shuffle.ALWAYS

    def widget(self, asked: MatchInteraction, value: Value | None, orders: Orders) -> Widget:
        field = Field.CHECKS if asked.several else self.field
        made = frozenset(value or ())
        targets = in_order(asked.targets, orders.get("targets"))
        controls = tuple(
            Control(
                source.id,
                field,
                label=source.html,
                options=tuple(
                    Option(target.id, target.html, plain(target.html), pair(source.id, target.id) in made)
                    for target in targets
                ),
            )
            for source in in_order(asked.sources, orders.get("sources"))
        )
        return Widget(self.layout, self.hint, controls)

    def describe(self, asked: MatchInteraction, value: Value) -> str:
        made = frozenset(value)
        return _words(asked, lambda each: each in made)

    def describe_key(self, asked: MatchInteraction) -> str:
        return _words(asked, lambda each: each in asked.pairs)

    def mark(self, asked: MatchInteraction, value: Value) -> Mark:
        known_sources = {source.id for source in asked.sources}
        known_targets = {target.id for target in asked.targets}
        made = {each for each in value if members(each)[0] in known_sources and members(each)[1] in known_targets}
        hits = len(made.intersection(asked.pairs))
        possible = len(asked.sources) * len(asked.targets)
        tally = Tally(hits, len(made) - hits, len(asked.pairs), possible - len(asked.pairs))
        why = of_tally(asked.scoring, tally)
        return Mark(total(why), _words(asked, lambda each: each in made), why)


class Matrix(Match):
    """A table: a line for each source, a column for each target."""

    field, layout, hint = Field.RADIOS, Layout.TABLE, "Choose in each line."

    def shuffle_targets(self, asked: MatchInteraction) -> Shuffle:
        """Columns such as “never, sometimes, always” have an order of their own."""
        return Shuffle.NEVER


class Categorise(Match):
    """Things to be sorted into a few categories."""

    hint = "Choose the category of each."


def _check_several(chosen: list[str], *, several: bool) -> None:
    if len(chosen) > 1 and not several:
        raise Invalid(
            "assessments.one_match_only",
            "Each of these takes one match, and more than one came in.",
            "Choose one for each and save again.",
        )


def _words(asked: MatchInteraction, made: Callable[[str], bool]) -> str:
    return "; ".join(
        f"{plain(source.html)} → {plain(target.html)}"
        for source in asked.sources
        for target in asked.targets
        if made(pair(source.id, target.id))
    )
