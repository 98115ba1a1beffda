"""A code on somebody's screen leads to their launch: few rows, short, for a week, and nobody else's to fill."""

from collections.abc import Callable

import pytest

from lti_tool import lti
from lti_tool.core import ids
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database, Tx
from lti_tool.core.errors import NotFound
from lti_tool.lti.tables import session_faults
from tests.rooms.lti.lms import BROWSER, Lms

FAULT = NotFound("modules.no_page", "Ánh Tuyết's page is not there.", log={"token": "secret"})
Keep = Callable[..., str]


@pytest.fixture
def session(db: Database, lms: Lms, enter: Callable[[Tx, lti.Launch, str], lti.Session]) -> lti.Session:
    launch = lms.launch()
    with db.transaction() as tx:
        return enter(tx, launch, BROWSER)


@pytest.fixture
def keep(db: Database, clock: FixedClock, session: lti.Session) -> Keep:
    """Notes an error at an address of the session; its code."""

    def kept(session_id: str = session.public_id, *, inside: bool = True) -> str:
        code = ids.short_code()
        with db.transaction() as tx:
            lti.keep_fault(
                tx,
                FAULT,
                session_id=session_id,
                status=404,
                support_code=code,
                place="learner.page",
                inside=inside,
                now=clock.now(),
            )
        return code

    return kept


def found(db: Database, clock: FixedClock, code: str) -> lti.SessionFault | None:
    with db.reading() as tx:
        return lti.fault_with_code(tx, code, now=clock.now())


@pytest.mark.both_engines
def test_the_code_leads_to_the_session_and_says_nothing_else(
    db: Database, clock: FixedClock, session: lti.Session, keep: Keep
) -> None:
    code = keep()
    known = lti.SessionFault(code, session.public_id, clock.now(), "modules.no_page", 404, "learner.page")
    assert found(db, clock, code) == known
    assert found(db, clock, ids.short_code()) is None
    with db.reading() as tx:
        assert lti.faults_of_session(tx, session.public_id, now=clock.now()) == [known]
        (row,) = tx.execute(session_faults.select()).all()
    assert "secret" not in str(row) and "Tuyết" not in str(row)


@pytest.mark.both_engines
def test_of_each_session_the_newest_twenty_are_kept(db: Database, clock: FixedClock, keep: Keep) -> None:
    codes = [keep() for _ in range(25)]
    assert [found(db, clock, code) is not None for code in codes] == [False] * 5 + [True] * 20


def test_whoever_is_not_in_the_session_takes_nobody_s_place(db: Database, clock: FixedClock, keep: Keep) -> None:
    mine = [keep() for _ in range(15)]
    theirs = [keep(inside=False) for _ in range(50)]
    assert all(found(db, clock, code) for code in mine)
    assert [found(db, clock, code) is not None for code in theirs] == [True] * 5 + [False] * 45
    assert found(db, clock, keep()) is not None, "and who is in it finds room all the same"


def test_of_a_session_that_there_is_not_nothing_is_kept(db: Database, clock: FixedClock, keep: Keep) -> None:
    assert found(db, clock, keep(ids.public_id())) is None
    with db.reading() as tx:
        assert tx.execute(session_faults.select()).all() == []


def test_after_a_week_it_is_gone(db: Database, clock: FixedClock, session: lti.Session, keep: Keep) -> None:
    code = keep()
    clock.advance(7 * 86400 - 1)
    assert found(db, clock, code) is not None
    clock.advance(1)
    assert found(db, clock, code) is None
    with db.transaction() as tx:
        lti.touch(tx, session, now=clock.now())
        assert tx.execute(session_faults.select()).all() == []
