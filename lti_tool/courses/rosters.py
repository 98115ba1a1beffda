"""Who should do an activity, as its LMS tells (NRPS 2.0 §2): the members of a course who may open one link.

A list is asked for when somebody who teaches comes, or asks; it is read by a worker, by one at a time, and no more
often than `PAUSE` says. Kept is what a teacher's page needs: the LMS's id, the name that the list shares, the role, and
since when somebody is no longer in it. Nobody leaves by a list that is not whole, and nobody is ever deleted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Insert, and_, bindparam, case, func, or_, select, update

from lti_tool import lti
from lti_tool.core import leases
from lti_tool.core.db import Tx, insert, per_dialect
from lti_tool.courses.placements import Placement
from lti_tool.courses.tables import members, rosters

PAUSE = timedelta(minutes=15)
"""Between two readings of one list that nobody has asked for by hand."""
PAUSE_BY_HAND = timedelta(minutes=1)
# A list of 500 pages at a slow LMS; whoever takes longer is fenced off.
_LEASE_SECONDS = 900.0
_RETRIES = (timedelta(minutes=1), timedelta(minutes=10))
_LONGEST_NAME = 500


@dataclass(frozen=True)
class Member:
    """Somebody on the list. `name` is None where it shares none; `left_at` is set for who is no longer there."""

    lms_user_id: str
    name: str | None
    role: lti.Role
    left_at: datetime | None


@dataclass(frozen=True)
class Roster:
    """A list: when it last came whole, whether it is being read, and why not if it could not be."""

    id: int
    read_at: datetime | None
    is_coming: bool
    problem: str
    next_try_at: datetime | None


@dataclass(frozen=True)
class Reading:
    """A list that a worker holds, to read it."""

    id: int
    fence: int
    tries: int
    registration_id: int
    url: str
    lms_resource_link_id: str


_by_link = select(rosters).where(
    rosters.c.deployment_id == bindparam("deployment_id"),
    rosters.c.lms_context_id == bindparam("lms_context_id"),
    rosters.c.lms_resource_link_id == bindparam("lms_resource_link_id"),
)
_members = select(members.c.lms_user_id, members.c.name, members.c.role, members.c.left_at).where(
    members.c.roster_id == bindparam("roster_id")
)

_lists_with = (
    select(func.count())
    .select_from(members)
    .join(rosters, rosters.c.id == members.c.roster_id)
    .where(rosters.c.registration_id == bindparam("registration_id"))
    .where(members.c.lms_user_id == bindparam("lms_user_id"))
)


def want_roster(tx: Tx, placement: Placement, *, registration_id: int, now: datetime, pause: timedelta = PAUSE) -> None:
    """Has the list read soon, unless it was within `pause`, is being read, or waits for another try."""
    if not placement.lms_context_id or not placement.memberships_url:
        return
    row = {**_key(placement), "registration_id": registration_id, "url": placement.memberships_url, "due_at": now}
    tx.execute(_want(tx), {**row, "before": now - pause})


@per_dialect
def _want(tx: Tx) -> Insert:
    fresh, kept = insert(tx, rosters), rosters.c
    rested = or_(kept.asked_at.is_(None), kept.asked_at <= bindparam("before", type_=kept.asked_at.type))
    soon = case((and_(kept.due_at.is_(None), rested), fresh.excluded.due_at), else_=kept.due_at)
    return fresh.on_conflict_do_update(
        index_elements=["deployment_id", "lms_context_id", "lms_resource_link_id"],
        set_={"url": fresh.excluded.url, "due_at": soon},
    )


def roster_of(tx: Tx, placement: Placement, *, now: datetime) -> Roster | None:
    """The list of a placement's link; None where nobody has asked for one, or the LMS offers none."""
    row = tx.execute(_by_link, _key(placement)).one_or_none()
    if row is None:
        return None
    is_coming = row.due_at is not None and (row.due_at <= now or row.leased_until is not None)
    waits = row.due_at is not None and not is_coming
    return Roster(row.id, row.read_at, is_coming, row.last_error or "", row.due_at if waits else None)


def members_of(tx: Tx, roster_id: int) -> Sequence[Member]:
    """Everybody who is on a list, or was."""
    return [
        Member(row.lms_user_id, row.name, lti.Role(row.role), row.left_at)
        for row in tx.execute(_members, {"roster_id": roster_id})
    ]


def lists_with(tx: Tx, registration_id: int, lms_user_id: str) -> int:
    """How many lists of a platform name, or have named, this person."""
    return tx.execute(_lists_with, {"registration_id": registration_id, "lms_user_id": lms_user_id}).scalar_one()


def is_roster_due(tx: Tx, now: datetime) -> bool:
    """Whether a list waits to be read; for a look that locks nothing."""
    return tx.execute(select(rosters.c.id).where(_is_due(now)).limit(1)).first() is not None


def claim_roster(tx: Tx, now: datetime) -> Reading | None:
    """A list that is due, now held by the caller alone."""
    claimed = leases.claim(tx, rosters, now=now, limit=1, lease_seconds=_LEASE_SECONDS)
    if not claimed:
        return None
    row = claimed[0]
    tx.execute(update(rosters).where(rosters.c.id == row["id"]).values(asked_at=now))
    facts = ("id", "fence", "tries", "registration_id", "url", "lms_resource_link_id")
    return Reading(*(row[name] for name in facts))


def keep_roster(tx: Tx, reading: Reading, told: lti.Roster, *, now: datetime) -> bool:
    """Writes down what a reading told; False, and nothing written, where another worker has taken over meanwhile."""
    outcome = {"read_at": now, "last_error": None, "tries": 0} if told.complete else _trouble(reading, told, now)
    if not leases.finish(tx, rosters, reading.id, reading.fence, **outcome):
        return False
    known = {member.lms_user_id: member for member in members_of(tx, reading.id)}
    rows = [
        {"roster_id": reading.id, **vars(member), "role": member.role.value} for member in changes(known, told, now)
    ]
    if rows:
        tx.execute(_write(tx), rows)
    return True


def changes(known: Mapping[str, Member], told: lti.Roster, now: datetime) -> Iterator[Member]:
    """The members who are new or other than known, by what the platform has told."""
    for one in told.members:
        before = known.get(one.user_id)
        is_here = one.status is lti.MemberStatus.ACTIVE
        if one.is_test_user or not (is_here or may_send_away(told)):
            continue
        left_at = None if is_here else ((before and before.left_at) or now)
        member = Member(one.user_id, _name(one), one.role, left_at)
        if member != before:
            yield member
    listed = {one.user_id for one in told.members}
    for user_id in sorted(told.gone(known) - listed):
        if known[user_id].left_at is None:
            yield Member(user_id, known[user_id].name, known[user_id].role, now)


def may_send_away(told: lti.Roster) -> bool:
    """Whether a list is believed that somebody is not in the course any more."""
    return told.complete


@per_dialect
def _write(tx: Tx) -> Insert:
    fresh = insert(tx, members)
    said = {name: fresh.excluded[name] for name in ("name", "role", "left_at")}
    return fresh.on_conflict_do_update(index_elements=["roster_id", "lms_user_id"], set_=said)


def _trouble(reading: Reading, told: lti.Roster, now: datetime) -> Mapping[str, object]:
    """What becomes of a list that did not come whole: tried again, and from the third time on when somebody asks."""
    words = {"last_error": told.reason[:1000]}
    asked = timedelta(seconds=told.retry_after or 0)
    if reading.tries > len(_RETRIES):
        return {**words, "tries": 0, "due_at": now + asked if asked else None}
    return {**words, "due_at": now + max(_RETRIES[reading.tries - 1], asked)}


def _name(one: lti.Member) -> str | None:
    parts = " ".join(part for part in (one.given_name, one.family_name) if part)
    return (one.name or parts)[:_LONGEST_NAME] or None


def _is_due(now: datetime) -> ColumnElement[bool]:
    free = or_(rosters.c.leased_until.is_(None), rosters.c.leased_until <= now)
    return and_(rosters.c.due_at.is_not(None), rosters.c.due_at <= now, free)


def _key(placement: Placement) -> Mapping[str, object]:
    return {
        "deployment_id": placement.deployment_id,
        "lms_context_id": placement.lms_context_id,
        "lms_resource_link_id": placement.lms_resource_link_id,
    }
