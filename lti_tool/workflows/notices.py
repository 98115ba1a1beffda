"""Hearing: what a platform tells by itself (Platform Notification Service 1.0 §5), apart from any launch.

Each notice is judged by itself, outside a transaction, as the platform's keys may have to be fetched; then one
transaction uses it up and keeps what it says. All of a batch come from one platform, so a stranger's batch has one
platform's keys fetched at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lti_tool import courses, lti
from lti_tool.core import audit, logs
from lti_tool.core.db import Database, Tx
from lti_tool.core.errors import Invalid, NotAllowed, Side, ToolError

MOST_NOTICES = 50

log = logs.get("notices")


class Hearing(StrEnum):
    """What became of a notice. `PASSED_OVER`: genuine, but of a kind or an installation that says nothing to us."""

    TAKEN = "taken"
    KNOWN = "known"
    PASSED_OVER = "passed over"
    REFUSED = "refused"


@dataclass(frozen=True)
class Heard:
    """What became of one notice; `code` names the rule that it breaks."""

    hearing: Hearing
    code: str = ""


def hear(
    db: Database, key_sets: lti.KeySets, texts: Sequence[object], *, leeway: int, now: datetime
) -> tuple[Heard, ...]:
    """Takes each genuine notice of a batch once, and says what became of each; the rest of the batch does not suffer.

    Raises Invalid for a batch that is none, or too large; Upstream where the platform's keys cannot be had.
    """
    if not 0 < len(texts) <= MOST_NOTICES:
        raise _no_batch(count=len(texts))
    opened = [_opened(text, now) for text in texts]
    _require_one_platform(opened)
    return tuple(
        one if isinstance(one, Heard) else _hear_one(db, key_sets, one, leeway=leeway, now=now) for one in opened
    )


def _require_one_platform(opened: Sequence[lti.Envelope | Heard]) -> None:
    """Refuses a batch in the names of several: each name would have somebody's keys fetched."""
    named = {(one.issuer, one.client_id) for one in opened if isinstance(one, lti.Envelope)}
    if len(named) > 1:
        raise _no_batch(platforms=len(named))


def _opened(text: object, now: datetime) -> lti.Envelope | Heard:
    try:
        return lti.open_envelope(text, now=now)
    except lti.LtiRefused as fault:
        return _refusal(fault)


def _hear_one(db: Database, key_sets: lti.KeySets, envelope: lti.Envelope, *, leeway: int, now: datetime) -> Heard:
    with db.reading() as tx:
        registration = lti.registration_for(tx, issuer=envelope.issuer, client_id=envelope.client_id)
    if registration is None:
        return Heard(Hearing.REFUSED, "lti.unknown_platform")
    try:
        lti.require_enabled(registration)
        notice = lti.verify_notice(envelope, registration, key_sets, leeway=leeway, now=now)
        with db.transaction() as tx:
            return _take(tx, envelope, notice, now=now)
    except (lti.LtiRefused, NotAllowed) as fault:
        return _refusal(fault)


def _take(tx: Tx, envelope: lti.Envelope, notice: lti.Notice, *, now: datetime) -> Heard:
    if not lti.take_once(tx, envelope, notice, now=now):
        return Heard(Hearing.KNOWN)
    deployment_id = lti.installation_of(tx, notice)
    log.info("notice.heard", registration=notice.registration.id, kind=notice.kind[:100], deployment=deployment_id)
    if deployment_id is None:
        return Heard(Hearing.PASSED_OVER)
    lti.note_heard(tx, deployment_id, now=now)
    if not notice.is_copy or not notice.origins:
        return Heard(Hearing.PASSED_OVER)
    courses.note_copy(
        tx,
        deployment_id=deployment_id,
        lms_context_id=notice.context_id,
        origins=notice.origins,
        copied_at=notice.at,
        now=now,
    )
    audit.record(
        tx,
        now=now,
        actor=f"registration:{notice.registration.id}",
        act="course.copied",
        subject=f"deployment:{deployment_id}",
        context=notice.context_id,
        origins=list(notice.origins),
    )
    return Heard(Hearing.TAKEN)


def _refusal(fault: ToolError) -> Heard:
    log.info(
        "notice.refused", code=fault.code, **{f"log_{name}": str(value)[:200] for name, value in fault.log.items()}
    )
    return Heard(Hearing.REFUSED, fault.code)


def _no_batch(**facts: object) -> Invalid:
    return Invalid(
        "workflows.notices",
        "This is no batch of notices: it holds from one to %(most)s of them, all from one platform.",
        'The LMS sends notices as {"notices": [{"jwt": "…"}]}.',
        side=Side.LMS,
        log=facts,
        most=MOST_NOTICES,
    )
