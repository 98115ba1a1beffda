"""The worker: started, woken, stopped; and a fault in one kind of work leaves the other going."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from lti_tool import lti, people, workflows
from lti_tool.core.clock import FixedClock, SystemClock
from lti_tool.core.http import HttpClient
from lti_tool.credentials import Faces
from tests.workflows.conftest import TOOL, World


@dataclass
class Lms:
    """An LMS whose grade service is a function."""

    send_score: Callable[[int, str, lti.Score], lti.ScoreOutcome]

    def results(self, *_asked: object, user_id: str | None = None) -> tuple[lti.Result, ...]:
        return ()


def tools(world: World, send: Callable[[int, str, lti.Score], lti.ScoreOutcome]) -> workflows.Tools:
    http = HttpClient(["127.0.0.0/8"])
    return workflows.Tools(
        db=world.db,
        clock=SystemClock(),
        vault=world.vault,
        faces=Faces.find(None),
        public_url=TOOL,
        lms=Lms(send),
        services=lti.Services(world.db, http, world.vault, SystemClock()),
        http=http,
    )


def until(true: object, patience: float = 10.0) -> bool:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


def wish_a_grade(world: World) -> None:
    from fractions import Fraction

    from lti_tool import gradebook

    session = world.enter()
    with world.db.transaction() as tx:
        gradebook.want_delivered(
            tx,
            registration_id=session.registration_id,
            lms_deployment_id="3",
            line_item_url="https://lms.example.edu/item",
            person_id=session.person_id,
            lms_user_id="6",
            percent=Fraction(86),
            finished=True,
            now=world.now(),
        )


def test_a_woken_worker_sends_at_once_and_stops_when_asked(world: World) -> None:
    sent: list[lti.Score] = []

    def send(_registration: int, _url: str, score: lti.Score) -> lti.ScoreOutcome:
        sent.append(score)
        return lti.ScoreOutcome(lti.ScoreVerdict.ACCEPTED, "", None)

    worker = workflows.Worker(tools(world, send))
    worker.start()
    try:
        wish_a_grade(world)
        worker.wake()
        assert until(lambda: sent)
        assert (sent[0].given, sent[0].finished) == ("86", True)
    finally:
        started = time.monotonic()
        worker.stop()
        assert time.monotonic() - started < 5


def test_a_fault_ends_neither_the_thread_nor_the_other_work(world: World) -> None:
    calls: list[int] = []

    def send(*_asked: object) -> lti.ScoreOutcome:
        calls.append(1)
        raise RuntimeError("planted")

    worker = workflows.Worker(tools(world, send))
    worker.start()
    try:
        wish_a_grade(world)
        worker.wake()
        assert until(lambda: calls)
        assert worker.is_alive()
    finally:
        worker.stop()


def test_the_worker_retires_a_key_after_its_fortnight(world: World) -> None:
    """It looks once an hour: what is not yet due then waits for the next look."""
    clock = FixedClock(world.now())
    worker = workflows.Worker(replace(tools(world, lambda *_: None), clock=clock))
    with world.db.transaction() as tx:
        workflows.rotate_keys(tx, world.vault, people.list_organisations(tx), actor="test", now=clock.now())
    stages = []
    for seconds in (0, 14 * 86400 - 60, 60, 3600):
        clock.advance(seconds)
        worker.run_once()
        with world.db.reading() as tx:
            stages.append([key.stage.value for key in lti.list_tool_keys(tx)])
    assert stages == [["retiring", "signs"]] * 3 + [["retired", "signs"]]
