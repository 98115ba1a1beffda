"""An invitation connects one LMS, once, within a day; whatever dies on the way leaves it usable."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from lti_tool import lti, people
from lti_tool.core import ids
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Conflict, NotAllowed, NotFound, ToolError
from lti_tool.lti.tables import invitations

DAY = timedelta(hours=24)


@pytest.fixture
def invite(db: Database, clock: FixedClock) -> Callable[[], tuple[lti.Invitation, str]]:
    def made() -> tuple[lti.Invitation, str]:
        with db.transaction() as tx:
            owner = people.ensure_organisation(tx, "Aldermoor", country="NO", website="", now=clock.now())
            return lti.make_invitation(tx, organisation_id=owner.id, name="Moodle", lives=DAY, now=clock.now())

    return made


def refused(kind: type[ToolError], code: str, call: Callable[[], object]) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.code == code


def claimed(db: Database, invitation: lti.Invitation, now: datetime) -> lti.Invitation:
    with db.transaction() as tx:
        return lti.claim_invitation(tx, invitation, now=now)


def settled(
    db: Database, mine: lti.Invitation, registration: lti.Registration, now: datetime, outcome: str = "first"
) -> None:
    with db.transaction() as tx:
        lti.settle_invitation(tx, mine, registration_id=registration.id, outcome={"product": outcome}, now=now)


Invite = Callable[[], tuple[lti.Invitation, str]]


def test_the_token_is_stored_nowhere(invite: Invite, db: Database) -> None:
    _, token = invite()
    with db.reading() as tx:
        (row,) = tx.execute(invitations.select()).all()
    assert token not in str(row) and row.token_hash == ids.digest(token)


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "' OR 1=1 --"])
def test_without_an_invitation_nobody_comes_in(token: str, invite: Invite, db: Database) -> None:
    invite()
    with db.reading() as tx:
        refused(NotAllowed, "lti.no_invitation", lambda: lti.find_invitation(tx, token))


def test_after_its_time_it_opens_nothing(invite: Invite, db: Database, now: datetime) -> None:
    invitation, token = invite()
    with db.reading() as tx:
        found = lti.find_invitation(tx, token)
    lti.require_open_invitation(found, now=now + DAY - timedelta(seconds=1))
    refused(NotAllowed, "lti.invitation_expired", lambda: lti.require_open_invitation(found, now=now + DAY))
    refused(Conflict, "lti.invitation_in_hand", lambda: claimed(db, invitation, now + DAY))


def test_once_used_it_opens_nothing(
    invite: Invite, db: Database, registration: lti.Registration, now: datetime
) -> None:
    invitation, token = invite()
    settled(db, claimed(db, invitation, now), registration, now)
    with db.reading() as tx:
        found = lti.find_invitation(tx, token)
    assert (found.state, found.registration_id) == (lti.InvitationState.USED, registration.id)
    refused(NotAllowed, "lti.invitation_used", lambda: lti.require_open_invitation(found, now=now))
    refused(Conflict, "lti.invitation_in_hand", lambda: claimed(db, invitation, now + timedelta(hours=1)))


@pytest.mark.both_engines
def test_of_a_hundred_at_once_one_asks_the_lms(invite: Invite, db: Database, now: datetime) -> None:
    invitation, _ = invite()

    def take(_: int) -> bool:
        try:
            claimed(db, invitation, now)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(take, range(100))) == 1


def test_a_refusal_of_the_lms_gives_it_back(invite: Invite, db: Database, now: datetime) -> None:
    invitation, _ = invite()
    mine = claimed(db, invitation, now)
    with db.transaction() as tx:
        lti.release_invitation(tx, mine)
    assert claimed(db, invitation, now).attempt == 2


def test_a_try_that_died_can_be_taken_over_after_two_minutes(invite: Invite, db: Database, now: datetime) -> None:
    invitation, token = invite()
    claimed(db, invitation, now)
    refused(Conflict, "lti.invitation_in_hand", lambda: claimed(db, invitation, now + timedelta(seconds=119)))
    later = now + timedelta(minutes=2)
    with db.reading() as tx:
        lti.require_open_invitation(lti.find_invitation(tx, token), now=later)
    assert claimed(db, invitation, later).attempt == 2


def test_an_answer_that_comes_after_that_changes_nothing(
    invite: Invite, db: Database, register: Callable[..., lti.Registration], now: datetime
) -> None:
    """The first try was only slow. Its answer must not overwrite what the second one stored."""
    invitation, token = invite()
    slow = claimed(db, invitation, now)
    quick = claimed(db, invitation, now + timedelta(minutes=3))
    first, second = register(client_id="slow"), register(client_id="quick")
    refused(Conflict, "lti.invitation_taken_over", lambda: settled(db, slow, first, now))
    settled(db, quick, second, now, "second")
    refused(Conflict, "lti.invitation_taken_over", lambda: settled(db, slow, first, now))
    with db.transaction() as tx:
        lti.release_invitation(tx, slow)
        found = lti.find_invitation(tx, token)
    assert (found.registration_id, found.outcome["product"]) == (second.id, "second")


def test_the_page_that_waits_is_there_once_a_platform_is_connected(
    invite: Invite, db: Database, registration: lti.Registration, now: datetime
) -> None:
    invitation, token = invite()
    with db.reading() as tx:
        refused(NotFound, "lti.no_such_invitation", lambda: lti.find_used_invitation(tx, invitation.public_id))
        refused(NotFound, "lti.no_such_invitation", lambda: lti.find_used_invitation(tx, token))
    settled(db, claimed(db, invitation, now), registration, now)
    with db.reading() as tx:
        assert lti.first_launch(tx, lti.find_used_invitation(tx, invitation.public_id)) is None


@pytest.mark.both_engines
def test_what_nobody_used_in_time_is_forgotten_after_a_week(invite: Invite, db: Database, now: datetime) -> None:
    (_, open_still), (lost, tried) = invite(), invite()
    claimed(db, lost, now)
    over = now + DAY + timedelta(days=7)
    assert forgotten(db, over - timedelta(seconds=1)) == 0
    with db.reading() as tx:
        late = lti.find_invitation(tx, open_still)
    refused(NotAllowed, "lti.invitation_expired", lambda: lti.require_open_invitation(late, now=over))
    assert forgotten(db, over) == 2
    with db.reading() as tx:
        for token in (open_still, tried):
            refused(NotAllowed, "lti.no_invitation", lambda token=token: lti.find_invitation(tx, token))


@pytest.mark.both_engines
def test_one_that_has_connected_a_platform_is_kept_for_more_than_a_year(
    invite: Invite, db: Database, registration: lti.Registration, now: datetime
) -> None:
    """By the same address its platform is brought up to date; after that a new invitation does it."""
    invitation, token = invite()
    settled(db, claimed(db, invitation, now), registration, now)
    assert forgotten(db, now + timedelta(days=400) - timedelta(seconds=1)) == 0
    assert forgotten(db, now + timedelta(days=400)) == 1
    with db.reading() as tx:
        refused(NotAllowed, "lti.no_invitation", lambda: lti.find_invitation(tx, token))
        assert lti.find_registration(tx, registration.id) == registration


def forgotten(db: Database, now: datetime) -> int:
    with db.transaction() as tx:
        return lti.forget_invitations(tx, now=now)
