"""Words to put into the gaps of a text: a menu of the words in each gap."""

from collections import Counter

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
from lti_tool.assessments.model.interaction import GapInteraction
from lti_tool.assessments.model.outcome import Step
from lti_tool.assessments.model.variables import BaseType, Cardinality, Declaration, Value, members, pair
from lti_tool.assessments.scoring.partial import Tally, of_tally, total

_PAIRS = Declaration(Cardinality.MULTIPLE, BaseType.DIRECTED_PAIR)


class Gaps(Plain[GapInteraction]):
    """Each gap takes one word; each word goes into one gap, but where the author lets them be used again."""

    def declaration(self, asked: GapInteraction) -> Declaration:
        return _PAIRS

    def read(self, asked: GapInteraction, given: Given) -> Value | None:
        check_known([spot for spot in given if spot], asked.gaps)
        pairs = []
        for gap in asked.gaps:
            chosen = [value for value in given.get(gap, ())[:1] if value]
            check_known(chosen, {word.id for word in asked.words})
            pairs += [pair(word, gap) for word in chosen]
        return tuple(pairs) or None

    def rows(self, asked: GapInteraction) -> tuple[Row, ...]:
        # As written the right words come first, in the order of their gaps.
        shuffle = Shuffle.NEVER if asked.fixed else Shuffle.ALWAYS
        return (Row("", tuple(word.id for word in asked.words), shuffle),)

    def widget(self, asked: GapInteraction, value: Value | None, orders: Orders) -> Widget:
        made = frozenset(value or ())
        words = in_order(asked.words, orders.get(""))
        controls = tuple(
            Control(
                gap,
                Field.SELECT,
                options=tuple(
                    Option(word.id, word.html, plain(word.html), pair(word.id, gap) in made) for word in words
                ),
            )
            for gap in asked.gaps
        )
        again = "Words may be used again." if asked.reuse else "Each word is used once at most."
        return Widget(Layout.TEXT, f"Choose a word for each gap. {again}", controls)

    def unclear(self, asked: GapInteraction, value: Value) -> str:
        twice = _used_twice(asked, value)
        words = ", ".join(f"“{plain(word.html)}”" for word in asked.words if word.id in twice)
        return f"You used {words} more than once. Each word counts once at most." if words else ""

    def describe(self, asked: GapInteraction, value: Value) -> str:
        return _words(asked, value)

    def describe_key(self, asked: GapInteraction) -> str:
        return _words(asked, asked.pairs)

    def mark(self, asked: GapInteraction, value: Value) -> Mark:
        words, twice = {word.id for word in asked.words}, _used_twice(asked, value)
        made = {each for each in value if members(each)[0] in words and members(each)[1] in asked.gaps}
        counted = {each for each in made if members(each)[0] not in twice}
        # A gap that takes one of several words asks for one of them.
        hits = len({members(each)[1] for each in counted.intersection(asked.pairs)})
        right = len({members(each)[1] for each in asked.pairs})
        tally = Tally(hits, len(made) - hits, right, len(asked.gaps) * len(words) - len(asked.pairs))
        why = of_tally(asked.scoring, tally)
        if twice:
            why = (Step("A word that is used more than once counts nowhere."), *why)
        return Mark(total(why), _words(asked, value), why)


def _used_twice(asked: GapInteraction, value: Value) -> set[str]:
    if asked.reuse:
        return set()
    return {word for word, count in Counter(members(each)[0] for each in value).items() if count > 1}


def _words(asked: GapInteraction, value: Value) -> str:
    """What stands in each gap, numbered; several where the key takes one of several."""
    parts = []
    for number, gap in enumerate(asked.gaps, start=1):
        words = [plain(word.html) for word in asked.words if pair(word.id, gap) in value]
        if words:
            parts.append(f"({number}) {' or '.join(words)}")
    return "; ".join(parts)
