"""Invitations for one LMS each: whoever shows one may register a platform here, once, within a day.

Only the digest of an invitation's token is stored. A registration goes in three steps, as the network lies in between:
*claim* (this one tries, from now), the question to the LMS, *settle* (its answer is stored and the invitation used up,
in one transaction). A claim that never settled may be taken over after two minutes; `attempt` fences the late one off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, or_, select, update

from lti_tool.core import ids
from lti_tool.core.db import Tx
from lti_tool.core.errors import Conflict, NotAllowed, NotFound, Side
from lti_tool.lti.tables import invitations, sessions

CLAIM_HOLDS = timedelta(minutes=2)
# Who comes too late is told so for a week. A used one still brings its platform up to date, by the same address.
_KEPT_UNUSED = timedelta(days=7)
_KEPT_USED = timedelta(days=400)
_FORGET_AT_ONCE = 200
_NEW = "Ask the people who run this tool for a new one; they make it with “lti-tool platform invite”."


class InvitationState(StrEnum):
    """How far an invitation is: nobody has tried, somebody asked an LMS, a platform is connected by it."""

    OPEN = "open"
    ASKED = "asked"
    USED = "used"


@dataclass(frozen=True)
class Invitation:
    """An invitation without its token. `outcome` is what the LMS granted; empty until it is used."""

    id: int
    public_id: str
    organisation_id: int
    name: str
    state: InvitationState
    attempt: int
    expires_at: datetime
    asked_at: datetime | None
    used_at: datetime | None
    registration_id: int | None
    outcome: Mapping[str, Any]

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at <= now

    def is_in_hand(self, now: datetime) -> bool:
        """Whether somebody asks an LMS by it at this moment."""
        asked_at = self.asked_at if self.state is InvitationState.ASKED else None
        return asked_at is not None and asked_at > now - CLAIM_HOLDS


_rows = invitations.c
_COLUMNS = (
    _rows.id,
    _rows.public_id,
    _rows.organisation_id,
    _rows.name,
    _rows.state,
    _rows.attempt,
    _rows.expires_at,
    _rows.asked_at,
    _rows.used_at,
    _rows.registration_id,
    _rows.outcome,
)
_by_token = select(*_COLUMNS).where(_rows.token_hash == bindparam("token_hash"))
_by_public_id = select(*_COLUMNS).where(_rows.public_id == bindparam("public_id"))
_is_used = _rows.state == InvitationState.USED.value
_over = (
    select(_rows.id)
    .where(
        or_(
            and_(~_is_used, _rows.expires_at <= bindparam("unused")), and_(_is_used, _rows.used_at <= bindparam("used"))
        )
    )
    .limit(_FORGET_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_forget = delete(invitations).where(_rows.id.in_(_over.scalar_subquery()))
_first_session = select(func.min(sessions.c.started_at)).where(
    sessions.c.registration_id == bindparam("registration_id"), sessions.c.started_at >= bindparam("since")
)


def make_invitation(
    tx: Tx, *, organisation_id: int, name: str, lives: timedelta, now: datetime
) -> tuple[Invitation, str]:
    """A new invitation and its token, which is told this once and stored nowhere."""
    token = ids.token()
    row = {
        "public_id": ids.public_id(),
        "token_hash": ids.digest(token),
        "organisation_id": organisation_id,
        "name": name,
        "state": InvitationState.OPEN.value,
        "attempt": 0,
        "created_at": now,
        "expires_at": now + lives,
        "outcome": {},
    }
    made = invitations.insert().values(**row).returning(*_COLUMNS)
    return _read(tx.execute(made).one()), token


def find_invitation(tx: Tx, token: str) -> Invitation:
    """The invitation with this token, in whatever state; NotAllowed when there is none."""
    row = tx.execute(_by_token, {"token_hash": ids.digest(token)}).one_or_none() if token else None
    if row is None:
        raise NotAllowed(
            "lti.no_invitation",
            "This page connects an LMS to this tool, and needs an invitation.",
            "Paste the whole address that you were given into your LMS. " + _NEW,
            side=Side.YOU,
        )
    return _read(row)


def find_used_invitation(tx: Tx, public_id: str) -> Invitation:
    """The invitation with this public id, which opens nothing; NotFound when none has connected a platform."""
    row = tx.execute(_by_public_id, {"public_id": public_id}).one_or_none()
    if row is None or row.registration_id is None:
        raise NotFound("lti.no_such_invitation", "There is no such page.")
    return _read(row)


def require_open_invitation(invitation: Invitation, *, now: datetime) -> None:
    """Raises NotAllowed for an invitation that is used or too old, Conflict for one by which somebody asks just now."""
    if invitation.state is InvitationState.USED:
        raise NotAllowed(
            "lti.invitation_used",
            "This invitation has connected an LMS already, and holds for one.",
            _NEW,
            side=Side.YOU,
        )
    if invitation.is_expired(now):
        raise NotAllowed("lti.invitation_expired", "This invitation has run out.", _NEW, side=Side.YOU)
    if invitation.is_in_hand(now):
        raise _in_hand()


def claim_invitation(tx: Tx, invitation: Invitation, *, now: datetime) -> Invitation:
    """Takes an invitation in hand: of any number at once, one gets it and the others Conflict."""
    lost = and_(_rows.state == InvitationState.ASKED.value, _rows.asked_at <= now - CLAIM_HOLDS)
    taken = (
        update(invitations)
        .where(
            _rows.id == invitation.id,
            _rows.expires_at > now,
            or_(_rows.state == InvitationState.OPEN.value, lost),
        )
        .values(state=InvitationState.ASKED.value, asked_at=now, attempt=_rows.attempt + 1)
        .returning(*_COLUMNS)
    )
    row = tx.execute(taken).one_or_none()
    if row is None:
        raise _in_hand()
    return _read(row)


def release_invitation(tx: Tx, claimed: Invitation) -> None:
    """Gives a claim back, after an LMS that said no, or nothing; a claim that was taken over is left alone."""
    tx.execute(update(invitations).where(_is_mine(claimed)).values(state=InvitationState.OPEN.value))


def settle_invitation(
    tx: Tx, claimed: Invitation, *, registration_id: int, outcome: Mapping[str, Any], now: datetime
) -> None:
    """Uses the invitation up for this registration; Conflict when the claim was taken over meanwhile."""
    used = (
        update(invitations)
        .where(_is_mine(claimed))
        .values(state=InvitationState.USED.value, used_at=now, registration_id=registration_id, outcome=dict(outcome))
    )
    if tx.execute(used).rowcount != 1:
        raise Conflict(
            "lti.invitation_taken_over",
            "The LMS answered too late: this invitation was used again meanwhile, so this answer was not stored.",
            "If your LMS lists this tool twice, delete the entry that has never been opened.",
            side=Side.NOBODY,
        )


def forget_invitations(tx: Tx, *, now: datetime) -> int:
    """Lets go of invitations that nobody used in time, and of those that have connected a platform long ago."""
    return tx.execute(_forget, {"unused": now - _KEPT_UNUSED, "used": now - _KEPT_USED}).rowcount


def first_launch(tx: Tx, invitation: Invitation) -> datetime | None:
    """When the platform that was connected by an invitation first opened an activity; None while it has not."""
    if invitation.registration_id is None:
        return None
    since = {"registration_id": invitation.registration_id, "since": invitation.used_at}
    found: datetime | None = tx.execute(_first_session, since).scalar_one()
    return found


def _is_mine(claimed: Invitation) -> Any:
    return and_(
        _rows.id == claimed.id,
        _rows.state == InvitationState.ASKED.value,
        _rows.attempt == claimed.attempt,
    )


def _in_hand() -> Conflict:
    return Conflict(
        "lti.invitation_in_hand",
        "An LMS is being connected by this invitation at this moment, or has just been.",
        "Look into the window in which you pressed the button. If it is gone, open the address again in two minutes.",
        side=Side.YOU,
    )


def _read(row: Any) -> Invitation:
    said = dict(row._mapping)
    return Invitation(**{**said, "state": InvitationState(said["state"])})
