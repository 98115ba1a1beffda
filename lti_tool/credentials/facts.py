"""What a credential says, frozen at issue, and which characters its words may hold.

The fields are those of the EU Council Recommendation 2022/C 243/02, Annex I, as far as a module states them.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Self

from lti_tool.core.errors import Invalid

LONGEST_NAME = 200
LONGEST_TEXT = 5000
_JOINERS = "\u200c\u200d"  # ZWNJ and ZWJ: Persian, Hindi and Sinhala names are spelt with them.
_LINES = "\t\n\r"


@dataclass(frozen=True)
class CredentialFacts:
    """The words and figures of one credential. `language` is a BCP 47 tag; percentages come without their sign."""

    holder_name: str
    title: str
    language: str
    organisation_name: str
    organisation_country: str
    organisation_website: str
    awarded_on: date
    version: str = "1"
    description: str = ""
    outcomes: tuple[str, ...] = ()
    hours: float | None = None
    credits: float | None = None
    credit_system: str = "ECTS"
    level: str = ""
    result_percent: str = ""
    pass_mark: str = ""
    valid_until: date | None = None
    assessment: str = ""
    participation: str = ""
    supervision: str = ""
    quality_statement: str = ""

    def as_json(self) -> dict[str, object]:
        """The form in which the record keeps them."""
        until = self.valid_until.isoformat() if self.valid_until else None
        return {**asdict(self), "awarded_on": self.awarded_on.isoformat(), "valid_until": until}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The facts of a record; fields a newer release has added keep their defaults."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        values["outcomes"] = tuple(values.get("outcomes", ()))
        values["awarded_on"] = date.fromisoformat(values["awarded_on"])
        if values.get("valid_until"):
            values["valid_until"] = date.fromisoformat(values["valid_until"])
        return cls(**values)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text with the name of its field."""
        for field in fields(self):
            value = getattr(self, field.name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, str):
                    yield field.name, part


class NameRefused(Invalid):
    """A name that cannot be printed as it stands; `detail` says why in plain words."""


def printable_name(name: str) -> str:
    """The name as it will be printed (NFC, outer and doubled white space gone); raises NameRefused."""
    shown = " ".join(unicodedata.normalize("NFC", name).split())
    if not shown:
        raise NameRefused("credentials.no_name", "The name is empty.", "Write the name as it shall be printed.")
    if len(shown) > LONGEST_NAME:
        raise NameRefused(
            "credentials.name_length",
            "The name has %(length)s characters; a certificate holds up to %(limit)s.",
            "Write the name as it stands in your passport or identity card.",
            length=len(shown),
            limit=LONGEST_NAME,
        )
    if not any(unicodedata.category(char).startswith("L") for char in shown) or "://" in shown:
        raise NameRefused(
            "credentials.name_letters",
            "This is not the name of a person.",
            "Write the name as it stands in your passport or identity card.",
        )
    odd = refused_character(shown)
    if odd is not None:
        raise NameRefused(
            "credentials.name_character",
            "The name holds a character that cannot be printed: %(character)s.",
            "Type the name anew instead of pasting it; the character may be invisible.",
            character=describe_character(odd),
        )
    return shown


def refused_character(text: str) -> str | None:
    """The first character no name may hold: control, bidi control, other invisible, private, unassigned."""
    for char in text:
        # Cc C0 and DEL, Cf bidi controls and other format characters, Cs, Co, Cn unassigned; Zl and Zp break lines.
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") and char not in _JOINERS:
            return char
    return None


def describe_character(char: str) -> str:
    """A character named so that a person can find it, as `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()


def check_texts(facts: CredentialFacts) -> None:
    """Refuses control characters: canonicalisers of RDF disagree on them, so signatures would break elsewhere."""
    for field, text in facts.texts():
        odd = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in _LINES), None)
        if odd is not None:
            raise Invalid(
                "credentials.control_character",
                "The field %(field)s holds a control character: %(character)s.",
                "Remove the character and publish the module anew.",
                field=field,
                character=describe_character(odd),
            )
        if len(text) > LONGEST_TEXT:
            raise Invalid(
                "credentials.text_length",
                "The field %(field)s is longer than %(limit)s characters.",
                "Shorten it and publish the module anew.",
                field=field,
                limit=LONGEST_TEXT,
            )
