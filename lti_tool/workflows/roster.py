"""The list of a course's people, read by a worker: never while a page waits for it, and never inside a transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from lti_tool import courses, lti
from lti_tool.core import audit, logs
from lti_tool.core.db import Database, Tx
from lti_tool.workflows.study import enrolled

# By what platforms say that they do not know a link, or the word: then the list of the whole course is asked for.
_NO_SUCH_LINK = ("lti.roster", "lti.roster_gone")

log = logs.get("courses")


class Lists(Protocol):
    """The platforms' lists of people; `lti.Services` is one."""

    def roster(self, registration_id: int, memberships_url: str, *, resource_link_id: str | None = None) -> lti.Roster:
        """Who may open a link, or is in the course; a list that is not whole says so, and nothing is raised."""
        ...


def refresh_roster(tx: Tx, session: lti.Session, *, now: datetime) -> None:
    """Has the list of the activity's people read at a teacher's request; once a minute at most, silent in between."""
    _, placement_id = enrolled(session)
    placement = courses.find_placement(tx, placement_id)
    courses.want_roster(tx, placement, registration_id=session.registration_id, now=now, pause=courses.PAUSE_BY_HAND)
    subject, actor = f"placement:{placement_id}", f"person:{session.person_id}"
    audit.record(tx, now=now, actor=actor, act="roster.refresh", subject=subject, launch=session.public_id)


def read_roster_due(db: Database, lists: Lists, *, clock: Callable[[], datetime]) -> int:
    """Reads one list that is due, if there is one; returns how many were read."""
    with db.reading() as tx:
        if not courses.is_roster_due(tx, clock()):
            return 0
    with db.transaction() as tx:
        reading = courses.claim_roster(tx, clock())
    if reading is None:
        return 0
    told = _ask(lists, reading)
    with db.transaction() as tx:
        kept = courses.keep_roster(tx, reading, told, now=clock())
    log.info(
        "roster.read", roster=reading.id, people=len(told.members), whole=told.complete, cause=told.cause, kept=kept
    )
    return 1


def _ask(lists: Lists, reading: courses.Reading) -> lti.Roster:
    """Who may open the link; where the platform tells that of no link, who is in the course."""
    told = lists.roster(reading.registration_id, reading.url, resource_link_id=reading.lms_resource_link_id)
    if told.complete or told.cause not in _NO_SUCH_LINK:
        return told
    return lists.roster(reading.registration_id, reading.url)
