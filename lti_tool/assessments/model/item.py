"""One question with its key. Everything is HTML already made safe, or plain text; points are exact fractions.

A *response* is the learner's, an *answer* the author's (`texts`, `number`, a choice that is `right`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

Response = str | tuple[str, ...]
"""What a learner answered: the chosen id, the chosen ids, the text or number as typed. None stands for no answer."""


class ItemKind(StrEnum):
    """The kinds of question; what each does is in `interactions`, nowhere else."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TEXT = "text"
    NUMBER = "number"


class MultipleScoring(StrEnum):
    """NET: (right ticked − wrong ticked) ÷ number of right, not below 0. ALL: exactly the right ones, or nothing."""

    NET = "net"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. `feedback` is HTML, empty when there is none."""

    id: str
    html: str
    right: bool
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class NumberKey:
    """The right number; both ends of the tolerance count as right. A relative tolerance is in percent of `value`."""

    value: Decimal
    tolerance: Decimal = Decimal(0)
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A question. `outcomes` are the numbers (from 1) of the module's outcomes that it measures."""

    id: str
    kind: ItemKind
    title: str
    stem: str
    points: Fraction = Fraction(1)
    choices: tuple[Choice, ...] = ()
    texts: tuple[str, ...] = ()
    number: NumberKey | None = None
    scoring: MultipleScoring = MultipleScoring.NET
    case_matters: bool = False
    unit: str = ""
    fixed: bool = False
    feedback_right: str = ""
    feedback_wrong: str = ""
    solution: str = ""
    outcomes: tuple[int, ...] = ()

    def choices_in(self, order: Sequence[str]) -> tuple[Choice, ...]:
        """The choices in a recorded order of ids."""
        by_id = {choice.id: choice for choice in self.choices}
        return tuple(by_id[id_] for id_ in order)
