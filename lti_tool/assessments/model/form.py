"""A form: the questions of an assessment with its rules, as stored, unchanging, inside a module version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter

from lti_tool.assessments.model.item import Item, Stimulus
from lti_tool.assessments.model.stored import item_as_of_now


class Review(StrEnum):
    """What a learner sees once an attempt is handed in: feedback and solutions too, or the score only."""

    AFTER = "after"
    SCORE = "score"


class Behaviour(StrEnum):
    """How the tries at a question become its mark; each is in `scoring.behaviours`."""

    DEFERRED = "deferred"
    IMMEDIATE = "immediate"
    INTERACTIVE = "interactive"
    CERTAINTY = "certainty"


@dataclass(frozen=True, slots=True)
class Section:
    """A run of questions: all of them, or `draw` of them picked by chance; in the listed order unless shuffled.

    `required` are among the drawn ones always. A section may have been listed by its `tags`: they are kept for the
    record, and `item_ids` says what they found when the module was published.
    """

    title: str
    draw: int | None
    shuffle: bool
    item_ids: tuple[str, ...]
    required: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """An assessment. `attempts` None means unlimited; `instructions` is HTML; `pass_percent` runs from 0 to 100.

    `penalty` is the share of a question's points that each earlier try costs, where there are several.
    """

    title: str
    instructions: str
    attempts: int | None
    time_minutes: int | None
    shuffle_choices: bool
    review: Review
    pass_percent: Fraction
    sections: tuple[Section, ...]
    items: Mapping[str, Annotated[Item, BeforeValidator(item_as_of_now)]]
    stimuli: Mapping[str, Stimulus] = field(default_factory=dict)
    behaviour: Behaviour = Behaviour.DEFERRED
    penalty: Fraction = Fraction(1, 3)

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
