"""What scoring found, with the trace that answers "why this mark?"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter

from lti_tool.assessments.model.stored import outcome_as_of_now

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a mark: which rule gave which points. `text` is a message id, an English sentence with `%(name)s`.

    `part` names the interaction that it is about, in a question of several.
    """

    text: str
    params: Mapping[str, str] = field(default_factory=dict)
    points: Fraction = NOTHING
    part: str = ""

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """The mark of one question: `points` is `fraction` of `max_points`, and `right` means all of them.

    `understood` says how the response was read ("16.5" for "16,50"). The points of the `trace` add up to `points`.
    `pending` means that a person has still to mark it, or a part of it, which counts nothing until then.
    """

    item_id: str
    fraction: Fraction
    points: Fraction
    max_points: Fraction
    answered: bool
    right: bool
    understood: str
    trace: tuple[Step, ...]
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one attempt. `items` are in the order in which the attempt showed them; `percent` is exact."""

    items: tuple[Annotated[ItemOutcome, BeforeValidator(outcome_as_of_now)], ...]
    points: Fraction
    max_points: Fraction
    percent: Fraction
    passed: bool

    @property
    def pending(self) -> bool:
        """Whether a person has still to mark something."""
        return any(item.pending for item in self.items)

    def by_item(self) -> Mapping[str, ItemOutcome]:
        """The marks by item id."""
        return {item.item_id: item for item in self.items}

    def to_json(self) -> dict[str, object]:
        """Plain JSON values; fractions are written out exactly, such as "1/3"."""
        plain: dict[str, object] = _OUTCOMES.dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, plain: object) -> "Outcome":
        """The outcome that `to_json` wrote; ValueError when it is none."""
        return _OUTCOMES.validate_python(plain)


_OUTCOMES = TypeAdapter(Outcome)
