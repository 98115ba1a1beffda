"""module.md: what a module is called, promises and asks, apart from its pages and questions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urlsplit

from lti_tool.assessments import Form
from lti_tool.modules.definition import ModuleDefinition, Page, Skill, direction_of
from lti_tool.modules.faults import fault
from lti_tool.modules.frontmatter import Fields, Value, read_fields
from lti_tool.modules.markdown import Rendered
from lti_tool.modules.reading import Reading

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_VALIDITY = re.compile(r"(\d{1,3}) (month|months|year|years)")
_SENTENCE_END = re.compile(r"(?<=[.!?…؟])\s+|(?<=[。！？])")


@dataclass(frozen=True)
class Head:
    """What module.md says."""

    title: str
    language: str
    description: Rendered
    outcomes: tuple[str, ...]
    skills: tuple[Skill, ...]
    level: str
    hours: str
    minutes: int | None
    credits: str
    pass_percent: Fraction
    validity_months: int | None
    quality: str
    version_label: str

    def joined(self, slug: str, pages: tuple[Page, ...], form: Form) -> ModuleDefinition:
        reading_minutes = sum(page.minutes for page in pages)
        return ModuleDefinition(
            slug=slug,
            title=self.title,
            language=self.language,
            direction=direction_of(self.language),
            description=self.description.html,
            summary=summary_of(self.description.lead),
            outcomes=self.outcomes,
            skills=self.skills,
            level=self.level,
            hours=self.hours,
            # About a minute a question, where the author gives no figure.
            minutes=self.minutes if self.minutes is not None else reading_minutes + form.question_count,
            credits=self.credits,
            pass_percent=self.pass_percent,
            validity_months=self.validity_months,
            quality=self.quality,
            version_label=self.version_label,
            pages=pages,
            form=form,
        )


def summary_of(text: str, longest: int = 200) -> str:
    """The first sentences that fit; a first sentence too long is cut between words."""
    summary = ""
    for sentence in _SENTENCE_END.split(text):
        longer = f"{summary} {sentence}".strip()
        if len(longer) > longest:
            break
        summary = longer
    if summary or not text:
        return summary
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(",;:–- ") + "…"


def read_head(reading: Reading, files: Mapping[str, bytes]) -> Head | None:
    """What module.md says, as far as it can be understood; None where it cannot be read at all."""
    path = "module.md"
    if path not in files:
        reading.issues.append(fault(path, "the file is missing", "Write module.md with title, language and outcomes."))
        return None
    fields = read_fields(path, files[path])
    if fields.issues:
        reading.issues += fields.issues
        return None
    fields.only(*_NAMES)
    reading.language = _language(fields)
    percent = fields.number("pass", least=Decimal(0), most=Decimal(100), required=True, example="70")
    hours = fields.number("hours", least=Decimal(0), most=Decimal(10_000), required=False, example="0.5")
    minutes = fields.number("minutes", least=Decimal(1), most=Decimal(10_000), required=False, example="20")
    head = Head(
        title=fields.text("title", required=True, example="Data protection essentials"),
        language=reading.language,
        description=reading.render(path, fields.body, first_line=fields.body_line),
        outcomes=_outcomes(fields),
        skills=_skills(fields),
        level=fields.text("level"),
        hours="" if hours is None else f"{hours.normalize():f}",
        minutes=None if minutes is None else round(minutes),
        credits=_credits(fields),
        pass_percent=Fraction(percent if percent is not None else 0),
        validity_months=_validity(fields),
        quality=fields.text("quality", longest=2_000),
        version_label=fields.text("version", longest=40),
    )
    if not head.description.lead:
        fix = "Say below the second --- what learners get."
        fields.issues.append(fault(path, "the description is missing", fix, fields.body_line))
    reading.issues += fields.issues
    return head


_NAMES = (
    "title",
    "language",
    "outcomes",
    "skills",
    "level",
    "hours",
    "minutes",
    "credits",
    "pass",
    "validity",
    "quality",
    "version",
)


def _language(fields: Fields) -> str:
    language = fields.text("language", required=True, example="en")
    if language and not _LANGUAGE.fullmatch(language):
        fields.fault("language", f"“{language}” is not a language tag", "Write a tag like en, pt-BR or ar.")
        return "en"
    return language or "en"


def _outcomes(fields: Fields) -> tuple[str, ...]:
    outcomes = fields.texts("outcomes")
    if not 2 <= len(outcomes) <= 8:
        fields.fault("outcomes", f"there are {len(outcomes)} outcomes", "Give 2 to 8: what the holder can do.")
    return outcomes


def _skills(fields: Fields) -> tuple[Skill, ...]:
    given = fields.values.get("skills")
    if given is None or given.content == "":
        return ()
    if isinstance(given.content, str | Mapping):
        fields.fault("skills", "“skills” must be a list", "Write each as “- name: …” on a line of its own.")
        return ()
    return tuple(skill for value in given.content if (skill := _skill(fields, value)) is not None)


def _skill(fields: Fields, value: Value) -> Skill | None:
    if isinstance(value.content, str) and value.content:
        return Skill(" ".join(value.content.split()), "")
    named = value.content if isinstance(value.content, Mapping) else {}
    inner = Fields(fields.path, named, "", 1, fields.issues)
    if not named:
        fields.issues.append(fault(fields.path, "this skill has no name", "Write it as “- name: …”.", value.line))
        return None
    inner.only("name", "uri")
    name, uri = inner.text("name", required=True), inner.text("uri", longest=2_000)
    if uri and not (urlsplit(uri).scheme in ("http", "https") and urlsplit(uri).netloc):
        inner.fault("uri", "the skill's uri is not an address", "Write the whole address, https://….")
    return Skill(name, uri) if name else None


def _credits(fields: Fields) -> str:
    credits = fields.text("credits", longest=60)
    return "" if credits == "0" else credits


def _validity(fields: Fields) -> int | None:
    text = fields.text("validity")
    if not text:
        return None
    found = _VALIDITY.fullmatch(text)
    if not found or int(found[1]) == 0:
        fields.fault("validity", f"“{text}” is not a length of time", "Write for example: validity: 24 months")
        return None
    return int(found[1]) * (12 if found[2].startswith("year") else 1)
