"""Taking the assessment: beginning an attempt and saving answers as they are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lti_tool import assessments, courses, lti, modules
from lti_tool.core import audit
from lti_tool.core.db import Tx
from lti_tool.core.errors import NotAllowed, NotFound, Side
from lti_tool.workflows.study import enrolled, version_for


@dataclass(frozen=True)
class Sitting:
    """An attempt with the version it is pinned to and the answers as they stand."""

    attempt: assessments.Attempt
    version: modules.ModuleVersion
    saved: Mapping[str, assessments.Saved]

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

    @property
    def last_saved_at(self) -> datetime | None:
        return max((saved.saved_at for saved in self.saved.values()), default=None)


def begin(tx: Tx, session: lti.Session, *, seed: int, now: datetime) -> assessments.Attempt:
    """A new attempt on the newest version, or the one that is still open."""
    require_assessed(session.role)
    enrolment_id, _ = enrolled(session)
    placement, dates = courses.placement_for(tx, enrolment_id)
    earlier = assessments.attempts_of(tx, enrolment_id)
    version = version_for(tx, placement, earlier)
    if not any(attempt.open for attempt in earlier):
        _require_open(courses.window_of(dates, placement.offer.settings), now)
    attempt = assessments.start(
        tx,
        enrolment_id=enrolment_id,
        module_version_id=version.id,
        form=version.definition.form,
        seed=seed,
        now=now,
    )
    if attempt.id not in {known.id for known in earlier}:
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
    attempt = assessments.find_attempt(tx, attempt_id, enrolment_id=enrolment_id)
    version = modules.find_version(tx, attempt.module_version_id)
    return Sitting(attempt, version, assessments.answers_of(tx, attempt.id))


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
) -> tuple[assessments.Saved, str]:
    """Saves the answer to one question, and says what of it cannot be read as meant (empty if all is clear).

    A repetition of the same save changes nothing and answers the same.
    """
    enrolment_id, _ = enrolled(session)
    attempt = assessments.find_attempt(tx, attempt_id, enrolment_id=enrolment_id)
    version = modules.find_version(tx, attempt.module_version_id)
    item = Sitting(attempt, version, {}).item(number)
    response = assessments.read_response(item, fields)
    saved = assessments.save(tx, attempt, item=item, response=response, page_key=page_key, sequence=sequence, now=now)
    return saved, assessments.unclear(item, saved.response)


def require_assessed(role: lti.Role) -> None:
    """Refuses whoever is not assessed in this course: teachers look at the preview instead."""
    if not role.is_assessed:
        raise NotAllowed(
            "assessments.not_assessed",
            "Only learners of the course take the assessment.",
            "As a teacher you can see all questions in the preview.",
            side=Side.YOU,
        )
