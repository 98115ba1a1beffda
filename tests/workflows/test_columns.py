"""Grades that wait for a column, without an LMS at the other end: what moves where, who may make one, who waits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select

from lti_tool import gradebook, lti, workflows
from lti_tool.core.errors import Upstream
from lti_tool.gradebook.tables import delivery_attempts, grade_columns, grade_deliveries
from lti_tool.workflows.columns import column_for, find_column_due
from tests.workflows.conftest import LMS, World
from tests.workflows.test_copies import Answer, pass_it

ITEMS = f"{LMS}/mod/lti/services.php/2/lineitems"
BARE = {"line_item_url": None, "line_items_url": f"{ITEMS}?type_id=3"}
TEACHER = {"subject": "3", "name": "Ingrid Solheim", "role": lti.Role.INSTRUCTOR}


@dataclass
class Lms:
    """Grade columns of an LMS: what is there, and what it does before it answers."""

    rows: list[lti.LineItem] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    taken: list[frozenset[str]] = field(default_factory=list)

    def line_item(self, registration_id: int, url: str) -> lti.LineItem:
        return next(row for row in self.rows if row.url == url)

    def find_or_create_line_item(
        self,
        registration_id: int,
        line_items_url: str,
        wanted: lti.NewLineItem,
        *,
        taken: frozenset[str] = frozenset(),
        before_making: Callable[[], None] | None = None,
    ) -> lti.LineItem:
        self.before()
        self.taken.append(taken)
        for row in self.rows:
            if not {row.url, row.tag} & taken:
                return row
        assert before_making is not None
        before_making()
        made = lti.LineItem(f"{ITEMS}/{len(self.rows)}/lineitem", wanted.label, None, tag=wanted.tag)
        self.rows.append(made)
        return made


def outbox(world: World) -> list[tuple[str, str, bool]]:
    """(where to, how much, due or not), the oldest first."""
    rows = grade_deliveries.c
    with world.db.reading() as tx:
        found = tx.execute(select(rows.line_item_url, rows.percent, rows.due_at).order_by(rows.id)).all()
    return [("waiting" if url.startswith("waiting:") else url, percent, due is not None) for url, percent, due in found]


def columns(world: World) -> list[tuple[str | None, str | None]]:
    with world.db.reading() as tx:
        return [tuple(row) for row in tx.execute(select(grade_columns.c.url, grade_columns.c.last_error))]


@pytest.mark.both_engines
def test_a_grade_waits_and_goes_when_its_column_is_known(world: World, answer_all: Answer) -> None:
    session = world.enter(**BARE)
    pass_it(world, session, answer_all)
    assert outbox(world) == [("waiting", "100", False)]
    lms = Lms()
    assert find_column_due(world.db, lms, clock=world.now) == 1
    assert find_column_due(world.db, lms, clock=world.now) == 0
    (made,) = lms.rows
    assert outbox(world) == [(made.url, "100", True)] and columns(world) == [(made.url, None)]
    again = world.enter(**BARE, subject="7")
    pass_it(world, again, answer_all)
    assert outbox(world) == [(made.url, "100", True)] * 2 and len(lms.rows) == 1


def test_a_teacher_cannot_send_where_there_is_no_column(world: World, answer_all: Answer) -> None:
    pass_it(world, world.enter(**BARE), answer_all)
    teacher = world.enter(**{**TEACHER, **BARE})
    with world.db.transaction() as tx:
        (learner,) = workflows.overview(tx, teacher, now=world.now()).learners
        assert learner.delivery is not None and learner.delivery.state is gradebook.DeliveryState.QUEUED
        workflows.send_again(tx, teacher, learner.delivery.id, now=world.now())
    assert outbox(world) == [("waiting", "100", False)]


@pytest.mark.both_engines
@pytest.mark.parametrize("newer", ["waiting", "there"])
def test_of_two_wishes_for_one_column_the_newer_stays(world: World, newer: str) -> None:
    session, now = world.enter(), world.now()
    where = {"waiting": gradebook.waiting_for("k"), "there": f"{ITEMS}/2/lineitem"}
    with world.db.transaction() as tx:
        for place, name in enumerate(sorted(where, key=lambda one: one == newer)):
            at = now + timedelta(minutes=place)
            gradebook.want_delivered(
                tx,
                registration_id=session.registration_id,
                lms_deployment_id="3",
                line_item_url=where[name],
                person_id=session.person_id,
                lms_user_id="6",
                percent=Fraction(40 + place),
                finished=True,
                hand_in=gradebook.HandIn(name, at),
                now=at,
            )
        later = now + timedelta(hours=1)
        gradebook.move_grades(tx, where["waiting"], where["there"], registration_id=session.registration_id, now=later)
        behind = tx.execute(select(delivery_attempts.c.attempt).order_by(delivery_attempts.c.attempt)).scalars().all()
    assert outbox(world) == [(where["there"], "41", True)] and behind == ["there", "waiting"]


def test_a_worker_that_was_slow_makes_nothing(world: World, answer_all: Answer) -> None:
    pass_it(world, world.enter(**BARE), answer_all)
    lms = Lms(before=lambda: world.clock.advance(150))
    assert find_column_due(world.db, lms, clock=world.now) == 1
    assert lms.rows == [] and outbox(world) == [("waiting", "100", False)]
    world.clock.advance(60)
    lms.before = lambda: None
    find_column_due(world.db, lms, clock=world.now)
    assert len(lms.rows) == 1


def test_a_worker_that_was_stopped_past_its_lease_writes_nothing(world: World, answer_all: Answer) -> None:
    pass_it(world, world.enter(**BARE), answer_all)
    lms = Lms()

    def another_takes_over() -> None:
        lms.before = lambda: None
        world.clock.advance(200)
        assert find_column_due(world.db, lms, clock=world.now) == 1

    lms.before = another_takes_over
    find_column_due(world.db, lms, clock=world.now)
    assert len(lms.rows) == 1 and columns(world) == [(lms.rows[0].url, None)]


def test_a_column_made_for_another_link_is_left_to_it(world: World, answer_all: Answer) -> None:
    """Two links of one offer, where the LMS couples columns with neither: one looks while the other's was just made."""
    pass_it(world, world.enter(**BARE), answer_all)
    lms = Lms()

    def another_is_made() -> None:
        lms.before = lambda: None
        other = world.enter(**BARE, resource_link_id="2")
        with world.db.transaction() as tx:
            from lti_tool import courses

            placement = courses.find_placement(tx, other.placement_id or 0)
            column_for(tx, placement, registration_id=other.registration_id, now=world.now())
        lms.rows.append(lti.LineItem(f"{ITEMS}/9/lineitem", "x", None, tag=gradebook.column_tag(placement.link_key)))

    lms.before = another_is_made
    find_column_due(world.db, lms, clock=world.now)
    assert outbox(world) == [("waiting", "100", False)]
    world.clock.advance(2)
    while find_column_due(world.db, lms, clock=world.now):
        pass
    assert sorted(url for url, _ in columns(world) if url) == sorted(row.url for row in lms.rows)
    assert outbox(world) == [(lms.rows[1].url, "100", True)]


def test_columns_of_a_platform_that_does_not_answer_wait_together(world: World, answer_all: Answer) -> None:
    for link in ("1", "2", "3"):
        pass_it(world, world.enter(**BARE, resource_link_id=link), answer_all)
    asked = []

    def hang() -> None:
        asked.append(world.now())
        raise Upstream("core.http_no_answer", "The LMS does not answer.")

    lms = Lms(before=hang)
    while find_column_due(world.db, lms, clock=world.now):
        pass
    assert len(asked) == 1
    teacher = world.enter(**{**TEACHER, **BARE})
    with world.db.reading() as tx:
        (learner,) = workflows.overview(tx, teacher, now=world.now()).learners
    assert learner.delivery is not None and learner.delivery.problem == "The LMS does not answer."
    lms.before = lambda: None
    lms.rows.clear()
    world.clock.advance(40)
    while find_column_due(world.db, lms, clock=world.now):
        pass
    assert len(lms.rows) == 3 and {url for url, _, _ in outbox(world)} == {row.url for row in lms.rows}
