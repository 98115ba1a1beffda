"""Reads the assessment's own file: sections, draws, attempts, time, review; the body is the instructions."""

from collections.abc import Collection, Mapping
from fractions import Fraction

from lti_tool.assessments.formats.markdown.front_matter import Fields, Value, read_source
from lti_tool.assessments.formats.markdown.parts import Render
from lti_tool.assessments.formats.markdown.question import tags_in
from lti_tool.assessments.formats.report import Issue
from lti_tool.assessments.model.form import Form, Review, Section
from lti_tool.assessments.model.item import Item, Stimulus

_KEYS = ("title", "attempts", "time", "shuffle", "review", "sections")
_SECTION_KEYS = ("title", "draw", "shuffle", "questions", "tags", "require")
_TIME = r"(?P<count>\d{1,3}) ?(?P<unit>minutes?|min|hours?|h)"


def read_assessment(
    text: str,
    *,
    path: str,
    items: Mapping[str, Item],
    pass_percent: Fraction,
    render: Render,
    broken: Collection[str] = (),
    stimuli: Mapping[str, Stimulus] | None = None,
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
    stimuli = stimuli or {}
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
        stimuli={name: stimulus for name, stimulus in stimuli.items() if name in _abouts(items, used)},
    )
    fields.issues.extend(_missing_stimuli(items, stimuli))
    fields.issues.extend(_unused_stimulus(name) for name in stimuli if name not in _abouts(items, used))
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
    entries = fields.entries("sections", required=True, example="sections: and below it  - questions: [first, second]")
    # A question that a section lists is not taken by the tags of another.
    listed = {item_id for entry in entries for item_id in _listed_in(entry)}
    seen: dict[str, int] = {}
    sections = []
    for entry in entries:
        part = fields.within(entry)
        if part is None:
            fields.fault("a section without names", "Write it as - questions: [first, second]", line=entry.line)
            continue
        part.only(*_SECTION_KEYS)
        sections.append(_section(part, items, broken, seen, listed))
    return tuple(sections)


def _section(
    part: Fields,
    items: Mapping[str, Item],
    broken: Collection[str],
    seen: dict[str, int],
    listed: Collection[str],
) -> Section:
    tags = tags_in(part)
    named = part.entries("questions", required=not tags, example="questions: [first, second]")
    item_ids = [item_id for entry in named if (item_id := _question(part, entry, items, broken, seen))]
    available = len(named)
    if tags:
        found = [
            id_ for id_, item in items.items() if id_ not in listed and id_ not in seen and {*tags} <= {*item.tags}
        ]
        if not found and not broken:
            fix = "Write tags: into the questions, or correct the name."
            part.fault(f"no question that is free has the tags {', '.join(tags)}", fix, key="tags")
        seen.update(dict.fromkeys(found, part.line))
        item_ids += found
        available += len(found)
    draw = _draw(part, available, may_be_more=bool(tags and broken))
    return Section(
        title=part.text("title", example="Definitions", longest=120),
        draw=draw,
        shuffle=part.truth("shuffle"),
        item_ids=tuple(item_ids),
        required=_required(part, item_ids, draw, broken),
        tags=tags,
    )


def _question(
    part: Fields, entry: Value, items: Mapping[str, Item], broken: Collection[str], seen: dict[str, int]
) -> str:
    """The question of a list's entry, with its line noted; empty where it is a fault."""
    item_id = entry.content if isinstance(entry.content, str) else ""
    if item_id not in items and item_id not in broken:
        problem = f"there is no question “{item_id[:60]}”"
        part.fault(problem, f"Add questions/{item_id[:60] or 'name'}.md, or correct the name.", line=entry.line)
    elif item_id in seen:
        problem = f"“{item_id}” stands here a second time; the first is in line {seen[item_id]}"
        part.fault(problem, "Keep one of them.", line=entry.line)
    else:
        seen[item_id] = entry.line
        return item_id
    return ""


def _listed_in(entry: Value) -> tuple[str, ...]:
    named = entry.content.get("questions") if isinstance(entry.content, Mapping) else None
    entries = named.content if named is not None and isinstance(named.content, tuple) else ()
    return tuple(each.content for each in entries if isinstance(each.content, str))


def _required(part: Fields, item_ids: Collection[str], draw: int | None, broken: Collection[str]) -> tuple[str, ...]:
    required = []
    for entry in part.entries("require", example="require: [first]"):
        if isinstance(entry.content, str) and (entry.content in item_ids or entry.content in broken):
            required.append(entry.content)
        else:
            part.fault("a required question that the section has not", "Name one of its questions.", line=entry.line)
    if required and (draw is None or len(required) > draw):
        part.fault("require goes with a draw of at least as many", "Add draw: N, or remove require.", key="require")
    return tuple(dict.fromkeys(required))


def _draw(part: Fields, available: int, *, may_be_more: bool) -> int | None:
    found = part.matching("draw", r"[1-9]\d{0,2}", example="5")
    if found is None:
        return None
    wanted = int(found[0])
    if 0 < available < wanted and not may_be_more:
        problem = f"draw: {wanted} of {available} questions"
        part.fault(problem, f"List more questions, or draw {available} at most.", key="draw")
    return wanted


def _unused(item_id: str) -> Issue:
    fix = "Name it in a section of assessment.md, or remove the file."
    return Issue(f"questions/{item_id}.md", 1, "no section uses this question", fix, fatal=False)


def _abouts(items: Mapping[str, Item], used: Collection[str]) -> set[str]:
    return {items[item_id].stimulus for item_id in used if item_id in items}


def _missing_stimuli(items: Mapping[str, Item], stimuli: Mapping[str, Stimulus]) -> list[Issue]:
    fix = "Add stimuli/{}.md, or correct the name."
    return [
        Issue(f"questions/{item.id}.md", 1, f"there is no stimulus “{item.stimulus}”", fix.format(item.stimulus))
        for item in items.values()
        if item.stimulus and item.stimulus not in stimuli
    ]


def _unused_stimulus(name: str) -> Issue:
    fix = f"Write stimulus: {name} into a question, or remove the file."
    return Issue(f"stimuli/{name}.md", 1, "no question that is used is about this", fix, fatal=False)
