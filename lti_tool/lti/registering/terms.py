"""What holds for one platform alone: whom it lets in, how people are told apart, and what its messages may be like.

A platform has no terms of its own until an operator says so: its launches are signed with RS256 (LTI Security 1.0
§5.1.3), its clock may be off as far as the settings say, and grades go into whatever column there is, or is made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.lti.refusals import refused

LONGEST_LEEWAY = 300
"""Seconds by which clocks may differ at most: beyond that a token's times would say little."""


class DeploymentPolicy(StrEnum):
    """What becomes of a deployment that is seen for the first time."""

    AUTO = "auto"
    ASK = "ask"
    DENY = "deny"


class IdentityScope(StrEnum):
    """Within what a platform's user id names one person (its `sub` need not be unique any further)."""

    DEPLOYMENT = "deployment"
    REGISTRATION = "registration"


class Algorithm(StrEnum):
    """How a platform may sign: with an RSA key, and nothing else. What is no member here is never verified."""

    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"
    PS256 = "PS256"


class LineItemPolicy(StrEnum):
    """Which columns of the LMS's gradebook get grades."""

    # The one that the launch names, as the LMS has coupled it to the link.
    COUPLED = "coupled"
    # That one; where a launch names none, but its course's list, one of our own: found there, or made.
    CREATE = "create"
    # None at all: no grade leaves this tool.
    NONE = "none"


@dataclass(frozen=True)
class Terms:
    """What an operator may settle with one platform. `clock_leeway` in seconds; None is what the settings say."""

    clock_leeway: int | None = None
    algorithms: tuple[Algorithm, ...] = (Algorithm.RS256,)
    line_items: LineItemPolicy = LineItemPolicy.CREATE

    def __post_init__(self) -> None:
        if self.clock_leeway is not None and not 0 <= self.clock_leeway <= LONGEST_LEEWAY:
            raise refused("lti.registration_leeway", given=str(self.clock_leeway))
        if not self.algorithms:
            raise refused("lti.registration_no_algorithm")


def read_terms(clock_leeway: str, algorithms: Iterable[str], line_items: str) -> Terms:
    """The terms that somebody typed or ticked; no leeway is that of the settings. Raises LtiRefused for odd ones."""
    typed = clock_leeway.strip()
    if typed and not (typed.isascii() and typed.isdecimal() and len(typed) <= 3):
        raise refused("lti.registration_leeway", given=typed[:50])
    return Terms(int(typed) if typed else None, read_algorithms(algorithms), _policy(line_items))


def read_algorithms(names: Iterable[str]) -> tuple[Algorithm, ...]:
    """Algorithms by their names, each once and in our order; LtiRefused for one that no launch may be signed with."""
    given = list(names)
    for name in given:
        if name not in set(Algorithm):
            raise refused("lti.registration_algorithm", name=name[:50], known=", ".join(Algorithm))
    return tuple(one for one in Algorithm if one in given)


def _policy(name: str) -> LineItemPolicy:
    if name not in set(LineItemPolicy):
        raise refused("lti.registration_line_items")
    return LineItemPolicy(name)
