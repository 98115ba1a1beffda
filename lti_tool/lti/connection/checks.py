"""What each observation of a connection test means: ok, warn or fail, in plain words, with the exact fix. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from lti_tool.core.errors import ToolError
from lti_tool.core.http import HttpAnswer
from lti_tool.lti.advantage.bearer import is_passing
from lti_tool.lti.connection import words
from lti_tool.lti.keys.key_sets import Jwks, is_meant_for
from lti_tool.lti.quirks import Product, TokenFault, product_of, token_fault
from lti_tool.lti.registering.commands import allowing, changing, tolerating
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.registering.terms import LineItemPolicy
from lti_tool.lti.sessions.binding import Layer
from lti_tool.lti.vocabulary import (
    LINE_ITEM_READ_SCOPE,
    LINE_ITEM_SCOPE,
    RESULT_SCOPE,
    ROSTER_SCOPE,
    SCORE_SCOPE,
)

_CLOCK_GOOD = 10.0
_COLUMNS: Mapping[LineItemPolicy, str] = {
    LineItemPolicy.COUPLED: "grades go into columns that the LMS has coupled to the link, and into no others",
    LineItemPolicy.CREATE: "grades go into the link's column; where it has none, one is found in the course, or made",
    LineItemPolicy.NONE: "no grades are sent to this LMS",
}
_TO_WRITE = frozenset({SCORE_SCOPE, RESULT_SCOPE, LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE})
# Scopes that nobody misses, by what was settled.
_SPARED: Mapping[LineItemPolicy, Collection[str]] = {
    LineItemPolicy.COUPLED: {LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE},
    LineItemPolicy.CREATE: (),
    LineItemPolicy.NONE: _TO_WRITE,
}


class Verdict(StrEnum):
    """How a check came out; only a fail makes a connection unhealthy."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was checked, how it came out, what that means, and what to do."""

    check: str
    verdict: Verdict
    says: str
    fix: str = ""


@dataclass(frozen=True)
class Place:
    """What fixes name: the platform, the LMS behind it, and our own key set's address."""

    registration: Registration
    jwks_url: str

    @property
    def product(self) -> Product:
        """By any of its addresses, as one of them may be wrong."""
        known = (product_of(url) for url in (self.registration.auth_url, self.registration.token_url))
        return next((product for product in known if product is not Product.OTHER), Product.OTHER)

    def fix(self, texts: Mapping[Product, str] | str, **more: object) -> str:
        """A fix for this LMS, filled in."""
        text = texts if isinstance(texts, str) else texts[self.product]
        known = {"jwks": self.jwks_url, "client": self.registration.client_id, "changing": changing(self.registration)}
        return text % {**known, **more}


def plain(text: str, longest: int) -> str:
    """A stranger's words as one line of a terminal: nothing that moves its cursor."""
    return "".join(char if char.isprintable() else " " for char in text[:longest]).strip()


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)


def ok(check: str, says: str) -> Finding:
    return Finding(check, Verdict.OK, says)


def warn(check: str, says: str, fix: str = "") -> Finding:
    return Finding(check, Verdict.WARN, says, fix)


def fail(check: str, says: str, fix: str) -> Finding:
    return Finding(check, Verdict.FAIL, says, fix)


def unreachable(check: str, what: str, url: str, fault: ToolError) -> Finding:
    """An address that gives no answer, or that we may not contact."""
    if fault.code == "core.http_refused":
        return fail(check, f"This tool's settings do not let it contact {what}, {url}.", words.SETTINGS)
    reason = str(fault.log.get("reason", ""))
    why = next((told for marks, told in words.WHY if any(mark in reason for mark in marks)), words.ANY_WHY)
    return fail(check, f"{what[:1].upper()}{what[1:]} does not answer: {url}.", words.REACH % {"url": url, "why": why})


def judge_platform_keys(place: Place, keys: Jwks, published: int) -> Finding:
    """The platform's key set: launches can be verified if it has a fit key for a way of signing that is allowed."""
    check = "keys of the LMS"
    allowed = place.registration.algorithms
    fit = sum(any(is_meant_for(key, one) for one in allowed) for key in keys.values())
    if fit:
        return ok(check, f"The LMS's key set answers, with {fit} of {published} keys fit to verify launches.")
    if keys:
        theirs = {key["alg"] for key in keys.values()}
        says = f"The LMS's keys sign with {_either(sorted(theirs))}; here it may sign with {_either(allowed)} alone."
        return fail(check, says, f"Allow it: {allowing(place.registration, theirs)}")
    return fail(
        check,
        f"The LMS publishes {published} keys, and none is fit to verify launches.",
        f"Have the LMS publish an RSA key of 2048 bits or more for signing ({_either(allowed)}), with a key id, at "
        f"{place.registration.jwks_url}.",
    )


def judge_own_keys(place: Place, shown: Collection[str], signing: str, *, let_in: bool) -> Finding:
    """Our own key set, as our public address shows it."""
    check = "keys of this tool"
    if signing in shown:
        return ok(check, f"This tool's keys can be fetched from {place.jwks_url}.")
    says = f"At {place.jwks_url} are not the keys of this tool."
    fix = "Another installation answers there, or a proxy keeps an old copy: look at server.public_url and the proxy."
    return warn(check, says, fix) if let_in else fail(check, says, fix)


def judge_refusal(place: Place, answer: HttpAnswer) -> Finding:
    """A platform that gives no token: which of the many reasons it is."""
    check = "token"
    if is_passing(answer):
        says = "is out of order" if answer.status >= 500 else "asks us to slow down"
        return fail(check, f"The LMS's token service {says} (status {answer.status}).", words.LATER)
    # Every token service tells its errors so, Moodle even where the rest is no JSON (RFC 6749 §5.2).
    if '"error"' not in answer.text:
        says = f"At {place.registration.token_url} answers something that is no token service (status {answer.status})."
        return fail(
            check, says, f"Look for the access token URL in the LMS: {place.fix('%(changing)s')} --token-url URL."
        )
    fault = token_fault(answer.text)
    fixes: Mapping[TokenFault, Mapping[Product, str] | str] = {
        TokenFault.KEYS: words.KEYS,
        TokenFault.SIGNATURE: {product: f"{words.CLIENT[product]} {words.KEYS[product]}" for product in Product},
        TokenFault.CLOCK: words.CLOCK,
        TokenFault.AUDIENCE: words.AUDIENCE,
        TokenFault.SCOPE: {product: f"{words.GRADES[product]} {words.ROSTER[product]}" for product in Product},
    }
    said = plain(answer.text, 200)
    return fail(
        check, words.TOKEN[fault] % {"status": answer.status, "said": said}, place.fix(fixes.get(fault, words.CLIENT))
    )


def judge_scopes(place: Place, granted: Collection[str]) -> list[Finding]:
    """Which services the platform grants; without that of scores no grade arrives."""
    named = (
        (SCORE_SCOPE, "write grades", Verdict.FAIL, words.GRADES),
        (RESULT_SCOPE, "read grades back, so a lost answer cannot be settled", Verdict.WARN, words.GRADES),
        (LINE_ITEM_SCOPE, "make grade columns", Verdict.WARN, words.GRADES),
        (LINE_ITEM_READ_SCOPE, "look up grade columns", Verdict.WARN, words.GRADES),
        (ROSTER_SCOPE, "read the list of people", Verdict.WARN, words.ROSTER),
    )
    found = []
    spared = _SPARED[place.registration.line_items]
    for scope, may, otherwise, fixes in named:
        check = f"scope {scope.rpartition('/')[2]}"
        if scope in granted:
            found.append(ok(check, f"This tool may {may.partition(',')[0]}."))
        elif scope == LINE_ITEM_READ_SCOPE and LINE_ITEM_SCOPE in granted:
            found.append(ok(check, "Not granted, and not needed beside “lineitem”."))
        elif scope in spared:
            found.append(ok(check, f"Not granted, and not needed: {_COLUMNS[place.registration.line_items]}."))
        else:
            found.append(Finding(check, otherwise, f"This tool may not {may}.", place.fix(fixes)))
    return found


def judge_terms(place: Place, leeway: int) -> Finding:
    """What was settled with this platform, as launches and grades are treated by it."""
    known = place.registration
    usual = " (as in the settings)" if known.clock_leeway is None else ""
    says = f"Launches may be signed with {_either(known.algorithms)}; clocks may differ by {leeway} seconds{usual}"
    return ok("settled here", f"{says}; {_COLUMNS[known.line_items]}.")


def judge_clock(place: Place, answer: HttpAnswer | None, sent: datetime, got: datetime, leeway: int) -> Finding:
    """The difference of the clocks, from an answer's Date; as exact as the answer was quick."""
    check = "clock"
    try:
        told = parsedate_to_datetime(answer.headers.get("Date", "")) if answer is not None else None
    except (ValueError, TypeError):
        told = None
    if told is None or told.tzinfo is None or (answer is not None and answer.headers.get("Age", "0") != "0"):
        return warn(check, "The LMS does not tell its time, so the clocks could not be compared.")
    # Date has whole seconds, so on average half of one is missing.
    ahead = (told + timedelta(seconds=0.5) - (sent + (got - sent) / 2)).total_seconds()
    off = max(0.0, abs(ahead) - (got - sent).total_seconds() / 2)
    seconds = round(abs(ahead))
    says = f"The LMS's clock is {seconds} seconds {'ahead of' if ahead > 0 else 'behind'} ours"
    if off <= _CLOCK_GOOD:
        return ok(check, "The clocks agree." if seconds <= 1 else f"The clocks agree within {seconds} seconds.")
    if off <= leeway:
        return warn(check, f"{says}; launches still pass, but scores sent in a row may be refused.", words.CLOCK)
    tolerate = tolerating(place.registration, off)
    fix = f"{words.CLOCK} Until then: {tolerate}" if tolerate else words.CLOCK
    return fail(check, f"{says}, more than the {leeway} seconds that launches may differ.", fix)


def judge_layers(counts: Mapping[Layer, int]) -> Finding:
    """How browsers were known again at the last launches: in the frame, or only in a tab of their own."""
    check = "browsers"
    total = sum(counts.values())
    if not total:
        return warn(check, "Nobody has launched this tool from this LMS yet.", words.OPEN)
    named = {
        Layer.COOKIE: "by a cookie in the frame",
        Layer.SESSION: "by this site's own storage",
        Layer.STORAGE: "by the LMS's storage",
        Layer.TAB: "in a tab of its own",
    }
    told = ", ".join(f"{counts[layer]} {named[layer]}" for layer in Layer if counts.get(layer))
    says = f"Of the last {total} launches: {told}."
    if counts.get(Layer.TAB, 0) * 2 <= total:
        return ok(check, says)
    fix = (
        "It works, but most people need one click more: in the LMS, let this tool open in a new window from the start."
    )
    return warn(check, says, fix)


def judge_names(place: Place, named: int, total: int) -> Finding:
    """Whether the platform shares names: without them, learners write their own on the certificate."""
    check = "names"
    if not total:
        return warn(check, "Whether the LMS shares names is not known before somebody has launched.", words.OPEN)
    if named:
        return ok(check, f"The LMS shares names ({named} of the {total} people looked at have one).")
    says = "The LMS does not share names. Certificates are still issued: learners are asked for theirs."
    return warn(check, says, place.fix(words.NAMES))
