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
from lti_tool.core.errors import Conflict
from lti_tool.core.folders import NotWritable, make_folder
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
        # A stop loses nothing: answers, grades and certificates are kept step by step, and taken up again.
        workers_kill_timeout=4,
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


class FileLock:
    """A file that one process holds at a time. The system drops the lock when the process dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self._handle: int | None = None
        self._path = path

    def take(self) -> bool:
        """Takes the lock, if nobody has it. The file is made where there is none; what is in it stays."""
        if sys.platform == "win32":
            return True
        import fcntl

        make_folder(self._path.parent)
        try:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as fault:
            raise NotWritable(self._path, fault) from None
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Lets the next one have it; the file stays, as deleting it would let two hold it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def serving_lock(database: Path) -> FileLock:
    """One server at a time on an SQLite file: its lock, taken; Conflict when another server has it."""
    lock = FileLock(database.with_name(f"{database.name}.lock"))
    if not lock.take():
        raise Conflict(
            "cli.already_served",
            "A server already runs on this database (%(path)s).",
            "It goes on undisturbed. Stop that one first, or give this one a database of its own.",
            path=str(database),
        )
    return lock
