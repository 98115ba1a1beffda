"""Short text: right when it is one of the author's answers, small differences of typing aside."""

from collections.abc import Sequence
from fractions import Fraction

from lti_tool.assessments.interactions.kind import Mark
from lti_tool.assessments.interactions.words import typed
from lti_tool.assessments.model.item import Item, Response
from lti_tool.assessments.scoring.texts import same_text

MAX_TEXT = 2000


class Text:
    """A word or a few, typed."""

    def read(self, item: Item, values: Sequence[str]) -> Response | None:
        return typed(values, limit=MAX_TEXT)

    def unclear(self, item: Item, response: Response) -> str:
        return ""

    def describe(self, item: Item, response: Response) -> str:
        return _one_line(response)

    def describe_key(self, item: Item) -> str:
        return " or ".join(f"“{answer}”" for answer in item.texts)

    def mark(self, item: Item, response: Response) -> Mark:
        words = _one_line(response)
        right = any(same_text(words, answer, case_matters=item.case_matters) for answer in item.texts)
        case = "capital letters count" if item.case_matters else "capital letters do not count"
        found = "is one of the accepted answers" if right else "is not one of the accepted answers"
        return Mark(Fraction(int(right)), words, (f"“{words}” {found} ({case}).",))


def _one_line(response: Response) -> str:
    return " ".join((response if isinstance(response, str) else "; ".join(response)).split())
