"""Answers brought in a file: a page that never got its connection back saved them, and a teacher hands the file in.

The file is signed with the key that the server gave the page when the attempt began, so it is of this attempt and was
not written by hand. When its answers were given is the word of the device, and is shown as such: whether they count is
what the teacher decides by bringing the file.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lti_tool import assessments, lti, modules
from lti_tool.core import audit
from lti_tool.core.db import Tx
from lti_tool.core.errors import Invalid
from lti_tool.workflows.attempt import Sitting
from lti_tool.workflows.conduct import require_grading, require_none_else, require_of_activity, undo
from lti_tool.workflows.finish import hand_in_for

_MOST_SAVES = 500


class _Save(BaseModel):
    """One answer as the page would have sent it: to which address, from which page load, in which order."""

    model_config = ConfigDict(frozen=True)
    path: str = Field(max_length=200)
    page: str = Field(max_length=64)
    sequence: int
    body: str = Field(max_length=40_000)


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True)
    attempt: str = Field(max_length=26)
    made_at: datetime
    saves: tuple[_Save, ...] = Field(max_length=_MOST_SAVES)


class _File(BaseModel):
    signed: str
    signature: str = Field(max_length=128)


@dataclass(frozen=True)
class Brought:
    """What a file brought: to which attempt, how many answers, and the mark where that was handed in with them."""

    attempt: str
    answers: int
    made_at: datetime


def bring(tx: Tx, session: lti.Session, text: str, *, now: datetime) -> Brought:
    """Takes the answers of a file; an attempt that was over is handed in once more, with them.

    Bringing the same file again changes nothing but the moment of the hand-in. Raises Invalid for what is no such file
    or bears another signature, NotFound for an attempt of another activity.
    """
    require_grading(session.role)
    file, said = _read(text)
    enrolment = require_of_activity(tx, session, said.attempt)
    record = assessments.hold(tx, enrolment.id)
    attempt = assessments.find_in(record, said.attempt, enrolment_id=enrolment.id)
    _require_signature(file, attempt)
    actor = f"person:{session.person_id}"
    over = not attempt.open or attempt.is_over(now)
    if over:
        attempt = _opened(tx, record, attempt, actor=actor, now=now)
    taken = _take(tx, attempt, said.saves, now=now)
    told = {"answers": taken, "made_at": said.made_at.astimezone(UTC).isoformat()}
    assessments.note(tx, attempt.id, assessments.EventKind.BROUGHT, actor=actor, now=now, **told)
    subject = f"attempt:{attempt.public_id}"
    audit.record(tx, now=now, actor=actor, act="attempt.bring", subject=subject, launch=session.public_id, **told)
    if over:
        hand_in_for(tx, enrolment, attempt.public_id, actor=actor, now=now)
    return Brought(attempt.public_id, taken, said.made_at)


def _read(text: str) -> tuple[_File, _Said]:
    try:
        file = _File.model_validate_json(text)
        return file, _Said.model_validate_json(file.signed)
    except ValidationError:
        raise _no_such_file() from None


def _require_signature(file: _File, attempt: assessments.Attempt) -> None:
    right = hmac.new(attempt.page_secret.encode(), file.signed.encode(), hashlib.sha256).hexdigest()
    if not attempt.page_secret or not hmac.compare_digest(right.encode(), file.signature.encode()):
        raise Invalid(
            "assessments.wrong_signature",
            "This file was changed after the page had saved it, or it is of another attempt.",
            "Ask the learner for the file as the page saved it. Nothing was changed.",
            log={"attempt": attempt.public_id},
        )


def _opened(
    tx: Tx, record: assessments.Record, attempt: assessments.Attempt, *, actor: str, now: datetime
) -> assessments.Attempt:
    """The attempt, open for this moment."""
    require_none_else(record, attempt)
    if attempt.open:
        opened = assessments.extend(tx, attempt, until=now, actor=actor, now=now)
    else:
        undo(tx, attempt)
        opened = assessments.reopen(tx, attempt, until=now, actor=actor, reason="answers in a file", now=now)
    return assessments.reschedule(tx, opened, now)


def _take(tx: Tx, attempt: assessments.Attempt, saves: Sequence[_Save], *, now: datetime) -> int:
    sitting = Sitting(attempt, modules.find_version(tx, attempt.module_version_id), {})
    for save in saves:
        place = save.path.rpartition("/")[2]
        item = sitting.item(int(place) if place.isdecimal() and len(place) < 5 else 0)
        response = assessments.read_response(item, _fields(save.body))
        kept = assessments.save(
            tx, attempt, item=item, response=response, page_key=save.page, sequence=save.sequence, now=now
        )
        if not kept.counts:
            # It did arrive, after the end: bringing the file says that it counts.
            assessments.count_after_all(tx, attempt, page_key=save.page, sequence=save.sequence)
    return len(saves)


def _fields(body: str) -> Mapping[str, Sequence[str]]:
    told = parse_qs(body, keep_blank_values=True, max_num_fields=1000)
    return {name: values for name, values in told.items() if name.startswith("a-")}


def _no_such_file() -> Invalid:
    return Invalid(
        "assessments.no_answer_file",
        "This is not a file that a page of an assessment has saved.",
        "The file’s name begins with “answers-” and ends with “.json”. Ask the learner for it once more.",
    )
