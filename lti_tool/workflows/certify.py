"""Certifying: the holder confirms the printed name, the record is made, and anybody may check it afterwards.

Order of issue: record → sign → draw. This is the record; signing and drawing are a worker's tasks, driven by it.
"""

import calendar
from datetime import date, datetime
from fractions import Fraction

from lti_tool import credentials, gradebook, lti, modules, people
from lti_tool.core import audit
from lti_tool.core.db import Tx
from lti_tool.core.errors import Conflict, NotAllowed, Side
from lti_tool.workflows.study import Study, achievement_of, look


def name_to_print(study: Study, typed: str = "") -> str:
    """The name to print: as the LMS gives it, or as typed by the holder where the LMS gives none."""
    return study.person.shown_name or typed


def confirm_name(tx: Tx, session: lti.Session, *, typed: str, public_url: str, now: datetime) -> credentials.Credential:
    """Issues the credential of a completed module to the name that its holder has confirmed; once."""
    study = look(tx, session)
    if study.credential is not None:
        return study.credential
    _require_counted(session)
    if study.completion is None:
        raise Conflict(
            "credentials.not_completed",
            "The certificate comes once the assessment is passed.",
            "Go to the assessment; what you have saved is there.",
            side=Side.YOU,
        )
    name = credentials.printable_name(name_to_print(study, typed))
    issued = credentials.issue(
        tx,
        _facts(tx, session, study.completion, _best_percent(study, study.completion), name),
        completion_id=study.completion.id,
        person_id=session.person_id,
        organisation_id=session.organisation_id,
        module_version_id=study.completion.module_version_id,
        achievement=achievement_of(study.version),
        public_url=public_url,
        now=now,
    )
    subject, actor = f"credential:{issued.id}", f"person:{session.person_id}"
    audit.record(tx, now=now, actor=actor, act="credential.confirm_name", subject=subject, launch=session.public_id)
    return issued


def _require_counted(session: lti.Session) -> None:
    if session.is_masquerade:
        raise NotAllowed(
            "credentials.masquerade",
            "You are acting as this learner, so there is no certificate: only they can have it made.",
            "Stop acting as them in the LMS; they open the activity themselves.",
            side=Side.YOU,
        )
    if session.is_test_user:
        raise NotAllowed(
            "credentials.test_user",
            "This is a practice run with a test user, so there is no certificate.",
            side=Side.YOU,
        )


def verify(tx: Tx, public_id: str, *, now: datetime) -> credentials.Verification:
    """What can be said of a credential right now."""
    return credentials.verify(tx, public_id, now=now)


def revoke(tx: Tx, public_id: str, *, reason: str, words: str, actor: str, now: datetime) -> None:
    """Takes a credential back; its page says so at once."""
    credentials.revoke(tx, public_id, reason=reason, words=words, actor=actor, now=now)


def reinstate(tx: Tx, public_id: str, *, words: str, actor: str, now: datetime) -> None:
    """Takes a revocation back."""
    credentials.reinstate(tx, public_id, words=words, actor=actor, now=now)


def _best_percent(study: Study, completion: gradebook.Completion) -> Fraction:
    """The best result in the version that was completed, up to now: a learner may improve before the certificate."""
    same = (attempt for attempt in study.attempts if attempt.module_version_id == completion.module_version_id)
    return max((attempt.percent for attempt in same if attempt.percent is not None), default=completion.percent)


def _facts(
    tx: Tx, session: lti.Session, completion: gradebook.Completion, percent: Fraction, name: str
) -> credentials.CredentialFacts:
    """All that the certificate will say: of the version that was completed, whatever was published since."""
    definition = modules.find_version(tx, completion.module_version_id).definition
    organisation = people.find_organisation(tx, session.organisation_id)
    awarded = completion.completed_at.date()
    amount, system = _credits(definition.credits)
    return credentials.CredentialFacts(
        holder_name=name,
        title=definition.title,
        description=definition.summary,
        language=definition.language,
        organisation_name=organisation.name,
        organisation_country=organisation.country,
        organisation_website=organisation.website,
        outcomes=definition.outcomes,
        hours=float(definition.hours) if definition.hours else None,
        credits=amount,
        credit_system=system,
        level=definition.level,
        result_percent=gradebook.shown_percent(percent),
        pass_mark=gradebook.shown_percent(definition.pass_percent),
        assessment=_assessment_words(definition),
        participation="Online, at own pace",
        supervision="Unsupervised, without identity verification",
        quality_statement=definition.quality,
        version=definition.version_label,
        awarded_on=awarded,
        valid_until=_after_months(awarded, definition.validity_months),
    )


def _credits(text: str) -> tuple[float | None, str]:
    """An author's “1 ECTS” as an amount and its system; no amount where there is none to read."""
    amount, _, system = text.partition(" ")
    try:
        return float(amount) or None, system.strip()
    except ValueError:
        return None, ""


def _assessment_words(definition: modules.ModuleDefinition) -> str:
    form = definition.form
    limit = "any number of attempts" if form.attempts is None else f"at most {form.attempts} attempts"
    return f"Online test of {form.question_count} questions, {limit}"


def _after_months(day: date, months: int | None) -> date | None:
    """The same day so many months later, or the last day of a shorter month."""
    if not months:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
