"""What the hot paths cost, as ratios to the least that Flask and the same database could do, all in one run.

    python benchmarks/hot_paths.py [rounds]

Every request goes through the whole application (guards, CSP, templates, database), in this process and without a
network, so that the figures compare work and not sockets. The floor is a bare Flask view that reads one row, and one
that writes and commits one row, on the same SQLite settings (WAL, synchronous=FULL). Absolute times depend on the
machine; the ratios less.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from sqlalchemy import bindparam, insert, select
from werkzeug.test import Client

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lti_tool import lti, migrations, workflows  # noqa: E402 - the checkout comes first, installed or not.
from lti_tool.core.audit import audit  # noqa: E402
from lti_tool.web.session import COOKIE  # noqa: E402
from tests.figures import figure  # noqa: E402
from tests.stage import Stage, raised  # noqa: E402
from tests.workflows.conftest import right_answer  # noqa: E402

BROWSER = "b" * 43
LEARNERS = ("6", "7", "8", "9", "10", "11", "12")
# 60 % of the rate of the floor.
GOALS = {"answer save": 1 / 0.6, "verification": 1 / 0.6}


def floor(stage: Stage) -> Client:
    """The least: one row read, one row written, no template, no guard."""
    app = Flask("floor")
    one = select(audit.c.act).where(audit.c.id == bindparam("id"))

    @app.get("/read")
    def read() -> str:
        with stage.tool.db.reading() as tx:
            return str(tx.execute(one, {"id": 1}).scalar())

    @app.post("/write")
    def write() -> str:
        row = {"at": stage.tool.now(), "actor": "a", "act": "b", "subject": "c", "facts": {}}
        with stage.tool.db.transaction() as tx:
            tx.execute(insert(audit), row)
        return "ok"

    return Client(app)


def main(rounds: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="lti-tool-bench-"))
    url = f"sqlite:///{folder / 'bench.db'}"
    _prepare(url)
    with raised(url, folder) as stage:
        times = _measure(stage, rounds)
    base = {kind: statistics.median(times[f"floor: {kind} a row"]) for kind in ("read", "write")}
    print(f"{rounds} rounds, interleaved, SQLite; median milliseconds and ratio to the floor")
    for name, taken in times.items():
        median = statistics.median(taken)
        ratio = median / (
            base["read"] if name in ("verification", "module page", "floor: read a row") else base["write"]
        )
        goal = f"at most {GOALS[name]:.2f} ×" if name in GOALS else ""
        met = ratio <= GOALS[name] if name in GOALS else None
        figure(name, f"{1000 * median:.2f} ms, {ratio:.1f} ×", goal=goal, met=met)


def _prepare(url: str) -> None:
    from lti_tool.core.clock import SystemClock
    from lti_tool.core.db import Database

    db = Database(url)
    migrations.migrate(db, now=SystemClock().now())
    db.dispose()


def _measure(stage: Stage, rounds: int) -> dict[str, list[float]]:
    link = stage.add_activity()
    app = Client(stage_app(stage))
    app.set_cookie(COOKIE, BROWSER, domain="127.0.0.1")
    bare = floor(stage)
    times: dict[str, list[float]] = {
        name: []
        for name in (
            "floor: read a row",
            "floor: write a row",
            "launch",
            "module page",
            "answer save",
            "hand-in",
            "verification",
        )
    }
    address = _certificate(stage, app, link)
    for turn in range(rounds):
        person = LEARNERS[turn % len(LEARNERS)]
        _time(times["floor: read a row"], lambda: bare.get("/read"))
        _time(times["floor: write a row"], lambda: bare.post("/write"))
        session = _launch(stage, app, link, person, times["launch"])
        _time(times["module page"], lambda session=session: _get(app, stage, f"/learn/{session}/"))
        _time(times["verification"], lambda: _get(app, stage, address))
        if turn < 2 * len(LEARNERS):  # Each learner has three attempts; one is kept for the certificate.
            _attempt(stage, app, session, times)
    return times


def stage_app(stage: Stage) -> Flask:
    from lti_tool.web import create_app

    return create_app(stage.tool)


def _time(into: list[float], work: Callable[[], object]) -> None:
    started = time.perf_counter()
    work()
    into.append(time.perf_counter() - started)


def _get(app: Client, stage: Stage, path: str) -> str:
    answer = app.get(path, base_url=stage.tool_url)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
    return answer.text


def _launch(stage: Stage, app: Client, link: object, person: str, times: list[float]) -> str:
    who = stage.lms.person(person)
    started = time.perf_counter()
    login = app.post("/lti/login", data=stage.lms.login_form(who, link), base_url=stage.tool_url)
    taken = time.perf_counter() - started
    asked = parse_qs(urlsplit(login.headers["Location"]).query)
    form = stage.lms.launch_form(who, link, state=asked["state"][0], nonce=asked["nonce"][0])
    started = time.perf_counter()
    entered = app.post("/lti/launch", data=form, base_url=stage.tool_url)
    times.append(taken + time.perf_counter() - started)
    assert entered.status_code == 303, entered.text[:500]
    return entered.headers["Location"].split("/")[2]


def _attempt(stage: Stage, app: Client, session: str, times: dict[str, list[float]], *, right: bool = True) -> None:
    token = _token(app, stage, session)
    begun = app.post(f"/learn/{session}/attempts", data={"csrf_token": token}, base_url=stage.tool_url)
    attempt = begun.headers["Location"].split("/")[4]
    with stage.tool.db.reading() as tx:
        known = lti.read_session(tx, session, browser=BROWSER, now=stage.tool.now())
        assert known is not None
        sitting = workflows.sit(tx, known, attempt)
    for number in range(1, len(sitting.attempt.drawn.item_ids) + 1):
        item = sitting.item(number)
        fields = {
            "csrf_token": token,
            "page_key": f"{number:016x}",
            "sequence": "1",
            f"a-{item.id}": right_answer(item),
        }
        where = f"/learn/{session}/attempts/{attempt}/{number}"
        _time(times["answer save"], lambda where=where, fields=fields: _save(app, stage, where, fields))
    done = f"/learn/{session}/attempts/{attempt}/submit"
    _time(times["hand-in"], lambda: app.post(done, data={"csrf_token": token}, base_url=stage.tool_url))


def _save(app: Client, stage: Stage, where: str, fields: dict[str, object]) -> None:
    answer = app.post(where, data=fields, headers={"Accept": "application/json"}, base_url=stage.tool_url)
    assert answer.status_code == 200, answer.text[:500]


def _token(app: Client, stage: Stage, session: str) -> str:
    import re

    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', _get(app, stage, f"/learn/{session}/"))
    assert found
    return found.group(1)


def _certificate(stage: Stage, app: Client, link: object) -> str:
    """The address of a certificate that is signed and drawn."""
    spare: dict[str, list[float]] = {"answer save": [], "hand-in": []}
    session = _launch(stage, app, link, "6", [])
    _attempt(stage, app, session, spare)
    page = f"/learn/{session}/certificate"
    app.post(page, data={"csrf_token": _token(app, stage, session)}, base_url=stage.tool_url)
    stage.work()
    text = _get(app, stage, page)
    import re

    found = re.search(r"/c/[0-9a-z]{26}", text)
    assert found
    return found.group(0)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
