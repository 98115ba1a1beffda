"""Requests to a platform's services with its access token (LTI Security 1.0 §4): to the platform's own addresses alone.

A token that the platform does not take any more is replaced once. Where a service takes one of several scopes, the
first set that the platform grants is asked for, and remembered.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

from lti_tool.core.clock import Clock
from lti_tool.core.db import Database
from lti_tool.core.errors import Side, Upstream
from lti_tool.core.http import HttpAnswer, HttpClient, for_log
from lti_tool.core.secrets import Vault
from lti_tool.lti.advantage.tokens import TokenRefused, Tokens
from lti_tool.lti.origins import secure_origin
from lti_tool.lti.quirks import TokenFault, is_rate_limit, token_fault
from lti_tool.lti.registering.commands import confirming
from lti_tool.lti.registering.registrations import Registration, find_registration

Scopes = tuple[str, ...]
Call = Callable[[Mapping[str, str]], HttpAnswer]
"""Sends one request with the headers given."""
_LONGEST_WAIT = 24 * 3600.0


class ServiceRefused(Upstream):
    """A service answers, but not with what was asked for: `again` tells whether asking later can help."""

    def __init__(self, code: str, detail: str, answer: HttpAnswer, now: datetime) -> None:
        hint = "Try again later. If it stays, ask the LMS's administrator."
        log = {"status": answer.status, "start": answer.text[:300]}
        super().__init__(code, detail, hint, side=Side.LMS, log=log)
        self.status = answer.status
        self.again = is_passing(answer)
        self.retry_after = wait_asked(answer, now=now)


class Bearer:
    """Speaks to the services of all platforms. Safe to share between threads."""

    def __init__(self, db: Database, http: HttpClient, vault: Vault, clock: Clock) -> None:
        self._db, self.http, self.clock = db, http, clock
        self._tokens = Tokens(db, http, vault, clock)
        self._granted: dict[tuple[int, Sequence[Scopes]], Scopes] = {}
        self._guard = threading.Lock()
        self._asking: dict[int, threading.Lock] = {}

    def registration(self, registration_id: int) -> Registration:
        with self._db.reading() as tx:
            return find_registration(tx, registration_id)

    def call(self, registration: Registration, url: str, scopes: Sequence[Scopes], send: Call) -> HttpAnswer:
        """Sends to `url` with a token for the first of `scopes` that is granted; raises Upstream without an answer."""
        if not is_own(registration, url):
            raise foreign_address(registration, url)
        with self._guard:
            asking = self._asking.setdefault(registration.id, threading.Lock())
        # One thread asks a platform for a token, and the others find it kept; other platforms do not wait.
        with asking:
            token, used = self._token(registration, scopes)
        answer = send({"Authorization": f"Bearer {token}"})
        if answer.status == 401:
            self._tokens.drop(registration, used)
            answer = send({"Authorization": f"Bearer {self._tokens.token(registration, used)}"})
        return answer

    def _token(self, registration: Registration, scopes: Sequence[Scopes]) -> tuple[str, Scopes]:
        key = (registration.id, tuple(scopes))
        known = self._granted.get(key)
        order = [*([known] if known else []), *(each for each in scopes if each != known)]
        for asked in order:
            try:
                token = self._tokens.token(registration, asked)
            except TokenRefused as fault:
                if asked == order[-1] or not is_about_scope(fault):
                    raise
            else:
                self._granted[key] = asked
                return token, asked
        raise AssertionError("there is at least one set of scopes")


def is_own(registration: Registration, url: str) -> bool:
    """Whether an address is the platform's: its access token goes there, and must go nowhere else."""
    return registration.owns(url)


def foreign_address(registration: Registration, url: str) -> Upstream:
    """Why nothing is sent to an address of nobody we know, and how an operator makes it known."""
    origin = secure_origin(url)
    if origin is None:
        return Upstream(
            "lti.insecure_service",
            "The address of the LMS's service is no secure address of the LMS, so nothing was sent there.",
            "Ask the LMS's administrator.",
            log={"url": for_log(url, url)},
        )
    return Upstream(
        "lti.foreign_service",
        "The address of the LMS's service is on %(origin)s, which is not known here as the LMS's own, so nothing was "
        "sent there.",
        "If it is, an administrator of this tool can confirm it: %(command)s",
        log={"url": for_log(url, url)},
        origin=origin,
        command=confirming(registration, origin),
    )


def is_about_scope(fault: TokenRefused) -> bool:
    """Whether a token was refused for what was asked, and not for who asked."""
    return fault.code == "lti.scope" or token_fault(fault.answer.text) is TokenFault.SCOPE


def is_passing(answer: HttpAnswer) -> bool:
    """Whether a refusal may be over in a while: too many requests, or a server in trouble."""
    limited = is_rate_limit(answer.status, answer.headers.get("X-Rate-Limit-Remaining"))
    return limited or answer.status in (408, 425) or answer.status >= 500


def wait_asked(answer: HttpAnswer, *, now: datetime) -> float | None:
    """The seconds to wait that an answer asks for, as a number or a date (RFC 9110 §10.2.3); a day at most."""
    asked = answer.headers.get("Retry-After", "").strip()
    if not asked:
        return None
    try:
        seconds = float(asked) if asked.isdigit() else (parsedate_to_datetime(asked) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)
