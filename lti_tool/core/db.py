"""One door to the database, for SQLite and PostgreSQL alike; the only place in the house that commits.

`transaction()` commits when its block returns and rolls back when it raises; `reading()` always rolls back, so a GET
cannot write. SQLite runs in WAL with `synchronous=FULL` (NORMAL does not fsync a commit), foreign keys on, and takes
its write lock at the start of a transaction, so that two writers queue instead of failing half-way.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Insert,
    Integer,
    MetaData,
    Table,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from lti_tool.core import sqlite
from lti_tool.core.errors import ToolError, Upstream
from lti_tool.core.folders import make_folder

Tx = Connection
"""A connection inside a transaction: what workflows and rooms are handed."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")

_inside: ContextVar[bool] = ContextVar("inside_transaction", default=False)


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware UTC in Python, `timestamptz` on PostgreSQL, naive UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must carry its time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def pk() -> Column[int]:
    """The primary key `id` that every table of ours has."""
    return Column("id", Id, primary_key=True, autoincrement=True)


def insert(tx: Tx, table: Table) -> postgresql.Insert:
    """The dialect's own insert, which knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    # Both dialects' inserts have the same methods; one type spares every caller a cast.
    made: Any = insert_sqlite(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)
    return made  # type: ignore[no-any-return]


def per_dialect(build: Callable[[Tx], Insert]) -> Callable[[Tx], Insert]:
    """An insert of the dialect's own, built at its first use and kept: building one costs more than sending it."""
    built: dict[str, Insert] = {}

    def statement(tx: Tx) -> Insert:
        name = tx.dialect.name
        if name not in built:
            built[name] = build(tx)
        return built[name]

    return statement


def in_transaction() -> bool:
    """Whether this thread holds a transaction; `core.http` refuses to talk to anybody then."""
    return _inside.get()


class Database:
    """The database behind one URL. Safe to share between threads; make it anew after a fork."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.engine = _engine(url, pool_size)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """A block that writes: all of it, or nothing."""
        with self._connect() as connection:
            if self.is_sqlite:
                # Seen by the dialect: take the write lock now, not at the first write.
                connection.info[sqlite.IMMEDIATE] = True
            mark = _inside.set(True)
            try:
                yield connection
                connection.commit()
            finally:
                _inside.reset(mark)
                connection.info.pop(sqlite.IMMEDIATE, None)

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """A block that only reads; whatever it did is rolled back, as closing does with what nobody committed."""
        with self._connect() as connection:
            mark = _inside.set(True)
            try:
                yield connection
            finally:
                _inside.reset(mark)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None for a database with a server of its own."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    def _connect(self) -> Connection:
        try:
            return self.engine.connect()
        except DBAPIError as fault:
            raise _no_connection(self, fault) from fault

    def create_all(self) -> None:
        """Makes all tables at once; for tests. The real way is `lti-tool migrate`."""
        metadata.create_all(self.engine)

    def dispose(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


def _no_connection(db: Database, fault: DBAPIError) -> ToolError:
    """Why there is no connection: the words for anybody, and for the log which database (never with its password)."""
    reason = next(iter(str(fault.orig).strip().splitlines()), type(fault).__name__)
    if db.file is not None:
        return Upstream(
            "core.database_unusable",
            "The database file cannot be opened.",
            "Nothing was changed. Whoever runs this tool can see why in its log.",
            log={"database": str(db.file.absolute()), "reason": reason},
        )
    server = f"{db.url.host or 'localhost'}:{db.url.port or 5432}"
    return Upstream(
        "core.database_unreachable",
        "The database does not answer.",
        "Nothing that was saved is lost. Try again in a minute.",
        log={"database": server, "reason": reason, "setting": "database.url"},
    )


def _engine(url: str, pool_size: int) -> Engine:
    parsed = make_url(url)
    # A fault's message must not carry the values of its statement into the log: they hold names and answers.
    common: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 5, "hide_parameters": True}
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, **common)
    if parsed.database and parsed.database != ":memory:":
        make_folder(Path(parsed.database).parent)
    engine = create_engine(sqlite.explicit(parsed), connect_args={"timeout": 15}, **common)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # We say BEGIN ourselves; the driver's own guess comes too late.
    cursor = raw.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
