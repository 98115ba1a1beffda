"""The worker: sends grades, signs and draws certificates, retires old keys, driven by rows that are due.

Some threads beside the web server, or any number of `lti-tool worker` processes on any machines: leases keep them out
of each other's way. `wake()` spares a waiting learner the next look round; nothing depends on it.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lti_tool import credentials, gradebook
from lti_tool.core import logs
from lti_tool.core.clock import Clock
from lti_tool.core.db import Database
from lti_tool.core.errors import ToolError
from lti_tool.core.secrets import Vault
from lti_tool.workflows.keys import retire_keys

_LOOK_ROUND_SECONDS = 2.0
_AFTER_FAULT_SECONDS = 5.0
_AT_MOST_SECONDS = 60.0
# So many platforms may hang at once before another one waits for a turn (of seconds).
_GRADE_THREADS = 3
_BETWEEN_WATCHES = timedelta(minutes=1)
_BETWEEN_KEYS = timedelta(hours=1)

log = logs.get("worker")


@dataclass(frozen=True)
class Tools:
    """What the worker works with."""

    db: Database
    clock: Clock
    vault: Vault
    faces: credentials.Faces
    public_url: str
    lms: gradebook.Lms
    key_overlap: timedelta = timedelta(days=14)


class Trouble:
    """Faults of one thread, one after the other: told at length once, then in a line, ever less often."""

    def __init__(self) -> None:
        self._told = ""
        self._times = 0

    def note(self, fault: Exception) -> float:
        """Logs a fault; for how many seconds to leave it alone."""
        self._times += 1
        same = f"{type(fault).__name__}: {fault}"
        if isinstance(fault, ToolError):
            log.error("worker.fault", code=fault.code, fault=fault.text, times=self._times, **_prefixed(fault.log))
        elif same == self._told:
            log.error("worker.fault", fault=type(fault).__name__, times=self._times)
        else:
            log.error("worker.fault", exc_info=fault, times=self._times)
        self._told = same
        return min(_AT_MOST_SECONDS, _AFTER_FAULT_SECONDS * 2.0 ** min(self._times - 1, 10))

    def is_over(self) -> None:
        """The work goes on; says so once."""
        if self._times:
            log.info("worker.recovered", after=self._times)
        self._told, self._times = "", 0


def _prefixed(facts: Mapping[str, object]) -> dict[str, object]:
    """Facts of a fault under names that cannot hide those of the line."""
    return {f"log_{name}": value for name, value in facts.items()}


class Worker:
    """Works off what is due, until stopped."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._keys_at: datetime | None = None
        self._watched_at: datetime | None = None
        self._stop = threading.Event()
        # One bell a thread: with a shared one, the first to wake would silence it for the other.
        self._bells: list[threading.Event] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts a thread for each kind of work, and several for grades: a slow LMS must keep nothing else waiting."""
        grades = [(f"grades-{number}", self._deliver) for number in range(1, _GRADE_THREADS + 1)]
        others = [("certificates", self._certify), ("watch", self._watch), ("keys", self._retire)]
        for name, step in (*grades, *others):
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
        done = self._retire()
        while worked := self._deliver() + self._certify() + self._watch():
            done += worked
        return done

    def _run(self, step: Callable[[], int], bell: threading.Event) -> None:
        trouble = Trouble()
        while not self._stop.is_set():
            logs.begin()
            try:
                worked = step()
            except Exception as fault:  # The thread is the last resort: it logs what no caller can, and lives on.
                self._stop.wait(trouble.note(fault))
                continue
            trouble.is_over()
            if not worked:
                bell.wait(_LOOK_ROUND_SECONDS)
                bell.clear()

    def _deliver(self) -> int:
        tools = self._tools
        return gradebook.deliver_due(tools.db, tools.lms, clock=tools.clock.now)

    def _watch(self) -> int:
        """Tells the operator of grades that wait too long, and looks what has become of those that were delivered."""
        tools, now = self._tools, self._tools.clock.now()
        if self._watched_at is None or now >= self._watched_at + _BETWEEN_WATCHES:
            self._watched_at = now
            self._tell_overdue(now)
        return gradebook.check_due(tools.db, tools.lms, clock=tools.clock.now)

    def _tell_overdue(self, now: datetime) -> None:
        with self._tools.db.transaction() as tx:
            late = gradebook.tell_overdue(tx, now)
        for one in late:
            log.warning(
                "delivery.overdue", registration=one.registration_id, waiting=one.waiting, since=one.oldest.isoformat()
            )

    def _certify(self) -> int:
        tools = self._tools
        return credentials.prepare_due(
            tools.db, vault=tools.vault, faces=tools.faces, public_url=tools.public_url, clock=tools.clock.now
        )

    def _retire(self) -> int:
        """Retires keys whose time is over; a look each hour is enough."""
        now = self._tools.clock.now()
        if self._keys_at is not None and now < self._keys_at:
            return 0
        with self._tools.db.transaction() as tx:
            retired = retire_keys(tx, overlap=self._tools.key_overlap, now=now)
        self._keys_at = now + _BETWEEN_KEYS
        return len(retired)
