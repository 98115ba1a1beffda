"""Response variables as QTI means them: how many values, of which type, and NULL (QTI 3.0 §2.10, response variables).

A value is kept as text: identifiers, a pair as "source target", what was typed, the reference of a file. NULL is None.
"""

from dataclasses import dataclass
from enum import StrEnum


class Cardinality(StrEnum):
    """One value, or a bag of them, in which neither order nor repetition says anything."""

    SINGLE = "single"
    MULTIPLE = "multiple"


class BaseType(StrEnum):
    """What a value is."""

    IDENTIFIER = "identifier"
    DIRECTED_PAIR = "directedPair"
    STRING = "string"
    FILE = "file"


Value = str | tuple[str, ...]
"""The value of one response variable: a text where the cardinality is single, else a tuple."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the response to an interaction is."""

    cardinality: Cardinality
    base_type: BaseType

    def canonical(self, value: object) -> Value | None:
        """The one form of a value: bags sorted and without repetitions; NULL for what is empty or of another shape."""
        if self.cardinality is Cardinality.SINGLE:
            if isinstance(value, tuple) and len(value) == 1:
                value = value[0]
            return value if isinstance(value, str) and value else None
        if isinstance(value, str):
            value = (value,)
        if not isinstance(value, tuple):
            return None
        return tuple(sorted({part for part in value if part})) or None


def pair(source: str, target: str) -> str:
    """A directed pair. Its members are identifiers, which hold no blank."""
    return f"{source} {target}"


def members(value: str) -> tuple[str, str]:
    """The two members of a directed pair; the second is empty where there is none."""
    source, _, target = value.partition(" ")
    return source, target
