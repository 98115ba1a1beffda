"""What a module says, once its package has been read: typed, frozen, and the same again after a trip through JSON.

The texts are finished: safe HTML made by `modules.markdown` when the package was read, so that showing a page costs no
rendering and a published version can never look different because a library changed.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from pydantic import TypeAdapter

from lti_tool.assessments import Form

Direction = Literal["ltr", "rtl"]

# Languages written from right to left; a script subtag (`az-Arab`) decides before the language does.
_RTL_LANGUAGES = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})
_RTL_SCRIPTS = frozenset({"adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"})


def direction_of(language: str) -> Direction:
    """The writing direction of a BCP 47 tag."""
    first, *rest = language.lower().split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), None)
    rtl = script in _RTL_SCRIPTS if script else first in _RTL_LANGUAGES
    return "rtl" if rtl else "ltr"


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill the module teaches; `uri` (ESCO or another framework) may be empty."""

    name: str
    uri: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `html` has its top-level blocks numbered from 1 (`data-b`), `blocks` says how many there are."""

    key: str
    title: str
    html: str
    minutes: int
    blocks: int


@dataclass(frozen=True, slots=True)
class ModuleDefinition:
    """A whole module. Texts that the author left out are empty, as is `credits`; `validity_months` None = for good."""

    slug: str
    title: str
    language: str
    direction: Direction
    description: str
    summary: str
    outcomes: tuple[str, ...]
    skills: tuple[Skill, ...]
    level: str
    hours: str
    minutes: int
    credits: str
    pass_percent: Fraction
    validity_months: int | None
    quality: str
    version_label: str
    pages: tuple[Page, ...]
    form: Form

    def page(self, key: str) -> Page | None:
        """The page with this key."""
        return next((page for page in self.pages if page.key == key), None)

    def to_json(self) -> dict[str, object]:
        """Plain JSON values; fractions and decimals are written out exactly."""
        plain: dict[str, object] = _DEFINITIONS.dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, plain: object) -> "ModuleDefinition":
        """The definition that `to_json` wrote; ValueError when it is none."""
        return _DEFINITIONS.validate_python(plain)


_DEFINITIONS = TypeAdapter(ModuleDefinition)
