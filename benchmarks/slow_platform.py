"""Whether learners notice that their LMS is slow: saving answers while grades are sent to one that takes two seconds.

    python benchmarks/slow_platform.py [rounds] [seconds of each half]

The tool runs as `lti-tool serve` does, its worker thread beside the web server, on SQLite. Learners have come by launch
and save answers at a steady pace, over HTTP; meanwhile grades become due, just as many in both halves of a round. In
one half the LMS answers at once, in the other after two seconds. The halves take turns, as to which is first too; what
counts is the median over the rounds of p99 by p99.
"""

import json
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.launch_baseline import free_ports, ours  # noqa: E402 - the checkout comes first.
from benchmarks.load import KID, claims  # noqa: E402
from benchmarks.plain import CLIENT, DEPLOYMENT  # noqa: E402
from lti_tool import gradebook, lti, people  # noqa: E402
from lti_tool.core.clock import SystemClock  # noqa: E402
from lti_tool.core.db import Database  # noqa: E402
from tests.figures import figure  # noqa: E402
from tests.walker import Page, Walker  # noqa: E402

LEARNERS, PACE, GRADES_A_SECOND, SLOW = 6, 0.1, 5, 2.0


class Platform:
    """An LMS that knows its learners, and takes its time with grades."""

    def __init__(self, url: str) -> None:
        self.url, self.tool = url, ""
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.delay, self.grades = 0.0, 0

    def launch(self, asked: dict[str, str]) -> str:
        said = claims(self.url, f"{self.tool}/lti/launch", int(asked["login_hint"]), asked["nonce"])
        token = jwt.encode(said, self.key, algorithm="RS256", headers={"kid": KID})
        fields = {"id_token": token, "state": asked["state"]}
        inputs = "".join(f'<input name="{name}" value="{escape(value)}">' for name, value in fields.items())
        return f'<form id="onward" method="post" action="{escape(asked["redirect_uri"])}">{inputs}</form>'

    def keys(self) -> str:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return json.dumps({"keys": [{**public, "kid": KID, "use": "sig", "alg": "RS256"}]})

    def take_grade(self) -> str:
        time.sleep(self.delay)
        self.grades += 1
        return ""


@contextmanager
def served(platform: Platform, port: int) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version, wbufsize = "HTTP/1.1", -1

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.say(platform.keys() if parts.path == "/jwks" else platform.launch(asked))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path != "/token":
                self.say(platform.take_grade())
                return
            said = {"access_token": "t", "token_type": "Bearer", "expires_in": 3600}
            self.say(json.dumps(said | {"scope": parse_qs(body.decode())["scope"][0]}))

        def say(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_said: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


class Learner:
    """A browser with a question open."""

    def __init__(self, platform: Platform, number: int) -> None:
        self.walker, asked = Walker(), {"iss": platform.url, "client_id": CLIENT, "login_hint": str(number)}
        asked["target_link_uri"] = f"{platform.tool}/lti/launch"
        home = self.walker.onward(self.walker.get(f"{platform.tool}/lti/login?{urlencode(asked)}"))
        self.page: Page = self.walker.submit(home, home.form("/attempts"))
        form = self.page.form("page_key")
        self.fields = {**dict(form.fields), **_answer(self.page)}
        self.sequence = 0

    def save(self) -> float:
        """Saves the answer once more; how long that took."""
        self.sequence += 1
        fields = {**self.fields, "sequence": str(self.sequence)}
        begun = time.perf_counter()
        done = self.walker.post(self.page.url, fields, Accept="application/json")
        taken = time.perf_counter() - begun
        assert done.status == 200, done.text[:500]
        return taken


def _answer(page: Page) -> dict[str, str]:
    choice = re.search(r'type="(?:radio|checkbox)" name="(a-[^"]+)" value="([^"]+)"', page.text)
    text = re.search(r'name="(a-[^"]+)"', page.text)
    assert text, page.text[:2000]
    return {choice.group(1): choice.group(2)} if choice else {text.group(1): "42"}


class Grades:
    """Grades that become due, one after the other, for as long as it is open."""

    def __init__(self, db: Database, platform: Platform) -> None:
        self.db, self.platform, self.now, self.made = db, platform, SystemClock().now, 0
        with db.transaction() as tx:
            self.registration = lti.list_registrations(tx)[0]

    def feed(self, stop: threading.Event) -> None:
        while not stop.wait(1 / GRADES_A_SECOND):
            self.made += 1
            user, now = f"graded-{self.made}", self.now()
            with self.db.transaction() as tx:
                person = people.recognise(
                    tx, registration_id=self.registration.id, identity_scope=DEPLOYMENT, lms_user_id=user,
                    portrait=people.Portrait("Learner", None, None, None, None), now=now,
                )  # fmt: skip
                gradebook.want_delivered(
                    tx, registration_id=self.registration.id, lms_deployment_id=DEPLOYMENT,
                    line_item_url=f"{self.platform.url}/course-1/lineitems/1", person_id=person.id, lms_user_id=user,
                    percent=Fraction(86), finished=True, now=now,
                )  # fmt: skip


def half(learners: list[Learner], grades: Grades, seconds: float, delay: float) -> tuple[list[float], int]:
    """One half of a round: how long each save took, and how many grades the LMS got."""
    platform, stop, taken = grades.platform, threading.Event(), []
    platform.delay, before = delay, platform.grades

    def save(learner: Learner) -> None:
        while not stop.wait(PACE):
            taken.append(learner.save())

    threads = [threading.Thread(target=save, args=(learner,)) for learner in learners]
    threads.append(threading.Thread(target=grades.feed, args=(stop,)))
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    return taken, platform.grades - before


def p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def main(rounds: int, seconds: float) -> None:
    folder = Path(tempfile.mkdtemp(prefix="lti-tool-slow-"))
    port = free_ports(2)
    platform = Platform(f"http://127.0.0.1:{port}")
    with ExitStack() as stack:
        stack.enter_context(served(platform, port))
        platform.tool = stack.enter_context(ours(folder, platform.url, port + 1)).url
        db = Database(f"sqlite:///{folder / 'tool.db'}")
        stack.callback(db.dispose)
        learners, grades = [Learner(platform, number) for number in range(LEARNERS)], Grades(db, platform)
        half(learners, grades, seconds / 2, 0.0)
        ratios, saves, sent = [], {0.0: [], SLOW: []}, {0.0: 0, SLOW: 0}
        for turn in range(rounds):
            found = {}
            for delay in (0.0, SLOW) if turn % 2 == 0 else (SLOW, 0.0):
                found[delay], arrived = half(learners, grades, seconds, delay)
                saves[delay] += found[delay]
                sent[delay] += arrived
            ratios.append(p99(found[SLOW]) / p99(found[0.0]))
    tell(ratios, saves, sent)


def tell(ratios: list[float], saves: dict[float, list[float]], sent: dict[float, int]) -> None:
    for delay, name in ((0.0, "at once"), (SLOW, f"after {SLOW:.0f} s")):
        middle, late = 1000 * statistics.median(saves[delay]), 1000 * p99(saves[delay])
        words = f"{len(saves[delay]):,} saves, {sent[delay]} grades taken"
        figure(f"answer save while the LMS answers {name}", f"median {middle:.1f} ms, p99 {late:.1f} ms ({words})")
    ratio = statistics.median(ratios)
    spread = f"{ratio:.2f} [{min(ratios):.2f} … {max(ratios):.2f}] over {len(ratios)} rounds"
    figure("answer save, p99: slow LMS by quick one", spread, goal="at most 1.20", met=ratio <= 1.2)


if __name__ == "__main__":
    given = [float(text) for text in sys.argv[1:3]]
    main(int(given[0]) if given else 6, given[1] if len(given) > 1 else 8.0)
