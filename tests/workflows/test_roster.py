"""The LMS's list of people, as it is kept: who is on it, who has left, whose word a name is, how often it is read."""

from datetime import timedelta

import pytest

from lti_tool import courses, credentials, lti, people, workflows
from lti_tool.workflows.roster import read_roster_due, refresh_roster
from tests.workflows.conftest import LMS, TOOL, World
from tests.workflows.test_copies import Answer, pass_it

LIST = f"{LMS}/mod/lti/services.php/CourseSection/2/bindings/3/memberships"
TEACHER = {"subject": "3", "name": "Ingrid Solheim", "role": lti.Role.INSTRUCTOR, "memberships_url": LIST}
TUYET = lti.Member("6", lti.Role.LEARNER, name="Thị Ánh Tuyết Nguyễn")
MOHAMMED = lti.Member("9", lti.Role.LEARNER, given_name="محمد", family_name="الأحمد")
GONE = lti.MemberStatus.INACTIVE


class Lists:
    """Lists of an LMS, told one after the other; and what was asked for."""

    def __init__(self, *told: lti.Roster) -> None:
        self.told, self.asked = list(told), []

    def roster(self, registration_id: int, memberships_url: str, *, resource_link_id: str | None = None) -> lti.Roster:
        self.asked.append(resource_link_id)
        return self.told.pop(0)


def whole(*members: lti.Member) -> lti.Roster:
    return lti.Roster(members, complete=True)


def failed(*members: lti.Member, cause: str = "lti.roster_later", wait: float | None = None) -> lti.Roster:
    return lti.Roster(members, False, "The LMS does not answer at the moment.", cause, wait)


def read(world: World, *told: lti.Roster) -> list[str | None]:
    """A worker reads what is due, so often as there is something told; by which links it asked."""
    lists = Lists(*told)
    while lists.told:
        assert read_roster_due(world.db, lists, clock=world.now) == 1, "nothing is due"
    return lists.asked


def see(world: World, teacher: lti.Session) -> workflows.Overview:
    with world.db.reading() as tx:
        return workflows.overview(tx, teacher, now=world.now())


def ask_again(world: World, teacher: lti.Session, minutes: float = 2) -> bool:
    """The teacher presses the button so much later; whether the list is due then."""
    world.clock.advance(60 * minutes)
    with world.db.transaction() as tx:
        refresh_roster(tx, teacher, now=world.now())
        return courses.is_roster_due(tx, world.now())


def left(world: World, teacher: lti.Session) -> set[str]:
    with world.db.reading() as tx:
        roster = see(world, teacher).roster
        assert roster is not None
        return {one.lms_user_id for one in courses.members_of(tx, roster.id) if one.left_at is not None}


@pytest.mark.both_engines
def test_a_list_is_kept_with_no_more_than_a_page_needs(world: World) -> None:
    teacher = world.enter(**TEACHER)
    tester = lti.Member("t", lti.Role.LEARNER, is_test_user=True, name="Test Student")
    assert read(world, whole(TUYET, MOHAMMED, tester, lti.Member("3", lti.Role.INSTRUCTOR, email="i@x"))) == ["1"]
    seen = see(world, teacher)
    assert [(one.lms_user_id, one.name) for one in seen.absent] == [("6", TUYET.name), ("9", "محمد الأحمد")]
    assert seen.roster is not None and seen.roster.read_at == world.now() and not seen.roster.is_coming
    world.enter()
    assert [one.lms_user_id for one in see(world, teacher).absent] == ["9"]


@pytest.mark.both_engines
def test_who_is_no_longer_told_has_left_and_may_come_back(world: World) -> None:
    teacher = world.enter(**TEACHER)
    read(world, whole(TUYET, MOHAMMED))
    world.enter()
    assert ask_again(world, teacher)
    since = world.now()
    read(world, whole(lti.Member("6", lti.Role.LEARNER, status=GONE, name=TUYET.name)))
    (learner,) = see(world, teacher).learners
    assert learner.left_at == since and left(world, teacher) == {"6", "9"}
    ask_again(world, teacher)
    read(world, whole(TUYET))
    assert left(world, teacher) == {"9"}


@pytest.mark.parametrize(
    "told",
    [
        failed(),
        failed(MOHAMMED),
        failed(lti.Member("6", lti.Role.LEARNER, status=GONE), cause="lti.pages_repeat"),
    ],
    ids=["nothing", "a part", "a part with somebody inactive"],
)
def test_a_list_that_is_not_whole_sends_nobody_away(world: World, told: lti.Roster) -> None:
    teacher = world.enter(**TEACHER)
    read(world, whole(TUYET))
    before = see(world, teacher).roster
    ask_again(world, teacher)
    read(world, told)
    after = see(world, teacher).roster
    assert before is not None and after is not None
    assert left(world, teacher) == set() and after.read_at == before.read_at and "does not answer" in after.problem


@pytest.mark.both_engines
def test_a_list_is_asked_for_by_one_and_not_too_often(world: World) -> None:
    teacher = world.enter(**TEACHER)
    with world.db.transaction() as tx:
        reading = courses.claim_roster(tx, world.now())
        assert reading is not None and courses.claim_roster(tx, world.now()) is None
        assert courses.keep_roster(tx, reading, whole(TUYET), now=world.now())
        assert not courses.keep_roster(tx, replace_fence(reading), whole(), now=world.now()), "taken over meanwhile"
    assert left(world, teacher) == set()
    assert not ask_again(world, teacher, minutes=0.5)
    world.enter(**TEACHER)
    with world.db.reading() as tx:
        assert not courses.is_roster_due(tx, world.now()), "a visit within a quarter of an hour"
    world.clock.advance(15 * 60)
    world.enter(**TEACHER)
    assert read(world, whole(TUYET)) == ["1"]
    assert ask_again(world, teacher, minutes=1)


def replace_fence(reading: courses.Reading) -> courses.Reading:
    from dataclasses import replace

    return replace(reading, fence=reading.fence - 1)


def test_a_list_that_does_not_come_is_tried_three_times_and_when_somebody_asks(world: World) -> None:
    teacher = world.enter(**TEACHER)
    waits = []
    for wait in (None, 1800.0, None):
        read(world, failed(wait=wait))
        roster = see(world, teacher).roster
        assert roster is not None
        waits.append(roster.next_try_at and roster.next_try_at - world.now())
        assert not ask_again(world, teacher, minutes=0.1)
        world.clock.advance(1800 if wait else 600)
    assert waits == [timedelta(minutes=1), timedelta(minutes=30), None]
    assert ask_again(world, teacher)
    read(world, whole(TUYET))
    after = see(world, teacher).roster
    assert after is not None and after.problem == ""


@pytest.mark.parametrize("cause", ["lti.roster", "lti.roster_gone"])
def test_where_a_link_has_no_list_the_course_s_is_taken(world: World, cause: str) -> None:
    teacher = world.enter(**TEACHER)
    lists = Lists(failed(cause=cause), whole(TUYET))
    assert read_roster_due(world.db, lists, clock=world.now) == 1
    assert lists.asked == ["1", None] and len(see(world, teacher).absent) == 1


def test_a_name_of_the_list_fills_a_gap_and_is_on_no_certificate(world: World, answer_all: Answer) -> None:
    """The launch's word counts; where it gave none, teachers see the list's, and the certificate what was typed."""
    teacher = world.enter(**TEACHER)
    read(world, whole(TUYET, MOHAMMED))
    nameless = world.enter(name=None, given_name=None, family_name=None)
    named = world.enter(subject="9", name="الأحمد، محمد")
    pass_it(world, nameless, answer_all)
    assert {one.name for one in see(world, teacher).learners} == {TUYET.name, "الأحمد، محمد"}
    with world.db.transaction() as tx:
        held = workflows.confirm_name(tx, nameless, typed="Nguyễn Thị Ánh Tuyết", public_url=TOOL, now=world.now())
    ask_again(world, teacher)
    read(world, whole(lti.Member("6", lti.Role.LEARNER, name="Somebody Else"), MOHAMMED))
    with world.db.reading() as tx:
        (kept,) = credentials.credentials_of_person(tx, nameless.person_id)
        assert people.find_person(tx, nameless.person_id).shown_name == ""
        assert people.find_person(tx, named.person_id).shown_name == "الأحمد، محمد"
    assert kept.facts.holder_name == "Nguyễn Thị Ánh Tuyết" and kept.facts == held.facts


def test_staff_who_came_are_no_learners_whatever_the_list_says(world: World) -> None:
    """Moodle lists a non-editing teacher as a learner."""
    teacher = world.enter(**TEACHER)
    world.enter(**{**TEACHER, "subject": "4", "role": lti.Role.TEACHING_ASSISTANT, "resource_link_id": "2"})
    with world.db.transaction() as tx:
        while reading := courses.claim_roster(tx, world.now()):
            courses.keep_roster(tx, reading, whole(lti.Member("4", lti.Role.LEARNER), TUYET), now=world.now())
    assert [one.lms_user_id for one in see(world, teacher).absent] == ["6"]


def test_a_course_without_a_list_has_none(world: World) -> None:
    teacher = world.enter(**{**TEACHER, "memberships_url": None})
    assert see(world, teacher).roster is None
    with world.db.reading() as tx:
        assert not courses.is_roster_due(tx, world.now())
