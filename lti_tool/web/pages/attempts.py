"""The attempts of one assessment as its teacher sees them: all of them, and one with its journal and what happened."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from lti_tool import assessments, lti, workflows
from lti_tool.assessments import EventKind, State
from lti_tool.web.pages import paths
from lti_tool.web.pages.result import HandInReceipt, ItemResult, hand_in_receipt, item_results
from lti_tool.web.pages.timing import Until, until


@dataclass(frozen=True)
class AttemptLine:
    """One attempt in the list; `state` is open, over, graded or voided."""

    number: int
    url: str
    state: str
    percent: Fraction | None
    passed: bool
    by_itself: bool
    started_at: datetime
    ends_at: datetime | None
    submitted_at: datetime | None


@dataclass(frozen=True)
class CandidateLine:
    """A learner with their attempts."""

    name: str
    grant_url: str
    attempts: tuple[AttemptLine, ...]


@dataclass(frozen=True)
class AttemptsPage:
    """Everybody's attempts at one assessment."""

    title: str
    lines: tuple[CandidateLine, ...]
    open: int
    graded: int
    overview_url: str
    file_url: str
    may_grade: bool


@dataclass(frozen=True)
class JournalLine:
    """An answer that came: to which question, what, when, from which page load (numbered), and whether it counts."""

    number: int
    title: str
    text: str
    at: datetime
    page: str
    counts: bool


@dataclass(frozen=True)
class EventLine:
    """What happened to an attempt, in words, and by whom."""

    at: datetime
    words: str
    by: str


@dataclass(frozen=True)
class AttemptPage:
    """One attempt, opened by a teacher. `items` have the marks with their reasons, once it was handed in."""

    name: str
    line: AttemptLine
    until: Until | None
    receipt: HandInReceipt | None
    items: tuple[ItemResult, ...]
    traces: tuple[tuple[int, str, tuple[str, ...]], ...]
    journal: tuple[JournalLine, ...]
    events: tuple[EventLine, ...]
    accommodation: assessments.Accommodation
    may_grade: bool
    has_end: bool
    extend_url: str
    void_url: str
    reopen_url: str
    grant_url: str
    list_url: str


@dataclass(frozen=True)
class GrantedPage:
    """What one learner is granted; `minutes` and `attempts` are everybody's, None where there is no limit."""

    name: str
    accommodation: assessments.Accommodation
    minutes: int | None
    attempts: int | None
    may_grade: bool
    post_url: str
    list_url: str


def attempts_page(found: workflows.Conducted, session: lti.Session, *, now: datetime) -> AttemptsPage:
    """The list."""
    launch = session.public_id
    lines = tuple(
        CandidateLine(
            one.name,
            paths.granted(launch, one.enrolment),
            tuple(_line(attempt, launch, now) for attempt in one.attempts),
        )
        for one in found.candidates
    )
    states = [attempt.state for line in lines for attempt in line.attempts]
    return AttemptsPage(
        title=found.version.definition.form.title,
        lines=lines,
        open=states.count("open") + states.count("over"),
        graded=states.count("graded"),
        overview_url=paths.dashboard(launch),
        file_url=paths.brought(launch),
        may_grade=session.role.may_grade,
    )


def attempt_page(found: workflows.Inspection, session: lti.Session, *, now: datetime) -> AttemptPage:
    """One attempt."""
    sitting, launch = found.sitting, session.public_id
    attempt = sitting.attempt
    outcome = attempt.outcome
    return AttemptPage(
        name=found.person.shown_name,
        line=_line(attempt, launch, now),
        until=until(sitting.deadline, now),
        receipt=hand_in_receipt(sitting),
        items=item_results(sitting) if outcome is not None else (),
        traces=tuple(
            (number, sitting.item(number).title, tuple(map(str, outcome.by_item()[item_id].trace)))
            for number, item_id in enumerate(attempt.drawn.item_ids, start=1)
        )
        if outcome is not None
        else (),
        journal=_journal(found),
        events=(EventLine(attempt.started_at, "Begun", found.person.shown_name), *_events(found)),
        accommodation=found.accommodation,
        may_grade=session.role.may_grade,
        has_end=attempt.deadline_at is not None,
        extend_url=paths.decided(launch, attempt.public_id, "extend"),
        void_url=paths.decided(launch, attempt.public_id, "void"),
        reopen_url=paths.decided(launch, attempt.public_id, "reopen"),
        grant_url=paths.granted(launch, found.enrolment.public_id),
        list_url=paths.conducted(launch),
    )


def granted_page(found: workflows.Granted, session: lti.Session, enrolment: str) -> GrantedPage:
    """What one learner is granted."""
    launch, form = session.public_id, found.version.definition.form
    return GrantedPage(
        name=found.name,
        accommodation=found.accommodation,
        minutes=form.time_minutes,
        attempts=form.attempts,
        may_grade=session.role.may_grade,
        post_url=paths.granted(launch, enrolment),
        list_url=paths.conducted(launch),
    )


def _line(attempt: assessments.Attempt, launch: str, now: datetime) -> AttemptLine:
    return AttemptLine(
        number=attempt.number,
        url=paths.inspected(launch, attempt.public_id),
        state="over" if attempt.is_over(now) else attempt.state.value,
        percent=attempt.percent,
        passed=bool(attempt.passed),
        by_itself=attempt.closed_as is EventKind.EXPIRED,
        started_at=attempt.started_at,
        ends_at=attempt.deadline_at if attempt.state is State.OPEN else None,
        submitted_at=attempt.submitted_at,
    )


def _journal(found: workflows.Inspection) -> tuple[JournalLine, ...]:
    items = found.sitting.version.definition.form.items
    places = {item_id: number for number, item_id in enumerate(found.sitting.attempt.drawn.item_ids, start=1)}
    pages: dict[str, str] = {}
    lines = []
    for entry in found.journal:
        page = pages.setdefault(entry.page_key, f"{len(pages) + 1}")
        response, item = entry.saved.response, items[entry.item_id]
        text = "" if response is None else assessments.describe(item, response)
        lines.append(
            JournalLine(places[entry.item_id], item.title, text, entry.saved.saved_at, page, entry.saved.counts)
        )
    return tuple(lines)


_WORDS = {
    EventKind.EXTENDED: "Given more time, until {until}",
    EventKind.SUBMITTED: "Handed in, with {percent} % of the points",
    EventKind.EXPIRED: "Handed in by itself as the time was up, with {percent} % of the points",
    EventKind.VOIDED: "Voided{reason}",
    EventKind.REOPENED: "Opened again, until {until}{reason}{percent_before}",
    EventKind.BROUGHT: "{answers} brought in a file, saved at {made_at} by the device’s word",
}


def _events(found: workflows.Inspection) -> tuple[EventLine, ...]:
    return tuple(EventLine(event.at, _event_words(event), _by(found, event)) for event in found.events)


def _by(found: workflows.Inspection, event: assessments.AttemptEvent) -> str:
    return "the server’s clock" if event.actor == "clock" else found.actors.get(event.actor, "")


def _event_words(event: assessments.AttemptEvent) -> str:
    facts = event.facts
    told = {
        "until": _moment(facts.get("until")),
        "made_at": _moment(facts.get("made_at")),
        "answers": "1 answer" if facts.get("answers") == 1 else f"{facts.get('answers')} answers",
        "percent": _percent(facts.get("percent")),
        "reason": f": {facts['reason']}" if facts.get("reason") else "",
        "percent_before": f"; its mark was {_percent(facts['percent'])} %" if "percent" in facts else "",
    }
    return _WORDS[event.kind].format(**told)


def _moment(text: object) -> str:
    if not isinstance(text, str):
        return ""
    at = datetime.fromisoformat(text)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def _percent(text: object) -> str:
    return f"{float(Fraction(text)):.4g}" if isinstance(text, str) else "–"
