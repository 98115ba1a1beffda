"""The only clock. The edge reads it once and passes `now` on; nothing else in the house looks at a clock."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment in aware UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that moves only when told to; for tests and demonstrations."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> datetime:
        """Moves the clock by `seconds` and returns the new moment."""
        self._now += timedelta(seconds=seconds)
        return self._now


def stopwatch() -> float:
    """Seconds from an unspecified start, for measuring how long something took; never goes back."""
    return time.monotonic()
