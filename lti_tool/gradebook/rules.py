"""What counts, as pure rules: which of several attempts makes the grade, and when a module is finished.

Whether one attempt passed is judged where it is scored: `assessments.scoring.score`, against the form's `pass_percent`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Standing:
    """Where a learner stands after some attempts: the grade (0–100), passed, and whether more attempts may follow."""

    percent: Fraction
    passed: bool
    attempts_left: int | None

    @property
    def finished(self) -> bool:
        """Nothing that the learner may still do would change the outcome from failed to passed."""
        return self.passed or self.attempts_left == 0


def standing(results: Sequence[tuple[Fraction, bool]], *, attempts_allowed: int | None) -> Standing:
    """The standing after `results`, each an attempt's percentage and whether it passed: the best attempt counts."""
    best = max((percent for percent, _ in results), default=Fraction(0))
    left = None if attempts_allowed is None else max(0, attempts_allowed - len(results))
    return Standing(best, any(passed for _, passed in results), left)


def shown_percent(percent: Fraction) -> str:
    """A percentage for people to read: whole where it is whole, else with one decimal that is cut off.

    Never rounded up: somebody who needed 70 and has 69.97 must not read that they have 70.
    """
    tenths = percent * 10 // 1
    return f"{tenths // 10}" if tenths % 10 == 0 and percent.denominator == 1 else f"{tenths // 10}.{tenths % 10}"


def percent_of(share: Decimal) -> Fraction:
    """The percentage that a share of the maximum is, as a gradebook shows it."""
    return Fraction(share * 100).limit_denominator(1_000_000)


def percent_text(percent: Fraction) -> str:
    """A percentage as a score service wants it: four decimals at most, rounded half-up, no needless zeros."""
    scaled = percent * 10_000
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    text = f"{rounded // 10_000}.{rounded % 10_000:04d}"
    return text.rstrip("0").rstrip(".")
