"""Grades that wait for a column (AGS 2.0 §3.2), and columns that this tool looks after itself.

Where an LMS couples no grade column to a link, the link's grades wait in the outbox under a name of the link's own. A
row for each link says what to look for; it is leased and fenced as work is, so that of many workers one looks, and one
makes. Once the column is known, its grades move there and are due. The same move brings them to another column, where
theirs was deleted and has come back: it holds nothing yet, so all of them are sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Insert, Select, and_, delete, func, or_, select, update

from lti_tool.core import leases
from lti_tool.core.db import Tx, insert, per_dialect
from lti_tool.gradebook.tables import delivery_attempts, delivery_tries, grade_columns, grade_deliveries

LEASE_SECONDS = 180.0
"""Longer than all requests of one look take."""
# No address of a platform begins so.
_WAITING = "waiting:"
_NOT_THERE = (404, 410, 412)
_TAG_LENGTH = 16


@dataclass(frozen=True)
class ColumnWish:
    """What to look for: the column of a link, for our own resource (the offer) behind it."""

    link_key: str
    registration_id: int
    deployment_id: int
    lms_context_id: str
    lms_resource_link_id: str
    line_items_url: str
    resource_id: str
    label: str


@dataclass(frozen=True)
class Search:
    """A column that a worker holds. `url` is where it was last; `remake`: somebody wants a new one if it is gone."""

    id: int
    fence: int
    tries: int
    leased_until: datetime
    wish: ColumnWish
    url: str | None
    remake: bool


_WISH = tuple(ColumnWish.__dataclass_fields__)


def waiting_for(link_key: str) -> str:
    """The name under which grades wait for the column of a link."""
    return _WAITING + link_key


def is_waiting(line_item_url: str) -> bool:
    """Whether this is no column's address, but the name of a link whose column is not known yet."""
    return line_item_url.startswith(_WAITING)


def has_column() -> ColumnElement[bool]:
    """Of a delivery: that it can be sent, as there is a column to send it to."""
    return ~grade_deliveries.c.line_item_url.startswith(_WAITING)


def want_column(tx: Tx, wish: ColumnWish, *, now: datetime) -> None:
    """Has the column of a link found, or made; what is under way, or waits for another try, goes on as it is.

    Called before the grade is wished: so both always lock in the same order, and none is left behind by a move.
    """
    tx.execute(_want(tx), {**vars(wish), "due_at": now})


def want_known_column(tx: Tx, link_key: str, *, now: datetime) -> None:
    """The same for a link that is shown by another placement now: by what is known of it."""
    this = update(grade_columns).where(grade_columns.c.link_key == link_key)
    tx.execute(this.values(due_at=func.coalesce(grade_columns.c.due_at, now)))


@per_dialect
def _want(tx: Tx) -> Insert:
    fresh = insert(tx, grade_columns)
    told = {name: fresh.excluded[name] for name in ("line_items_url", "resource_id", "label")}
    due = func.coalesce(grade_columns.c.due_at, fresh.excluded.due_at)
    return fresh.on_conflict_do_update(index_elements=["link_key"], set_={**told, "due_at": due})


def note_lost(tx: Tx, wish: ColumnWish, url: str, *, now: datetime, remake: bool = False) -> None:
    """Has a column looked for that is said to be gone; with `remake`, a new one is made where it really is."""
    facts = {**vars(wish), "url": url, "lost_at": now, "remake": remake, "due_at": now}
    again = {"url": url, "lost_at": now, "due_at": now, "tries": 0, **({"remake": True} if remake else {})}
    fresh = insert(tx, grade_columns).values(**facts)
    tx.execute(fresh.on_conflict_do_update(index_elements=["link_key"], set_=again))


def lost_columns(tx: Tx) -> Sequence[tuple[int, str]]:
    """(registration, address) of columns that a grade was refused by as if they were gone, since the last look."""
    rows, tries = grade_deliveries.c, delivery_tries.c
    gone = (
        select(rows.registration_id, rows.line_item_url)
        .join(delivery_tries, and_(tries.delivery_id == rows.id, tries.at == rows.parked_at))
        .outerjoin(grade_columns, grade_columns.c.url == rows.line_item_url)
        .where(rows.parked_at.is_not(None), tries.http_status.in_(_NOT_THERE), grade_columns.c.lost_at.is_(None))
        .where(or_(grade_columns.c.looked_at.is_(None), grade_columns.c.looked_at < rows.parked_at))
        .distinct()
    )
    return [(row.registration_id, row.line_item_url) for row in tx.execute(gone)]


def is_column_due(tx: Tx, now: datetime) -> bool:
    """Whether a column waits to be looked for; for a look that locks nothing."""
    return tx.execute(select(grade_columns.c.id).where(_is_due(now)).limit(1)).first() is not None


def claim_column(tx: Tx, now: datetime) -> Search | None:
    """A column that is due, now held by the caller alone."""
    claimed = leases.claim(tx, grade_columns, now=now, limit=1, lease_seconds=LEASE_SECONDS)
    if not claimed:
        return None
    row = claimed[0]
    return Search(
        id=row["id"],
        fence=row["fence"],
        tries=row["tries"],
        leased_until=row["leased_until"],
        wish=ColumnWish(**{name: row[name] for name in _WISH}),
        url=row["url"],
        remake=row["remake"],
    )


def column_tag(link_key: str) -> str:
    """What a column of ours is tagged with: it tells two links of one offer apart where neither can have its own."""
    return link_key[:_TAG_LENGTH]


def tags_of_others(tx: Tx, wish: ColumnWish) -> frozenset[str]:
    """The tags of columns for other links of the course."""
    rows = tx.execute(_of_course(wish)).all()
    return frozenset(column_tag(row.link_key) for row in rows if row.link_key != wish.link_key)


def is_of_another(tx: Tx, wish: ColumnWish, url: str, tag: str) -> bool:
    """Whether a column serves, or was made for, another link; holds the course's columns until `tx` is over.

    Whoever makes one has its row first: so what can be seen in the LMS can be seen here.
    """
    rows = tx.execute(_of_course(wish).with_for_update()).all()
    others = [row for row in rows if row.link_key != wish.link_key]
    return any(row.url == url or column_tag(row.link_key) == tag for row in others)


def found_column(tx: Tx, search: Search, url: str, *, coupled: bool, now: datetime) -> bool:
    """The column is known: what waited, or was sent to where it was before, goes there. False if we were too slow.

    One that the LMS itself has `coupled` with the link is its own affair, and not looked after here.
    """
    kept = {} if coupled else {"url": url}
    if not _finish(tx, search, parked_at=None, lost_at=None, looked_at=now, remake=False, **kept):
        return False
    before = [waiting_for(search.wish.link_key), *([search.url] if search.url else [])]
    for one in before:
        if one != url:
            move_grades(tx, one, url, registration_id=search.wish.registration_id, now=now)
    return True


def put_off_column(tx: Tx, search: Search, *, due_at: datetime, reason: str, whole_platform: bool) -> bool:
    """Looked for in vain, for a reason that may pass; with `whole_platform`, its other columns wait as long."""
    if not leases.finish(tx, grade_columns, search.id, search.fence, due_at=due_at, last_error=reason[:1000]):
        return False
    columns, rows = grade_columns.c, grade_deliveries.c
    if whole_platform:
        others = update(grade_columns).where(columns.registration_id == search.wish.registration_id)
        tx.execute(others.where(columns.leased_until.is_(None), columns.due_at < due_at).values(due_at=due_at))
    waiting = update(grade_deliveries).where(rows.line_item_url == waiting_for(search.wish.link_key))
    tx.execute(waiting.values(last_error=reason[:1000]))
    return True


def park_column(tx: Tx, search: Search, *, due_at: datetime | None, reason: str, now: datetime) -> bool:
    """There is none, and somebody has to look: its grades wait, and say why."""
    parked = {"due_at": due_at, "parked_at": now, "looked_at": now, "lost_at": None, "last_error": reason[:1000]}
    if not leases.finish(tx, grade_columns, search.id, search.fence, **parked):
        return False
    rows = grade_deliveries.c
    where = [waiting_for(search.wish.link_key), *([search.url] if search.url else [])]
    unsent = update(grade_deliveries).where(rows.line_item_url.in_(where), rows.delivered_revision != rows.revision)
    tx.execute(unsent.values(last_error=reason[:1000], parked_at=func.coalesce(rows.parked_at, now)))
    return True


def retry_column(tx: Tx, link_key: str, *, now: datetime) -> bool:
    """Looks again at once for a column that was parked, at a person's request; False where there is nothing to do."""
    columns = grade_columns.c
    again = update(grade_columns).where(columns.link_key == link_key, columns.parked_at.is_not(None))
    if tx.execute(again.values(due_at=now, parked_at=None, tries=0, remake=True)).rowcount == 0:
        return False
    rows = grade_deliveries.c
    waiting = update(grade_deliveries).where(rows.line_item_url == waiting_for(link_key))
    tx.execute(waiting.values(parked_at=None, last_error=None, resent_at=now))
    return True


def move_grades(tx: Tx, before: str, after: str, *, registration_id: int, now: datetime) -> None:
    """Grades go to another column, which holds nothing of them yet; where a person has a newer one there, that stays.

    An LMS that counts attempts is told of all of them again: they are not known in that column.
    """
    rows, there = grade_deliveries.c, grade_deliveries.alias()
    alone = ~select(there.c.id).where(there.c.line_item_url == after, there.c.person_id == rows.person_id).exists()
    ours = and_(rows.line_item_url == before, rows.registration_id == registration_id)
    moving = update(grade_deliveries).where(ours, alone).values(line_item_url=after, **_anew(now))
    moved = tx.execute(moving.returning(rows.id)).scalars().all()
    if moved:
        told = update(delivery_attempts).where(delivery_attempts.c.delivery_id.in_(moved))
        tx.execute(told.values(told_at=None))
    for old in tx.execute(select(grade_deliveries).where(ours)).mappings().all():
        _join(tx, old, after, now)


def _join(tx: Tx, old: Any, after: str, now: datetime) -> None:
    """Two wishes for one person and column become one: the newer, with the hand-ins behind both."""
    rows = grade_deliveries.c
    newer = {"percent": old["percent"], "finished": old["finished"], "wanted_at": old["wanted_at"]}
    anew = {**newer, "revision": rows.revision + 1, "due_at": now, "parked_at": None, "tries": 0}
    this = and_(rows.line_item_url == after, rows.person_id == old["person_id"])
    tx.execute(update(grade_deliveries).where(this, rows.wanted_at < old["wanted_at"]).values(**anew))
    kept = tx.execute(select(rows.id).where(this)).scalar_one()
    for table in (delivery_attempts, delivery_tries):
        tx.execute(update(table).where(table.c.delivery_id == old["id"]).values(delivery_id=kept))
    tx.execute(delete(grade_deliveries).where(rows.id == old["id"]))


def _anew(now: datetime) -> dict[str, Any]:
    """A wish that nothing of has arrived; whoever holds it now, to send it elsewhere, is fenced off."""
    nothing = ("delivered_at", "held_percent", "confirmed_at", "overruled_at", "check_at", "seen_at", "seen_percent")
    fresh: dict[str, Any] = {"due_at": now, "delivered_revision": 0, "may_hold": [], "differs": False, "tries": 0}
    fresh |= {"fence": grade_deliveries.c.fence + 1}
    return {**fresh, "parked_at": None, "last_error": None, "leased_until": None, **dict.fromkeys(nothing)}


def _finish(tx: Tx, search: Search, **values: object) -> bool:
    return leases.finish(tx, grade_columns, search.id, search.fence, tries=0, last_error=None, **values)


def _of_course(wish: ColumnWish) -> Select[Any]:
    columns = grade_columns.c
    here = select(columns.link_key, columns.url).where(columns.line_items_url == wish.line_items_url)
    return here.order_by(columns.id)


def _is_due(now: datetime) -> ColumnElement[bool]:
    columns = grade_columns.c
    free = or_(columns.leased_until.is_(None), columns.leased_until <= now)
    return and_(columns.due_at.is_not(None), columns.due_at <= now, free)
