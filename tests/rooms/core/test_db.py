"""One place commits; reading never writes; moments keep their zone; two writers queue."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from lti_tool.core import audit
from lti_tool.core.db import Database, in_transaction, insert, metadata

pytestmark = pytest.mark.both_engines


def acts(db: Database) -> list[str]:
    with db.reading() as tx:
        return list(tx.execute(select(audit.audit.c.act).order_by(audit.audit.c.id)).scalars())


def test_a_transaction_that_returns_is_kept(db: Database, now: datetime) -> None:
    with db.transaction() as tx:
        audit.record(tx, now=now, actor="person:1", act="one", subject="attempt:1", score=1)
        audit.record(tx, now=now, actor="person:1", act="two", subject="attempt:1")
    assert acts(db) == ["one", "two"]


def test_a_transaction_that_raises_leaves_nothing(db: Database, now: datetime) -> None:
    with pytest.raises(ZeroDivisionError), db.transaction() as tx:
        audit.record(tx, now=now, actor="person:1", act="one", subject="attempt:1")
        raise ZeroDivisionError
    assert acts(db) == []


def test_reading_leaves_nothing(db: Database, now: datetime) -> None:
    with db.reading() as tx:
        audit.record(tx, now=now, actor="person:1", act="one", subject="attempt:1")
    assert acts(db) == []


def test_a_block_knows_that_it_is_inside(db: Database) -> None:
    assert not in_transaction()
    with db.transaction():
        assert in_transaction()
    with db.reading():
        assert in_transaction()
    assert not in_transaction()


def test_a_moment_comes_back_as_the_same_moment_in_utc(db: Database) -> None:
    in_oslo = datetime(2026, 11, 24, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    with db.transaction() as tx:
        audit.record(tx, now=in_oslo, actor="person:1", act="one", subject="attempt:1")
    with db.reading() as tx:
        (at,) = tx.execute(select(audit.audit.c.at)).one()
    assert at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert at.utcoffset() == timedelta(0)


def test_a_moment_without_its_zone_is_refused(db: Database) -> None:
    with pytest.raises(Exception, match="must carry its time zone"), db.transaction() as tx:
        audit.record(tx, now=datetime(2026, 11, 24), actor="person:1", act="one", subject="attempt:1")


def test_facts_come_back_as_they_went_in(db: Database, now: datetime) -> None:
    with db.transaction() as tx:
        audit.record(tx, now=now, actor="person:1", act="one", subject="attempt:1", name="Nguyễn", marks=[1, None])
    with db.reading() as tx:
        assert tx.execute(select(audit.audit.c.facts)).scalar_one() == {"name": "Nguyễn", "marks": [1, None]}


def test_foreign_keys_hold(db: Database, now: datetime) -> None:
    row = {"person_id": 77, "placement_id": 77, "public_id": "x" * 26, "role": "learner", "created_at": now}
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), db.transaction() as tx:
        tx.execute(metadata.tables["enrolments"].insert(), row)


def test_an_upsert_is_one_statement_on_both(db: Database, now: datetime) -> None:
    with db.transaction() as tx:
        made = insert(tx, audit.audit).values(id=5, at=now, actor="a", act="one", subject="s", facts={})
        tx.execute(made)
        tx.execute(made.on_conflict_do_update(index_elements=["id"], set_={"act": "two"}))
    assert acts(db) == ["two"]


def test_two_writers_queue(db: Database, now: datetime) -> None:
    """Each reads, then writes: on SQLite a lock taken only at the write would make the second one fail."""
    together = threading.Barrier(4)
    faults: list[Exception] = []

    def write() -> None:
        together.wait()
        try:
            for _ in range(5):
                with db.transaction() as tx:
                    seen = tx.execute(select(func.count()).select_from(audit.audit)).scalar_one()
                    audit.record(tx, now=now, actor="person:1", act=f"saw {seen}", subject="attempt:1")
        except Exception as fault:
            faults.append(fault)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    assert len(acts(db)) == 20


def test_a_reader_sees_one_state_throughout(db: Database, now: datetime) -> None:
    if not db.is_sqlite:
        return  # PostgreSQL's READ COMMITTED promises that for one statement alone, and nothing here needs more.
    with db.reading() as tx:
        before = tx.execute(select(func.count()).select_from(audit.audit)).scalar_one()
        with db.transaction() as other:
            audit.record(other, now=now, actor="person:1", act="meanwhile", subject="attempt:1")
        after = tx.execute(select(func.count()).select_from(audit.audit)).scalar_one()
    assert before == after == 0
    assert acts(db) == ["meanwhile"]


def test_sqlite_is_set_up_to_survive_a_power_cut(db: Database) -> None:
    if not db.is_sqlite:
        return
    with db.reading() as tx:
        said = {
            name: tx.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
