"""The migrations build exactly the tables that the rooms declare, on both databases."""

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
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


def test_a_database_of_the_first_release_is_backed_up_and_keeps_its_rows(empty_db: Database, now: datetime) -> None:
    """0001 → newest, on an SQLite file with people in it: the copy beside it is as it was, the file has moved on."""
    with empty_db.transaction() as tx:
        config = migrations._config()
        config.attributes["connection"] = tx
        command.upgrade(config, "0001")
        for statement in OLD_ROWS:
            tx.exec_driver_sql(statement)
    before, after, backup = migrations.migrate(empty_db, now=now)
    assert (before, after) == ("0001", migrations.newest())
    with empty_db.reading() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []
        kept = tx.exec_driver_sql("SELECT public_id, name, blocked_at FROM people").all()
        assert kept == [("0" * 26, "Nguyễn Thị Ánh Tuyết", None)]
        assert tx.exec_driver_sql("SELECT count(*) FROM refused_launches").scalar_one() == 0
        known = tx.exec_driver_sql("SELECT name, origins, identity_scope FROM registrations").all()
        assert known == [("Moodle", "[]", "deployment")]
        told = tx.exec_driver_sql("SELECT context_history, dates, keeps_offer FROM placements").all()
        assert told == [("[]", "{}", 0)]
        # A grade that arrived before there was a nightly look is looked at too.
        grades = tx.exec_driver_sql("SELECT held_percent, check_at IS NOT NULL FROM grade_deliveries ORDER BY id").all()
        assert grades == [("80", 1), (None, 0)]
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    assert backup is not None and backup.name == f"empty.db.before-0001-{now:%Y%m%dT%H%M%SZ}"
    assert columns_of(backup, "people") and "blocked_at" not in columns_of(backup, "people")
    with sqlite3.connect(backup) as old:
        assert old.execute("SELECT name FROM people").fetchall() == [("Nguyễn Thị Ánh Tuyết",)]
    old.close()


OLD_ROWS = (
    "INSERT INTO organisations VALUES (1, '1', 'Aldermoor', 'NO', '', '2026-01-01 00:00:00')",
    "INSERT INTO registrations VALUES (1, '2', 1, 'https://lms.example', 'c', 'Moodle', 'https://lms.example/a', "
    "'https://lms.example/t', 'https://lms.example/k', NULL, 'auto', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    "INSERT INTO people VALUES (1, '00000000000000000000000000', 1, '3', '6', 'Nguyễn Thị Ánh Tuyết', NULL, NULL, "
    "NULL, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    # Tables that others refer to: a migration that made them anew could not drop the old ones.
    "INSERT INTO deployments(id, registration_id, lms_deployment_id, allowed, created_at) "
    "VALUES (1, 1, '3', 1, '2026-01-01 00:00:00')",
    "INSERT INTO modules(id, public_id, organisation_id, slug, created_at) VALUES (1, 'm', 1, 's', '2026-01-01')",
    "INSERT INTO offers(id, public_id, organisation_id, module_id, settings, made_by, created_at) "
    "VALUES (1, 'o', 1, 1, '{}', 't', '2026-01-01 00:00:00')",
    "INSERT INTO placements(id, public_id, deployment_id, lms_context_id, lms_resource_link_id, offer_id, title, "
    "created_at) VALUES (1, 'p', 1, '2', '1', 1, 'T', '2026-01-01 00:00:00')",
    "INSERT INTO enrolments(id, public_id, person_id, placement_id, role, created_at) "
    "VALUES (1, 'e', 1, 1, 'learner', '2026-01-01 00:00:00')",
    *(
        "INSERT INTO grade_deliveries(id, registration_id, line_item_url, person_id, lms_user_id, lms_deployment_id, "
        f"percent, finished, revision, delivered_revision, wanted_at, delivered_at, fence, tries) VALUES ({number}, 1, "
        f"'https://lms.example/{number}', 1, '6', '3', '80', 1, 1, {delivered}, '2026-01-01 00:00:00', {at}, 1, 0)"
        for number, delivered, at in ((1, 1, "'2026-01-01 00:00:00'"), (2, 0, "NULL"))
    ),
)


def columns_of(file: Path, table: str) -> set[str]:
    opened = sqlite3.connect(file)
    names = {row[1] for row in opened.execute(f"PRAGMA table_info({table})")}
    opened.close()
    return names
