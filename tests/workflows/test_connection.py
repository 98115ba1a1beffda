"""What the connection test knows before it asks: services, browsers and names of the last launches."""

import pytest

from lti_tool import courses, lti, people, workflows
from lti_tool.core.errors import Conflict, NotFound
from tests.workflows.conftest import LMS, World

pytestmark = pytest.mark.both_engines


def test_the_last_launches_tell_where_the_services_are(world: World) -> None:
    world.enter(line_items_url=f"{LMS}/items", memberships_url=f"{LMS}/people")
    world.enter(subject="7", name=None, line_items_url=f"{LMS}/moved")
    with world.db.reading() as tx:
        found = courses.newest_services(tx, world.registration.id)
        _, layers = lti.known_of(tx, world.vault, world.registration)
        named = people.names_shared(tx, world.registration.id)
    assert (found.line_items_url, found.memberships_url) == (f"{LMS}/moved", f"{LMS}/people")
    assert layers == {lti.Layer.COOKIE: 2}
    assert named == (1, 2)


def test_a_platform_is_found_by_id_or_by_name(world: World) -> None:
    known = world.registration
    with world.db.reading() as tx:
        assert workflows.platform_called(tx, known.public_id.upper()) == known
        assert workflows.platform_called(tx, known.name.upper()) == known
        with pytest.raises(NotFound, match=r"workflows\.no_platform"):
            workflows.platform_called(tx, "Blackboard")
    with world.db.transaction() as tx:
        workflows.connect(
            tx,
            vault=world.vault,
            organisation="Aldermoor University",
            issuer=LMS,
            client_id="another",
            name=known.name,
            auth_url=f"{LMS}/auth",
            token_url=f"{LMS}/token",
            jwks_url=f"{LMS}/jwks",
            actor="test",
            now=world.now(),
        )
        with pytest.raises(Conflict, match=r"workflows\.many_platforms"):
            workflows.platform_called(tx, known.name)
