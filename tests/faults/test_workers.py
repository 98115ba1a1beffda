"""`lti-tool worker`, several at once, on one PostgreSQL: each score goes once, and who slept too long has no say.

The same with threads and few scores is in `tests/rooms/gradebook/test_workers.py`, for `make test`.
"""

import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests import postgres
from tests.faults.many_workers import Lms, raised, served, wait_until
from tests.figures import figure

WORKERS, PLATFORMS, SCORES = 8, 10, 5000
LEASE = 120.0


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_eight_workers_claim_each_of_5000_rows_once(postgres_server: postgres.Postgres, tmp_path: Path) -> None:
    lms = Lms()
    with postgres_server.database(empty=True) as db_url, raised(db_url, tmp_path) as tool, served(lms) as lms_url:
        cells = tool.wish(lms_url, platforms=PLATFORMS, scores=SCORES // PLATFORMS)
        for _ in range(WORKERS):
            tool.start_worker()
        wait_until(lambda: bool(lms.got), 120)
        begun = time.monotonic()
        wait_until(lambda: tool.waiting() == 0, 400)
        took = time.monotonic() - begun
        once = lms.got == Counter(cells) and tool.verdicts() == Counter(sent=SCORES)
        figure(
            f"{WORKERS} worker processes, one outbox on PostgreSQL: rows claimed and sent once",
            f"{sum(times == 1 for times in lms.got.values()):,} in {took:.0f} s",
            goal=f"{SCORES:,} of {SCORES:,}",
            met=once,
        )
        assert once and lms.looks == 0 and lms.most == 1


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_a_worker_stopped_past_its_lease_is_fenced(postgres_server: postgres.Postgres, tmp_path: Path) -> None:
    """SIGSTOP while the LMS takes a score; another worker asks the LMS; SIGCONT: the late word changes nothing."""
    lms = Lms()
    with postgres_server.database(empty=True) as db_url, raised(db_url, tmp_path) as tool, served(lms) as lms_url:
        cells = tool.wish(lms_url, platforms=1, scores=20)
        lms.slow = min(cells)
        first = tool.start_worker()
        assert lms.arrived.wait(120)
        first.send_signal(signal.SIGSTOP)
        lms.slow = None
        lms.may_answer.set()
        tool.start_worker()
        wait_until(lambda: tool.waiting() == 0, LEASE + 120)
        assert tool.verdicts()["fenced"] == 0
        first.send_signal(signal.SIGCONT)
        wait_until(lambda: tool.verdicts()["fenced"] > 0, 60)
        time.sleep(3)
        verdicts = tool.verdicts()
        fenced = verdicts == Counter(sent=len(cells) - 1, confirmed=1, fenced=1) and lms.got == Counter(cells)
        figure(
            f"a worker stopped (SIGSTOP) for more than its lease of {LEASE:.0f} s, then continued",
            f"its word refused {verdicts['fenced']} time, {len(lms.got)} of {len(cells)} scores sent once",
            goal="refused; each score sent once",
            met=fenced,
        )
        assert fenced and tool.waiting() == 0
