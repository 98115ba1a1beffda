"""Processes of their own, all at once at links without a grade column: each link gets one, every grade arrives."""

import multiprocessing
import time
from pathlib import Path

import pytest

from lti_tool import demo
from lti_tool.web import wire
from lti_tool.workflows.columns import find_column_due
from tests.stage import raised, settings_for
from tests.walker import Walker, launch
from tests.web.test_columns import bare_link, columns_of, hand_in_for, offer_of

WORKERS, LINKS = 3, 4
LEARNERS = ("6", "7", "8")


def work(db_url: str, folder: str, port: int, ready: object, go: object) -> None:
    """A worker process: looks for columns for some seconds."""
    tool = wire(settings_for(f"http://127.0.0.1:{port}", port, db_url, Path(folder)))
    from lti_tool import lti

    services = lti.Services(tool.db, tool.http, tool.vault, tool.clock)
    ready.release()  # type: ignore[attr-defined]
    go.wait()  # type: ignore[attr-defined]
    end = time.monotonic() + 6
    while time.monotonic() < end:
        if not find_column_due(tool.db, services, clock=tool.clock.now):
            time.sleep(0.01)
    tool.db.dispose()


@pytest.mark.faults
@pytest.mark.both_engines
@pytest.mark.parametrize("flavour", list(demo.Flavour), ids=[flavour.value for flavour in demo.Flavour])
def test_processes_make_one_column_a_link(flavour: demo.Flavour, db_url: str, tmp_path: Path) -> None:
    with raised(db_url, tmp_path, flavour=flavour) as stage:
        first = bare_link(stage)
        links = [first, *(bare_link(stage, offer_of(first)) for _ in range(LINKS - 1))]
        pages = [launch(Walker(), stage.lms_url, person, link.id) for link in links for person in LEARNERS]
        spawn = multiprocessing.get_context("spawn")
        ready, go = spawn.Semaphore(0), spawn.Event()
        facts = (db_url, str(tmp_path), stage.tool.settings.server.port, ready, go)
        workers = [spawn.Process(target=work, args=facts) for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        for _ in workers:
            assert ready.acquire(timeout=60)
        go.set()
        for page in pages:
            hand_in_for(stage, page.launch)
        for worker in workers:
            worker.join(60)
        assert [worker.exitcode for worker in workers] == [0] * WORKERS
        stage.work()
        assert columns_of(stage) == [(first.title, 100, offer_of(first))] * LINKS
        assert len(stage.lms.grades) == LINKS * len(LEARNERS)
