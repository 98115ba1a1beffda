"""Ctrl-C at a terminal: it reaches every process of the demo at once, and the demo ends soon, quietly and whole."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.demo_process import demo, free_pair, gone

SOON = 5.0


def still_there(family: list[psutil.Process]) -> list[psutil.Process]:
    _, alive = psutil.wait_procs(family, timeout=2)
    return [process for process in alive if process.is_running() and process.status() != "zombie"]


def is_spared(process: psutil.Process) -> bool:
    """Whether Ctrl-C is blocked or ignored there; only the parent may take it, by a thread that waits for it."""
    return is_set(process.pid, "SigBlk:") or is_set(process.pid, "SigIgn:")


def is_set(pid: int, mask: str) -> bool:
    """Whether Ctrl-C's signal is in one of the masks that the kernel keeps of a process."""
    lines = [line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return any(int(bits[0], 16) & 1 << (signal.SIGINT - 1) for name, *bits in lines if name == mask)


@pytest.mark.parametrize("times", [1, 3])
def test_ctrl_c_ends_the_demo_soon(times: int, tmp_path: Path) -> None:
    data = tmp_path / "demo"
    with demo(data) as running:
        family = running.family()
        assert [process for process in family if not is_spared(process)] == []
        started = time.monotonic()
        for _ in range(times):
            os.killpg(running.process.pid, signal.SIGINT)
            time.sleep(0.05)
        running.process.wait(20)
        assert time.monotonic() - started < SOON
        assert running.process.returncode == 0
        assert still_there(family) == []
        assert gone(running.port) and gone(running.port + 1)
    said = (tmp_path / "demo.out").read_text()
    assert "Traceback" not in said and "refused" not in said


def await_main(process: subprocess.Popen[str]) -> None:
    """Waits until our own code has begun: before, Python itself would print a traceback, and nobody can help it."""
    caught = False
    while process.poll() is None:
        catches = is_set(process.pid, "SigCgt:")
        if caught and not catches:
            return
        caught = caught or catches
        time.sleep(0.001)


@pytest.mark.parametrize("after", [0.0, 0.5, 1.2, 1.8, 2.4])
def test_ctrl_c_while_it_starts_is_quiet_too(after: float, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lti_tool", "demo", "--no-browser", "--port", str(free_pair())]
    # A shell that runs tests in the background has them ignore Ctrl-C, and what they start would inherit that.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(
        [*command, "--hosts", "localhost,127.0.0.1", "--data", str(tmp_path / "demo")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, before)
    await_main(process)
    time.sleep(after)
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    os.killpg(process.pid, signal.SIGINT)
    try:
        _, said = process.communicate(timeout=20)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert "Traceback" not in said, said
    # 0 once it serves; 130 or the signal itself before.
    assert process.returncode in (0, 130, -signal.SIGINT)
    assert still_there(family) == []
