"""Until when an attempt may go on, in words for whoever looks, and in figures for the page's own clock."""

from dataclasses import dataclass
from datetime import datetime

from lti_tool import assessments


@dataclass(frozen=True)
class Until:
    """The end of an attempt with its reason, and the server's time at which the page was made.

    `minutes_left` is rounded down; `others` are the reasons that did not decide.
    """

    at: datetime
    because: str
    now: datetime
    minutes_left: int
    others: tuple[str, ...]

    @property
    def stamp(self) -> str:
        return stamp(self.at)

    @property
    def now_stamp(self) -> str:
        return stamp(self.now)


def until(deadline: assessments.Deadline, now: datetime) -> Until | None:
    """The end of an attempt for a page; None where there is none."""
    if deadline.at is None:
        return None
    left = max(0, int((deadline.at - now).total_seconds())) // 60
    others = tuple(f"{one.words}: {_moment(one.at)}" for one in deadline.reasons if not one.decides)
    return Until(deadline.at, deadline.words, now, left, others)


def stamp(at: datetime) -> str:
    """A moment as scripts read it, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def limit_words(form: assessments.Form, accommodation: assessments.Accommodation) -> str:
    """How long an attempt lasts once it is begun; empty where there is no limit."""
    if form.time_minutes is None:
        return ""
    minutes = form.time_minutes * accommodation.time_percent // 100
    more = ", with the extra time you are granted" if accommodation.time_percent != 100 else ""
    return f"{minutes} {'minute' if minutes == 1 else 'minutes'} from when you begin{more}"


def _moment(at: datetime) -> str:
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
