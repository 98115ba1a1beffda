"""The database's way from one release to the next (Alembic), run by `lti-tool migrate` and at every start.

An SQLite file is copied beside itself before anything is changed; migrations expand, migrate and contract, so that the
previous release still runs on the new schema.
"""

import sqlite3
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from lti_tool.core.db import Database

_HERE = Path(__file__).resolve().parent


def migrate(db: Database, *, now: datetime) -> tuple[str | None, str, Path | None]:
    """Brings the database to the newest schema: (revision before, revision after, backup made or None)."""
    before, head = current(db), newest()
    if before == head:
        return before, head, None
    backup = _back_up(db, before, now) if before is not None else None
    with db.transaction() as tx:
        config = _config()
        config.attributes["connection"] = tx
        command.upgrade(config, "head")
    return before, head, backup


def current(db: Database) -> str | None:
    """The revision of the database; None for an empty one."""
    with db.reading() as tx:
        return MigrationContext.configure(tx).get_current_revision()


def knows(revision: str) -> bool:
    """Whether this release knows the revision: it does not know a newer release's."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def newest() -> str:
    """The revision of this release."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "there is at least one migration"
    return head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    return config


def _back_up(db: Database, revision: str, now: datetime) -> Path | None:
    """A consistent copy of an SQLite file beside it; PostgreSQL has its own ways, which the operator runs."""
    if not db.is_sqlite or not db.url.database:
        return None
    source = Path(db.url.database)
    copy = source.with_name(f"{source.name}.before-{revision}-{now:%Y%m%dT%H%M%SZ}")
    with sqlite3.connect(source) as old, sqlite3.connect(copy) as new:
        old.backup(new)
    new.close()
    old.close()
    return copy
