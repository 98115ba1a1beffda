"""What the rules judge, as frozen values: a login as a platform asks for it, and a launch as a browser posts it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from json import loads
from typing import TYPE_CHECKING, Generic, TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.utils import base64url_decode

from lti_tool.lti.launching.claims import Claims
from lti_tool.lti.refusals import refused

if TYPE_CHECKING:
    # For their types alone: the rules know no tables.
    from lti_tool.lti.launching.login import Login
    from lti_tool.lti.registering.registrations import Registration
    from lti_tool.lti.registering.terms import Algorithm


@dataclass(frozen=True)
class Asked:
    """A login initiation: what a platform asks for."""

    values: Mapping[str, str]
    public_url: str


@dataclass(frozen=True)
class Case:
    """All that one launch is judged by. `header` and `body` are the token's, once `take_apart` has read it.

    `login` is what is known of the state; `key_of` gives the platform's key with an id for an algorithm, or raises;
    `leeway` is that of the settings, in seconds.
    """

    login: "Login | None"
    id_token: str
    state: str
    browser: str
    public_url: str
    leeway: int
    now: datetime
    key_of: Callable[[str, "Algorithm"], RSAPublicKey]
    header: object = None
    body: object = None

    @property
    def began(self) -> "Login":
        """The login that this launch answers, once it was seen to be there."""
        if self.login is None:
            raise refused("lti.login_used_or_expired")
        return self.login

    @property
    def registration(self) -> "Registration":
        return self.began.registration

    @property
    def tolerance(self) -> int:
        """By how many seconds the platform's clock and ours may differ."""
        return self.registration.leeway(self.leeway)

    @property
    def head(self) -> Claims:
        """The header, to be read by type."""
        return Claims(self.header if isinstance(self.header, dict) else {})

    @property
    def claims(self) -> Claims:
        """The body, to be read by type."""
        return Claims(self.body if isinstance(self.body, dict) else {})


class Step(Enum):
    """Where in PyLTI1p3's sequence a rule is judged."""

    LOGIN = auto()
    POST = auto()
    STATE = auto()
    TOKEN = auto()
    HEADER = auto()
    REGISTRATION = auto()
    SIGNATURE = auto()
    TIMES = auto()
    NONCE = auto()
    DEPLOYMENT = auto()
    MESSAGE = auto()
    READING = auto()


_Judged = TypeVar("_Judged")


@dataclass(frozen=True)
class Rule(Generic[_Judged]):
    """One rule: `check` raises LtiRefused with `code` for what breaks it. `source` is where it comes from."""

    step: Step
    name: str
    code: str
    source: str
    check: Callable[[_Judged], object]


def take_apart(case: Case) -> Case:
    """The case with its token's header and body; nothing in them where the token cannot be read."""
    try:
        header, body = (loads(base64url_decode(part)) for part in case.id_token.split(".")[:2])
    except (ValueError, RecursionError):
        return case
    return replace(case, header=header, body=body)
