"""From a package's files to a definition, with everything that is wrong with them noted on the way."""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath

from lti_tool.assessments import Form, Item, Stimulus, read_assessment, read_question, read_stimulus
from lti_tool.modules.definition import ModuleDefinition, Page
from lti_tool.modules.faults import MediaFault, fault, warning
from lti_tool.modules.files import SourceFiles
from lti_tool.modules.frontmatter import as_text, read_fields
from lti_tool.modules.head import Head, read_head
from lti_tool.modules.pictures import MediaFile, read_media
from lti_tool.modules.reading import Reading, line_of

WORDS_PER_MINUTE = 200
HEAVY_PICTURE = 500 * 1024
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PAGE = re.compile(r"pages/(\d{2,3})-([a-z0-9]+(?:-[a-z0-9]+)*)\.md")
_QUESTION = re.compile(r"questions/([a-z0-9]+(?:-[a-z0-9]+)*)\.md")
_STIMULUS = re.compile(r"stimuli/([a-z0-9]+(?:-[a-z0-9]+)*)\.md")


def read_definition(found: SourceFiles) -> tuple[ModuleDefinition | None, Reading]:
    """Everything in the package; the definition is None when something essential could not be read."""
    reading = Reading()
    if not _SLUG.fullmatch(found.slug) or len(found.slug) > 80:
        reading.issues.append(
            fault(found.slug, "this folder name is not fit for an address", "Use small letters, digits and hyphens.")
        )
    _check_names(reading, found.files)
    _read_pictures(reading, found.files)
    head = read_head(reading, found.files)
    pages = _read_pages(reading, found.files)
    form = _read_form(reading, found.files, head)
    for name in sorted(set(reading.media) - reading.used_media):
        reading.issues.append(warning(name, "no page or question shows this picture", "Use it, or remove it."))
    definition = None if head is None or form is None else head.joined(found.slug, pages, form)
    return definition, reading


def _check_names(reading: Reading, files: Mapping[str, bytes]) -> None:
    for name in sorted(files):
        if name in ("module.md", "assessment.md") or name.startswith("media/"):
            continue
        if _PAGE.fullmatch(name) or _QUESTION.fullmatch(name) or _STIMULUS.fullmatch(name):
            continue
        fix = "A package holds module.md, assessment.md, pages/, questions/, stimuli/ and media/. Remove or rename it."
        if name.startswith("pages/"):
            fix = "Name it like pages/03-lawful-bases.md: a number, then small letters, digits and hyphens."
        elif name.startswith("questions/"):
            fix = "Name it like questions/who-is-told.md: small letters, digits and hyphens."
        reading.issues.append(fault(name, "this file has no place in a module", fix))


def _read_pictures(reading: Reading, files: Mapping[str, bytes]) -> None:
    for name in sorted(files):
        if not name.startswith("media/"):
            continue
        try:
            file = read_media(name, files[name])
        except MediaFault as broken:
            reading.issues.append(fault(name, broken.problem, broken.fix, broken.line))
            # Known all the same, so that the texts which show it are not faulted too.
            file = MediaFile("0" * 64, "", b"", None, None)
        if len(file.body) > HEAVY_PICTURE:
            problem = f"the picture weighs {len(file.body) // 1024} KB"
            reading.issues.append(warning(name, problem, "On a slow phone that takes long: make it smaller."))
        reading.media[name] = file


def _read_pages(reading: Reading, files: Mapping[str, bytes]) -> tuple[Page, ...]:
    numbered = sorted((int(found[1]), found[2], name) for name in files if (found := _PAGE.fullmatch(name)))
    if not numbered:
        reading.issues.append(fault("pages/", "there are no pages", "Write pages/01-….md."))
    keys: dict[str, str] = {}
    numbers: dict[int, str] = {}
    for number, key, name in numbered:
        for known, kept in ((keys.setdefault(key, name), "name"), (numbers.setdefault(number, name), "number")):
            if known != name:
                reading.issues.append(fault(name, f"it has the same {kept} as {known}", "Give each page its own."))
    return tuple(_read_page(reading, key, name, files[name]) for _number, key, name in numbered)


def _read_page(reading: Reading, key: str, path: str, body: bytes) -> Page:
    fields = read_fields(path, body)
    readable = not fields.issues
    title = fields.text("title", required=readable, example="What counts as personal data")
    minutes = fields.number("minutes", least=Decimal(1), most=Decimal(600), required=False, example="3")
    fields.only("title", "minutes")
    made = reading.render(path, fields.body, first_line=fields.body_line, page=True)
    if readable and not made.blocks:
        fields.issues.append(fault(path, "the page is empty", "Write its text below the second ---.", fields.body_line))
    reading.issues += fields.issues
    estimate = max(1, round(made.words / WORDS_PER_MINUTE))
    return Page(key, title, made.html, estimate if minutes is None else round(minutes), made.blocks)


def _read_form(reading: Reading, files: Mapping[str, bytes], head: Head | None) -> Form | None:
    items: dict[str, Item] = {}
    broken: set[str] = set()
    for name in sorted(files):
        if not (found := _QUESTION.fullmatch(name)):
            continue
        item = _read_item(reading, name, files[name], head)
        if item is None:
            broken.add(found[1])
        else:
            items[item.id] = item
    path = "assessment.md"
    if path not in files:
        reading.issues.append(fault(path, "the file is missing", "Write assessment.md with its sections of questions."))
        return None
    text = _decoded(reading, path, files[path])
    if text is None:
        return None
    form, issues = read_assessment(
        text,
        path=path,
        items=items,
        pass_percent=head.pass_percent if head else Fraction(0),
        render=reading.fragments(path, text),
        broken=broken,
        stimuli=_read_stimuli(reading, files),
    )
    reading.issues += issues
    return form


def _read_stimuli(reading: Reading, files: Mapping[str, bytes]) -> dict[str, Stimulus]:
    stimuli = {}
    for name in sorted(files):
        text = _decoded(reading, name, files[name]) if _STIMULUS.fullmatch(name) else None
        if text is not None:
            stimulus, issues = read_stimulus(text, path=name, render=reading.fragments(name, text))
            reading.issues += issues
            # Known all the same where it is faulty, so that the questions about it are not faulted too.
            key = PurePosixPath(name).stem
            stimuli[key] = stimulus or Stimulus(key, "", "")
    return stimuli


def _read_item(reading: Reading, path: str, body: bytes, head: Head | None) -> Item | None:
    text = _decoded(reading, path, body)
    if text is None:
        return None
    item, issues = read_question(text, path=path, render=reading.fragments(path, text))
    reading.issues += issues
    for number in item.outcomes if item and head else ():
        if head and not 1 <= number <= len(head.outcomes):
            problem, fix = f"the module has no outcome {number}", f"Use numbers from 1 to {len(head.outcomes)}."
            reading.issues.append(fault(path, problem, fix, line_of(text, "outcomes:")))
    return item


def _decoded(reading: Reading, path: str, body: bytes) -> str | None:
    """The text of a file for the assessments room, once its encoding and front matter are known to be safe."""
    unreadable = read_fields(path, body).issues
    reading.issues += unreadable
    return None if unreadable else as_text(body)
