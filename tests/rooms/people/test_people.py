"""People as platforms name them."""

import pytest

from lti_tool import people
from lti_tool.core.errors import NotFound
from tests.rooms.gradebook.conftest import Desk, desk

__all__ = ["desk"]
pytestmark = pytest.mark.both_engines

NOBODY = people.Portrait(None, None, None, None, None)


def seen(
    desk: Desk, portrait: people.Portrait, *, scope: str = "3", user: str = "6", registration: int | None = None
) -> people.Person:
    with desk.db.transaction() as tx:
        return people.recognise(
            tx,
            registration_id=registration or desk.registration_id,
            identity_scope=scope,
            lms_user_id=user,
            portrait=portrait,
            now=desk.clock.now(),
        )


def test_the_same_person_is_recognised_and_a_new_name_replaces_the_old(desk: Desk) -> None:
    again = seen(desk, people.Portrait("Suharto Wijaya", None, None, "s@example.edu", "id"))
    assert (again.id, again.name, again.email) == (desk.person_id, "Suharto Wijaya", "s@example.edu")


def test_a_launch_that_shares_no_name_leaves_the_known_one(desk: Desk) -> None:
    assert seen(desk, NOBODY).name == "Suharto"


def test_scopes_are_never_joined_even_by_the_same_address(desk: Desk) -> None:
    same = people.Portrait("Suharto", None, None, "s@example.edu", None)
    ids = {seen(desk, same).id, seen(desk, same, scope="4").id, seen(desk, same, user="7").id}
    assert len(ids) == 3


def test_the_shown_name_is_given_whole_or_put_together(desk: Desk) -> None:
    assert seen(desk, people.Portrait(None, "秀英", "王", None, None), user="8").shown_name == "秀英 王"
    assert seen(desk, people.Portrait("王秀英", "秀英", "王", None, None), user="8").shown_name == "王秀英"
    assert seen(desk, NOBODY, user="9").shown_name == ""


def test_nobody_is_found_under_an_unknown_id(desk: Desk) -> None:
    with desk.db.reading() as tx, pytest.raises(NotFound):
        people.find_person(tx, 10_000)


def test_an_organisation_is_known_by_its_name(desk: Desk) -> None:
    with desk.db.transaction() as tx:
        first = people.ensure_organisation(tx, "A", country="NO", website="", now=desk.clock.now())
        again = people.ensure_organisation(tx, "A", country="SE", website="https://a.example", now=desk.clock.now())
        assert (again.id, again.public_id, again.country) == (first.id, first.public_id, "SE")
        assert [known.name for known in people.list_organisations(tx)] == ["A", "Aldermoor University"]
