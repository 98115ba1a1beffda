"""Until when: the one deadline of an attempt, out of what the form, the LMS, the offer and the teacher say.

The judgement is `assessments.deadline_of`; here are its facts, and the moments at which one of them changes.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from lti_tool import assessments, courses, modules
from lti_tool.core.db import Tx


def window_for(
    placement: courses.Placement, dates: Mapping[str, str], accommodation: assessments.Accommodation
) -> courses.Window:
    """When the activity is open for one learner, their accommodation included."""
    window = courses.window_of(dates, placement.own_dates)
    if window.closes_at is None or not accommodation.extra_days:
        return window
    return replace(window, closes_at=window.closes_at + timedelta(days=accommodation.extra_days))


def deadline_for(
    form: assessments.Form,
    placement: courses.Placement,
    dates: Mapping[str, str],
    accommodation: assessments.Accommodation,
    *,
    started_at: datetime,
    extended_until: datetime | None = None,
) -> assessments.Deadline:
    """The deadline of an attempt that began at a moment."""
    window = courses.window_of(dates, placement.own_dates)
    by_lms = any(reason.by_lms for reason in window.reasons if reason.at == window.closes_at)
    return assessments.deadline_of(
        started_at=started_at,
        minutes=form.time_minutes,
        closes_at=window.closes_at,
        closing_words="the end of the activity, set in the LMS" if by_lms else "the end of the activity",
        accommodation=accommodation,
        extended_until=extended_until,
    )


def deadline_of(tx: Tx, attempt: assessments.Attempt, accommodation: assessments.Accommodation) -> assessments.Deadline:
    """The deadline that everything which bears on an attempt makes at this moment."""
    placement, dates = courses.placement_for(tx, attempt.enrolment_id)
    return deadline_for(
        modules.find_version(tx, attempt.module_version_id).definition.form,
        placement,
        dates,
        accommodation,
        started_at=attempt.started_at,
        extended_until=attempt.extended_until,
    )


def brought_up_to_date(
    tx: Tx, attempt: assessments.Attempt, accommodation: assessments.Accommodation
) -> assessments.Attempt:
    """An open attempt with the deadline that holds now, written down if it was another."""
    deadline = deadline_of(tx, attempt, accommodation)
    if deadline.at == attempt.deadline_at:
        return attempt
    return assessments.reschedule(tx, attempt, deadline.at)


def follow_dates(tx: Tx, placement_id: int) -> None:
    """After dates of an activity changed: every attempt that is open in it has the deadline that holds now."""
    for attempt in assessments.open_attempts(tx, placement_id):
        record = assessments.hold(tx, attempt.enrolment_id)
        if record.running is not None:
            brought_up_to_date(tx, record.running, record.accommodation)
