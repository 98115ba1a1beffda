"""A form: the questions of an assessment with its rules, as stored, unchanging, inside a module version."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from pydantic import TypeAdapter

from lti_tool.assessments.model.item import Item


class Review(StrEnum):
    """What a learner sees once an attempt is handed in: feedback and solutions too, or the score only."""

    AFTER = "after"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Section:
    """A run of questions: all of them, or `draw` of them picked by chance; in the listed order unless shuffled."""

    title: str
    draw: int | None
    shuffle: bool
    item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """An assessment. `attempts` None means unlimited; `instructions` is HTML; `pass_percent` runs from 0 to 100."""

    title: str
    instructions: str
    attempts: int | None
    time_minutes: int | None
    shuffle_choices: bool
    review: Review
    pass_percent: Fraction
    sections: tuple[Section, ...]
    items: Mapping[str, Item]

    @property
    def question_count(self) -> int:
        """How many questions one attempt shows."""
        return sum(len(part.item_ids) if part.draw is None else part.draw for part in self.sections)

    def to_json(self) -> dict[str, object]:
        """Plain JSON values; fractions and decimals are written out exactly, such as "1/3"."""
        plain: dict[str, object] = _FORMS.dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, plain: object) -> "Form":
        """The form that `to_json` wrote; ValueError when it is none."""
        return _FORMS.validate_python(plain)


_FORMS = TypeAdapter(Form)
