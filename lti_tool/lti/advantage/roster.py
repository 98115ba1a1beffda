"""Who is in a course (Names and Role Provisioning Services 2.0 §2), as far as the platform tells.

A roster is either whole or says that it is not, and why: `Roster.gone` names nobody where it is not, so that a page
that failed, or an entry that cannot be read, never takes a person's place away. Roles are what the *roster* says:
Moodle 4.5 lists a non-editing teacher as Learner, so nobody's role from a launch should be lowered by it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lti_tool.core.errors import Side, Upstream
from lti_tool.core.http import HttpAnswer
from lti_tool.lti.advantage.bearer import Bearer, Scopes, ServiceRefused, is_passing
from lti_tool.lti.advantage.paging import PAGE_BYTES, pages
from lti_tool.lti.launching.claims import Claims
from lti_tool.lti.launching.launch import MessageType
from lti_tool.lti.launching.roles import Role, is_test_user, role_of
from lti_tool.lti.origins import with_query
from lti_tool.lti.quirks import plain_custom, roster_limit, roster_text
from lti_tool.lti.refusals import LtiRefused
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.vocabulary import CLAIM, ROSTER_SCOPE

ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
SCOPES: tuple[Scopes, ...] = ((ROSTER_SCOPE,),)
_NAMES = (("name", 500), ("given_name", 300), ("family_name", 300), ("email", 320))
_MOST_ROLES = 50

_NO_ACCESS = ("lti.roster_not_allowed", "The LMS does not let this tool read the list of the course's people.")
_REFUSALS = {
    401: _NO_ACCESS,
    403: _NO_ACCESS,
    404: ("lti.roster_gone", "The LMS does not know this course, or this activity, any more."),
}


class MemberStatus(StrEnum):
    """Whether somebody takes part now; deleted people are told in differences only."""

    ACTIVE = "Active"
    INACTIVE = "Inactive"
    DELETED = "Deleted"


@dataclass(frozen=True)
class Member:
    """A person of the course. Names and e-mail are None where the platform does not share them.

    `custom` is what a launch of the asked-for link would carry for this person; empty without `rlid`.
    """

    user_id: str
    role: Role
    is_test_user: bool = False
    status: MemberStatus = MemberStatus.ACTIVE
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    custom: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Roster:
    """The people who could be read; with `complete` all there are, else `reason` says in plain words why not.

    `cause` is the code of the fault behind it.
    """

    members: tuple[Member, ...]
    complete: bool
    reason: str = ""
    cause: str = ""
    retry_after: float | None = None

    def gone(self, known: Iterable[str]) -> frozenset[str]:
        """Which of these user ids have left: unlisted or no longer active. Nobody, where the roster is not whole."""
        if not self.complete:
            return frozenset()
        active = {member.user_id for member in self.members if member.status is MemberStatus.ACTIVE}
        return frozenset(known) - active


def read_roster(
    bearer: Bearer,
    registration: Registration,
    url: str,
    *,
    resource_link_id: str | None = None,
    most: int | None = None,
) -> Roster:
    """The roster behind a memberships address, all pages of it; never raises for a platform that answers oddly."""
    first = first_page(url, resource_link_id)

    def fetch(page: str) -> HttpAnswer:
        return _fetch(bearer, registration, page)

    found: dict[str, Member] = {}
    unreadable = 0
    try:
        for answer in pages(fetch, first, registration, most=most):
            for member in read_page(answer, first):
                if member is None:
                    unreadable += 1
                elif member.user_id not in found or member.status is MemberStatus.ACTIVE:
                    found[member.user_id] = member
    except Upstream as fault:
        wait = fault.retry_after if isinstance(fault, ServiceRefused) else None
        how = f" {fault.hint_text}" if fault.code == "lti.foreign_service" else ""
        return Roster(tuple(found.values()), False, f"{fault.text}{how}", fault.code, wait)
    return judged(tuple(found.values()), unreadable)


def judged(members: tuple[Member, ...], unreadable: int) -> Roster:
    """Whether what the pages said can be the whole: with an entry too odd to read, or nobody at all, it cannot."""
    if unreadable:
        return Roster(members, complete=False, reason="The LMS's list of people has entries that cannot be read.")
    if not members:
        return Roster(members, complete=False, reason="The LMS's list of people is empty, which can hardly be.")
    return Roster(members, complete=True)


def first_page(url: str, resource_link_id: str | None) -> str:
    """The address to begin with: the platform's own, with `rlid` and what this platform needs added to its query."""
    return with_query(url, {**roster_limit(url), **({} if resource_link_id is None else {"rlid": resource_link_id})})


def _fetch(bearer: Bearer, registration: Registration, page: str) -> HttpAnswer:
    answer = bearer.call(
        registration,
        page,
        SCOPES,
        lambda token: bearer.http.get(page, headers={"Accept": ROSTER_TYPE, **token}, max_bytes=PAGE_BYTES),
    )
    if not answer.ok:
        raise ServiceRefused(*_why(answer), answer, bearer.clock.now())
    return answer


def _why(answer: HttpAnswer) -> tuple[str, str]:
    if is_passing(answer):
        busy = "The LMS does not answer at the moment." if answer.status >= 500 else "The LMS asks us to slow down."
        return "lti.roster_later", busy
    return _REFUSALS.get(answer.status, ("lti.roster", "The LMS does not show who is in the course."))


def read_page(answer: HttpAnswer, url: str) -> Iterator[Member | None]:
    """The people on a page, None for an entry that cannot be read; raises Upstream for what is no page."""
    said = answer.json()
    listed = said.get("members") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        raise Upstream(
            "lti.roster_form",
            "The LMS's list of people cannot be read.",
            "Try again later. If it stays, ask the LMS's administrator.",
            side=Side.LMS,
            log={"status": answer.status, "start": answer.text[:300]},
        )
    return (read_member(entry, url) for entry in listed)


def read_member(entry: Any, url: str) -> Member | None:
    """A person as listed; None where it cannot be told who that is."""
    try:
        user_id = Claims(entry).required_id("user_id") if isinstance(entry, dict) else None
    except LtiRefused:
        user_id = None
    if user_id is None:
        return None
    listed = entry.get("roles")
    roles = [role for role in (listed if isinstance(listed, list) else [listed])[:_MOST_ROLES] if isinstance(role, str)]
    names = {name: _name(entry.get(name), longest, url) for name, longest in _NAMES}
    return Member(
        user_id,
        role_of(roles),
        is_test_user=is_test_user(roles),
        status=_status(entry.get("status")),
        custom=_custom(entry.get("message")),
        **names,
    )


def _name(given: object, longest: int, url: str) -> str | None:
    if not isinstance(given, str):
        return None
    return Claims({"name": roster_text(url, given[: 8 * longest])}).name("name", longest)


def _status(given: object) -> MemberStatus:
    """What is missing or not known counts as active (NRPS 2.0 §2.2): a word of its own must not send anybody away."""
    word = given.rpartition("#")[2].capitalize() if isinstance(given, str) else ""
    return next((status for status in MemberStatus if status.value == word), MemberStatus.ACTIVE)


def _custom(messages: object) -> Mapping[str, str]:
    for message in messages if isinstance(messages, list) else []:
        if isinstance(message, dict) and message.get(f"{CLAIM}/message_type") == MessageType.RESOURCE_LINK:
            custom = message.get(f"{CLAIM}/custom")
            return plain_custom(custom) if isinstance(custom, dict) else {}
    return {}
