"""The worker: sends grades, signs and draws certificates, driven by rows that are due.

One thread beside the web server, or any number of `lti-tool worker` processes on any machines: leases keep them out of
each other's way. `wake()` spares a waiting learner the next look round; nothing depends on it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from lti_tool import credentials, gradebook
from lti_tool.core import logs
from lti_tool.core.clock import Clock
from lti_tool.core.db import Database
from lti_tool.core.secrets import Vault

_LOOK_ROUND_SECONDS = 2.0
_AFTER_FAULT_SECONDS = 5.0

log = logs.get("worker")


@dataclass(frozen=True)
class Tools:
    """What the worker works with."""

    db: Database
    clock: Clock
    vault: Vault
    faces: credentials.Faces
    public_url: str
    send: gradebook.Send


class Worker:
    """Works off what is due, until stopped."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._stop = threading.Event()
        # One bell a thread: with a shared one, the first to wake would silence it for the other.
        self._bells: list[threading.Event] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts a thread for each kind of work: a slow LMS must not keep certificates waiting."""
        for name, step in (("grades", self._deliver), ("certificates", self._certify)):
            bell = threading.Event()
            thread = threading.Thread(target=self._run, args=(step, bell), name=f"worker-{name}", daemon=True)
            thread.start()
            self._bells.append(bell)
            self._threads.append(thread)

    def stop(self, patience: float = 20.0) -> None:
        """Asks the threads to finish what they hold, and waits for them."""
        self._stop.set()
        self.wake()
        for thread in self._threads:
            thread.join(patience)

    def wake(self) -> None:
        """There may be something to do."""
        for bell in self._bells:
            bell.set()

    def is_alive(self) -> bool:
        """Whether every thread that was started still runs."""
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    def run_once(self) -> int:
        """Works off everything that is due now; for tests and commands."""
        done = 0
        while worked := self._deliver() + self._certify():
            done += worked
        return done

    def _run(self, step: Callable[[], int], bell: threading.Event) -> None:
        while not self._stop.is_set():
            try:
                worked = step()
            except Exception:  # The thread is the last resort: it logs what no caller can, and lives on.
                log.exception("worker.fault")
                self._stop.wait(_AFTER_FAULT_SECONDS)
                continue
            if not worked:
                bell.wait(_LOOK_ROUND_SECONDS)
                bell.clear()

    def _deliver(self) -> int:
        tools = self._tools
        return gradebook.deliver_due(tools.db, tools.send, clock=tools.clock.now)

    def _certify(self) -> int:
        tools = self._tools
        return credentials.prepare_due(
            tools.db, vault=tools.vault, faces=tools.faces, public_url=tools.public_url, clock=tools.clock.now
        )
