"""Reads questions whose answers are choices in a list: one right, several right, true or false."""

from fractions import Fraction

from lti_tool.assessments.formats.markdown.parts import Source, choice_id, choices
from lti_tool.assessments.model.interaction import Choice, ChoiceInteraction, ItemKind, Scoring
from lti_tool.assessments.scoring.partial import FOR_CHOICES


def single(source: Source) -> ChoiceInteraction:
    """One right choice; others may earn a share."""
    made = choices(source, ticks=False)
    right = [choice for choice in source.body.choices if choice.right]
    for other in right[1:]:
        fix = "Keep one (x), or make it kind: multiple with [x]."
        source.fault(f"a second right choice; the first is in line {right[0].line}", fix, line=other.line)
    return ChoiceInteraction(ItemKind.SINGLE, made, fixed=source.fields.truth("fixed"))


def multiple(source: Source) -> ChoiceInteraction:
    """Several right choices, or choices with points of their own."""
    scoring = source.scoring(FOR_CHOICES)
    made = choices(source, ticks=True)
    raw = source.body.choices
    if made and all(choice.right for choice in made) and scoring is not Scoring.POINTS:
        fix = "Add a wrong choice: ticking everything earns all the points."
        source.fields.fault("every choice is right", fix, line=raw[0].line, fatal=False)
    if scoring is Scoring.POINTS and sum(_earned(choice) for choice in made) < 1:
        fix = "Let the shares of the right ones add up to 100 %, such as two of [50%]."
        source.fault("nobody can earn all the points", fix, line=raw[0].line if raw else 0)
    for choice, written in zip(made, raw, strict=False):
        if choice.share is not None and scoring is not Scoring.POINTS:
            source.fault("a share without scoring: points", "Add scoring: points above.", line=written.line)
    return ChoiceInteraction(ItemKind.MULTIPLE, made, scoring, fixed=source.fields.truth("fixed"))


def _earned(choice: Choice) -> Fraction:
    return Fraction(int(choice.right)) if choice.share is None else max(Fraction(0), choice.share)


def true_false(source: Source) -> ChoiceInteraction:
    """`= true` or `= false`; what the two are called may be said in `labels`."""
    answers = source.body.answers
    word = answers[0].text.lower() if answers else ""
    if len(answers) != 1 or word not in ("true", "false"):
        line = answers[-1].line if answers else 0
        source.fault("it is not said which is right", "Write one line: = true, or = false", line=line)
    entries = source.fields.entries("labels", example="labels: [Richtig, Falsch]")
    labels = [entry.content for entry in entries if isinstance(entry.content, str)] or ["True", "False"]
    if len(labels) != 2 or not all(labels):
        source.fields.fault("there are two labels", "Write both: labels: [Richtig, Falsch]", key="labels")
    made = tuple(
        Choice(choice_id(source.id, name), source.phrase(label), name == word)
        for name, label in zip(("true", "false"), labels, strict=False)
    )
    return ChoiceInteraction(ItemKind.TRUE_FALSE, made, fixed=True)
