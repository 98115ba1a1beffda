"""What a learner is told beside the module itself: a certificate held already, and when the assessment is open."""

from datetime import datetime

from lti_tool import courses, workflows


def held_note(study: workflows.Study) -> str:
    """What becomes of a second run of a module, for somebody who holds its certificate already."""
    if study.held is None:
        return ""
    return (
        f"You hold a certificate for this module already, from {_day(study.held.issued_at)}, earned in another "
        "activity. It stays as it is, and no second one is made. What you do here is a run of its own: it begins with "
        "nothing, and its result goes into this course’s gradebook."
    )


def window_words(window: courses.Window, platform: str, now: datetime) -> tuple[str, ...]:
    """From when until when the assessment is open, by whose clock, and who says so."""
    said = []
    if window.opens_at is not None and now < window.opens_at:
        said.append(f"Opens on {_told(window, window.opens_at, platform)}.")
    if window.due_at is not None:
        said.append(f"Due on {_told(window, window.due_at, platform)}.")
    if window.closes_at is not None:
        words = "Open until" if now <= window.closes_at else "Closed since"
        said.append(f"{words} {_told(window, window.closes_at, platform)}.")
    return tuple(said)


def _told(window: courses.Window, at: datetime, platform: str) -> str:
    if any(reason.by_lms for reason in window.reasons if reason.at == at):
        return f"{courses.place_words(at, '')}, set in {platform or 'your LMS'}"
    who = "by your teacher" if window.zone else "with the module"
    return f"{courses.place_words(at, window.zone)}, set {who}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
