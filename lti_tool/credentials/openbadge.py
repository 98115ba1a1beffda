"""The Open Badges 3.0 form of a credential (1EdTech OB 3.0, W3C VC Data Model 2.0).

Arrays wherever the schema wants them, only terms of the two pinned contexts. What the EU Council Recommendation
2022/C 243/02 asks for beyond Open Badges' own fields travels as alignments: a context of our own would have to be
fetched, and verifiers refuse terms they do not know.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from lti_tool.credentials.facts import CredentialFacts
from lti_tool.credentials.proofs import CONTEXTS

# Each vocabulary of the European Learning Model has its own address; `25831c2` names the vocabulary as a whole.
_EU = "http://data.europa.eu/snb"
_RECOMMENDATION = "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:32022H0627(02)"
_FRAMEWORK = "Council Recommendation 2022/C 243/02, Annex I"


@dataclass(frozen=True)
class SignedFacts:
    """What a signed credential says, as far as the record says it too: the two must be equal.

    Whoever rewords below what is compared here makes all older credentials look altered.
    """

    id: str
    holder_name: str
    number: str
    title: str
    language: str
    version: str
    outcomes: str
    organisation_name: str
    organisation_country: str
    awarded: str
    valid_from: str
    valid_until: str
    result: str
    pass_mark: str
    credits: float | None
    alignments: tuple[tuple[str, str], ...]


def open_badge(
    facts: CredentialFacts, *, address: str, number: str, issuer_did: str, issued_at: datetime
) -> dict[str, Any]:
    """The credential without its proof. `address` is its id and its verification page at once."""
    subject: dict[str, Any] = {
        "id": f"{address}#holder",
        "type": ["AchievementSubject"],
        "identifier": [
            {"type": "IdentityObject", "hashed": False, "identityHash": facts.holder_name, "identityType": "name"}
        ],
        "licenseNumber": number,
        "achievement": _achievement(facts, address),
    }
    if facts.credits is not None:
        subject["creditsEarned"] = _amount(facts.credits)
    if facts.result_percent:
        subject["result"] = [
            {
                "type": ["Result"],
                "resultDescription": f"{address}#result",
                "value": facts.result_percent,
                "status": "Completed",
            }
        ]
    credential: dict[str, Any] = {
        "@context": list(CONTEXTS),
        "id": address,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": facts.title,
        "issuer": _issuer(facts, issuer_did),
        "validFrom": moment(issued_at),
        "awardedDate": moment(_start(facts.awarded_on)),
        "credentialSubject": subject,
    }
    if facts.valid_until:
        credential["validUntil"] = moment(end_of(facts.valid_until))
    return credential


def signed_facts(credential: Mapping[str, Any]) -> SignedFacts | None:
    """What a credential of ours says; None if it has not our shape."""
    try:
        subject = credential["credentialSubject"]
        achievement = subject["achievement"]
        marks = achievement.get("resultDescription", [{}])[0]
        return SignedFacts(
            id=credential["id"],
            holder_name=subject["identifier"][0]["identityHash"],
            number=subject["licenseNumber"],
            title=achievement["name"],
            language=achievement["inLanguage"],
            version=achievement["version"],
            outcomes=achievement["criteria"]["narrative"],
            organisation_name=credential["issuer"]["name"],
            organisation_country=credential["issuer"].get("address", {}).get("addressCountryCode", ""),
            awarded=credential["awardedDate"],
            valid_from=credential["validFrom"],
            valid_until=credential.get("validUntil", ""),
            result=subject.get("result", [{}])[0].get("value", ""),
            pass_mark=marks.get("requiredValue", ""),
            credits=subject.get("creditsEarned"),
            alignments=tuple((one["targetType"], one["targetName"]) for one in achievement.get("alignment", ())),
        )
    except (KeyError, IndexError, TypeError, AttributeError):
        return None


def recorded_facts(facts: CredentialFacts, *, address: str, number: str, issued_at: datetime) -> SignedFacts:
    """The same facts as the record has them."""
    return SignedFacts(
        id=address,
        holder_name=facts.holder_name,
        number=number,
        title=facts.title,
        language=facts.language,
        version=facts.version,
        outcomes=criteria(facts),
        organisation_name=facts.organisation_name,
        organisation_country=facts.organisation_country,
        awarded=moment(_start(facts.awarded_on)),
        valid_from=moment(issued_at),
        valid_until=moment(end_of(facts.valid_until)) if facts.valid_until else "",
        result=facts.result_percent,
        pass_mark=facts.pass_mark,
        credits=facts.credits,
        alignments=tuple((kind, text) for kind, text, _ in _said(facts)),
    )


def criteria(facts: CredentialFacts) -> str:
    """What the holder can do, and how it was judged, as Markdown."""
    parts = ["\n".join(f"- {outcome}" for outcome in facts.outcomes), facts.assessment]
    return "\n\n".join(part for part in parts if part) or facts.title


def end_of(day: date) -> datetime:
    """The last second of a day, UTC: valid until a day means through that day."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def moment(at: datetime) -> str:
    """A moment in whole seconds, as the credential and its proof write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _start(day: date) -> datetime:
    return datetime.combine(day, time(0, 0), UTC)


def _issuer(facts: CredentialFacts, did: str) -> dict[str, Any]:
    issuer: dict[str, Any] = {"id": did, "type": ["Profile"], "name": facts.organisation_name}
    if facts.organisation_website:
        issuer["url"] = facts.organisation_website
    if facts.organisation_country:
        issuer["address"] = {"type": ["Address"], "addressCountryCode": facts.organisation_country}
    return issuer


def _achievement(facts: CredentialFacts, address: str) -> dict[str, Any]:
    achievement: dict[str, Any] = {
        "id": f"{address}#achievement",
        "type": ["Achievement"],
        "achievementType": "MicroCredential",
        "name": facts.title,
        "description": facts.description or facts.title,
        "criteria": {"narrative": criteria(facts)},
        "inLanguage": facts.language,
        "version": facts.version,
    }
    alignments = _alignments(facts)
    if alignments:
        achievement["alignment"] = alignments
    if facts.credits is not None:
        achievement["creditsAvailable"] = _amount(facts.credits)
    if facts.result_percent or facts.pass_mark:
        marks: dict[str, Any] = {
            "id": f"{address}#result",
            "type": ["ResultDescription"],
            "name": "Final result",
            "resultType": "Percent",
            "valueMin": "0",
            "valueMax": "100",
        }
        if facts.pass_mark:
            marks["requiredValue"] = facts.pass_mark
        achievement["resultDescription"] = [marks]
    return achievement


def _alignments(facts: CredentialFacts) -> list[dict[str, Any]]:
    """The EU facts that Open Badges has no field for, each pointing at the vocabulary that defines it."""
    return [
        {
            "type": ["Alignment"],
            "targetName": text,
            "targetUrl": url,
            "targetFramework": _FRAMEWORK,
            "targetType": kind,
        }
        for kind, text, url in _said(facts)
    ]


def _said(facts: CredentialFacts) -> list[tuple[str, str, str]]:
    """(kind, words, vocabulary) of what the record says for Annex I."""
    workload = f"{facts.hours:g} hours" if facts.hours is not None else ""
    if facts.credits is not None:
        workload += f"{', ' if workload else ''}{facts.credits:g} {facts.credit_system}"
    fields = (
        ("ext:Workload", workload, _RECOMMENDATION),
        ("ext:EQF", facts.level, f"{_EU}/eqf/{_eqf(facts.level)}"),
        ("ext:AssessmentType", facts.assessment, f"{_EU}/learning-assessment/25831c2"),
        ("ext:Participation", facts.participation, f"{_EU}/learning-setting/25831c2"),
        ("ext:Supervision", facts.supervision, f"{_EU}/supervision-verification/25831c2"),
        ("ext:QualityAssurance", facts.quality_statement, _RECOMMENDATION),
    )
    return [(kind, text, url) for kind, text, url in fields if text]


def _amount(value: float) -> float:
    """A whole number as one: JavaScript reads 1.0 as 1, Python does not, and their signed texts would differ."""
    return int(value) if value == int(value) else value


def _eqf(level: str) -> str:
    """The EQF level in the words of a module, as the vocabulary's own last part; else the vocabulary."""
    found = re.search(r"EQF\D*([1-8])\b", level)
    return found[1] if found else "25831c2"
