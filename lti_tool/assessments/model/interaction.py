"""What a learner is asked to do, each kind with its key. HTML is safe already; points are exact shares of the whole.

A *response* is the learner's, an *answer* the author's. `id` names an interaction within its question (empty for the
only one), `weight` is its part of the question's points against the others', `scoring` names a model of partial credit
(docs/reference/partial-credit.md).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field


class ItemKind(StrEnum):
    """The kinds of interaction; what each does is in `interactions`, nowhere else."""

    SINGLE = "single"
    TRUE_FALSE = "truefalse"
    MULTIPLE = "multiple"
    TEXT = "text"
    NUMBER = "number"
    ESSAY = "essay"
    UPLOAD = "upload"
    MATCH = "match"
    MATRIX = "matrix"
    CATEGORISE = "categorise"
    ORDER = "order"
    DROPDOWN = "dropdown"
    GAPS = "gaps"
    HOTTEXT = "hottext"


class Scoring(StrEnum):
    """The models of partial credit; what each does is in `scoring.partial`."""

    ALL = "all"
    NET = "net"
    EACH = "each"
    COVERAGE = "coverage"
    POINTS = "points"
    PAIRS = "pairs"
    PLACES = "places"
    NEIGHBOURS = "neighbours"
    LONGEST = "longest"


class TextMatch(StrEnum):
    """How an accepted text is compared: as it stands, with * for anything, or as a pattern (RE2)."""

    EXACT = "exact"
    WILDCARDS = "wildcards"
    PATTERN = "pattern"


class Decimals(StrEnum):
    """What a single comma or point before three digits is: where it is open, both readings count."""

    OPEN = "open"
    POINT = "point"
    COMMA = "comma"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. `share` is what it earns or costs where the scoring goes by points; `feedback` is HTML."""

    id: str
    html: str
    right: bool
    feedback: str = ""
    share: Fraction | None = None


@dataclass(frozen=True, slots=True)
class ChoiceInteraction:
    """Choosing: in a list, in a drop-down within the text, or among marked words of the text."""

    kind: Literal[ItemKind.SINGLE, ItemKind.TRUE_FALSE, ItemKind.MULTIPLE, ItemKind.DROPDOWN, ItemKind.HOTTEXT]
    choices: tuple[Choice, ...]
    scoring: Scoring = Scoring.NET
    fixed: bool = False
    id: str = ""
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """An accepted text with the share of the points that it earns."""

    text: str
    share: Fraction = Fraction(1)
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class TextInteraction:
    """A word or a few. The first answer that fits decides; up to `typos` typing errors are forgiven."""

    answers: tuple[TextAnswer, ...]
    match: TextMatch = TextMatch.EXACT
    case_matters: bool = False
    accents_matter: bool = True
    typos: int = 0
    kind: Literal[ItemKind.TEXT] = ItemKind.TEXT
    id: str = ""
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class NumberKey:
    """A right number; both ends of the tolerance count as right. A relative tolerance is in percent of `value`.

    With `figures`, both numbers are rounded to so many significant digits and must then be equal.
    """

    value: Decimal
    tolerance: Decimal = Decimal(0)
    relative: bool = False
    figures: int | None = None
    share: Fraction = Fraction(1)
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that a number may be given in: one of it is `factor` of the unit of the key."""

    name: str
    factor: Fraction


@dataclass(frozen=True, slots=True)
class NumberInteraction:
    """A number, typed as people type numbers. The first answer that fits decides; without a unit, `unit` is meant."""

    answers: tuple[NumberKey, ...]
    unit: str = ""
    other_units: tuple[Unit, ...] = ()
    decimals: Decimals = Decimals.OPEN
    kind: Literal[ItemKind.NUMBER] = ItemKind.NUMBER
    id: str = ""
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class EssayInteraction:
    """Text of any length, marked by a person. `rubric` is HTML for whoever marks; word limits advise the learner."""

    rubric: str = ""
    least_words: int | None = None
    most_words: int | None = None
    kind: Literal[ItemKind.ESSAY] = ItemKind.ESSAY
    id: str = ""
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class UploadInteraction:
    """Files, marked by a person. `accept` are endings such as "pdf"; a response names stored files, not their bytes."""

    accept: tuple[str, ...]
    most_files: int = 1
    most_megabytes: int = 10
    rubric: str = ""
    kind: Literal[ItemKind.UPLOAD] = ItemKind.UPLOAD
    id: str = ""
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to match, to order, or to put into a gap."""

    id: str
    html: str


@dataclass(frozen=True, slots=True)
class MatchInteraction:
    """Each source gets a target, or several where `several`. `pairs` are the right ones, as "source target"."""

    kind: Literal[ItemKind.MATCH, ItemKind.MATRIX, ItemKind.CATEGORISE]
    sources: tuple[Thing, ...]
    targets: tuple[Thing, ...]
    pairs: tuple[str, ...]
    several: bool = False
    scoring: Scoring = Scoring.PAIRS
    fixed: bool = False
    id: str = ""
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class OrderInteraction:
    """Things to bring into an order: `things` stand in the right one."""

    things: tuple[Thing, ...]
    scoring: Scoring = Scoring.NEIGHBOURS
    kind: Literal[ItemKind.ORDER] = ItemKind.ORDER
    id: str = ""
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class GapInteraction:
    """Words to put into gaps of a text. `pairs` are the right ones, as "word gap"; a gap may take one of several."""

    words: tuple[Thing, ...]
    gaps: tuple[str, ...]
    pairs: tuple[str, ...]
    reuse: bool = False
    scoring: Scoring = Scoring.PAIRS
    fixed: bool = False
    kind: Literal[ItemKind.GAPS] = ItemKind.GAPS
    id: str = ""
    weight: Fraction = Fraction(1)


Interaction = Annotated[
    ChoiceInteraction
    | TextInteraction
    | NumberInteraction
    | EssayInteraction
    | UploadInteraction
    | MatchInteraction
    | OrderInteraction
    | GapInteraction,
    Field(discriminator="kind"),
]
