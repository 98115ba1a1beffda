"""Whatever gets lost, held up or killed on the way, and whatever a teacher does meanwhile: the gradebook ends as it
should, and an LMS that counts attempts counts those that there were.

A schedule is a random story of hand-ins, corrections, faults of the line, deaths of workers, restarts and teachers'
own grades; at its end the line is mended and time passes. 100 in `make test`, 1,000 in `make faults`, for each LMS.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from lti_tool import demo, gradebook
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.secrets import Vault
from lti_tool.gradebook.tables import delivery_attempts, delivery_lanes, delivery_tries, grade_deliveries
from tests.figures import figure
from tests.rooms.gradebook.wire import LEARNER, Course, Fault, Killed

# A teacher's grades are never a learner's here: else nobody could say whose it is.
OURS = st.sampled_from([Fraction(0), Fraction(40), Fraction(86), Fraction(290, 3), Fraction(100)])
THEIRS = st.sampled_from([11.5, 23.25])
AT_MOST = 10


class Schedule(RuleBasedStateMachine):
    """One learner's grade in one column."""

    course: ClassVar[Course]
    right: ClassVar[int]

    @initialize()
    def begin(self) -> None:
        course = self.course
        with course.db.transaction() as tx:
            for table in (delivery_attempts, delivery_tries, grade_deliveries, delivery_lanes):
                tx.execute(table.delete())
        course.wire.faults.clear()
        course.wire.held_up.clear()
        self.item = course.new_item()
        self.handed_in: list[str] = []
        self.wished: Fraction | None = None
        self.theirs: float | None = None

    @rule(percent=OURS)
    def hand_in(self, percent: Fraction) -> None:
        now = self.course.clock.now()
        self.handed_in.append(now.isoformat(timespec="milliseconds"))
        self.wish(percent, gradebook.HandIn(f"attempt-{len(self.handed_in)}", now))

    @precondition(lambda self: self.wished is not None)
    @rule(percent=OURS)
    def correct(self, percent: Fraction) -> None:
        """A new score without a new attempt, as after a mended question."""
        self.wish(percent, None)

    def wish(self, percent: Fraction, hand_in: gradebook.HandIn | None) -> None:
        course = self.course
        self.wished = percent
        with course.db.transaction() as tx:
            gradebook.want_delivered(
                tx,
                registration_id=course.registration.id,
                lms_deployment_id="3",
                line_item_url=course.item_url(self.item),
                person_id=course.person.id,
                lms_user_id=course.lms_user_id,
                percent=percent,
                finished=True,
                now=course.clock.now(),
                hand_in=hand_in,
            )
        course.clock.advance(0.25)

    @rule(fault=st.sampled_from(Fault))
    def work(self, fault: Fault) -> None:
        course = self.course
        course.wire.faults.append(fault)
        try:
            course.work()
        except Killed:
            course.start_tool()
        course.wire.faults.clear()
        course.clock.advance(0.25)

    @rule(seconds=st.sampled_from([1.0, 5.0, 31.0, 130.0, 3600.0]))
    def wait(self, seconds: float) -> None:
        course = self.course
        end = course.clock.now().timestamp() + seconds
        course.wire.deliver_held_up(course.clock.now().fromtimestamp(end, course.clock.now().tzinfo))
        course.clock.advance(max(0.0, end - course.clock.now().timestamp()))

    @rule()
    def restart(self) -> None:
        self.course.start_tool()

    @precondition(lambda self: not self.course.wire.held_up)
    @rule(value=THEIRS)
    def teacher_enters(self, value: float) -> None:
        self.theirs = value
        self.course.lms.enter_grade(self.item, LEARNER, value)

    def teardown(self) -> None:
        """The line is mended: what is under way arrives, and the worker goes on until nothing is due."""
        if not hasattr(self, "item"):
            return
        for _ in range(12):
            self.wait(130.0)
            while self.course.work():
                self.course.clock.advance(1.0)
            if not self.is_due():
                break
        self.check()

    def is_due(self) -> bool:
        with self.course.db.reading() as tx:
            waiting = select(grade_deliveries.c.id).where(grade_deliveries.c.due_at.is_not(None))
            return tx.execute(waiting).first() is not None

    def check(self) -> None:
        lms, cell = self.course.lms, (self.item, LEARNER)
        held = lms.grades[cell].value if cell in lms.grades else None
        if self.theirs is not None:
            assert held == self.theirs
        elif self.wished is not None:
            assert held is not None and abs(held - float(self.wished) / 2) < 0.0001
        else:
            assert held is None
        if self.wished is not None:
            self.check_outbox()
        if isinstance(lms, demo.CanvasLms):
            counted = [one.at.replace("Z", "+00:00") for one in lms.record.tried(*cell)]
            assert counted == self.handed_in
            assert lms.record.said(*cell) == []
        type(self).right += 1

    def check_outbox(self) -> None:
        url = self.course.item_url(self.item)
        with self.course.db.reading() as tx:
            delivery = gradebook.delivery_of(tx, line_item_url=url, person_id=self.course.person.id)
        assert delivery is not None
        assert delivery.state.is_delivered or (
            self.theirs is not None and delivery.state is gradebook.DeliveryState.OVERRULED
        )


@pytest.fixture(params=list(demo.Flavour))
def course(
    request: pytest.FixtureRequest, quick_db: Database, vault: Vault, clock: FixedClock, quick_folder: Path
) -> Iterator[Course]:
    Schedule.course = Course(quick_db, vault, clock, quick_folder / "lms", request.param)
    yield Schedule.course
    del Schedule.course


def run(schedules: int, *, derandomize: bool) -> None:
    Schedule.right = 0
    run_state_machine_as_test(
        Schedule,
        settings=settings(
            max_examples=schedules,
            stateful_step_count=AT_MOST,
            derandomize=derandomize,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    figure(
        f"{Schedule.course.flavour}: random schedules that end as the policy says, attempts included",
        f"{Schedule.right:,}",
        goal=f"{schedules:,} of {schedules:,}",
        met=Schedule.right >= schedules,
    )
    assert Schedule.right >= schedules


def test_the_gradebook_ends_as_it_should(course: Course) -> None:
    run(100, derandomize=True)


@pytest.mark.faults
@pytest.mark.timeout(1200)
def test_the_gradebook_ends_as_it_should_1000_times(course: Course) -> None:
    run(1000, derandomize=False)
