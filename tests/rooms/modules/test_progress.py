"""Reading positions are remembered exactly: the last block, what is done, and the page to go on with."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from lti_tool.core.db import Database
from lti_tool.modules import PageProgress, Progress, note_position, progress_of
from tests.rooms.modules.conftest import Reader

pytestmark = pytest.mark.both_engines


def note(db: Database, reader: Reader, page: str, block: int, moment: datetime, *, done: bool = False) -> None:
    with db.transaction() as tx:
        note_position(
            tx,
            enrolment_id=reader.enrolment_id,
            version_id=reader.version.id,
            page_key=page,
            block=block,
            done=done,
            now=moment,
        )


def look(db: Database, reader: Reader) -> Progress:
    with db.reading() as tx:
        return progress_of(tx, reader.enrolment_id, reader.version.id)


def test_nothing_is_read_at_first(db: Database, reader: Reader) -> None:
    assert look(db, reader) == Progress(pages={}, last_page=None)
    assert not look(db, reader).is_done("the-hive")


def test_the_last_position_of_each_page_is_kept(db: Database, reader: Reader, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    note(db, reader, "the-hive", 2, now)
    note(db, reader, "the-queen", 1, later)
    note(db, reader, "the-hive", 1, later + timedelta(seconds=1))
    progress = look(db, reader)
    assert progress.pages == {
        "the-hive": PageProgress(1, False, later + timedelta(seconds=1)),
        "the-queen": PageProgress(1, False, later),
    }
    assert progress.last_page == "the-hive"


def test_what_is_done_stays_done(db: Database, reader: Reader, now: datetime) -> None:
    note(db, reader, "the-hive", 3, now, done=True)
    note(db, reader, "the-hive", 1, now + timedelta(seconds=1))
    assert look(db, reader).pages["the-hive"] == PageProgress(1, True, now + timedelta(seconds=1))
    assert look(db, reader).is_done("the-hive")


def test_a_message_that_comes_late_does_not_move_the_reader_back(db: Database, reader: Reader, now: datetime) -> None:
    note(db, reader, "the-hive", 3, now)
    note(db, reader, "the-hive", 1, now - timedelta(seconds=5), done=True)
    assert look(db, reader).pages["the-hive"] == PageProgress(3, True, now)


def test_noting_costs_one_statement(
    db: Database, reader: Reader, now: datetime, statements: Callable[[], list[str]]
) -> None:
    statements()
    note(db, reader, "the-hive", 1, now)
    assert len(statements()) == 1
