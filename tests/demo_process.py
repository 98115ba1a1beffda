"""`lti-tool demo` as a person starts it: a process of its own, killed as people and machines kill processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

PATIENCE = 60.0


@dataclass
class Demo:
    """A running demo. `lms_url` and `tool_url` are where a browser finds both."""

    process: subprocess.Popen[str]
    port: int
    lms_url: str
    tool_url: str

    def kill_all(self) -> None:
        """kill -9 for the whole process group, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def kill_parent(self) -> None:
        """kill -9 for the one process that was started."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def family(self) -> list[psutil.Process]:
        """All processes of the demo."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]


def free_pair() -> int:
    """A free port, with the next one free too, below those that the system hands to any connection at any moment."""
    first = 20000 + os.getpid() % 500 * 20
    return next(port for port in range(first, 32000, 2) if not (served(port) or served(port + 1)))


def served(port: int) -> bool:
    """Whether anybody listens there."""
    import socket

    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def gone(port: int, patience: float = 5.0) -> bool:
    """Whether nobody listens there any more, after a moment to notice."""
    until = time.monotonic() + patience
    while served(port):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def demo(
    data: Path, *, port: int | None = None, hosts: str = "localhost,127.0.0.1", flavour: str = "moodle"
) -> Iterator[Demo]:
    """Starts the demo, waits until it is ready, and leaves no process behind."""
    chosen = port or free_pair()
    command = [sys.executable, "-m", "lti_tool", "demo", "--no-browser", "--port", str(chosen)]
    log = (data.parent / f"{data.name}.out").open("a+")
    process = subprocess.Popen(
        [*command, "--flavour", flavour, "--hosts", hosts, "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )
    lms_host, tool_host = hosts.split(",")
    try:
        _await_ready(process, log.name)
        yield Demo(process, chosen, f"http://{lms_host}:{chosen}", f"http://{tool_host}:{chosen + 1}")
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
        log.close()


def _await_ready(process: subprocess.Popen[str], log: str) -> None:
    assert process.stdout is not None
    until = time.monotonic() + PATIENCE
    for line in process.stdout:
        if line.startswith("ready "):
            return
        assert time.monotonic() < until, f"not ready after {PATIENCE} s; see {log}"
    raise AssertionError(f"the demo ended with {process.wait(5)}:\n{Path(log).read_text()[-3000:]}")
