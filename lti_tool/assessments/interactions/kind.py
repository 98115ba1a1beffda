"""What a kind of interaction must be able to do, and what it gives to a page. All of it is pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Generic, Protocol, TypeVar

from lti_tool.assessments.model.outcome import Step
from lti_tool.assessments.model.variables import Declaration, Value

Given = Mapping[str, Sequence[str]]
"""What a form sent for one interaction: the values of its fields, by the spot each is for ("" for the only one)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How right a response is, from 0 to 1; how it was read; and why, in steps whose points add up to the share."""

    share: Fraction
    understood: str
    why: tuple[Step, ...]
    pending: bool = False


class Field(StrEnum):
    """The controls that a page needs to know: every kind of interaction is made of them, so none needs dragging."""

    RADIOS = "radios"
    CHECKS = "checks"
    SELECT = "select"
    LINE = "line"
    AREA = "area"
    FILES = "files"


class Layout(StrEnum):
    """How the controls of an interaction stand: below each other, as a table, as places in an order, in the text."""

    STACK = "stack"
    TABLE = "table"
    ORDER = "order"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: its HTML for a page, its plain words for a menu. No word of whether it is right."""

    id: str
    html: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Control:
    """One thing to fill in. `spot` names it within its interaction; `label` is HTML, empty where the text is the label.

    `value` is what stands in a line or an area; of files, the options are those that are stored. `longest` counts
    characters or files. `numeric` asks for a keyboard of digits.
    """

    spot: str
    field: Field
    label: str = ""
    options: tuple[Option, ...] = ()
    value: str = ""
    longest: int = 0
    numeric: bool = False
    unit: str = ""
    accept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Widget:
    """All that a page needs to ask; nothing of the key is in it. `hint` says in plain words what is to be done."""

    layout: Layout
    hint: str
    controls: tuple[Control, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A choice after the hand-in, with what the key says of it."""

    html: str
    chosen: bool
    right: bool
    feedback: str


class Shuffle(StrEnum):
    """When a list is shuffled: never, where the assessment asks for it, or always, lest the order gives it away."""

    NEVER = "never"
    ASKED = "asked"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Row:
    """A list of an interaction whose order is recorded with each draw."""

    name: str
    ids: tuple[str, ...]
    shuffle: Shuffle


Orders = Mapping[str, Sequence[str]]
"""The drawn order of each `Row`, by its name."""

T_contra = TypeVar("T_contra", contravariant=True)


class Kind(Protocol[T_contra]):
    """One kind of interaction. A value is canonical (`declaration`), and nothing here raises on one but `read`."""

    def declaration(self, asked: T_contra) -> Declaration:
        """What a response is."""

    def read(self, asked: T_contra, given: Given) -> Value | None:
        """The response in what a form sent; None for no answer; Invalid for what the question cannot have sent."""

    def rows(self, asked: T_contra) -> tuple[Row, ...]:
        """The lists that may be shown in another order than the author's."""

    def widget(self, asked: T_contra, value: Value | None, orders: Orders) -> Widget:
        """What a page needs to ask, with the answer as it stands."""

    def unclear(self, asked: T_contra, value: Value) -> str:
        """What to tell the learner before handing in, if we may not read this as meant; empty if all is clear."""

    def describe(self, asked: T_contra, value: Value) -> str:
        """The response in plain words."""

    def describe_key(self, asked: T_contra) -> str:
        """The right answer in plain words, for after the attempt."""

    def seen(self, asked: T_contra, value: Value | None, orders: Orders) -> tuple[Seen, ...]:
        """Each choice with what the key says, for after the attempt; empty where there is no list of choices."""

    def feedback(self, asked: T_contra, value: Value) -> str:
        """What the author says to just this response, as HTML; empty where nothing, or where `seen` has it."""

    def mark(self, asked: T_contra, value: Value) -> Mark:
        """How right the response is."""


class Plain(Generic[T_contra]):
    """What most kinds have nothing to say about."""

    def rows(self, asked: T_contra) -> tuple[Row, ...]:
        return ()

    def unclear(self, asked: T_contra, value: Value) -> str:
        return ""

    def seen(self, asked: T_contra, value: Value | None, orders: Orders) -> tuple[Seen, ...]:
        return ()

    def feedback(self, asked: T_contra, value: Value) -> str:
        return ""
