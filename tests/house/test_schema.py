"""The migrations build exactly the tables that the rooms declare, on both databases."""

from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from lti_tool import migrations
from lti_tool.core.db import Database, metadata


@pytest.mark.both_engines
def test_migrating_an_empty_database_gives_every_table(empty_db: Database, now: datetime) -> None:
    before, after, backup = migrations.migrate(empty_db, now=now)
    assert (before, after, backup) == (None, migrations.newest(), None)
    with empty_db.reading() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


@pytest.mark.both_engines
def test_migrating_again_changes_nothing(empty_db: Database, now: datetime) -> None:
    migrations.migrate(empty_db, now=now)
    assert migrations.migrate(empty_db, now=now) == (migrations.newest(), migrations.newest(), None)
