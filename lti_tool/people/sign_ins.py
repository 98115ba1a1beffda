"""Sessions of operators, and the slowing down of whoever guesses.

A try is counted before it is judged, so that a thousand at once are a thousand. After a few wrong ones each further one
has to wait, twice as long as the one before: from one address soon, from all together later, so that nobody can keep an
operator out by guessing from elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.people.operators import Operator, login_of
from lti_tool.people.tables import operator_sessions, operators, sign_in_tries

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)
_TOUCH_AFTER = timedelta(minutes=5)
FREE_FROM_ONE, FREE_IN_ALL = 5, 50
_LONGEST_WAIT = 300
_FORGOTTEN_AFTER = timedelta(hours=1)
_PURGE_AT_ONCE = 50

_sessions, _tries = operator_sessions.c, sign_in_tries.c
_read = (
    select(
        _sessions.started_at,
        _sessions.seen_at,
        operators.c.id,
        operators.c.public_id,
        operators.c.organisation_id,
        operators.c.name,
        operators.c.password_hash.is_not(None).label("is_set_up"),
        operators.c.created_at,
        operators.c.disabled_at,
    )
    .join(operators, operators.c.id == _sessions.operator_id)
    .where(_sessions.token_hash == bindparam("token_hash"))
)
_touch = update(operator_sessions).where(_sessions.token_hash == bindparam("token")).values(seen_at=bindparam("now"))
_end = delete(operator_sessions).where(_sessions.token_hash == bindparam("token"))
_over = select(_sessions.id).where(_sessions.started_at < bindparam("before")).limit(_PURGE_AT_ONCE)
_purge = delete(operator_sessions).where(_sessions.id.in_(_over.scalar_subquery()))
_known = select(_tries.tries, _tries.last_at).where(_tries.login_hash == bindparam("hash")).with_for_update()
_count = (
    update(sign_in_tries)
    .where(_tries.login_hash == bindparam("hash"))
    .values(tries=bindparam("count"), last_at=bindparam("now"))
)
_forget = delete(sign_in_tries).where(_tries.login_hash == bindparam("hash"))
_old = select(_tries.id).where(_tries.last_at < bindparam("before")).limit(_PURGE_AT_ONCE)
_purge_tries = delete(sign_in_tries).where(_tries.id.in_(_old.scalar_subquery()))


@dataclass(frozen=True)
class SignedIn:
    """An operator at work, in one browser."""

    operator: Operator
    started_at: datetime
    seen_at: datetime


def open_sign_in(tx: Tx, operator_id: int, *, now: datetime) -> str:
    """A new session; its secret, which is new each time and stored nowhere."""
    token = ids.token()
    row = {"token_hash": ids.digest(token), "operator_id": operator_id, "started_at": now, "seen_at": now}
    tx.execute(operator_sessions.insert(), row)
    tx.execute(_purge, {"before": now - LONGEST})
    return token


def read_sign_in(tx: Tx, token: str, *, now: datetime) -> SignedIn | None:
    """The live session with this secret."""
    row = tx.execute(_read, {"token_hash": ids.digest(token)}).one_or_none()
    if row is None or row.disabled_at is not None or not is_live(row.started_at, row.seen_at, now=now):
        return None
    started_at, seen_at, *known = row
    return SignedIn(Operator(*known), started_at, seen_at)


def is_live(started_at: datetime, seen_at: datetime, *, now: datetime) -> bool:
    """Whether a session may go on: used within the half hour, and within a working day."""
    return now - seen_at < IDLE and now - started_at < LONGEST


def touch_sign_in(tx: Tx, token: str, *, now: datetime) -> None:
    """Notes that a session is in use."""
    tx.execute(_touch, {"token": ids.digest(token), "now": now})


def needs_touch(signed_in: SignedIn, *, now: datetime) -> bool:
    """Whether it is worth noting: at most once in five minutes."""
    return now - signed_in.seen_at > _TOUCH_AFTER


def end_sign_in(tx: Tx, token: str) -> None:
    """Ends the session with this secret, if there is one."""
    tx.execute(_end, {"token": ids.digest(token)})


def count_try(tx: Tx, name: str, address: str, *, now: datetime) -> int:
    """Counts a try under this name; for how many seconds it must wait instead, and is then not counted."""
    tx.execute(_purge_tries, {"before": now - _FORGOTTEN_AFTER})
    asked = [(key, free, _tried(tx, key, now)) for key, free in _keys(name, address)]
    wait = max(seconds_to_wait(tries, free, since=last_at, now=now) for _, free, (tries, last_at) in asked)
    if wait == 0:
        for key, _, (tries, _at) in asked:
            tx.execute(_count, {"hash": key, "count": tries + 1, "now": now})
    return wait


def forgive_tries(tx: Tx, name: str, address: str) -> None:
    """Forgets the wrong tries of whoever has come in."""
    for key, _ in _keys(name, address):
        tx.execute(_forget, {"hash": key})


def seconds_to_wait(tries: int, free: int, *, since: datetime, now: datetime) -> int:
    """How long the next try has to wait, after so many of which so many were free."""
    if tries < free:
        return 0
    pause = min(2 ** min(tries - free, 20), _LONGEST_WAIT)
    return max(0, int((since + timedelta(seconds=pause) - now).total_seconds() + 0.999))


def _keys(name: str, address: str) -> Sequence[tuple[str, int]]:
    login = login_of(name)
    return ((ids.digest(f"{address}\n{login}"), FREE_FROM_ONE), (ids.digest(f"*\n{login}"), FREE_IN_ALL))


def _tried(tx: Tx, key: str, now: datetime) -> tuple[int, datetime]:
    fresh = insert(tx, sign_in_tries).values(login_hash=key, tries=0, last_at=now)
    tx.execute(fresh.on_conflict_do_nothing(index_elements=["login_hash"]))
    row = tx.execute(_known, {"hash": key}).one()
    return row.tries, row.last_at
