"""Work as rows: claimed once, given back when its worker dies, and not finished by who lost it."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Column, String, Table, insert, select

from lti_tool.core import leases
from lti_tool.core.db import Database, metadata, pk

pytestmark = pytest.mark.both_engines


@pytest.fixture
def jobs(empty_db: Database, now: datetime) -> Table:
    """A table of its own with ten pieces of work, five of them due."""
    name = "jobs_of_the_lease_test"
    table = metadata.tables.get(name)
    if table is None:
        table = Table(name, metadata, pk(), Column("what", String(20)), *leases.work_columns())
    try:
        table.create(empty_db.engine)
    finally:
        metadata.remove(table)
    rows = [{"what": f"job {n}", "due_at": now + timedelta(minutes=n - 5)} for n in range(1, 11)]
    with empty_db.transaction() as tx:
        tx.execute(insert(table), rows)
    return table


def claim(db: Database, jobs: Table, now: datetime, limit: int = 10) -> list[tuple[int, int]]:
    with db.transaction() as tx:
        return [(row["id"], row["fence"]) for row in leases.claim(tx, jobs, now=now, limit=limit, lease_seconds=60)]


def test_what_is_due_is_claimed_once(empty_db: Database, jobs: Table, now: datetime) -> None:
    assert len(claim(empty_db, jobs, now)) == 5
    assert claim(empty_db, jobs, now) == []


def test_at_most_as_many_as_asked(empty_db: Database, jobs: Table, now: datetime) -> None:
    assert len(claim(empty_db, jobs, now, limit=2)) == 2
    assert len(claim(empty_db, jobs, now, limit=9)) == 3


def test_a_dead_workers_job_is_claimed_again(empty_db: Database, jobs: Table, now: datetime) -> None:
    first = claim(empty_db, jobs, now, limit=1)
    later = now + timedelta(seconds=61)
    again = dict(claim(empty_db, jobs, later))
    assert again[first[0][0]] == first[0][1] + 1


def test_who_lost_the_lease_cannot_finish(empty_db: Database, jobs: Table, now: datetime) -> None:
    ((job, fence),) = claim(empty_db, jobs, now, limit=1)
    newer = dict(claim(empty_db, jobs, now + timedelta(seconds=61)))[job]
    with empty_db.transaction() as tx:
        assert not leases.finish(tx, jobs, job, fence, what="lost")
        assert leases.finish(tx, jobs, job, newer, what="done")
    with empty_db.reading() as tx:
        row = tx.execute(select(jobs).where(jobs.c.id == job)).mappings().one()
    assert (row["what"], row["due_at"], row["leased_until"], row["tries"]) == ("done", None, None, 2)


def test_many_workers_share_the_work(empty_db: Database, jobs: Table, now: datetime) -> None:
    together = threading.Barrier(4)
    claimed: list[int] = []

    def work() -> None:
        together.wait()
        for _ in range(3):
            claimed.extend(job for job, _ in claim(empty_db, jobs, now, limit=1))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(claimed) == sorted(set(claimed))
    assert len(claimed) == 5
