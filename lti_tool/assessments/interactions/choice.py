"""Choosing: one right of several, several right of several, in a menu within the text, or among words of the text."""

from collections.abc import Collection, Sequence
from fractions import Fraction

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
    Seen,
    Shuffle,
    Widget,
)
from lti_tool.assessments.interactions.words import in_order, plain
from lti_tool.assessments.model.interaction import Choice, ChoiceInteraction, Scoring
from lti_tool.assessments.model.outcome import Step
from lti_tool.assessments.model.variables import BaseType, Cardinality, Declaration, Value
from lti_tool.assessments.scoring.partial import NONE, WHOLE, Tally, of_shares, of_tally, total
from lti_tool.core.errors import Invalid

_ONE = Declaration(Cardinality.SINGLE, BaseType.IDENTIFIER)
_SOME = Declaration(Cardinality.MULTIPLE, BaseType.IDENTIFIER)

_UNKNOWN = Mark(NONE, "", (Step("What you chose is not among the choices."),))


class _Choosing(Plain[ChoiceInteraction]):
    """What all kinds of choosing share: one list, shuffled where the author lets it be."""

    def rows(self, asked: ChoiceInteraction) -> tuple[Row, ...]:
        shuffle = Shuffle.NEVER if asked.fixed else Shuffle.ASKED
        return (Row("", tuple(choice.id for choice in asked.choices), shuffle),)

    def describe(self, asked: ChoiceInteraction, value: Value) -> str:
        return _words(asked, _members(value))

    def describe_key(self, asked: ChoiceInteraction) -> str:
        return _words(asked, _right_ids(asked))

    def seen(self, asked: ChoiceInteraction, value: Value | None, orders: Orders) -> tuple[Seen, ...]:
        chosen = _members(value)
        return tuple(
            Seen(choice.html, choice.id in chosen, choice.right, choice.feedback)
            for choice in in_order(asked.choices, orders.get(""))
        )


class Single(_Choosing):
    """One choice is right, and it earns all the points; others may earn a share."""

    field, layout, hint = Field.RADIOS, Layout.STACK, "Choose one."

    def declaration(self, asked: ChoiceInteraction) -> Declaration:
        return _ONE

    def read(self, asked: ChoiceInteraction, given: Given) -> Value | None:
        chosen = _chosen(asked, given.get("", ()))
        _check_one(chosen)
        return chosen[0] if chosen else None

    def widget(self, asked: ChoiceInteraction, value: Value | None, orders: Orders) -> Widget:
        options = _options(asked, value, orders)
        return Widget(self.layout, self.hint, (Control("", self.field, options=options),))

    def mark(self, asked: ChoiceInteraction, value: Value) -> Mark:
        choice = next((choice for choice in asked.choices if choice.id == value), None)
        if choice is None:
            return _UNKNOWN
        share = WHOLE if choice.right else max(NONE, choice.share or NONE)
        words = {"answer": plain(choice.html)}
        if choice.right:
            why = Step("You chose “%(answer)s”, which is right.", words, share)
        elif share:
            why = Step("You chose “%(answer)s”, which is right in part.", words, share)
        else:
            why = Step("You chose “%(answer)s”, which is not right.", words)
        return Mark(share, words["answer"], (why,))


class Dropdown(Single):
    """One choice of a menu that stands in the text."""

    field, layout, hint = Field.SELECT, Layout.TEXT, "Choose from each list in the text."

    def seen(self, asked: ChoiceInteraction, value: Value | None, orders: Orders) -> tuple[Seen, ...]:
        return ()

    def feedback(self, asked: ChoiceInteraction, value: Value) -> str:
        return next((choice.feedback for choice in asked.choices if choice.id == value), "")


class Multiple(_Choosing):
    """Several choices may be right; how ticks turn into points is the interaction's `scoring`."""

    def declaration(self, asked: ChoiceInteraction) -> Declaration:
        return _SOME

    def read(self, asked: ChoiceInteraction, given: Given) -> Value | None:
        chosen = set(_chosen(asked, given.get("", ())))
        # In the author's order, whatever order the learner saw: the response does not depend on the shuffle.
        return tuple(choice.id for choice in asked.choices if choice.id in chosen) or None

    def widget(self, asked: ChoiceInteraction, value: Value | None, orders: Orders) -> Widget:
        control = Control("", Field.CHECKS, options=_options(asked, value, orders))
        return Widget(Layout.STACK, "Choose all that apply.", (control,))

    def mark(self, asked: ChoiceInteraction, value: Value) -> Mark:
        chosen = frozenset(value)
        taken = [choice for choice in asked.choices if choice.id in chosen]
        if not taken:
            return _UNKNOWN
        if asked.scoring is Scoring.POINTS:
            why = of_shares([(plain(choice.html), _share_of(choice)) for choice in taken])
        else:
            right = sum(choice.right for choice in asked.choices)
            hits = sum(choice.right for choice in taken)
            why = of_tally(asked.scoring, Tally(hits, len(taken) - hits, right, len(asked.choices) - right))
        return Mark(total(why), _words(asked, chosen), why)


class Hottext(Multiple):
    """Words of the text to be marked."""

    def rows(self, asked: ChoiceInteraction) -> tuple[Row, ...]:
        return ()  # They stand in the text, where they belong.

    def read(self, asked: ChoiceInteraction, given: Given) -> Value | None:
        marked = [value for values in given.values() for value in values]
        return super().read(asked, {"": marked})

    def widget(self, asked: ChoiceInteraction, value: Value | None, orders: Orders) -> Widget:
        options = _options(asked, value, {})
        controls = tuple(Control(option.id, Field.CHECKS, options=(option,)) for option in options)
        return Widget(Layout.TEXT, "Mark the words in the text.", controls)


def _share_of(choice: Choice) -> Fraction:
    return Fraction(int(choice.right)) if choice.share is None else choice.share


def _options(asked: ChoiceInteraction, value: Value | None, orders: Orders) -> tuple[Option, ...]:
    chosen = _members(value)
    return tuple(
        Option(choice.id, choice.html, plain(choice.html), choice.id in chosen)
        for choice in in_order(asked.choices, orders.get(""))
    )


def _chosen(asked: ChoiceInteraction, values: Sequence[str]) -> list[str]:
    chosen = [value for value in dict.fromkeys(values) if value]
    check_known(chosen, {choice.id for choice in asked.choices})
    return chosen


def check_known(chosen: Collection[str], known: Collection[str]) -> None:
    """Refuses what the question did not offer: a page of another question, or a form made by hand."""
    if not set(known).issuperset(chosen):
        raise Invalid(
            "assessments.unknown_choice",
            "This answer is not one of the choices of the question.",
            "Reload the page and choose again. What was saved before is still there.",
        )


def _check_one(chosen: Sequence[str]) -> None:
    if len(chosen) > 1:
        raise Invalid(
            "assessments.one_choice_only",
            "This question takes one answer, and more than one came in.",
            "Choose one answer and save again.",
        )


def _members(value: Value | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def _right_ids(asked: ChoiceInteraction) -> set[str]:
    return {choice.id for choice in asked.choices if choice.right}


def _words(asked: ChoiceInteraction, chosen: Collection[str]) -> str:
    return "; ".join(plain(choice.html) for choice in asked.choices if choice.id in chosen)
