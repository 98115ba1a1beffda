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


class Throttle(StrEnum):
    """How the Canvas flavour answers who asks too much; its settings decide which of the two numbers it is."""

    OFF = "off"
    FORBIDDEN = "403"
    TOO_MANY = "429"


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
    throttle: Throttle = Throttle.OFF
    concluded: bool = False
    one_attempt: bool = False

    @property
    def offset(self) -> timedelta:
        return _OFFSET[self.clock]

    @property
    def any(self) -> bool:
        return bool(self.in_words())

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
        if self.throttle is not Throttle.OFF:
            words.append(f"it answers every service request with {self.throttle}: too many")
        if self.concluded:
            words.append("the course is concluded, so that its grades are closed")
        if self.one_attempt:
            words.append("each assignment may be tried once")
        return words

    def mend(self) -> None:
        """Everything back in order."""
        self.services, self.slow, self.clock = Services.UP, False, ClockFault.RIGHT
        self.throttle, self.concluded, self.one_attempt = Throttle.OFF, False, False
