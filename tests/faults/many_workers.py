"""A busy LMS over HTTP, a tool's database that holds scores for it, and `lti-tool worker` as processes of their own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from lti_tool import gradebook, migrations, people, workflows
from lti_tool.gradebook.tables import delivery_tries, grade_deliveries
from lti_tool.web import Wiring, wire
from tests.stage import free_port, settings_for

Cell = tuple[str, str]


class Lms:
    """Platforms on one host: what each cell got, how often, and how many sent to one platform at a time at the most."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.got: Counter[Cell] = Counter()
        self.held: dict[Cell, float] = {}
        self.busy: Counter[str] = Counter()
        self.most = 0
        self.looks = 0
        # Whose answer is held back, until it may go.
        self.slow: Cell | None = None
        self.arrived, self.may_answer = threading.Event(), threading.Event()

    def take(self, platform: str, cell: Cell, said: dict[str, float]) -> None:
        with self.lock:
            self.busy[platform] += 1
            self.most = max(self.most, self.busy[platform])
            self.got[cell] += 1
            self.held[cell] = said["scoreGiven"] / said["scoreMaximum"]
        if cell == self.slow:
            self.arrived.set()
            self.may_answer.wait(300)
        with self.lock:
            self.busy[platform] -= 1

    def show(self, column: str, user: str | None) -> list[dict[str, object]]:
        with self.lock:
            self.looks += 1
            return [
                {"userId": who, "resultScore": share}
                for (at, who), share in self.held.items()
                if at == column and user in (None, who)
            ]


@contextmanager
def served(lms: Lms) -> Iterator[str]:
    """Serves it; the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # An answer in two writes would wait for the other side's delayed acknowledgement.
        wbufsize = -1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            parts = urlsplit(self.path)
            if parts.path.endswith("/token"):
                scope = parse_qs(body.decode())["scope"][0]
                self.say({"access_token": "t", "token_type": "Bearer", "expires_in": 3600, "scope": scope})
                return
            said = json.loads(body)
            lms.take(parts.path.split("/")[1], (parts.path.removesuffix("/scores"), said["userId"]), said)
            self.say(None)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            user = parse_qs(parts.query).get("user_id", [None])[0]
            self.say(lms.show(parts.path.removesuffix("/results"), user))

        def say(self, answer: object) -> None:
            body = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        lms.may_answer.set()
        server.shutdown()
        serving.join()
        server.server_close()


class Tool:
    """The tool's database, and its workers."""

    def __init__(self, db_url: str, folder: Path) -> None:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        self.wiring: Wiring = wire(settings_for(url, port, db_url, folder))
        migrations.migrate(self.wiring.db, now=self.wiring.now())
        given = {
            "SERVER__PUBLIC_URL": url,
            "DATABASE__URL": db_url,
            "SECURITY__MASTER_KEY_FILE": str(folder / "master.key"),
            "HTTP__ALLOW_NETWORKS": "127.0.0.0/8",
        }
        self.environment = {**os.environ, **{f"LTI_TOOL_{name}": value for name, value in given.items()}}
        self.log = folder / "workers.out"
        self.processes: list[subprocess.Popen[bytes]] = []

    def wish(self, lms_url: str, *, platforms: int, scores: int) -> set[Cell]:
        """So many scores for each platform, of classes of a hundred; the cells."""
        cells, now = set(), self.wiring.now()
        for place in range(platforms):
            base = f"{lms_url}/{place}"
            with self.wiring.db.transaction() as tx:
                made = workflows.connect(
                    tx, vault=self.wiring.vault, organisation="Aldermoor", issuer=lms_url, client_id=f"client-{place}",
                    name="Moodle", auth_url=f"{base}/auth", token_url=f"{base}/token", jwks_url=f"{base}/jwks",
                    actor="test", now=now,
                )  # fmt: skip
                for seat in range(scores):
                    user, path = str(seat % 100), f"/{place}/mod/lti/services.php/2/lineitems/{seat // 100}/lineitem"
                    person = people.recognise(
                        tx, registration_id=made.id, identity_scope="3", lms_user_id=user,
                        portrait=people.Portrait("Tuyết", None, None, None, None), now=now,
                    )  # fmt: skip
                    gradebook.want_delivered(
                        tx, registration_id=made.id, lms_deployment_id="3", line_item_url=f"{lms_url}{path}?type_id=3",
                        person_id=person.id, lms_user_id=user, percent=Fraction(86), finished=True, now=now,
                    )  # fmt: skip
                    cells.add((path, user))
        return cells

    def start_worker(self) -> subprocess.Popen[bytes]:
        """`lti-tool worker`, as an operator starts it."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "lti_tool", "worker"]
            process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def stop_workers(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)

    def waiting(self) -> int:
        rows = grade_deliveries.c
        with self.wiring.db.reading() as tx:
            open_rows = select(rows.id).where(rows.delivered_revision != rows.revision)
            return len(tx.execute(open_rows).all())

    def verdicts(self) -> Counter[str]:
        """The journal: how often each word was written."""
        with self.wiring.db.reading() as tx:
            return Counter(tx.execute(select(delivery_tries.c.verdict)).scalars().all())


@contextmanager
def raised(db_url: str, folder: Path) -> Iterator[Tool]:
    """The tool with no worker yet; in the end none is left."""
    tool = Tool(db_url, folder)
    try:
        yield tool
    finally:
        tool.stop_workers()
        tool.wiring.db.dispose()


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    """Waits for something to become true."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.1)
