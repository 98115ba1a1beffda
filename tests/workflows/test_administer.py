"""Closing a platform or a deployment: who is in is out, who is on the way does not arrive, and it can be undone."""

import pytest

from lti_tool import lti, workflows
from lti_tool.core.errors import NotAllowed
from lti_tool.lti import LtiRefused
from tests.workflows.conftest import BROWSER, World


def is_in(world: World, session: lti.Session) -> bool:
    with world.db.reading() as tx:
        return lti.read_session(tx, session.public_id, browser=BROWSER, now=world.now()) is not None


def close(world: World, *, closed: bool) -> None:
    with world.db.transaction() as tx:
        workflows.close_platform(tx, world.registration, closed=closed, actor="test", now=world.now())


def test_who_is_in_is_out_and_in_again(world: World) -> None:
    session = world.enter()
    assert is_in(world, session)
    close(world, closed=True)
    assert not is_in(world, session)
    close(world, closed=False)
    assert is_in(world, session)


def test_a_launch_under_way_does_not_arrive(world: World) -> None:
    launch = world.launch()
    close(world, closed=True)
    close(world, closed=False)
    with world.db.transaction() as tx, pytest.raises(LtiRefused, match="login_used"):
        workflows.enter(tx, launch, browser=lti.Browser(BROWSER), now=world.now())


def test_a_deployment_that_is_kept_out_ends_its_sessions(world: World) -> None:
    session = world.enter()
    for allow in (False, True):
        with world.db.transaction() as tx:
            workflows.decide_deployment(tx, world.registration, "3", allow=allow, actor="test", now=world.now())
        assert is_in(world, session) is allow


def test_a_person_is_found_by_launch_and_only_within_the_organisation(world: World) -> None:
    session = world.enter()
    address = f"https://tool.example.edu/learn/{session.public_id}"
    ours = world.registration.organisation_id
    with world.db.reading() as tx:
        (found,) = workflows.find_people(tx, address, organisation_id=ours, now=world.now())
        assert found.name == "Nguyễn Thị Ánh Tuyết" and found.platform == "Moodle"
        for text in (address, found.public_id, "nguyễn"):
            assert workflows.find_people(tx, text, organisation_id=ours + 1, now=world.now()) == []


def test_who_is_kept_out_is_found_by_the_code_on_their_screen(world: World) -> None:
    session, ours = world.enter(), world.registration.organisation_id
    with world.db.transaction() as tx:
        (person,) = workflows.find_people(tx, session.public_id, organisation_id=ours, now=world.now())
        workflows.block(tx, person.public_id, words="", actor="test", now=world.now())
    launch = world.launch()
    with world.db.transaction() as tx, pytest.raises(NotAllowed) as refused:
        workflows.enter(tx, launch, browser=lti.Browser(BROWSER), now=world.now())
    with world.db.transaction() as tx:
        lti.keep_refusal(
            tx,
            refused.value,
            status=403,
            support_code="7Q4M-2KXP",
            registration_id=world.registration.id,
            known={},
            now=world.now(),
        )
        assert workflows.find_people(tx, "7q4m 2kxp", organisation_id=ours, now=world.now())[0].name == person.name
