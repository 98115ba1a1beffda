"""The commands that mend what is wrong with a platform's registration, ready to be pasted into a shell."""

import math
import shlex
from collections.abc import Collection

from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.registering.terms import LONGEST_LEEWAY, Algorithm

_ADD = "lti-tool platform add"
# Clocks drift on while somebody reads.
_SPARE, _STEP = 5, 30


def changing(registration: Registration) -> str:
    """The command that changes a platform which is known already; what it does not name stays as it is."""
    return f"{_ADD} {_named(registration.issuer, registration.client_id)}"


def confirming(registration: Registration, origin: str) -> str:
    """The command by which an operator confirms one more origin as the LMS's own."""
    every = " ".join(f"--origin {shlex.quote(known)}" for known in (*registration.origins, origin))
    return f"{changing(registration)} {every}"


def tolerating(registration: Registration, seconds: float) -> str:
    """The command that lets the clocks differ by so many seconds and some; empty where that is too much for anybody."""
    enough = math.ceil((seconds + _SPARE) / _STEP) * _STEP
    return f"{changing(registration)} --clock-leeway {enough}" if enough <= LONGEST_LEEWAY else ""


def allowing(registration: Registration, algorithms: Collection[str]) -> str:
    """The command that lets a platform sign by these algorithms, too; empty where none may be allowed to anybody."""
    more = [one for one in Algorithm if one in algorithms and one not in registration.algorithms]
    every = " ".join(f"--algorithm {one}" for one in (*registration.algorithms, *more))
    return f"{changing(registration)} {every}" if more else ""


def connecting(issuer: str, client_id: str) -> str:
    """The command that connects a platform; of its addresses nothing is known yet."""
    return f"{_ADD} {_named(issuer, client_id)} --auth-url URL --token-url URL --jwks-url URL"


def _named(issuer: str, client_id: str) -> str:
    # Quoted, as they may be a stranger's words.
    return f"--issuer {shlex.quote(issuer)} --client-id {shlex.quote(client_id)}"
