"""Switches that make the LMS misbehave, so that one can watch how the tool tells people about it.

They touch what servers say to each other (tokens, grades, roster) and the clock; pages and launches stay up.
They are forgotten at the next start.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SLOW_SECONDS = 5.0


class Services(StrEnum):
    """How the services answer."""

    UP = "up"
    DOWN = "down"
    GONE = "gone"


class ClockFault(StrEnum):
    """How the LMS's clock goes."""

    RIGHT = "right"
    FAST = "fast"
    SLOW = "slow"


_OFFSET = {
    ClockFault.RIGHT: timedelta(),
    ClockFault.FAST: timedelta(minutes=2),
    ClockFault.SLOW: timedelta(minutes=-2),
}


@dataclass(slots=True)
class Faults:
    """The present position of every switch."""

    services: Services = Services.UP
    slow: bool = False
    clock: ClockFault = ClockFault.RIGHT

    @property
    def offset(self) -> timedelta:
        return _OFFSET[self.clock]

    @property
    def any(self) -> bool:
        return self.slow or self.services is not Services.UP or self.clock is not ClockFault.RIGHT

    def in_words(self) -> list[str]:
        """What is wrong now, one clause each."""
        words = []
        if self.services is Services.DOWN:
            words.append("it takes no grades and answers every service request with 503")
        if self.services is Services.GONE:
            words.append("it hangs up on every service request without an answer")
        if self.slow:
            words.append(f"its services wait {SLOW_SECONDS:.0f} seconds before they answer")
        if self.clock is not ClockFault.RIGHT:
            words.append(f"its clock is 2 minutes {'ahead' if self.clock is ClockFault.FAST else 'behind'}")
        return words

    def mend(self) -> None:
        """Everything back in order."""
        self.services, self.slow, self.clock = Services.UP, False, ClockFault.RIGHT
