"""Numbers: stored as typed, read by `scoring.numbers`, right within the author's tolerance."""

from fractions import Fraction

from lti_tool.assessments.interactions.kind import Control, Field, Given, Layout, Mark, Plain, Widget
from lti_tool.assessments.interactions.words import typed
from lti_tool.assessments.model.interaction import NumberInteraction, NumberKey
from lti_tool.assessments.model.outcome import Step
from lti_tool.assessments.model.variables import BaseType, Cardinality, Declaration, Value
from lti_tool.assessments.scoring.numbers import Reading, as_text, read_number, rounded, without_unit
from lti_tool.assessments.scoring.partial import NONE, WHOLE

MAX_NUMBER = 60
_TYPED = Declaration(Cardinality.SINGLE, BaseType.STRING)
_ONE = Fraction(1)


class Number(Plain[NumberInteraction]):
    """A number, typed as people type numbers."""

    def declaration(self, asked: NumberInteraction) -> Declaration:
        return _TYPED

    def read(self, asked: NumberInteraction, given: Given) -> Value | None:
        return typed(given.get("", ()), limit=MAX_NUMBER)

    def widget(self, asked: NumberInteraction, value: Value | None, orders: object) -> Widget:
        # With several units the learner types one, which a keyboard of digits does not have.
        numeric = not asked.other_units
        unit = asked.unit if numeric else ""
        control = Control("", Field.LINE, value=str(value or ""), longest=MAX_NUMBER, numeric=numeric, unit=unit)
        hint = "A number, for example 12 or 1.5."
        if not numeric:
            names = ", ".join((asked.unit, *(unit.name for unit in asked.other_units)))
            hint = f"A number with its unit, for example 1.5 {asked.unit}. Units: {names}."
        return Widget(Layout.STACK, hint, (control,))

    def unclear(self, asked: NumberInteraction, value: Value) -> str:
        reading, _, _ = _reading(asked, value)
        if reading.value is None:
            example = "such as 72 or 1.5"
            if asked.other_units:
                return f"“{value}” cannot be read as a number with one of the units. Type it {example} {asked.unit}."
            return f"“{value}” cannot be read as a number. Type digits only, {example}."
        if reading.other is None:
            return ""
        small, large = sorted((reading.value, reading.other), key=abs)
        one, other = as_text(small), as_text(large)
        plain = one if "." in one else f"{one}.0"
        return f"“{value}” can mean {one} or {other}. Type {plain} or {other} instead."

    def describe(self, asked: NumberInteraction, value: Value) -> str:
        text = str(value).strip()
        _, _, unit = _reading(asked, value)
        return text if unit or not asked.unit else f"{text} {asked.unit}"

    def describe_key(self, asked: NumberInteraction) -> str:
        key = next((key for key in asked.answers if key.share == WHOLE), None)
        if key is None:
            return ""
        aim, room = Fraction(key.value), _room(key)
        exact = f"{as_text(aim)} {asked.unit}".strip()
        if key.figures is not None:
            return f"{exact} (rounded to {key.figures} significant digits)"
        return f"{exact} ({as_text(aim - room)} to {as_text(aim + room)} count as right)" if room else exact

    def feedback(self, asked: NumberInteraction, value: Value) -> str:
        reading, factor, _ = _reading(asked, value)
        found = _fitting(asked, reading, factor)
        return found[0].feedback if found and found[0] else ""

    def mark(self, asked: NumberInteraction, value: Value) -> Mark:
        reading, factor, unit = _reading(asked, value)
        key, read = _fitting(asked, reading, factor) or (None, None)
        if read is None:
            why = Step("“%(answer)s” cannot be read as a number.", {"answer": str(value)})
            return Mark(NONE, "", (why,))
        understood = f"{as_text(read)} {unit}".strip() if asked.other_units else as_text(read)
        reasons: tuple[Step, ...] = ()
        if reading.value is not None and reading.other is not None:
            one, other = sorted((reading.value, reading.other), key=abs)
            facts = {"answer": str(value), "one": as_text(one), "other": as_text(other), "read": as_text(read)}
            reasons = (Step("“%(answer)s” can mean %(one)s or %(other)s; we read it as %(read)s.", facts),)
        why = Step(_verdict(key), {"read": understood}, key.share if key else NONE)
        return Mark(why.points, understood, (*reasons, why))


def _verdict(key: NumberKey | None) -> str:
    if key is None:
        return "We read %(read)s, which is not within the accepted range around the right number."
    if key.share < WHOLE:
        return "We read %(read)s, which is accepted as right in part."
    return "We read %(read)s, which is within the accepted range around the right number."


def _fitting(asked: NumberInteraction, reading: Reading, factor: Fraction) -> tuple[NumberKey | None, Fraction] | None:
    """The first answer that fits, and the reading it fits; the first reading without an answer; None for no number.

    The benefit of the doubt: a comma is no mistake, and the learner cannot know which one we use.
    """
    if reading.value is None:
        return None
    readings = (reading.value,) if reading.other is None else (reading.value, reading.other)
    for key in asked.answers:
        for read in readings:
            if _within(read if factor is _ONE else read * factor, key):
                return key, read
    return None, reading.value


def _within(value: Fraction, key: NumberKey) -> bool:
    aim = Fraction(key.value)
    if key.figures is not None:
        return rounded(value, key.figures) == rounded(aim, key.figures)
    return abs(value - aim) <= _room(key)


def _room(key: NumberKey) -> Fraction:
    """How far from the right number still counts; exact, so no rounding decides at the edge."""
    size = Fraction(key.tolerance)
    return abs(Fraction(key.value)) * size / 100 if key.relative else size


def _reading(asked: NumberInteraction, value: Value) -> tuple[Reading, Fraction, str]:
    """How the number was read, the factor of its unit, and the unit as named by the author where one was typed."""
    text = str(value)
    named = [(asked.unit, _ONE), *((unit.name, unit.factor) for unit in asked.other_units)] if asked.unit else []
    # The longest first: "mm" ends with "m".
    for unit, factor in sorted(named, key=lambda one: -len(one[0])):
        bare = without_unit(text, unit)
        if bare is not None:
            return read_number(bare, decimals=asked.decimals), factor, unit
    return read_number(text, decimals=asked.decimals), _ONE, ""
