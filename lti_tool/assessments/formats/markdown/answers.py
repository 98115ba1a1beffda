"""The kinds of question that an author may write: which keys and marks each has, and who reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lti_tool.assessments.formats.markdown import choosing, in_text, matching, typed
from lti_tool.assessments.formats.markdown.body import Marks
from lti_tool.assessments.formats.markdown.in_text import InText
from lti_tool.assessments.formats.markdown.parts import Source
from lti_tool.assessments.model.interaction import Interaction


@dataclass(frozen=True, slots=True)
class Written:
    """A kind as it is written: `keys` and `marks` of its own, and what else its body may hold."""

    read: Callable[[Source], Interaction | InText]
    keys: tuple[str, ...] = ()
    marks: frozenset[Marks] = frozenset()
    choices: bool = False
    answers: bool = False
    rubric: bool = False


_PAIRS = ("scoring", "several", "targets", "fixed")
KINDS: Mapping[str, Written] = {
    "single": Written(choosing.single, ("fixed",), choices=True),
    "multiple": Written(choosing.multiple, ("fixed", "scoring"), choices=True),
    "truefalse": Written(choosing.true_false, ("labels",), answers=True),
    "text": Written(typed.text, ("case", "accents", "match", "typos"), answers=True),
    "number": Written(typed.number, ("unit", "units", "decimals"), answers=True),
    "essay": Written(typed.essay, ("words",), rubric=True),
    "upload": Written(typed.upload, ("accept", "files", "megabytes"), rubric=True),
    "match": Written(matching.match, _PAIRS, frozenset({Marks.PAIRS})),
    "matrix": Written(matching.matrix, _PAIRS, frozenset({Marks.PAIRS})),
    "categorise": Written(matching.categorise, _PAIRS, frozenset({Marks.PAIRS})),
    "order": Written(matching.order, ("scoring",), frozenset({Marks.NUMBERS}), choices=True),
    "cloze": Written(in_text.cloze, ("fixed",)),
    "gaps": Written(in_text.gaps, ("scoring", "reuse"), choices=True),
    "hottext": Written(in_text.hottext, ("scoring",)),
}


def with_answers(kind: str, source: Source) -> InText:
    """What is asked and how; marks of another kind are faults, not silently dropped."""
    written, body = KINDS[kind], source.body
    if not written.answers:
        for answer in body.answers:
            fix = "Remove it: choices are the answers." if written.choices else "Remove it."
            source.fault(f"“= …” in a question of kind {kind}", fix, line=answer.line)
    if not written.choices:
        for choice in body.choices:
            fix = "Write the answer as = …, or make it kind: single or multiple." if written.answers else "Remove it."
            source.fault(f"a choice in a question of kind {kind}", fix, line=choice.line)
    if body.rubric and not written.rubric:
        source.fault(f"a rubric in a question of kind {kind}", "Remove it: nobody marks this by hand.")
    read = written.read(source)
    if isinstance(read, InText):
        return read
    return InText((read,), (), source.render(body.stem_text))
