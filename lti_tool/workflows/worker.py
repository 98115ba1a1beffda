"""The worker: ends attempts, sends grades, draws certificates, tests connections, tidies up, by rows that are due.

Some threads beside the web server, or any number of `lti-tool worker` processes on any machines: leases keep them out
of each other's way. `wake()` spares a waiting learner the next look round; nothing depends on it.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from lti_tool import credentials, gradebook, lti
from lti_tool.core import logs
from lti_tool.core.clock import Clock
from lti_tool.core.db import Database
from lti_tool.core.errors import ToolError
from lti_tool.core.http import HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.workflows.columns import Columns, find_column_due, note_lost_columns
from lti_tool.workflows.connection import examine_connection
from lti_tool.workflows.finish import end_what_is_over
from lti_tool.workflows.keys import retire_keys
from lti_tool.workflows.roster import Lists, read_roster_due

_LOOK_ROUND_SECONDS = 2.0
_AFTER_FAULT_SECONDS = 5.0
_AT_MOST_SECONDS = 60.0
# So many platforms may hang at once before another one waits for a turn (of seconds).
_GRADE_THREADS = 3
_BETWEEN_WATCHES = timedelta(minutes=1)
_BETWEEN_TIDYING = timedelta(hours=1)

log = logs.get("worker")


class CourseServices(Columns, Lists, lti.Noticeboard, Protocol):
    """What an LMS offers beside its gradebook: columns, lists of people, notices; `lti.Services` is one."""


@dataclass(frozen=True)
class Tools:
    """What the worker works with."""

    db: Database
    clock: Clock
    vault: Vault
    faces: credentials.Faces
    public_url: str
    lms: gradebook.Lms
    services: CourseServices
    # For the connection test; the leeway, in seconds, is that of the settings.
    http: HttpClient
    leeway: int = 60
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
        self._tidied_at: datetime | None = None
        self._watched_at: datetime | None = None
        self._followed = False
        self._stop = threading.Event()
        # One bell a thread: with a shared one, the first to wake would silence it for the other.
        self._bells: list[threading.Event] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts a thread for each kind of work, and several for grades: a slow LMS must keep nothing else waiting."""
        grades = [(f"grades-{number}", self._deliver) for number in range(1, _GRADE_THREADS + 1)]
        others = [
            ("columns", self._find_columns),
            ("rosters", self._read_rosters),
            ("certificates", self._certify),
            ("attempts", self._end_attempts),
            ("watch", self._watch),
            ("tests", self._examine),
            ("notices", self._subscribe),
            ("tidy", self._tidy),
        ]
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
        done = self._tidy()
        steps = (self._end_attempts, self._find_columns, self._deliver, self._read_rosters, self._certify)
        while worked := sum(step() for step in (*steps, self._watch, self._examine, self._subscribe)):
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

    def _find_columns(self) -> int:
        tools = self._tools
        return find_column_due(tools.db, tools.services, clock=tools.clock.now)

    def _read_rosters(self) -> int:
        tools = self._tools
        return read_roster_due(tools.db, tools.services, clock=tools.clock.now)

    def _end_attempts(self) -> int:
        """Hands in what has no time left, and sees that the grade goes out at once."""
        ended = end_what_is_over(self._tools.db, now=self._tools.clock.now())
        if ended:
            self.wake()
        return ended

    def _watch(self) -> int:
        """Tells the operator of grades that wait too long, and looks what has become of those that were delivered."""
        tools, now = self._tools, self._tools.clock.now()
        if self._watched_at is None or now >= self._watched_at + _BETWEEN_WATCHES:
            self._watched_at = now
            self._tell_overdue(now)
            note_lost_columns(tools.db, now)
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

    def _examine(self) -> int:
        """Does a connection test that a page has asked for."""
        tools = self._tools

        def examine(platform: lti.Registration) -> lti.ConnectionReport:
            with_these = (tools.db, tools.http, tools.vault, tools.clock)
            return examine_connection(*with_these, platform, public_url=tools.public_url, leeway=tools.leeway)

        return lti.examine_due(tools.db, tools.clock, examine)

    def _subscribe(self) -> int:
        """Has platforms send their notices here; those that were asked for another address once, first of all."""
        tools, handler = self._tools, lti.Addresses(self._tools.public_url).notices
        if not self._followed:
            with tools.db.transaction() as tx:
                lti.follow_address(tx, handler, now=tools.clock.now())
            self._followed = True
        return lti.subscribe_due(tools.db, tools.services, handler, clock=tools.clock.now)

    def _tidy(self) -> int:
        """Retires keys and forgets invitations whose time is over; a look each hour is enough."""
        now = self._tools.clock.now()
        if self._tidied_at is not None and now < self._tidied_at + _BETWEEN_TIDYING:
            return 0
        with self._tools.db.transaction() as tx:
            done = len(retire_keys(tx, overlap=self._tools.key_overlap, now=now))
            done += lti.forget_invitations(tx, now=now)
        self._tidied_at = now
        return done
