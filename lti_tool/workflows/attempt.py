"""Taking the assessment: beginning an attempt and saving answers as they are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lti_tool import assessments, courses, lti, modules
from lti_tool.core import audit
from lti_tool.core.db import Tx
from lti_tool.core.errors import Conflict, NotAllowed, NotFound, Side
from lti_tool.workflows.study import enrolled
from lti_tool.workflows.timing import brought_up_to_date, deadline_for, deadline_of, window_for


@dataclass(frozen=True)
class Sitting:
    """An attempt with the version it is pinned to, the answers as they stand, and until when it may go on.

    `late` are the answers that came after the end, in the order in which they came.
    """

    attempt: assessments.Attempt
    version: modules.ModuleVersion
    saved: Mapping[str, assessments.Saved]
    deadline: assessments.Deadline = field(default_factory=assessments.Deadline)
    attempts_allowed: int | None = None
    late: Sequence[assessments.Entry] = ()

    def item(self, number: int) -> assessments.Item:
        """The question at a place of this attempt, counted from 1."""
        if not 1 <= number <= len(self.attempt.drawn.item_ids):
            raise NotFound("assessments.no_question", "This attempt has no question with that number.")
        return self.version.definition.form.items[self.attempt.drawn.item_ids[number - 1]]

    @property
    def answered(self) -> int:
        return sum(1 for item_id in self.attempt.drawn.item_ids if self.response(item_id) is not None)

    def response(self, item_id: str) -> assessments.Response | None:
        """The current answer to a question; None where there is none."""
        saved = self.saved.get(item_id)
        return None if saved is None else saved.response

    def is_over(self, now: datetime) -> bool:
        """Whether the attempt is open and has no time left, by the deadline that holds now."""
        at = self.deadline.at
        return self.attempt.open and at is not None and now > at

    @property
    def last_saved_at(self) -> datetime | None:
        return max((saved.saved_at for saved in self.saved.values()), default=None)


@dataclass(frozen=True)
class Answered:
    """What became of an answer that was sent. `unclear` says what of it cannot be read as meant, empty if all is clear.

    `refusal` is what to tell its sender where it came too late: it is kept all the same, so raise that only once the
    transaction is through.
    """

    saved: assessments.Saved
    unclear: str
    refusal: Conflict | None


def begin(tx: Tx, session: lti.Session, *, seed: int, now: datetime) -> assessments.Attempt:
    """A new attempt on the newest version, or the one that is still open."""
    require_assessed(session.role)
    enrolment_id, _ = enrolled(session)
    placement, dates = courses.placement_for(tx, enrolment_id)
    record = assessments.record_of(tx, enrolment_id)
    if record.running is not None:
        return record.running
    _require_open(window_for(placement, dates, record.accommodation), now)
    version = modules.newest_version(tx, placement.offer.module_id)
    form = version.definition.form
    attempt = assessments.start(
        tx,
        enrolment_id=enrolment_id,
        module_version_id=version.id,
        form=form,
        seed=seed,
        now=now,
        deadline_at=deadline_for(form, placement, dates, record.accommodation, started_at=now).at,
        counts=session.counts,
        known=record,
    )
    if attempt.started_at == now:
        subject, actor = f"attempt:{attempt.public_id}", f"person:{session.person_id}"
        audit.record(tx, now=now, actor=actor, act="attempt.begin", subject=subject, launch=session.public_id)
    return attempt


def _require_open(window: courses.Window, now: datetime) -> None:
    """Refuses a new attempt outside the window that the LMS and the offer set; one that is open goes on."""
    state = window.state_at(now)
    if state is courses.State.BEFORE and window.opens_at is not None:
        raise NotAllowed(
            "courses.not_open_yet",
            "The assessment opens on %(at)s. You can read the pages until then.",
            "Your teacher has set this date in the course. Come back once it is open.",
            side=Side.NOBODY,
            at=moment_words(window.opens_at),
        )
    if state is courses.State.AFTER and window.closes_at is not None:
        raise NotAllowed(
            "courses.closed",
            "The assessment closed on %(at)s, so no new attempt can begin.",
            "Your results are kept, and you can still read the pages. Ask your teacher if you need more time.",
            side=Side.NOBODY,
            at=moment_words(window.closes_at),
        )


def moment_words(at: datetime) -> str:
    """24 November 2026, 10:42 UTC."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def sit(tx: Tx, session: lti.Session, attempt_id: str) -> Sitting:
    """One of the session's own attempts, as it stands; NotFound for anybody else's."""
    enrolment_id, _ = enrolled(session)
    record = assessments.record_of(tx, enrolment_id)
    attempt = assessments.find_in(record, attempt_id, enrolment_id=enrolment_id)
    return sitting_of(tx, attempt, record)


def sitting_of(tx: Tx, attempt: assessments.Attempt, record: assessments.Record) -> Sitting:
    """An attempt as it stands, with all that belongs to it."""
    version = modules.find_version(tx, attempt.module_version_id)
    return Sitting(
        attempt,
        version,
        assessments.answers_of(tx, attempt.id),
        deadline_of(tx, attempt, record.accommodation),
        record.allowed(version.definition.form.attempts),
        () if attempt.open else [one for one in assessments.journal_of(tx, attempt.id) if not one.saved.counts],
    )


def answer(
    tx: Tx,
    session: lti.Session,
    attempt_id: str,
    *,
    number: int,
    fields: Mapping[str, Sequence[str]],
    page_key: str,
    sequence: int,
    now: datetime,
) -> Answered:
    """Keeps the answer to one question. A repetition of the same save changes nothing and answers the same."""
    enrolment_id, _ = enrolled(session)
    attempt = assessments.find_attempt(tx, attempt_id, enrolment_id=enrolment_id)
    if attempt.is_over(now):
        # It may have been given more time by a date of the LMS that nobody has followed yet.
        attempt = _held(tx, attempt)
    version = modules.find_version(tx, attempt.module_version_id)
    item = Sitting(attempt, version, {}).item(number)
    response = assessments.read_response(item, fields)
    saved = assessments.save(tx, attempt, item=item, response=response, page_key=page_key, sequence=sequence, now=now)
    refusal = None if saved.counts else assessments.too_late(attempt)
    return Answered(saved, assessments.unclear(item, saved.response), refusal)


def _held(tx: Tx, attempt: assessments.Attempt) -> assessments.Attempt:
    record = assessments.hold(tx, attempt.enrolment_id)
    current = assessments.find_in(record, attempt.public_id, enrolment_id=attempt.enrolment_id)
    return brought_up_to_date(tx, current, record.accommodation) if current.open else current


def require_assessed(role: lti.Role) -> None:
    """Refuses whoever is not assessed in this course: teachers look at the preview instead."""
    if not role.is_assessed:
        raise NotAllowed(
            "assessments.not_assessed",
            "Only learners of the course take the assessment.",
            "As a teacher you can see all questions in the preview.",
            side=Side.YOU,
        )
