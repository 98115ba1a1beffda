"""A connection test that a page asks for: one at a time for each platform, done once, by whichever worker is free."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database

GOOD = lti.ConnectionReport((lti.Finding("token", lti.Verdict.OK, "The LMS lets this tool in."),))
BAD = lti.ConnectionReport((lti.Finding("clock", lti.Verdict.FAIL, "438 seconds apart.", "timedatectl"),))


@pytest.fixture
def ask(db: Database, registration: lti.Registration, clock: FixedClock) -> Callable[[], None]:
    def asked() -> None:
        with db.transaction() as tx:
            lti.ask_examination(tx, registration.id, now=clock.now())

    return asked


@pytest.fixture
def stands(db: Database, registration: lti.Registration) -> Callable[[], lti.Examination]:
    def read() -> lti.Examination:
        with db.reading() as tx:
            found = lti.examination_of(tx, registration.id)
        assert found is not None
        return found

    return read


Ask, Stands = Callable[[], None], Callable[[], lti.Examination]


def finds(report: lti.ConnectionReport) -> Callable[[lti.Registration], lti.ConnectionReport]:
    return lambda _platform: report


@pytest.mark.both_engines
def test_it_waits_and_is_done_and_what_was_found_stays(
    db: Database, clock: FixedClock, registration: lti.Registration, ask: Ask, stands: Stands
) -> None:
    with db.reading() as tx:
        assert lti.examination_of(tx, registration.id) is None
    assert lti.examine_due(db, clock, finds(GOOD)) == 0
    ask()
    assert (stands().is_running, stands().report) == (True, None)
    asked_at = clock.now()
    clock.advance(12)
    assert lti.examine_due(db, clock, finds(BAD)) == 1
    assert stands() == lti.Examination(asked_at, False, asked_at + timedelta(seconds=12), BAD)
    assert lti.examine_due(db, clock, finds(GOOD)) == 0
    ask()
    assert (stands().is_running, stands().report) == (True, None)
    lti.examine_due(db, clock, finds(GOOD))
    assert stands().report == GOOD


@pytest.mark.both_engines
def test_however_often_it_is_asked_for_one_runs(db: Database, clock: FixedClock, ask: Ask, stands: Stands) -> None:
    done = []

    def examine(platform: lti.Registration) -> lti.ConnectionReport:
        # Pressed again while it runs: still this one, and no other worker begins anew.
        ask()
        assert lti.examine_due(db, clock, finds(BAD)) == 0
        done.append(platform.client_id)
        return GOOD

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ask(), range(16)))
        ran = sum(pool.map(lambda _: lti.examine_due(db, clock, examine), range(8)))
    assert (ran, len(done)) == (1, 1) and stands().report == GOOD


def test_one_that_breaks_off_says_so_and_can_be_asked_for_again(
    db: Database, clock: FixedClock, ask: Ask, stands: Stands
) -> None:
    def breaks(_platform: lti.Registration) -> lti.ConnectionReport:
        raise RuntimeError("planted")

    ask()
    with pytest.raises(RuntimeError):
        lti.examine_due(db, clock, breaks)
    assert (stands().is_running, stands().report) == (False, None)
    ask()
    assert lti.examine_due(db, clock, finds(GOOD)) == 1 and stands().report == GOOD


def test_a_worker_that_died_leaves_it_to_another_twice(
    db: Database, clock: FixedClock, ask: Ask, stands: Stands
) -> None:
    class Died(BaseException):
        """As by kill -9: nothing tidies up."""

    def dies(_platform: lti.Registration) -> lti.ConnectionReport:
        raise Died

    ask()
    for _ in range(2):
        with pytest.raises(Died):
            lti.examine_due(db, clock, dies)
        assert lti.examine_due(db, clock, finds(GOOD)) == 0, "another worker has it, as far as anybody knows"
        clock.advance(181)
    assert lti.examine_due(db, clock, finds(GOOD)) == 0
    assert (stands().is_running, stands().report) == (False, None)


def test_a_worker_that_was_too_slow_overwrites_nothing(
    db: Database, clock: FixedClock, ask: Ask, stands: Stands
) -> None:
    def slow(_platform: lti.Registration) -> lti.ConnectionReport:
        clock.advance(181)
        assert lti.examine_due(db, clock, finds(GOOD)) == 1
        return BAD

    ask()
    lti.examine_due(db, clock, slow)
    assert stands().report == GOOD
