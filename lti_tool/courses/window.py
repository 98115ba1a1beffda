"""From when until when an activity is open: a pure judgement, with every reason for it.

Dates come from the LMS (LTI Core 1.3 Appendix B.6; Canvas's own variables) and from the offer. Where a platform tells a
date for one person alone, it stands in place of the one for all. Of two beginnings the later counts, of two ends the
earlier, and where they disagree the teacher is told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Edge(StrEnum):
    """What happens at a moment. At DUE nothing closes: what comes later is late, as Canvas has it."""

    OPENS = "opens"
    CLOSES = "closes"
    DUE = "due"


class State(StrEnum):
    """Where a moment lies."""

    BEFORE = "before"
    OPEN = "open"
    AFTER = "after"


@dataclass(frozen=True)
class Reason:
    """One date. `fact` is what it is about; two reasons of one fact should agree. `by_lms`: not set here."""

    edge: Edge
    name: str
    fact: str
    at: datetime
    by_lms: bool


@dataclass(frozen=True)
class Window:
    """When an activity is open, why, and what does not fit together, in words for the teacher."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    due_at: datetime | None = None
    reasons: tuple[Reason, ...] = ()
    conflicts: tuple[str, ...] = ()
    # By whose clock a teacher has set the dates of here; empty where none has, and they are the offer's.
    zone: str = ""

    def state_at(self, now: datetime) -> State:
        """Where `now` lies; the last moment is still inside."""
        if self.opens_at is not None and now < self.opens_at:
            return State.BEFORE
        if self.closes_at is not None and now > self.closes_at:
            return State.AFTER
        return State.OPEN


_AVAILABLE_FROM, _AVAILABLE_UNTIL = "the beginning of the activity", "the end of the activity"
_SUBMIT_FROM, _SUBMIT_UNTIL, _DUE = "the first day to hand in", "the last day to hand in", "the due date"
# Parameter → what it is about; `own_` before a parameter makes it this person's alone.
_FACTS: Mapping[str, tuple[Edge, str]] = {
    "available_from": (Edge.OPENS, _AVAILABLE_FROM),
    "canvas_unlock_at": (Edge.OPENS, _AVAILABLE_FROM),
    "submit_from": (Edge.OPENS, _SUBMIT_FROM),
    "available_until": (Edge.CLOSES, _AVAILABLE_UNTIL),
    "canvas_lock_at": (Edge.CLOSES, _AVAILABLE_UNTIL),
    "submit_until": (Edge.CLOSES, _SUBMIT_UNTIL),
    "canvas_due_at": (Edge.DUE, _DUE),
}
OFFER_DATES = ("available_from", "available_until", "submit_from", "submit_until")
"""The dates that an offer's settings may have, or a teacher may set for one activity."""


def window_of(by_lms: Mapping[str, str], own: Mapping[str, object] | None = None) -> Window:
    """The window that these dates make; what cannot be read as a moment counts for nothing, and is told.

    `own` are those of here: a teacher's for this activity, or the offer's.
    """
    told = {name.removeprefix("own_"): text for name, text in sorted(by_lms.items(), key=_own_last)}
    due = told.get("canvas_due_at")
    if due is not None and _moment(told.get("submit_until")) == _moment(due):
        # Canvas fills in its due date for the end of submission, too: there, late work is work.
        del told["submit_until"]
    offered = {name: value for name, value in (own or {}).items() if name in OFFER_DATES and value}
    unreadable = [name for name, text in [*told.items(), *offered.items()] if name in _FACTS and _moment(text) is None]
    reasons = tuple(_reasons(told, by_lms=True)) + tuple(_reasons(offered, by_lms=False))
    return Window(
        opens_at=max((one.at for one in reasons if one.edge is Edge.OPENS), default=None),
        closes_at=min((one.at for one in reasons if one.edge is Edge.CLOSES), default=None),
        due_at=min((one.at for one in reasons if one.edge is Edge.DUE), default=None),
        reasons=reasons,
        zone=str((own or {}).get("zone", "")),
        conflicts=(*(f"A date cannot be read: {_FACTS[name][1]}." for name in unreadable), *_conflicts(reasons)),
    )


def _own_last(told: tuple[str, str]) -> bool:
    return told[0].startswith("own_")


def _reasons(dates: Mapping[str, object], *, by_lms: bool) -> Iterable[Reason]:
    for name, (edge, fact) in _FACTS.items():
        at = _moment(dates.get(name))
        if at is not None:
            yield Reason(edge, name, fact, at, by_lms)


def _conflicts(reasons: tuple[Reason, ...]) -> Iterable[str]:
    seen: dict[str, datetime] = {}
    for reason in reasons:
        if seen.setdefault(reason.fact, reason.at) != reason.at:
            yield f"Two dates are told for {reason.fact}: {_words(seen[reason.fact])} and {_words(reason.at)}."
    opens = max((one.at for one in reasons if one.edge is Edge.OPENS), default=None)
    ends = min((one.at for one in reasons if one.edge is not Edge.OPENS), default=None)
    if opens is not None and ends is not None and ends <= opens:
        yield f"The end ({_words(ends)}) comes before the beginning ({_words(opens)}), so nobody can begin."
    closes, submit = seen.get(_AVAILABLE_UNTIL), seen.get(_SUBMIT_UNTIL)
    if closes is not None and submit is not None and closes < submit:
        yield f"Work is taken until {_words(submit)}, but the activity closes on {_words(closes)}."


def _moment(value: object) -> datetime | None:
    """A moment as ISO 8601 has it; without a zone it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _words(at: datetime) -> str:
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
