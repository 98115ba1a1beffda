"""SQLAlchemy's SQLite, with transactions that begin where we say and not where the driver guesses.

`sqlite3` would begin one at the first write, which is too late: a reader must see one state of the data throughout, and
a writer must take the write lock before it reads what it will write by. SQLAlchemy's own hook for that is an event, and
an engine that has one looks for listeners around every statement; a dialect pays only where it begins.
"""

from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL

IMMEDIATE = "immediate"
"""In the `info` of a connection whose next transaction writes: it takes the write lock at once."""


class Dialect(SQLiteDialect_pysqlite):
    """SQLite by the standard library, whose `isolation_level` is off."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        dbapi_connection.cursor().execute("BEGIN IMMEDIATE" if dbapi_connection.info.get(IMMEDIATE) else "BEGIN")


registry.register("sqlite.explicit", __name__, Dialect.__name__)


def explicit(url: URL) -> URL:
    """The address of an SQLite database, to be spoken to by this dialect."""
    return url.set(drivername="sqlite+explicit")
