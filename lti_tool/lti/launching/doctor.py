"""What is wrong with a refused launch, told to an administrator: the check that failed, whose side, the exact fix.

Pure: a refusal and the platform's registration in, words out. The checks are listed in the order in which a login and a
launch meet them, so that everything before the one that failed is known to be in order.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.core.errors import Side
from lti_tool.lti.launching.evidence import VERIFIED
from lti_tool.lti.launching.refusal_log import Refusal
from lti_tool.lti.registering.commands import allowing, changing, confirming, connecting, tolerating
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.registering.terms import Algorithm

_CHECKS = (
    ("request", "The request is complete and leads to this tool"),
    ("platform", "The LMS is connected to this tool"),
    ("cookie", "The browser keeps a cookie for this tool"),
    ("login", "The launch belongs to a login that is still open"),
    ("browser", "The browser that posts the launch is the one that began it"),
    ("token", "The message is a token, with an allowed algorithm and a key id"),
    ("parties", "The message is from this LMS and for this tool"),
    ("keys", "The key that signed it is among those that the LMS publishes"),
    ("signature", "The signature is right"),
    ("times", "The message is fresh, by our clock"),
    ("nonce", "The message answers this login and no other"),
    ("message", "The message says what LTI asks for, and leads where the login led"),
    ("deployment", "This installation of the tool in the LMS has been let in"),
    ("person", "This person may open this activity"),
)
_WORDS = dict(_CHECKS)
# Tuples, not a mapping: these are no error codes being raised.
_FAILS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("request", ("missing_parameter", "overlong_parameter", "parameter", "foreign_target")),
    ("platform", ("unknown_platform", "platform_disabled", "declined", "declined_not_allowed", "declined_signed_out")),
    ("cookie", ("no_cookies",)),
    ("login", ("login_used_or_expired", "handover_used_or_expired", "declined_too_late")),
    ("browser", ("other_browser",)),
    ("token", ("token_form", "algorithm", "no_key_id")),
    ("parties", ("issuer", "audience", "authorized_party")),
    ("keys", ("unknown_key", "key_set_unreachable")),
    ("signature", ("signature",)),
    ("times", ("no_time", "lifetime", "clock", "token_expired")),
    ("nonce", ("nonce",)),
    ("message", ("version", "message_type", "deployment", "target", "return_url", "message")),
    ("deployment", ("deployment_waits", "deployment_not_allowed")),
    ("person", ("not_an_author", "foreign_review")),
)
_COMPARE = "Compare issuer and client ID in the LMS with those here: lti-tool platform list."
_FIXES: tuple[tuple[str, str], ...] = (
    ("unknown_platform", "If this LMS should be let in: %(connect)s (it shows the addresses). Else check %(listing)s."),
    ("platform_disabled", "It was closed here on purpose. To let it in again: lti-tool platform enable %(platform)s."),
    ("no_cookies", "Nothing to mend here: the person's browser refuses all cookies of this site, even in a tab."),
    (
        "login_used_or_expired",
        "One case is Back, Reload or a long pause: open the activity again. Many cases: a proxy that repeats posts, or "
        "a login page of the LMS that takes longer than five minutes.",
    ),
    ("declined_not_allowed", "Nothing to mend here: the LMS's administrator has to allow the tool in this course."),
    (
        "other_browser",
        "Open the activity again from the course. If it happens to one person again and again, the browser drops our "
        "cookie between login and launch: allow cookies for this site, or open the activity in a new window.",
    ),
    ("algorithm", "Have the LMS sign with %(allowed)s; the message says “%(alg)s”.%(allow)s"),
    (
        "unknown_key",
        "Open %(jwks_url)s: a key with the id “%(kid)s” must be there. Has the LMS moved? %(update)s --jwks-url URL.",
    ),
    (
        "key_set_unreachable",
        "From this server, open %(jwks_url)s. It must answer within three seconds with a key set. Look for a firewall, "
        "a name that does not resolve, or a certificate that is not trusted.",
    ),
    (
        "signature",
        "If you do not know of a test, somebody may be forging launches: the log names address and time. Else the key "
        "“%(kid)s” at %(jwks_url)s is not the one that the LMS signs with: have its keys published anew.",
    ),
    ("issuer", _COMPARE),
    ("audience", _COMPARE),
    ("authorized_party", _COMPARE),
    (
        "clock",
        "The clock of the LMS's server is %(seconds)s seconds off ours. On the LMS's server (and here, to be sure) "
        "run: timedatectl set-ntp true.%(tolerate)s",
    ),
    ("lifetime", "The LMS's messages must hold for an hour at most."),
    (
        "deployment",
        "The login named another deployment than the message: the activity was moved or restored. Save it anew in the "
        "course.",
    ),
    ("target", "Save the activity anew in the course, so that login and message lead to the same address."),
    ("foreign_target", "Set the tool's address in the LMS to this tool's own: its tool URL ends in /lti/launch."),
    (
        "return_url",
        "If %(origin)s is the LMS's own, confirm it: %(confirm)s. If not, ask the LMS's administrator.",
    ),
    ("deployment_waits", "To let it in: %(update)s --deployment %(deployment)s."),
    ("deployment_not_allowed", "To let it in: %(update)s --deployment %(deployment)s."),
)


@dataclass(frozen=True)
class Diagnosis:
    """What an administrator is told. `passed` are the checks that were in order before; `check` may be empty."""

    passed: tuple[str, ...]
    check: str
    says: str
    side: str
    fix: str


def diagnose(refusal: Refusal, registration: Registration | None) -> Diagnosis:
    """The failing check, whose side it is on, and how to put it right."""
    step = _step(refusal)
    names = [name for name, _ in _CHECKS]
    passed = tuple(_WORDS[name] for name in names[: names.index(step)]) if step else ()
    return Diagnosis(
        passed=passed,
        check=_WORDS.get(step, ""),
        says=refusal.facts.get("says", ""),
        side=_side(refusal.side, registration),
        fix=_fix(refusal, registration),
    )


def _step(refusal: Refusal) -> str:
    room, _, cause = refusal.code.partition(".")
    if cause in ("missing_claim", "claim"):
        return "message" if refusal.facts.get("signature") == VERIFIED else "parties"
    if cause == "foreign_target" and refusal.facts.get("signature") == VERIFIED:
        return "message"
    if room in ("courses", "people"):
        return "person"
    if room != "lti":
        return ""
    return next((step for step, causes in _FAILS if cause in causes), "")


def _side(side: Side, registration: Registration | None) -> str:
    lms = registration.name if registration else "the LMS"
    return {
        Side.TOOL: "this tool (its administrators can mend it)",
        Side.LMS: f"{lms} (its administrators can mend it)",
        Side.YOU: "the person, or the browser",
    }[side]


def _terms(registration: Registration | None, facts: Mapping[str, str]) -> dict[str, str]:
    """What an operator may settle with a platform, where that would let such a launch in."""
    if registration is None:
        return {"allowed": Algorithm.RS256.value, "allow": "", "tolerate": ""}
    allow = allowing(registration, (facts.get("alg", ""),))
    seconds = facts.get("seconds", "0")
    tolerate = tolerating(registration, int(seconds)) if seconds.isdecimal() else ""
    return {
        "allowed": " or ".join(registration.algorithms),
        "allow": f" Or allow that: {allow}" if allow else "",
        "tolerate": f" Until then: {tolerate}" if tolerate else " More than 300 seconds cannot be tolerated here.",
    }


def _fix(refusal: Refusal, registration: Registration | None) -> str:
    facts = refusal.facts
    said = {
        **_terms(registration, facts),
        "alg": facts.get("alg", ""),
        "kid": facts.get("kid", ""),
        "seconds": facts.get("seconds", "some"),
        "jwks_url": registration.jwks_url if registration else "the key set URL",
        "deployment": shlex.quote(facts.get("deployment", "ID")),
        "platform": registration.public_id if registration else "ID",
        "update": changing(registration) if registration else "lti-tool platform add",
        "origin": facts.get("origin", ""),
        "confirm": confirming(registration, facts.get("origin", "")) if registration else "",
        "connect": connecting(facts.get("issuer", "URL"), facts.get("client_id", "ID")),
        "listing": "lti-tool platform list: the issuer may be known with another client ID",
    }
    room, _, cause = refusal.code.partition(".")
    text = next((fix for known, fix in _FIXES if room == "lti" and known == cause), "")
    if cause == "return_url" and not facts.get("origin"):
        text = "The LMS must name an https address: mend the address of the site in its own settings."
    return text % said if text else facts.get("hint", "Look for the support code in the log.")
