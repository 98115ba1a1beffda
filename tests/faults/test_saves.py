"""kill -9 of everything, again and again, while answers are saved: whatever was acknowledged is in the file, and once.

Judged from outside: what a client was told is held against the database file, read by Python's own sqlite3. That a save
is on the disk, and not only with the kernel, before its 200 is written is what `strace` sees.
"""

import json
import random
import re
import shutil
import sqlite3
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import requests

from tests.demo_process import Demo, demo
from tests.faults.test_kill import add_activity
from tests.walker import Page, Walker, launch
from tests.web.journey import LEARNER, begin

WRITERS = 4


@dataclass
class Writer:
    """A page that saves its answer as fast as it is told that it was saved; what it was told is its own record."""

    question: Page
    cookie: dict[str, str]
    name: str
    value: str
    key: str
    acknowledged: set[int] = field(default_factory=set)
    tries: int = 0

    def run(self, wanted: int, stop: threading.Event) -> None:
        fields = dict(self.question.form("page_key").fields)
        headers = {
            "Accept": "application/json",
            "Origin": self.question.url.partition("/learn")[0],
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookie.items()),
        }
        http, sequence = requests.Session(), 1
        http.trust_env = False
        while len(self.acknowledged) < wanted and not stop.is_set():
            self.tries += 1
            body = {**fields, "page_key": self.key, "sequence": str(sequence), self.name: self.value}
            try:
                answer = http.post(self.question.url, body, headers=headers, timeout=10, allow_redirects=False)
                told = answer.json() if answer.status_code == 200 else {}
            except (requests.RequestException, ValueError):
                time.sleep(0.05)
                continue  # As the page does: the same number once more.
            if "saved_at" in told:
                self.acknowledged.add(sequence)
                sequence += 1


def writers_of(question: Page, learner: Walker) -> list[Writer]:
    choice = re.search(r'name="(a-[^"]+)"[^>]*value="([^"]+)"', question.text)
    assert choice, question.text[:3000]
    cookie = learner.jar["127.0.0.1"]
    return [Writer(question, cookie, choice[1], choice[2], f"writer-{place:04}") for place in range(WRITERS)]


def kept(folder: Path) -> list[tuple[str, int]]:
    """Page and number of every answer in the database, by a program that knows nothing of ours."""
    (file,) = folder.rglob("tool.db")
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = base.execute("SELECT page_key, sequence FROM answers WHERE counts").fetchall()
    base.close()
    return rows


def sit_down(running: Demo) -> tuple[Page, Walker]:
    link, learner = add_activity(running), Walker()
    return begin(learner, launch(learner, running.lms_url, LEARNER, link)), learner


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("saves", "kills"), [(1_000, 1), pytest.param(10_000, 20, marks=pytest.mark.faults)], ids=["few", "many"]
)
def test_no_acknowledged_save_is_lost_by_kill_9(saves: int, kills: int, tmp_path: Path) -> None:
    data, chance = tmp_path / "demo", random.Random(5)
    with demo(data) as running:
        question, learner = sit_down(running)
        port = running.port
        running.kill_all()
    stop, writers = threading.Event(), writers_of(question, learner)
    threads = [threading.Thread(target=one.run, args=(saves // WRITERS, stop)) for one in writers]
    for thread in threads:
        thread.start()
    try:
        done = 0
        for nth in range(1, kills + 1):
            with demo(data, port=port) as running:
                while done < saves * nth // (kills + 1):
                    time.sleep(0.01)
                    done = sum(len(one.acknowledged) for one in writers)
                time.sleep(chance.random() * 0.05)
                (running.kill_all if nth % 2 else running.kill_parent)()
        with demo(data, port=port):
            for thread in threads:
                thread.join(600)
    finally:
        stop.set()
    acknowledged = {(one.key, sequence) for one in writers for sequence in one.acknowledged}
    found = kept(data)
    assert len(acknowledged) == saves
    assert acknowledged - set(found) == set()
    assert len(found) == len(set(found)), "an answer that was sent again is there once"


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_a_save_is_on_the_disk_before_its_answer_is_written(tmp_path: Path) -> None:
    """The web process's own system calls: between the request that it reads and its 200, the WAL is synced."""
    trace = tmp_path / "trace"
    with demo(tmp_path / "demo") as running:
        question, learner = sit_down(running)
        (writer, *_) = writers_of(question, learner)
        server = next(one.pid for one in running.family() if serves(one, running.port + 1))
        calls = "trace=fsync,fdatasync,sendto,write,writev,sendmsg"
        watch = subprocess.Popen(
            ["strace", "-f", "-yy", "-s", "2000", "-e", calls, "-p", str(server), "-o", str(trace)],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert watch.stderr is not None
        if "attached" not in watch.stderr.readline():
            watch.kill()
            watch.wait()
            pytest.skip("strace may not look at other processes here")
        writer.run(5, threading.Event())
        time.sleep(0.5)
        watch.terminate()
        watch.communicate(timeout=10)
    seen = [line for line in trace.read_text().splitlines() if is_sync(line) or "saved_at" in line]
    answers = [place for place, line in enumerate(seen) if "saved_at" in line]
    assert len(answers) == 5, seen[-20:]
    for before, answer in zip([-1, *answers], answers, strict=False):
        assert any(is_sync(line) for line in seen[before + 1 : answer]), json.dumps(seen, indent=1)


def is_sync(line: str) -> bool:
    return bool(re.search(r"f(?:data)?sync\(\d+<[^>]*-wal>", line))


def serves(process: psutil.Process, port: int) -> bool:
    """Whether it is a process that answers at the port, and not one that only watches over it."""
    connections = process.net_connections() if hasattr(process, "net_connections") else process.connections()
    listening = any(one.laddr and one.laddr.port == port and one.status == psutil.CONN_LISTEN for one in connections)
    return listening and not any(serves(child, port) for child in process.children(recursive=True))
