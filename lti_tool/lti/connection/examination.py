"""Whether a platform is connected, both ways: the questions that an administrator would ask, put to the LMS itself.

It reads and never writes: tokens are asked for; key sets, one grade column and one page of the list of people are
read; no grade is sent to anybody. The one thing that it sets right is where the LMS sends its notices. Whether the LMS
can fetch our keys nobody but the LMS knows, so it is asked for a token, which it gives only to a signature that it has
verified.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lti_tool.core.clock import Clock
from lti_tool.core.db import Tx
from lti_tool.core.errors import ToolError, Upstream
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.lti.advantage.bearer import ServiceRefused
from lti_tool.lti.advantage.services import Services
from lti_tool.lti.advantage.subscriptions import Subscription
from lti_tool.lti.advantage.tokens import ask, read_grant
from lti_tool.lti.connection import checks, words
from lti_tool.lti.connection.checks import Finding, Place, Verdict
from lti_tool.lti.connection.notices import judge_notices
from lti_tool.lti.keys.key_sets import read_key_set
from lti_tool.lti.keys.tool_keys import SigningKey, signing_key
from lti_tool.lti.quirks import TokenFault, token_fault
from lti_tool.lti.registering.administration import layers_of
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.registering.terms import LineItemPolicy
from lti_tool.lti.sessions.binding import Layer
from lti_tool.lti.vocabulary import LINE_ITEM_READ_SCOPE, LINE_ITEM_SCOPE, ROSTER_SCOPE, SCOPES


@dataclass(frozen=True)
class Connection:
    """What this tool knows of a platform before it asks; addresses are None where no launch has named any."""

    registration: Registration
    jwks_url: str
    key: SigningKey
    layers: Mapping[Layer, int]
    line_item_url: str | None
    line_items_url: str | None
    memberships_url: str | None
    named_people: int
    known_people: int
    # By how many seconds the clocks may differ.
    leeway: int
    # Where notices are asked for, by the newest installations, and our address for them.
    notices: Sequence[Subscription] = ()
    notices_url: str = ""


@dataclass(frozen=True)
class ConnectionReport:
    """The findings in order, from the keys to the people."""

    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether launches and grades can be expected to work: nothing fails, warnings apart."""
        return all(finding.verdict is not Verdict.FAIL for finding in self.findings)


def known_of(tx: Tx, vault: Vault, registration: Registration) -> tuple[SigningKey, Mapping[Layer, int]]:
    """The key that signs, and by which layers the last launches were bound."""
    return signing_key(tx, vault, registration.organisation_id), layers_of(tx, registration.id)


def examine(connection: Connection, services: Services, http: HttpClient, clock: Clock) -> ConnectionReport:
    """Puts the questions to the LMS, one after the other; never inside a transaction."""
    place = Place(connection.registration, connection.jwks_url)
    asking = _Asking(http, clock)
    keys = _platform_keys(place, asking)
    token, granted = _token(connection, place, asking)
    own = _own_keys(connection, place, http, let_in=granted is not None)
    scopes = [] if granted is None else checks.judge_scopes(place, granted)
    column = _column(connection, place, services, granted)
    people, named, seen = _people(connection, place, services, granted)
    return ConnectionReport(
        (
            keys,
            own,
            token,
            *scopes,
            column,
            people,
            judge_notices(place, services, connection.notices, connection.notices_url),
            checks.judge_terms(place, connection.leeway),
            checks.judge_clock(place, asking.answer, asking.sent, asking.got, connection.leeway),
            checks.judge_layers(connection.layers),
            checks.judge_names(place, named, seen),
        )
    )


class _Asking:
    """Requests to the LMS, with a note of when the last one that was answered went out and came back."""

    def __init__(self, http: HttpClient, clock: Clock) -> None:
        self.http, self.clock = http, clock
        self.answer: HttpAnswer | None = None
        self.sent = self.got = clock.now()

    def noted(self, send: Callable[[], HttpAnswer]) -> HttpAnswer:
        sent = self.clock.now()
        answer = send()
        self.answer, self.sent, self.got = answer, sent, self.clock.now()
        return answer


def _platform_keys(place: Place, asking: _Asking) -> Finding:
    url = place.registration.jwks_url
    try:
        answer = asking.noted(lambda: asking.http.get(url, headers={"Accept": "application/json"}))
        fit = read_key_set(answer)
        published = len(answer.json()["keys"])
    except ToolError as fault:
        if fault.code not in ("lti.key_set_form", "core.http_not_json"):
            return checks.unreachable("keys of the LMS", "the LMS's key set", url, fault)
        says = f"At {url} answers something that is no key set."
        return checks.fail("keys of the LMS", says, place.fix(words.KEY_SET_URL))
    return checks.judge_platform_keys(place, fit, published)


def _token(connection: Connection, place: Place, asking: _Asking) -> tuple[Finding, frozenset[str] | None]:
    """The finding about tokens, and the scopes that are granted; None where the LMS does not let us in at all."""

    def grant(scopes: str) -> HttpAnswer:
        ours = (place.registration, scopes, connection.key)
        return asking.noted(lambda: ask(asking.http, *ours, asking.clock.now()))

    try:
        answer = grant(" ".join(SCOPES))
        granted = _granted(answer, SCOPES)
        if granted is None and token_fault(answer.text) is TokenFault.SCOPE:
            # One scope too many refuses them all (Canvas): which are granted, each tells by itself.
            each = {scope: _granted(grant(scope), (scope,)) for scope in SCOPES}
            granted = frozenset(scope for scope, given in each.items() if given) or None
    except ToolError as fault:
        url = place.registration.token_url
        return checks.unreachable("token", "the LMS's token service", url, fault), None
    if granted is None:
        return checks.judge_refusal(place, answer), None
    return checks.ok(
        "token", "The LMS lets this tool in: it has fetched this tool's keys and verified its signature."
    ), granted


def _granted(answer: HttpAnswer, asked: tuple[str, ...]) -> frozenset[str] | None:
    """The scopes in a platform's answer; None where it holds no token."""
    try:
        read_grant(answer, "")
    except Upstream:
        return None
    told = answer.json().get("scope")
    # A platform that does not say what it grants, grants what was asked (RFC 6749 §5.1).
    return frozenset(told.split()) & frozenset(asked) if isinstance(told, str) and told else frozenset(asked)


def _own_keys(connection: Connection, place: Place, http: HttpClient, *, let_in: bool) -> Finding:
    check, url = "keys of this tool", connection.jwks_url
    try:
        answer = http.get(url, headers={"Accept": "application/json"})
        shown = read_key_set(answer)
    except ToolError as fault:
        if fault.code in ("lti.key_set_form", "core.http_not_json"):
            return checks.judge_own_keys(place, (), connection.key.kid, let_in=let_in)
        if let_in or fault.code == "core.http_refused":
            # Behind some routers a server cannot see itself from outside: the LMS's word counts for more.
            says = f"Whether {url} can be reached from outside cannot be seen from this server"
            return checks.warn(
                check, f"{says}{'; the LMS has reached it.' if let_in else '.'}", "" if let_in else words.OWN
            )
        found = checks.unreachable(check, "the address of this tool's keys", url, fault)
        return checks.fail(check, found.says, f"{found.fix} {words.OWN}")
    return checks.judge_own_keys(place, tuple(shown), connection.key.kid, let_in=let_in)


def _column(connection: Connection, place: Place, services: Services, granted: frozenset[str] | None) -> Finding:
    check, known = "grade column", connection.registration.id
    if connection.registration.line_items is LineItemPolicy.NONE:
        return checks.ok(check, "Not tried: no grades are sent to this LMS.")
    if granted is None:
        return checks.warn(check, "Not tried, as there is no token.")
    if not granted & {LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE}:
        return checks.warn(check, "Not tried: the LMS does not let this tool look up grade columns.")
    if connection.line_item_url is None and connection.line_items_url is None:
        return checks.warn(check, "No activity with a grade has been opened yet.", words.OPEN)
    try:
        if connection.line_item_url is not None:
            item = services.line_item(known, connection.line_item_url)
            return checks.ok(check, f"The newest activity's grade column answers: “{checks.plain(item.label, 100)}”.")
        listed = services.line_items(known, connection.line_items_url or "")
        return checks.ok(check, f"The course's list of grade columns answers, with {len(listed)} of this tool.")
    except Upstream as fault:
        if isinstance(fault, ServiceRefused) and fault.status in (404, 410):
            return checks.warn(check, fault.text, words.OPEN)
        if isinstance(fault, ServiceRefused) and fault.status in (401, 403) and not fault.again:
            return checks.fail(check, fault.text, place.fix(words.GRADES))
        return checks.fail(check, fault.text, fault.hint_text or words.LATER)


def _people(
    connection: Connection, place: Place, services: Services, granted: frozenset[str] | None
) -> tuple[Finding, int, int]:
    """The finding about the roster, and of how many people how many have names."""
    check, known = "list of people", (connection.named_people, connection.known_people)
    if granted is None:
        return checks.warn(check, "Not tried, as there is no token."), *known
    if ROSTER_SCOPE not in granted:
        return checks.warn(check, "Not tried: the LMS does not let this tool read it."), *known
    if connection.memberships_url is None:
        return checks.warn(check, "No launch has named the course's list of people yet.", words.OPEN), *known
    roster = services.roster(connection.registration.id, connection.memberships_url, most_pages=1)
    seen = len(roster.members)
    if not (roster.complete or roster.cause == "lti.too_many_pages") or not seen:
        fixes = {"lti.roster_gone": words.OPEN, "lti.roster_not_allowed": place.fix(words.ROSTER)}
        return checks.fail(check, roster.reason, fixes.get(roster.cause, words.LATER)), *known
    more = "" if roster.complete else ", and goes on"
    named = sum(1 for member in roster.members if member.name)
    return checks.ok(check, f"The course's list of people answers: it begins with {seen}{more}."), named, seen
