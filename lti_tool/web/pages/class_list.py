"""The list of learners on a teacher's page: who is shown of them, on which page, and how old the LMS's own list is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import TypeGuard
from urllib.parse import urlencode

from lti_tool import courses, lti, workflows
from lti_tool.gradebook import DeliveryState
from lti_tool.web.pages import paths
from lti_tool.web.pages.learner import GradeReceipt, grade_receipt

PER_PAGE = 50
_LONGEST_QUERY = 100
_MOST_PAGES = 10_000

Line = workflows.LearnerState | courses.Member
"""Somebody who has come, or somebody of the LMS's list who has not."""


@dataclass(frozen=True)
class View:
    """What a teacher asked to see: a kind of learners (empty: all), a part of a name, a page from 1."""

    show: str = ""
    query: str = ""
    page: int = 1


@dataclass(frozen=True)
class Counts:
    """How many learners are how far: who has come is counted once, in `reading`, `attempted` or `passed`.

    `absent` are those of the LMS's list who have not come; None where there is no such list.
    """

    enrolled: int
    reading: int
    attempted: int
    passed: int
    absent: int | None = None


@dataclass(frozen=True)
class GradeCounts:
    """How many grades were wished, and what became of them."""

    wished: int = 0
    delivered: int = 0
    waiting: int = 0
    parked: int = 0
    changed: int = 0


@dataclass(frozen=True)
class LearnerRow:
    """One learner's line in the table."""

    name: str
    state_word: str
    pages_done: int
    pages_total: int
    attempts: int
    best_percent: Fraction | None
    grade: GradeReceipt | None
    delivery_id: int | None
    passed: bool
    certificate_number: str
    # Where their newest result can be looked at; empty before there is one.
    submission_url: str = ""
    has_come: bool = True
    left_at: datetime | None = None


@dataclass(frozen=True)
class Choice:
    """A kind of learners that can be shown alone, and how many there are."""

    value: str
    words: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class RosterNote:
    """The LMS's own list: from when it is, whether a newer one is on its way, and why it did not come."""

    read_at: datetime | None
    is_coming: bool
    problem: str
    next_try_at: datetime | None
    refresh_url: str


@dataclass(frozen=True)
class ClassList:
    """A page of the table. `first` and `last` count from 1 among the `found`."""

    rows: tuple[LearnerRow, ...]
    choices: tuple[Choice, ...]
    query: str
    found: int
    everybody: int
    first: int
    last: int
    list_url: str
    previous_url: str = ""
    next_url: str = ""
    roster: RosterNote | None = None


def read_view(args: Mapping[str, str]) -> View:
    """What the address asks for; anything odd counts as not said."""
    show, page = args.get("show", ""), args.get("page", "")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) <= 5 else 1
    query = args.get("q", "").strip()[:_LONGEST_QUERY]
    return View(show if show in _KINDS else "", query, min(max(number, 1), _MOST_PAGES))


def counts(overview: workflows.Overview) -> Counts:
    """How far everybody is."""
    learners = overview.learners
    return Counts(
        enrolled=len(learners),
        reading=sum(1 for one in learners if _is_reading(one)),
        attempted=sum(1 for one in learners if _is_trying(one)),
        passed=sum(1 for one in learners if one.passed),
        absent=sum(1 for one in overview.absent if _is_expected(one)) if _has_list(overview) else None,
    )


def grade_counts(overview: workflows.Overview) -> GradeCounts:
    """What became of everybody's grade."""
    wished = [one.delivery for one in overview.learners if one.delivery is not None]
    return GradeCounts(
        wished=len(wished),
        delivered=sum(1 for one in wished if one.state.is_delivered),
        waiting=sum(1 for one in wished if one.state.is_under_way),
        parked=sum(1 for one in wished if one.state is DeliveryState.PARKED),
        changed=sum(1 for one in wished if one.differs),
    )


def class_list(overview: workflows.Overview, view: View, session: lti.Session) -> ClassList:
    """The asked-for page of the table."""
    lines: list[Line] = [*overview.learners, *overview.absent]
    fits = _KINDS[view.show][1]
    wanted = view.query.casefold()
    found = sorted((one for one in lines if fits(one) and wanted in (one.name or "").casefold()), key=_order)
    number = min(view.page, max(1, -(-len(found) // PER_PAGE)))
    first = (number - 1) * PER_PAGE
    shown = found[first : first + PER_PAGE]
    url = paths.dashboard(session.public_id)
    return ClassList(
        rows=tuple(_row(one, overview, session) for one in shown),
        choices=_choices(lines, view),
        query=view.query,
        found=len(found),
        everybody=sum(1 for one in lines if _is_usual(one)),
        first=first + 1,
        last=first + len(shown),
        list_url=url,
        previous_url=_page_url(url, view, number - 1) if number > 1 else "",
        next_url=_page_url(url, view, number + 1) if first + len(shown) < len(found) else "",
        roster=_roster_note(overview.roster, session),
    )


def _choices(lines: Sequence[Line], view: View) -> tuple[Choice, ...]:
    """Everybody, and each kind that there is somebody of."""
    counted = ((value, words, sum(1 for one in lines if fits(one))) for value, (words, fits) in _KINDS.items())
    return tuple(
        Choice(value, words, count, value == view.show)
        for value, words, count in counted
        if count or value in ("", view.show)
    )


def _page_url(url: str, view: View, number: int) -> str:
    said = {"show": view.show, "q": view.query, "page": str(number)}
    return f"{url}?{urlencode({name: value for name, value in said.items() if value})}#learners"


def _roster_note(roster: courses.Roster | None, session: lti.Session) -> RosterNote | None:
    if roster is None:
        return None
    refresh_url = paths.refresh_roster(session.public_id)
    return RosterNote(roster.read_at, roster.is_coming, roster.problem, roster.next_try_at, refresh_url)


def _order(one: Line) -> tuple[bool, str]:
    """By name; who has none comes last."""
    return (not one.name, (one.name or "").casefold())


def _row(one: Line, overview: workflows.Overview, session: lti.Session) -> LearnerRow:
    total = len(overview.version.definition.pages)
    if isinstance(one, courses.Member):
        nothing = (0, total, 0, None, None, None, False, "")
        return LearnerRow(one.name or "", "Not begun", *nothing, has_come=False, left_at=one.left_at)
    return LearnerRow(
        name=one.name,
        state_word=_state_word(one),
        pages_done=one.pages_done,
        pages_total=total,
        attempts=one.attempts,
        best_percent=one.percent,
        grade=grade_receipt(one.delivery, session),
        delivery_id=one.delivery.id if one.delivery else None,
        passed=one.passed,
        certificate_number=one.certificate,
        submission_url=paths.submission(session.public_id, one.enrolment) if one.attempts else "",
        left_at=one.left_at,
    )


def _state_word(learner: workflows.LearnerState) -> str:
    if learner.passed:
        return "Passed"
    if learner.sitting:
        return "In the assessment"
    if learner.attempts:
        return "Not passed yet"
    return "Reading" if learner.pages_done else "Opened"


def _is_reading(one: Line) -> bool:
    return _has_come(one) and not (one.attempts or one.sitting or one.passed)


def _is_trying(one: Line) -> bool:
    return _has_come(one) and bool(one.attempts or one.sitting) and not one.passed


def _has_passed(one: Line) -> bool:
    return _has_come(one) and one.passed


def _needs_a_look(one: Line) -> bool:
    delivery = one.delivery if _has_come(one) else None
    return delivery is not None and (delivery.state is DeliveryState.PARKED or delivery.differs)


def _has_come(one: Line) -> TypeGuard[workflows.LearnerState]:
    return isinstance(one, workflows.LearnerState)


def _is_expected(one: Line) -> bool:
    """Whether somebody who is still in the course has not come."""
    return not _has_come(one) and one.left_at is None


def _is_usual(one: Line) -> bool:
    """Whoever never came and has left is shown to who asks for those who left, and to nobody else."""
    return _has_come(one) or one.left_at is None


def _has_list(overview: workflows.Overview) -> bool:
    return overview.roster is not None and overview.roster.read_at is not None


_KINDS: Mapping[str, tuple[str, Callable[[Line], bool]]] = {
    "": ("Everybody", _is_usual),
    "look": ("Grade needs a look", _needs_a_look),
    "absent": ("Not begun", _is_expected),
    "reading": ("Only reading", _is_reading),
    "trying": ("Not passed yet", _is_trying),
    "passed": ("Passed", _has_passed),
    "left": ("No longer in the course", lambda one: one.left_at is not None),
}
