"""The worker: started, woken, stopped; and a fault in one kind of work leaves the other going."""

import time

from lti_tool import lti, workflows
from lti_tool.core.clock import SystemClock
from lti_tool.credentials import Faces
from tests.workflows.conftest import TOOL, World


def tools(world: World, send: object) -> workflows.Tools:
    return workflows.Tools(
        db=world.db,
        clock=SystemClock(),
        vault=world.vault,
        faces=Faces.find(None),
        public_url=TOOL,
        send=send,  # type: ignore[arg-type]
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
