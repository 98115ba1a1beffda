"""Running the web server: granian in worker processes, which end when this process ends, however it ends."""

import multiprocessing
import os
import socket
import sys
import time
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from lti_tool.core.clock import stopwatch
from lti_tool.core.db import Database
from lti_tool.core.errors import Conflict
from lti_tool.core.process import PARENT_VARIABLE
from lti_tool.core.settings import Settings


def run_server(settings: Settings) -> None:
    """Serves until interrupted. The workers read the same settings from the same file and environment."""
    wait_for_port(settings.server.host, settings.server.port)
    # Spawned workers start clean: forking a process that has threads or database connections would not.
    multiprocessing.set_start_method("spawn", force=True)
    os.environ[PARENT_VARIABLE] = str(os.getpid())
    Granian(
        "lti_tool.wsgi:app",
        address=settings.server.host,
        port=settings.server.port,
        interface=Interfaces.WSGI,
        workers=settings.server.workers,
        blocking_threads=settings.server.threads,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve()


def wait_for_port(host: str, port: int, patience: float = 5.0) -> None:
    """Waits until nobody serves the port: a killed server's workers need a moment to notice and go."""
    started = stopwatch()
    while is_served(host, port):
        if stopwatch() - started > patience:
            raise Conflict(
                "cli.port_taken",
                "Another program already serves port %(port)s.",
                "Stop it, or choose another port.",
                port=port,
            )
        time.sleep(0.1)


def is_served(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host if host != "0.0.0.0" else "127.0.0.1", port)) == 0


class ServingLock:
    """A lock file beside an SQLite database: one server at a time. The system drops it when the process dies."""

    def __init__(self, db: Database) -> None:
        self._handle: int | None = None
        self._path = Path(f"{db.url.database}.lock") if db.is_sqlite and db.url.database else None

    def take(self) -> None:
        """Takes the lock or raises Conflict. Databases with a server of their own need none."""
        if self._path is None or sys.platform == "win32":
            return
        import fcntl

        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(
                "cli.already_served",
                "A server already runs on this database (%(path)s).",
                "Stop that one first, or give this one a database of its own.",
                path=str(self._path),
            ) from None
