"""Reads the assessment's own file: sections, draws, attempts, time, review; the body is the instructions."""

from collections.abc import Collection, Mapping
from fractions import Fraction

from lti_tool.assessments.formats.markdown.answers import Render
from lti_tool.assessments.formats.markdown.front_matter import Fields, read_source
from lti_tool.assessments.formats.report import Issue
from lti_tool.assessments.model.form import Form, Review, Section
from lti_tool.assessments.model.item import Item

_KEYS = ("title", "attempts", "time", "shuffle", "review", "sections")
_SECTION_KEYS = ("title", "draw", "shuffle", "questions")
_TIME = r"(?P<count>\d{1,3}) ?(?P<unit>minutes?|min|hours?|h)"


def read_assessment(
    text: str,
    *,
    path: str,
    items: Mapping[str, Item],
    pass_percent: Fraction,
    render: Render,
    broken: Collection[str] = (),
) -> tuple[Form | None, tuple[Issue, ...]]:
    """The form in a file, and everything to say about it; None when something fatal is among that.

    `items` are the questions that could be read; `broken` names those that exist with faults of their own, which are
    not reported here again. A question that no section names is a warning at its own file.
    """
    fields, lines = read_source(text, path)
    if fields.has_fault():
        return None, tuple(fields.issues)
    fields.only(*_KEYS)
    instructions = "\n".join(line.text for line in lines).strip()
    sections = _sections(fields, items, broken)
    used = {item_id for section in sections for item_id in section.item_ids}
    form = Form(
        title=fields.text("title", required=True, example="Check what you learned"),
        instructions=render(instructions) if instructions else "",
        attempts=_attempts(fields),
        time_minutes=_time(fields),
        shuffle_choices=fields.truth("shuffle"),
        review=_review(fields),
        pass_percent=pass_percent,
        sections=sections,
        items={item_id: item for item_id, item in items.items() if item_id in used},
    )
    fields.issues.extend(_unused(item_id) for item_id in items if item_id not in used)
    usable = not fields.has_fault() and used.issubset(items)
    return (form if usable else None), tuple(sorted(fields.issues, key=lambda issue: (issue.path != path, issue.line)))


def _attempts(fields: Fields) -> int | None:
    found = fields.matching("attempts", r"[1-9]\d?|unlimited", example="3 (or unlimited)")
    return int(found[0]) if found and found[0] != "unlimited" else None


def _time(fields: Fields) -> int | None:
    found = fields.matching("time", _TIME, example="20 minutes")
    if found is None:
        return None
    minutes = int(found["count"]) * (60 if found["unit"].startswith("h") else 1)
    if not minutes:
        fields.fault("no time at all", "Give some, such as time: 20 minutes, or remove the line.", key="time")
    return minutes


def _review(fields: Fields) -> Review:
    found = fields.matching("review", "|".join(Review), example="after (or score)")
    return Review(found[0]) if found else Review.AFTER


def _sections(fields: Fields, items: Mapping[str, Item], broken: Collection[str]) -> tuple[Section, ...]:
    seen: dict[str, int] = {}
    sections = []
    for entry in fields.entries(
        "sections", required=True, example="sections: and below it  - questions: [first, second]"
    ):
        part = fields.within(entry)
        if part is None:
            fields.fault("a section without names", "Write it as - questions: [first, second]", line=entry.line)
            continue
        part.only(*_SECTION_KEYS)
        sections.append(_section(part, items, broken, seen))
    return tuple(sections)


def _section(part: Fields, items: Mapping[str, Item], broken: Collection[str], seen: dict[str, int]) -> Section:
    item_ids = []
    listed = part.entries("questions", required=True, example="questions: [first, second]")
    for entry in listed:
        item_id = entry.content if isinstance(entry.content, str) else ""
        if item_id not in items and item_id not in broken:
            problem = f"there is no question “{item_id[:60]}”"
            part.fault(problem, f"Add questions/{item_id[:60] or 'name'}.md, or correct the name.", line=entry.line)
        elif item_id in seen:
            problem = f"“{item_id}” stands here a second time; the first is in line {seen[item_id]}"
            part.fault(problem, "Keep one of them.", line=entry.line)
        else:
            seen[item_id] = entry.line
            item_ids.append(item_id)
    return Section(
        title=part.text("title", example="Definitions", longest=120),
        draw=_draw(part, len(listed)),
        shuffle=part.truth("shuffle"),
        item_ids=tuple(item_ids),
    )


def _draw(part: Fields, available: int) -> int | None:
    found = part.matching("draw", r"[1-9]\d{0,2}", example="5")
    if found is None:
        return None
    wanted = int(found[0])
    if 0 < available < wanted:
        problem = f"draw: {wanted} of {available} questions"
        part.fault(problem, f"List more questions, or draw {available} at most.", key="draw")
    return wanted


def _unused(item_id: str) -> Issue:
    fix = "Name it in a section of assessment.md, or remove the file."
    return Issue(f"questions/{item_id}.md", 1, "no section uses this question", fix, fatal=False)
