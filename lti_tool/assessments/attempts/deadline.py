"""Until when an attempt may go on: one moment, with every reason that shaped it. A pure judgement.

The time limit runs from the beginning of the attempt, longer for whom an accommodation says so; the activity's end
cuts it off, later for whom an accommodation gives days; a teacher's extension moves whatever these two say, and never
earlier. Answers that arrive within `GRACE` after it are taken: they were given before, and were under way.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

GRACE = timedelta(seconds=30)


class Cause(StrEnum):
    """What may end an attempt."""

    LIMIT = "limit"
    CLOSING = "closing"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True)
class Accommodation:
    """What one learner is granted in one activity: time in percent of everybody's, more attempts, more days."""

    time_percent: int = 100
    extra_attempts: int = 0
    extra_days: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """One moment at which the attempt would end, in words that fit after “because of”; whether it is the one."""

    cause: Cause
    at: datetime
    words: str
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of an attempt; `at` is None where nothing ends it."""

    at: datetime | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def words(self) -> str:
        """The reason that decides."""
        return next((reason.words for reason in self.reasons if reason.decides), "")


def deadline_of(
    *,
    started_at: datetime,
    minutes: int | None,
    closes_at: datetime | None,
    closing_words: str,
    accommodation: Accommodation,
    extended_until: datetime | None,
) -> Deadline:
    """The deadline of an attempt, from everything that bears on it. `closes_at` is without the accommodation."""
    bounds = []
    if minutes is not None:
        bounds.append(_limit(started_at, minutes, accommodation))
    if closes_at is not None:
        bounds.append(_closing(closes_at, closing_words, accommodation))
    if not bounds:
        return Deadline()
    first = min(bounds, key=lambda bound: bound.at)
    if extended_until is not None:
        given = Reason(Cause.EXTENSION, extended_until, "an extension by a teacher")
        bounds.append(given)
        first = given if given.at > first.at else first
    return Deadline(first.at, tuple(Reason(bound.cause, bound.at, bound.words, bound is first) for bound in bounds))


def _limit(started_at: datetime, minutes: int, accommodation: Accommodation) -> Reason:
    seconds = minutes * 60 * accommodation.time_percent // 100
    words = f"the time limit of {_minutes(minutes * 60)}"
    if accommodation.time_percent != 100:
        words += f", made {_minutes(seconds)} by an accommodation"
    return Reason(Cause.LIMIT, started_at + timedelta(seconds=seconds), words)


def _closing(closes_at: datetime, words: str, accommodation: Accommodation) -> Reason:
    days = accommodation.extra_days
    if days:
        words += f", {days} {'day' if days == 1 else 'days'} later by an accommodation"
    return Reason(Cause.CLOSING, closes_at + timedelta(days=days), words)


def _minutes(seconds: int) -> str:
    whole, rest = divmod(seconds, 60)
    told = f"{whole} {'minute' if whole == 1 else 'minutes'}"
    return f"{told} and {rest} seconds" if rest else told
