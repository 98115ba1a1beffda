"""Short text: right when it is one of the author's answers, small differences of typing aside."""

from lti_tool.assessments.interactions.kind import Control, Field, Given, Layout, Mark, Plain, Widget
from lti_tool.assessments.interactions.words import typed
from lti_tool.assessments.model.interaction import TextAnswer, TextInteraction, TextMatch
from lti_tool.assessments.model.outcome import Step
from lti_tool.assessments.model.variables import BaseType, Cardinality, Declaration, Value
from lti_tool.assessments.scoring.partial import NONE, WHOLE
from lti_tool.assessments.scoring.texts import Fit, fit

MAX_TEXT = 2000
_TYPED = Declaration(Cardinality.SINGLE, BaseType.STRING)


class Text(Plain[TextInteraction]):
    """A word or a few, typed."""

    def declaration(self, asked: TextInteraction) -> Declaration:
        return _TYPED

    def read(self, asked: TextInteraction, given: Given) -> Value | None:
        return typed(given.get("", ()), limit=MAX_TEXT)

    def widget(self, asked: TextInteraction, value: Value | None, orders: object) -> Widget:
        control = Control("", Field.LINE, value=str(value or ""), longest=MAX_TEXT)
        return Widget(Layout.STACK, "A word or a few words.", (control,))

    def describe(self, asked: TextInteraction, value: Value) -> str:
        return _one_line(value)

    def describe_key(self, asked: TextInteraction) -> str:
        if asked.match is TextMatch.PATTERN:
            return " or ".join(f"what fits the pattern {answer.text}" for answer in _full(asked))
        return " or ".join(f"“{answer.text}”" for answer in _full(asked))

    def feedback(self, asked: TextInteraction, value: Value) -> str:
        found = _fitting(asked, _one_line(value))
        return found[0].feedback if found else ""

    def mark(self, asked: TextInteraction, value: Value) -> Mark:
        words = _one_line(value)
        found = _fitting(asked, words)
        case = "capital letters count" if asked.case_matters else "capital letters do not count"
        facts = {"answer": words, "case": case}
        if found is None:
            return Mark(NONE, words, (Step("“%(answer)s” is not one of the accepted answers (%(case)s).", facts),))
        answer, how = found
        if how.typos:
            facts["typos"] = str(how.typos)
            text = "“%(answer)s” is one of the accepted answers (%(case)s) but for typing errors: %(typos)s."
        elif answer.share < WHOLE:
            text = "“%(answer)s” is accepted as right in part (%(case)s)."
        else:
            text = "“%(answer)s” is one of the accepted answers (%(case)s)."
        return Mark(answer.share, words, (Step(text, facts, answer.share),))


def _fitting(asked: TextInteraction, words: str) -> tuple[TextAnswer, Fit] | None:
    """The first answer that the words are; one without typing errors goes before."""
    for typos in range(asked.typos + 1):
        for answer in asked.answers:
            how = fit(words, answer.text, asked, typos=typos)
            if how is not None:
                return answer, how
    return None


def _full(asked: TextInteraction) -> list[TextAnswer]:
    return [answer for answer in asked.answers if answer.share == WHOLE]


def _one_line(value: Value) -> str:
    return " ".join(str(value).split())
