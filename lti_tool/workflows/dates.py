"""Dating: a teacher says from when until when an activity is open, beside what the LMS says of it."""

from dataclasses import dataclass
from datetime import datetime

from lti_tool import courses, lti, modules
from lti_tool.core import audit
from lti_tool.core.db import Tx
from lti_tool.core.errors import NotAllowed, Side
from lti_tool.workflows.study import enrolled
from lti_tool.workflows.timing import follow_dates


@dataclass(frozen=True)
class Dated:
    """An activity and when it is open, for who may say so."""

    placement: courses.Placement
    version: modules.ModuleVersion
    window: courses.Window


def dates_of(tx: Tx, session: lti.Session) -> Dated:
    """When the session's activity is open, and by which dates; NotAllowed for who may not change them."""
    _require_editing(session)
    _, placement_id = enrolled(session)
    placement = courses.find_placement(tx, placement_id)
    return Dated(
        placement,
        modules.newest_version(tx, placement.offer.module_id),
        courses.window_of(placement.dates, placement.own_dates),
    )


def set_dates(tx: Tx, session: lti.Session, dates: courses.OwnDates, *, now: datetime) -> None:
    """A teacher's dates for the session's activity; they hold at once, for an attempt that is open as well."""
    placement = dates_of(tx, session).placement
    courses.set_dates(tx, placement.id, dates)
    follow_dates(tx, placement.id)
    audit.record(
        tx,
        now=now,
        actor=f"person:{session.person_id}",
        act="placement.dates",
        subject=f"placement:{placement.public_id}",
        launch=session.public_id,
        before=dict(placement.set_dates or {}),
        after=dates.stored,
    )


def _require_editing(session: lti.Session) -> None:
    if not session.role.may_author:
        raise NotAllowed(
            "courses.dates_not_yours",
            "The dates of this activity are for the editing teachers of the course to set.",
            "Ask one of them, or the LMS's administrator if you should be one.",
            side=Side.LMS,
        )
