"""Where a platform sends its notices: found, and changed to our address (Platform Notification Service 1.0 §3, §4).

A platform with such a service tells of a copied course before anybody has opened an activity in it (Canvas since 2025).
It sends one kind of notice of an installation to one address, which the tool names; and it may forget, so it is asked.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from lti_tool.core.errors import Side, Upstream
from lti_tool.core.http import HttpAnswer
from lti_tool.lti.advantage.bearer import Bearer, Scopes, ServiceRefused, is_passing
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.vocabulary import NOTICE_SCOPE

CONTEXT_COPY = "LtiContextCopyNotice"
"""The one kind of notice that this tool asks for: a course got the content of another."""
_SCOPES: tuple[Scopes, ...] = ((NOTICE_SCOPE,),)
_MOST_HANDLERS = 100
_LONGEST_URL = 2000
_NO_ACCESS = "The LMS does not let this tool ask for notices."
_REASONS = {
    400: "The LMS does not take this tool's address for notices.",
    401: _NO_ACCESS,
    403: _NO_ACCESS,
    404: "The LMS does not find the notices of this installation. The tool may have been removed and added again.",
}


@dataclass(frozen=True)
class NoticeService:
    """A platform's notification service for one installation, as a launch names it, and what it offers to tell."""

    url: str
    kinds: frozenset[str]

    @property
    def tells_copies(self) -> bool:
        """Whether it tells of copied courses."""
        return CONTEXT_COPY in self.kinds


class Noticeboard(Protocol):
    """Asks platforms for their notices; `lti.Services` is one."""

    def have_notices(self, registration_id: int, service_url: str, handler: str) -> bool:
        """Has notices of copied courses sent to `handler`; whether that had to be changed. Raises Upstream."""
        ...


def have_notices(bearer: Bearer, registration: Registration, service_url: str, handler: str) -> bool:
    """Has notices of copied courses sent to `handler`; whether that had to be changed. Raises Upstream.

    The platform is asked first, so that asking twice changes nothing.
    """
    if _handler_in(_get(bearer, registration, service_url)) == handler:
        return False
    wish = {"notice_type": CONTEXT_COPY, "handler": handler}
    answer = bearer.call(
        registration, service_url, _SCOPES, lambda token: bearer.http.put(service_url, json=wish, headers=dict(token))
    )
    if not answer.ok:
        raise _refused(bearer, answer)
    if _handler_in(answer) != handler:
        raise _unreadable(answer)
    return True


def _get(bearer: Bearer, registration: Registration, url: str) -> HttpAnswer:
    headers = {"Accept": "application/json"}
    answer = bearer.call(registration, url, _SCOPES, lambda token: bearer.http.get(url, headers={**headers, **token}))
    if not answer.ok:
        raise _refused(bearer, answer)
    return answer


def _handler_in(answer: HttpAnswer) -> str:
    """Where notices of copied courses go, by an answer: one handler, or (earlier Canvas, and the list) all of them."""
    said = answer.json()
    if not isinstance(said, dict):
        raise _unreadable(answer)
    listed = said.get("notice_handlers", [said])
    if not isinstance(listed, list):
        raise _unreadable(answer)
    return next((_address(one) for one in listed[:_MOST_HANDLERS] if _is_of_copies(one)), "")


def _is_of_copies(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("notice_type") == CONTEXT_COPY


def _address(entry: dict[str, object]) -> str:
    given = entry.get("handler")
    return given[:_LONGEST_URL] if isinstance(given, str) else ""


def _refused(bearer: Bearer, answer: HttpAnswer) -> ServiceRefused:
    words = _REASONS.get(answer.status, "The LMS does not do what this tool asks about its notices.")
    if is_passing(answer):
        words = "The LMS does not answer at the moment." if answer.status >= 500 else "The LMS asks us to slow down."
    return ServiceRefused("lti.notices", words, answer, bearer.clock.now())


def _unreadable(answer: HttpAnswer) -> Upstream:
    return Upstream(
        "lti.notices_form",
        "The LMS's answer about its notices cannot be read.",
        "Try again later. If it stays, ask the LMS's administrator.",
        side=Side.LMS,
        log={"status": answer.status, "start": answer.text[:300]},
    )
