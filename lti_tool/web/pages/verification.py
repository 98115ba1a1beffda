"""The verification page: the answer first, the reason next, the proof last; for a hurried stranger with a phone."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from lti_tool.credentials import Credential, CredentialFacts, Verdict, Verification
from lti_tool.web.templating import apart, country_name, long_date


@dataclass(frozen=True)
class Answer:
    """One of the four questions with its answer; state: ok, warn, bad, slate or you."""

    question: str
    word: str
    state: str
    text: str


@dataclass(frozen=True)
class Fact:
    """One line of what a certificate says."""

    label: str
    value: str


@dataclass(frozen=True)
class VerificationPage:
    """What can be said of a credential, at one moment."""

    verdict: str
    headline: str
    lede: str
    answers: tuple[Answer, ...]
    checked_at: datetime
    host: str
    address: str
    facts: tuple[Fact, ...]
    outcomes: tuple[str, ...]
    holder_name: str
    language: str
    title: str
    issuer_name: str
    number: str
    valid_until: date | None
    revoked_at: datetime | None
    reason: str
    assessment_facts: tuple[Fact, ...]


@dataclass(frozen=True)
class CheckPage:
    """The form for a link or an id."""

    errors: tuple[str, ...]
    value: str
    host: str


_HEADLINES = {
    Verdict.VALID: "This certificate is genuine",
    Verdict.NOT_YET_VALID: "This certificate is genuine, but not valid yet",
    Verdict.EXPIRED: "This certificate was genuine, and has expired",
    Verdict.REVOKED: "This certificate has been revoked",
    Verdict.REPLACED: "This certificate has been replaced",
    Verdict.WITHDRAWN_BY_HOLDER: "Its holder has withdrawn this certificate",
    Verdict.NOT_FOUND: "We know no such certificate",
    Verdict.ALTERED: "Do not rely on this certificate",
    Verdict.UNKNOWN_ISSUER: "We do not know who issued this",
    Verdict.COULD_NOT_CHECK: "We could not check this certificate just now",
}


def verification_page(found: Verification, public_url: str, *, now: datetime) -> VerificationPage:
    """The page for a verdict; one of `not_found` carries no facts."""
    facts, credential, host = found.facts, found.credential, urlsplit(public_url).netloc
    return VerificationPage(
        verdict=found.verdict.value,
        headline=_HEADLINES[found.verdict],
        lede=_lede(found, now),
        answers=_answers(found, host) if facts else (),
        checked_at=now,
        host=host,
        address=credential.address if credential else "",
        facts=_facts(facts, credential.number) if facts and credential else (),
        outcomes=facts.outcomes if facts else (),
        holder_name=facts.holder_name if facts else "",
        language=facts.language if facts else "",
        title=facts.title if facts else "",
        issuer_name=facts.organisation_name if facts else "",
        number=credential.number if credential else "",
        valid_until=facts.valid_until if facts else None,
        revoked_at=credential.revoked_at if credential else None,
        reason=_reason(credential),
        assessment_facts=_assessment(facts) if facts else (),
    )


def _lede(found: Verification, now: datetime) -> str:
    facts, credential = found.facts, found.credential
    checked = f"Checked {long_date(now)}, {now:%H:%M} UTC."
    match found.verdict:
        case Verdict.VALID:
            return f"It is valid today. {checked}"
        case Verdict.REVOKED if facts and credential and credential.revoked_at:
            reason = _reason(credential)
            why = f" Reason: {reason}." if reason else ""
            return f"{facts.organisation_name} took it back on {long_date(credential.revoked_at)}.{why} {checked}"
        case Verdict.EXPIRED if facts and facts.valid_until:
            return f"It was valid until {long_date(facts.valid_until)}. {checked}"
        case Verdict.NOT_FOUND:
            return (
                "There is no certificate at this address. If you typed the address, compare it with the printed one. "
                "If you scanned a code, the certificate may be a forgery: ask its holder for the original."
            )
        case Verdict.ALTERED:
            return f"What is stored no longer matches what was signed. Ask the issuer. {checked}"
        case Verdict.COULD_NOT_CHECK:
            return f"It is being prepared, or its seal could not be read. Try again in a minute. {checked}"
        case _:
            return checked


def _reason(credential: Credential | None) -> str:
    """The class of the reason in plain words, or the issuer's own words where it gave some."""
    if credential is None or credential.revoked_reason is None:
        return ""
    return credential.revoked_words or credential.revoked_reason.replace("_", " ")


def _answers(found: Verification, host: str) -> tuple[Answer, ...]:
    facts = found.facts
    assert facts is not None
    return (_genuine(found), _valid(found), _issuer(facts, host), _person(facts))


def _genuine(found: Verification) -> Answer:
    assert found.facts is not None
    question = "Is it genuine?"
    if found.verdict is Verdict.ALTERED:
        return Answer(question, "No", "bad", "The stored certificate has changed since it was signed.")
    if found.verdict in (Verdict.COULD_NOT_CHECK, Verdict.UNKNOWN_ISSUER):
        return Answer(question, "Could not check", "slate", "Its signature could not be checked just now.")
    text = f"Nothing has changed since {found.facts.organisation_name} signed it."
    return Answer(question, "Yes", "ok", text)


def _valid(found: Verification) -> Answer:
    facts = found.facts
    assert facts is not None
    question, until = "Is it still valid?", facts.valid_until
    match found.verdict:
        case Verdict.VALID:
            text = f"Valid until {long_date(until)}." if until else "It has no date of expiry."
            return Answer(question, "Yes", "ok", f"{text} It has not been revoked.")
        case Verdict.EXPIRED if until:
            return Answer(question, "No", "warn", f"It expired on {long_date(until)}.")
        case Verdict.REVOKED if found.credential and found.credential.revoked_at:
            return Answer(question, "No", "bad", f"It was revoked on {long_date(found.credential.revoked_at)}.")
        case Verdict.NOT_YET_VALID | Verdict.REPLACED | Verdict.WITHDRAWN_BY_HOLDER:
            return Answer(question, "No", "warn", _HEADLINES[found.verdict] + ".")
        case _:
            return Answer(question, "Could not check", "slate", "We could not tell just now.")


def _issuer(facts: CredentialFacts, host: str) -> Answer:
    name = facts.organisation_name
    text = f"{name} issues its certificates at {host}, and publishes there the key that signed this one."
    return Answer("Who issued it, and who says so?", name, "ok", text)


def _person(facts: CredentialFacts) -> Answer:
    text = f"It names {apart(facts.holder_name)}. Compare the name with an identity document."
    return Answer("Is it this person’s?", "You decide", "you", text)


def _facts(facts: CredentialFacts, number: str) -> tuple[Fact, ...]:
    country = f", {country_name(facts.organisation_country)}" if facts.organisation_country else ""
    hours = f"{facts.hours:g} {'hour' if facts.hours == 1 else 'hours'}" if facts.hours else ""
    earned = f"{facts.credits:g} {facts.credit_system}" if facts.credits else ""
    workload = " · ".join(part for part in (hours, earned) if part)
    lines = (
        ("Awarded to", facts.holder_name),
        ("Micro-credential", f"{apart(facts.title)}, version {facts.version}" if facts.version else facts.title),
        ("Awarded by", f"{facts.organisation_name}{country}"),
        ("Date awarded", long_date(facts.awarded_on)),
        ("Valid until", long_date(facts.valid_until) if facts.valid_until else "No date of expiry"),
        ("Workload", workload),
        ("Level", facts.level),
        ("Taken part", facts.participation),
        ("Quality", facts.quality_statement),
        ("Certificate number", number),
    )
    return tuple(Fact(label, value) for label, value in lines if value)


def _assessment(facts: CredentialFacts) -> tuple[Fact, ...]:
    lines = (
        ("Kind", facts.assessment),
        ("Supervision", facts.supervision),
        ("Pass mark", f"{facts.pass_mark}\u202f%" if facts.pass_mark else ""),
        ("Result", f"{facts.result_percent}\u202f%" if facts.result_percent else ""),
    )
    return tuple(Fact(label, value) for label, value in lines if value)
