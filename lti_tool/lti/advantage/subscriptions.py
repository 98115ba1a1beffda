"""That a platform knows where to send its notices: a row for each installation, worked off by the worker.

A launch only notes where the service is. The worker asks the platform, again and again until it has agreed, and once a
week from then on, as an administrator may have set the tool up anew; never inside a launch, which waits for nobody.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, bindparam, select, update

from lti_tool.core import ids, leases, logs
from lti_tool.core.db import Database, Tx, insert
from lti_tool.core.errors import ToolError, Upstream
from lti_tool.lti.advantage.bearer import ServiceRefused
from lti_tool.lti.advantage.notices import Noticeboard, NoticeService
from lti_tool.lti.tables import deployments, notice_subscriptions, registrations

log = logs.get("lti")

# Token, question and change may each take its time.
_LEASE_SECONDS = 120.0
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(days=1)
_AGREED_FOR = timedelta(days=7)
_SPREAD = 3600.0
_SHOWN = 3

_rows = notice_subscriptions.c
_of_deployment = select(_rows.service_url).where(_rows.deployment_id == bindparam("deployment"))
_moved = update(notice_subscriptions).where(_rows.deployment_id == bindparam("deployment"))
_heard = update(notice_subscriptions).where(_rows.deployment_id == bindparam("deployment"))
_of_registration = (
    select(_rows.service_url, _rows.handler, _rows.heard_at)
    .join(deployments, deployments.c.id == _rows.deployment_id)
    .where(deployments.c.registration_id == bindparam("registration_id"), deployments.c.allowed)
    .order_by(_rows.id.desc())
    .limit(_SHOWN)
)
_platform = (
    select(registrations.c.id, registrations.c.disabled_at)
    .join(deployments, deployments.c.registration_id == registrations.c.id)
    .where(deployments.c.id == bindparam("deployment"))
)


@dataclass(frozen=True)
class Subscription:
    """Where an installation's notices are asked for, where they go (empty: nowhere yet), and when the last came."""

    service_url: str
    handler: str
    heard_at: datetime | None


def note_service(tx: Tx, deployment_id: int, service: NoticeService | None, *, now: datetime) -> None:
    """Notes where a launch says that notices are asked for; the worker does the rest. Writes only what is news."""
    if service is None or not service.tells_copies:
        return
    known = tx.execute(_of_deployment, {"deployment": deployment_id}).scalar_one_or_none()
    if known is None:
        fresh = insert(tx, notice_subscriptions).values(
            deployment_id=deployment_id, service_url=service.url, due_at=now, created_at=now
        )
        tx.execute(fresh.on_conflict_do_nothing(index_elements=["deployment_id"]))
    elif known != service.url:
        tx.execute(
            _moved.values(service_url=service.url, handler="", due_at=now, tries=0), {"deployment": deployment_id}
        )


def note_heard(tx: Tx, deployment_id: int, *, now: datetime) -> None:
    """Notes that a genuine notice has come."""
    tx.execute(_heard.values(heard_at=now), {"deployment": deployment_id})


def subscriptions_of(tx: Tx, registration_id: int) -> Sequence[Subscription]:
    """The newest few of a platform's installations that offer notices."""
    return [Subscription(*row) for row in tx.execute(_of_registration, {"registration_id": registration_id})]


def follow_address(tx: Tx, handler: str, *, now: datetime) -> int:
    """Makes all due at once that were agreed for another address than ours is by now; how many."""
    old = update(notice_subscriptions).where(_rows.handler.not_in(("", handler)), _rows.due_at > now)
    return tx.execute(old.values(due_at=now, tries=0)).rowcount


def subscribe_due(db: Database, board: Noticeboard, handler: str, *, clock: Callable[[], datetime]) -> int:
    """Asks one platform whose turn it is; returns how many rows were worked on."""
    with db.reading() as tx:
        if tx.execute(select(_rows.id).where(_rows.due_at <= clock()).limit(1)).first() is None:
            return 0
    with db.transaction() as tx:
        claimed = leases.claim(tx, notice_subscriptions, now=clock(), limit=1, lease_seconds=_LEASE_SECONDS)
        platform = tx.execute(_platform, {"deployment": claimed[0]["deployment_id"]}).one() if claimed else None
    if platform is None:
        return 0
    (row,) = claimed
    if platform.disabled_at is None:
        outcome = _ask(board, row, platform.id, handler, clock())
    else:
        outcome = {"due_at": clock() + _LONGEST_WAIT, "tries": 0}
    with db.transaction() as tx:
        leases.finish(tx, notice_subscriptions, row["id"], row["fence"], **outcome)
    return 1


def _ask(board: Noticeboard, row: RowMapping, registration_id: int, handler: str, now: datetime) -> dict[str, object]:
    """What the row says after the platform was asked."""
    facts = {"registration": registration_id, "deployment": row["deployment_id"]}
    try:
        changed = board.have_notices(registration_id, row["service_url"], handler)
    except Upstream as fault:
        log.warning("notices.not_agreed", code=fault.code, tries=row["tries"], fault=fault.text, **facts)
        return {"due_at": now + wait_after(fault, row["tries"]), "last_error": fault.text[:1000]}
    log.info("notices.agreed", changed=changed, **facts)
    again = now + _AGREED_FOR + timedelta(seconds=ids.jitter(_SPREAD))
    return {"due_at": again, "tries": 0, "handler": handler, "last_error": None}


def wait_after(fault: ToolError, tries: int) -> timedelta:
    """How long a platform is left alone after so many failures: as long as it asks, else twice as long each time."""
    if isinstance(fault, ServiceRefused) and fault.retry_after is not None:
        return timedelta(seconds=max(1.0, fault.retry_after))
    doubled: timedelta = _FIRST_WAIT * 2 ** max(0, min(tries, 12) - 1)
    return min(_LONGEST_WAIT, doubled)
