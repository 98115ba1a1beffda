"""Sessions: what a launch opened, for the browser that proved itself then. Four idle hours or twelve in all end one.

The address holds the session's public id, which opens nothing alone; each reading asks for the browser's secret too,
for a platform and a deployment that are still let in and a person who is not blocked, so that each ends the sessions at
once.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, column, delete, select, table, update

from lti_tool.core import ids
from lti_tool.core.db import Tx
from lti_tool.lti.advantage.deep_linking import DeepLinkingSettings
from lti_tool.lti.launching.launch import Launch, MessageType
from lti_tool.lti.launching.login import consume
from lti_tool.lti.launching.refusal_log import forget_refusals
from lti_tool.lti.launching.roles import Role
from lti_tool.lti.origins import origin_of
from lti_tool.lti.registering.registrations import Deployment, frame_ancestors, require_allowed
from lti_tool.lti.sessions.binding import Browser, Keeping, Layer, hash_of, is_same_browser, storage_key
from lti_tool.lti.sessions.fault_log import forget_faults
from lti_tool.lti.tables import deployments, registrations, sessions

_IDLE = timedelta(hours=4)
_LONGEST = timedelta(hours=12)
_TOUCH_AFTER = timedelta(minutes=5)
# A session that is over still tells a page from before the way back to the course.
_KEPT = timedelta(days=30)
_PURGE_AT_ONCE = 20


@dataclass(frozen=True)
class Session:
    """A person at work in the tool, come by one launch."""

    public_id: str
    registration_id: int
    deployment_id: int
    organisation_id: int
    person_id: int
    enrolment_id: int | None
    placement_id: int | None
    role: Role
    is_test_user: bool
    is_masquerade: bool
    message: MessageType
    platform_origin: str
    frame_ancestors: str
    platform_name: str
    return_url: str | None
    context_title: str
    deep_linking: DeepLinkingSettings | None
    layer: Layer
    storage_target: str | None
    started_at: datetime
    seen_at: datetime
    # The enrolment (by its public id) whose work a submission review shows; None in every other session.
    review_of: str | None = None

    @property
    def counts(self) -> bool:
        """Whether what is done here may be attested: by a learner who is one, and at work themselves."""
        return not (self.is_test_user or self.is_masquerade)


# Named as a foreign key names it: people belong to a room above this one, and one statement must do.
_people = table("people", column("id"), column("blocked_at"))
_read = (
    select(
        sessions.c.public_id,
        sessions.c.registration_id,
        sessions.c.deployment_id,
        registrations.c.organisation_id,
        registrations.c.issuer,
        registrations.c.auth_url,
        registrations.c.origins,
        sessions.c.person_id,
        sessions.c.enrolment_id,
        sessions.c.placement_id,
        sessions.c.role,
        sessions.c.is_test_user,
        sessions.c.is_masquerade,
        sessions.c.message,
        sessions.c.platform_name,
        sessions.c.return_url,
        sessions.c.context_title,
        sessions.c.deep_linking,
        sessions.c.review_of,
        sessions.c.layer,
        sessions.c.storage_target,
        sessions.c.started_at,
        sessions.c.seen_at,
        sessions.c.browser_hash,
        and_(deployments.c.allowed, _people.c.blocked_at.is_(None), registrations.c.disabled_at.is_(None)).label(
            "allowed"
        ),
    )
    .join(registrations, registrations.c.id == sessions.c.registration_id)
    .join(deployments, deployments.c.id == sessions.c.deployment_id)
    .join(_people, _people.c.id == sessions.c.person_id)
)
_by_public_id = _read.where(sessions.c.public_id == bindparam("public_id"))
_by_state = _read.where(sessions.c.state_hash == bindparam("state_hash"))
_over = (
    select(sessions.c.id)
    .where(sessions.c.started_at < bindparam("before"))
    .limit(_PURGE_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_purge = delete(sessions).where(sessions.c.id.in_(_over.scalar_subquery()))
_open = sessions.insert()
_STORED = tuple(name for name in Session.__dataclass_fields__ if name in sessions.c)
_move = (
    update(sessions)
    .where(sessions.c.public_id == bindparam("session"))
    .values(placement_id=bindparam("placement"), enrolment_id=bindparam("enrolment"))
)
_touch = update(sessions).where(sessions.c.public_id == bindparam("session")).values(seen_at=bindparam("now"))


def consume_login(tx: Tx, launch: Launch) -> None:
    """Uses up the login of a verified launch; raises LtiRefused when that was done already.

    Belongs into the transaction that opens the session: both happen, or neither.
    """
    consume(tx, launch.state)


def open_session(
    tx: Tx,
    launch: Launch,
    *,
    browser: Browser,
    deployment: Deployment,
    person_id: int,
    enrolment_id: int | None = None,
    placement_id: int | None = None,
    review_of: str | None = None,
    now: datetime,
) -> Session:
    """Opens the session of a launch whose login was just consumed, for the browser that began it.

    Raises NotAllowed for a deployment that nobody has let in.
    """
    require_allowed(deployment)
    opened = Session(
        public_id=ids.public_id(),
        registration_id=launch.registration.id,
        deployment_id=deployment.id,
        organisation_id=launch.registration.organisation_id,
        person_id=person_id,
        enrolment_id=enrolment_id,
        placement_id=placement_id,
        role=launch.role,
        is_test_user=launch.is_test_user,
        is_masquerade=launch.is_masquerade,
        message=launch.message,
        platform_origin=launch.registration.origin,
        frame_ancestors=launch.registration.frame_ancestors,
        platform_name=launch.platform_name,
        return_url=launch.return_url,
        context_title=launch.context_title,
        deep_linking=launch.deep_linking,
        layer=browser.layer,
        storage_target=browser.storage_target,
        started_at=now,
        seen_at=now,
        review_of=review_of,
    )
    return _write(tx, opened, browser=browser, key=launch.state)


def open_beside(tx: Tx, session_id: str, *, browser: Browser, key: str, now: datetime) -> Session | None:
    """The live session with this id once more, for another place of the same person; it ends when the first would.

    None when the session is over. `key` is a secret that opens one session at most, like the state of a launch.
    """
    row = tx.execute(_by_public_id, {"public_id": session_id}).one_or_none()
    if row is None or not is_live(row.started_at, row.seen_at, allowed=row.allowed, now=now):
        return None
    beside = replace(
        _session(row),
        public_id=ids.public_id(),
        layer=browser.layer,
        storage_target=browser.storage_target,
        seen_at=now,
    )
    return _write(tx, beside, browser=browser, key=key)


def _write(tx: Tx, opened: Session, *, browser: Browser, key: str) -> Session:
    row = {name: getattr(opened, name) for name in _STORED}
    row["deep_linking"] = None if opened.deep_linking is None else asdict(opened.deep_linking)
    tx.execute(_open, {**row, "state_hash": ids.digest(key), "browser_hash": hash_of(browser.secret)})
    return opened


def read_session(tx: Tx, public_id: str, *, browser: str, now: datetime) -> Session | None:
    """The live session with this public id, if it belongs to this browser."""
    return _judge(tx.execute(_by_public_id, {"public_id": public_id}).one_or_none(), browser=browser, now=now)


def find_session(tx: Tx, public_id: str) -> Session | None:
    """The session with this public id, whoever's it is and over or not: for operators, and never to let anybody in."""
    row = tx.execute(_by_public_id, {"public_id": public_id}).one_or_none()
    return None if row is None else _session(row)


def resume_session(tx: Tx, *, state: str, browser: str, now: datetime) -> Session | None:
    """The live session that this state opened, if it belongs to this browser: Reload and Back find it again."""
    return _judge(tx.execute(_by_state, {"state_hash": ids.digest(state)}).one_or_none(), browser=browser, now=now)


def keeping_of_session(tx: Tx, public_id: str, *, now: datetime) -> Keeping | None:
    """Where the browser of a live session keeps its secret, for a page that has to ask; None where a cookie comes."""
    row = tx.execute(_by_public_id, {"public_id": public_id}).one_or_none()
    if row is None or not Layer(row.layer).by_header:
        return None
    if not is_live(row.started_at, row.seen_at, allowed=row.allowed, now=now):
        return None
    return Keeping(storage_key(row.browser_hash), Layer(row.layer), row.storage_target, origin_of(row.auth_url) or "")


def move_session(tx: Tx, session: Session, *, placement_id: int, enrolment_id: int) -> Session:
    """The session at another activity: that which a teacher has just chosen for the link they came by."""
    tx.execute(_move, {"session": session.public_id, "placement": placement_id, "enrolment": enrolment_id})
    return replace(session, placement_id=placement_id, enrolment_id=enrolment_id)


def needs_touch(session: Session, *, now: datetime) -> bool:
    """Whether it is worth noting that the session is in use: at most once in five minutes."""
    return now - session.seen_at > _TOUCH_AFTER


def touch(tx: Tx, session: Session, *, now: datetime) -> None:
    """Notes that the session is in use, and clears away what is long over: here, as no launch waits for it."""
    tx.execute(_touch, {"session": session.public_id, "now": now})
    tx.execute(_purge, {"before": now - _KEPT})
    forget_refusals(tx, now=now)
    forget_faults(tx, now=now)


def is_live(started_at: datetime, seen_at: datetime, *, allowed: bool, now: datetime) -> bool:
    """Whether a session may go on: used lately, not too old, and its deployment still let in."""
    return allowed and now - seen_at < _IDLE and now - started_at < _LONGEST


def _judge(row: Row[*tuple[Any, ...]] | None, *, browser: str, now: datetime) -> Session | None:
    if row is None or not is_same_browser(row.browser_hash, browser):
        return None
    return _session(row) if is_live(row.started_at, row.seen_at, allowed=row.allowed, now=now) else None


def _session(row: Row[*tuple[Any, ...]]) -> Session:
    return Session(
        public_id=row.public_id,
        registration_id=row.registration_id,
        deployment_id=row.deployment_id,
        organisation_id=row.organisation_id,
        person_id=row.person_id,
        enrolment_id=row.enrolment_id,
        placement_id=row.placement_id,
        role=Role(row.role),
        is_test_user=row.is_test_user,
        is_masquerade=row.is_masquerade,
        message=MessageType(row.message),
        platform_origin=origin_of(row.auth_url) or "",
        frame_ancestors=frame_ancestors(row.issuer, row.auth_url, row.origins),
        platform_name=row.platform_name,
        return_url=row.return_url,
        context_title=row.context_title,
        deep_linking=_settings(row.deep_linking),
        layer=Layer(row.layer),
        storage_target=row.storage_target,
        started_at=row.started_at,
        seen_at=row.seen_at,
        review_of=row.review_of,
    )


def _settings(stored: Mapping[str, Any] | None) -> DeepLinkingSettings | None:
    if not stored:
        return None
    return DeepLinkingSettings(**{**stored, "accept_types": tuple(stored["accept_types"])})
