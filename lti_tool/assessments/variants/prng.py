"""Our own generator, so that a recorded seed means the same draw for ever, on any version of Python.

SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). Not for secrets.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

_MASK = (1 << 64) - 1

T = TypeVar("T")


class SplitMix64:
    """A stream of numbers that depends on nothing but its seed."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def next(self) -> int:
        """The next 64 bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def below(self, bound: int) -> int:
        """A number from 0 to `bound` − 1, each equally likely (past the last whole multiple it draws again)."""
        limit = (_MASK + 1) - (_MASK + 1) % bound
        while True:
            drawn = self.next()
            if drawn < limit:
                return drawn % bound

    def shuffled(self, things: Sequence[T]) -> tuple[T, ...]:
        """The same things in a random order (Fisher and Yates)."""
        pile = list(things)
        for last in range(len(pile) - 1, 0, -1):
            other = self.below(last + 1)
            pile[last], pile[other] = pile[other], pile[last]
        return tuple(pile)

    def picked(self, things: Sequence[T], count: int) -> tuple[T, ...]:
        """`count` of the things, kept in their order."""
        places = sorted(self.shuffled(range(len(things)))[:count])
        return tuple(things[place] for place in places)


def stream(seed: int, label: str) -> SplitMix64:
    """An own stream for one purpose, so that a new question never changes what another one draws."""
    mixed = hashlib.sha256(f"{seed}:{label}".encode()).digest()
    return SplitMix64(int.from_bytes(mixed[:8], "big"))
