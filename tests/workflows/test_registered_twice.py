"""Two answers for one new client at the same instant: one platform is connected, the other answer changes nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from lti_tool import lti, people, workflows
from lti_tool.core.errors import Conflict
from tests.workflows.conftest import World

HOST = "https://shared.example"
FIRST = lti.PlatformConfiguration(
    issuer=HOST,
    auth_url=f"{HOST}/auth",
    token_url=f"{HOST}/token",
    jwks_url=f"{HOST}/first/keys",
    registration_url=f"{HOST}/register",
    authorization_server=None,
    product="moodle",
    version="4.5",
    account="First",
    pages=None,
    scopes=(),
    variables=(),
    placements={},
)
# On a host with several platforms: another one, which answers with the first one's client.
SECOND = replace(FIRST, jwks_url=f"{HOST}/second/keys", account="Second")
GRANTED = lti.Granted("client-1", None, (), (), None)


def claimed(world: World) -> lti.Invitation:
    with world.db.transaction() as tx:
        facts = {"organisation": "Aldermoor", "country": "NO", "website": "", "name": ""}
        lives = timedelta(days=1)
        invitation, _ = workflows.invite(tx, **facts, lives=lives, actor="operator", now=world.now())
        return workflows.begin_registration(tx, invitation, now=world.now())


class Instant:
    """Holds one transaction open, with its row written, until the other one has come as far as it can."""

    def __init__(self, world: World) -> None:
        self.world, self.written = world, threading.Event()

    def first(self, invitation: lti.Invitation) -> None:
        with self.world.db.transaction() as tx:
            workflows.finish_registration(tx, invitation, FIRST, GRANTED, vault=self.world.vault, now=self.world.now())
            self.written.set()
            threading.Event().wait(0.3)

    def by_invitation(self, invitation: lti.Invitation) -> str:
        self.written.wait(10)
        try:
            with self.world.db.transaction() as tx:
                workflows.finish_registration(
                    tx, invitation, SECOND, GRANTED, vault=self.world.vault, now=self.world.now()
                )
        except Conflict as fault:
            return fault.code
        return "stored"

    def by_hand(self, _invitation: lti.Invitation) -> str:
        self.written.wait(10)
        try:
            with self.world.db.transaction() as tx:
                workflows.add_platform(
                    tx,
                    people.find_organisation(tx, self.world.registration.organisation_id),
                    vault=self.world.vault,
                    policy="auto",
                    issuer=HOST,
                    client_id=GRANTED.client_id,
                    name="By hand",
                    auth_url=SECOND.auth_url,
                    token_url=SECOND.token_url,
                    jwks_url=SECOND.jwks_url,
                    actor="operator:1",
                    now=self.world.now(),
                )
        except Conflict as fault:
            return fault.code
        return "stored"


@pytest.mark.both_engines
@pytest.mark.parametrize("other", ["by_invitation", "by_hand"])
def test_of_two_at_the_same_instant_the_first_one_stays(other: str, world: World) -> None:
    instant, mine, theirs = Instant(world), claimed(world), claimed(world)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(instant.first, mine)
        second = pool.submit(getattr(instant, other), theirs)
        first.result()
        assert second.result() == "lti.registration_known"
    with world.db.reading() as tx:
        known = lti.registration_for(tx, issuer=HOST, client_id=GRANTED.client_id)
        assert known is not None and (known.jwks_url, known.name) == (FIRST.jwks_url, "First")
        assert lti.find_used_invitation(tx, mine.public_id).registration_id == known.id
    with world.db.transaction() as tx:
        lti.release_invitation(tx, theirs)
        again = workflows.begin_registration(tx, replace(theirs, state=lti.InvitationState.OPEN), now=world.now())
        assert again.attempt == 2, "the one that was too late may be used for another platform"
