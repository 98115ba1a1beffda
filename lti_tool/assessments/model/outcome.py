"""What scoring found, with the trace that answers "why this mark?"."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """The mark of one question: `points` is `fraction` of `max_points`, and `right` means all of them.

    `understood` says how the response was read ("16.5" for "16,50"); `trace` says in plain sentences which rule gave
    which points.
    """

    item_id: str
    fraction: Fraction
    points: Fraction
    max_points: Fraction
    answered: bool
    right: bool
    understood: str
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one attempt. `items` are in the order in which the attempt showed them; `percent` is exact."""

    items: tuple[ItemOutcome, ...]
    points: Fraction
    max_points: Fraction
    percent: Fraction
    passed: bool

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
