"""A teacher sets when an activity is open: for this run alone, at once, and so that anybody can see who did."""

import pytest

from lti_tool import courses, lti, workflows
from lti_tool.core import audit
from lti_tool.core.errors import NotAllowed, NotFound
from tests.workflows.conftest import World
from tests.workflows.test_copies import COPY, TEACHER, look, overview

PAST = courses.read_dates("", "2026-11-24T09:59", "Europe/Oslo")  # One minute ago.
FUTURE = courses.read_dates("2026-11-24T10:01", "2026-12-24T12:00", "Europe/Oslo")


def dated(world: World, dates: courses.OwnDates, **changes: object) -> lti.Session:
    teacher = world.enter(**{**TEACHER, **changes})
    with world.db.transaction() as tx:
        workflows.set_dates(tx, teacher, dates, now=world.now())
    return teacher


def begin(world: World, session: lti.Session) -> None:
    with world.db.transaction() as tx:
        workflows.begin(tx, session, seed=7, now=world.now())


@pytest.mark.both_engines
def test_they_hold_at_once_and_can_be_taken_away(world: World) -> None:
    learner = world.enter()
    for dates, code in ((PAST, "courses.closed"), (FUTURE, "courses.not_open_yet")):
        dated(world, dates)
        with pytest.raises(NotAllowed, match=code):
            begin(world, learner)
    assert look(world, learner).window.zone == "Europe/Oslo"
    dated(world, courses.OwnDates())
    begin(world, learner)


def test_an_attempt_that_is_open_goes_on(world: World) -> None:
    learner = world.enter()
    begin(world, learner)
    dated(world, PAST)
    begin(world, learner)


def test_a_copy_of_the_course_begins_without_them(world: World) -> None:
    """It shares the offer: were they the offer's, next year's run would close with this year's."""
    dated(world, PAST)
    begin(world, world.enter(**COPY))
    twin = {**COPY, "context_id": "2"}
    begin(world, world.enter(**twin))


def test_those_of_the_lms_stay_and_the_narrower_counts(world: World) -> None:
    lms = {"custom": {"offer": world.offer, "canvas_unlock_at": "2026-12-01T00:00:00Z"}}
    teacher = dated(world, FUTURE, **lms)
    window = overview(world, teacher).window
    assert [reason.by_lms for reason in window.reasons] == [True, False, False]
    assert window.opens_at is not None and f"{window.opens_at:%d}" == "01"
    assert "Two dates are told for the beginning" in window.conflicts[0]


def test_they_stand_in_place_of_the_offer_s(world: World) -> None:
    with world.db.transaction() as tx:
        offer = courses.make_offer(
            tx,
            organisation_id=world.registration.organisation_id,
            module_id=world.version.module_id,
            made_by="test",
            settings={"available_until": "2026-11-01T00:00:00Z"},
            now=world.now(),
        ).public_id
    link = {"custom": {"offer": offer}, "resource_link_id": "88"}
    learner = world.enter(**link)
    with pytest.raises(NotAllowed, match="closed"):
        begin(world, learner)
    dated(world, courses.OwnDates(), **link)
    begin(world, learner)


@pytest.mark.parametrize("role", [lti.Role.TEACHING_ASSISTANT, lti.Role.LEARNER])
def test_only_editing_teachers_set_them(world: World, role: lti.Role) -> None:
    with pytest.raises(NotAllowed, match="dates_not_yours"):
        dated(world, PAST, subject="9", role=role)


def test_a_session_without_an_activity_has_none(world: World) -> None:
    teacher = world.enter(**TEACHER, **COPY, custom={})
    with world.db.transaction() as tx, pytest.raises(NotFound, match="no_enrolment"):
        workflows.set_dates(tx, teacher, PAST, now=world.now())


def test_who_set_which_dates_is_on_record(world: World) -> None:
    dated(world, FUTURE)
    teacher = dated(world, courses.OwnDates())
    placement = overview(world, teacher).placement
    with world.db.reading() as tx:
        first, second = audit.trail(tx, [f"placement:{placement.public_id}"])
    assert (first.act, first.actor) == ("placement.dates", f"person:{teacher.person_id}")
    assert first.facts["before"] == {} == second.facts["after"]
    assert first.facts["after"] == second.facts["before"] == FUTURE.stored


def test_a_module_that_is_changed_keeps_the_dates_of_its_activity(world: World) -> None:
    from tests.workflows.test_copies import another_offer

    begin(world, world.enter())
    edited = {"custom": {"offer": another_offer(world)}}
    teacher = dated(world, FUTURE, **edited)
    with world.db.transaction() as tx:
        moved = workflows.settle_offer(tx, teacher, turn=True, now=world.now())
    assert overview(world, moved).placement.set_dates == FUTURE.stored
