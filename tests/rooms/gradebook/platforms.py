"""Twenty platforms in memory, by a clock that the requests themselves move: for outages of days with many scores."""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import func, select

from lti_tool import gradebook, lti, people, workflows
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Upstream
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.gradebook.tables import delivery_lanes, grade_deliveries
from tests.rooms.gradebook.wire import nobody

Weather = Callable[[str, str], HttpAnswer | Upstream | None]
"""(host, kind: token, scores or results) → what comes instead of the platform's answer, if anything."""
LATENCY = 0.1


@dataclass
class Platforms(HttpClient):
    """All platforms, each under a host of its own; a request takes a tenth of a second."""

    clock: FixedClock
    weather: Weather = lambda _host, _kind: None
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    asked_at: list[tuple[str, str, datetime]] = field(default_factory=list)
    held: dict[str, Decimal] = field(default_factory=dict)
    arrived_at: dict[str, datetime] = field(default_factory=dict)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int | None = None) -> HttpAnswer:
        return self._meet(url, "results") or self._results(url)

    def post(
        self,
        url: str,
        *,
        data: bytes | str | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        if form is not None:
            return self._meet(url, "token") or self._token(form)
        return self._meet(url, "scores") or self._score(url, data)

    def _meet(self, url: str, kind: str) -> HttpAnswer | None:
        host = urlsplit(url).hostname or ""
        self.asked[host, kind] += 1
        self.asked_at.append((host, kind, self.clock.now()))
        self.clock.advance(LATENCY)
        instead = self.weather(host, kind)
        if isinstance(instead, Upstream):
            raise instead
        return instead

    def _token(self, form: Mapping[str, str]) -> HttpAnswer:
        said = {"access_token": "t", "token_type": "Bearer", "expires_in": 3600, "scope": form["scope"]}
        return HttpAnswer(200, "OK", {}, json.dumps(said).encode())

    def _score(self, url: str, data: bytes | str | None) -> HttpAnswer:
        said = json.loads(data or "")
        item = url.replace("/scores", "")
        self.held[item] = Decimal(str(said["scoreGiven"])) / Decimal(str(said["scoreMaximum"]))
        self.arrived_at.setdefault(item, self.clock.now())
        return HttpAnswer(200, "OK", {}, b"")

    def _results(self, url: str) -> HttpAnswer:
        item, user = url.replace("/results", "").partition("&user_id")[0], parse_qs(urlsplit(url).query)["user_id"][0]
        found = [{"userId": user, "resultScore": float(self.held[item])}] if item in self.held else []
        return HttpAnswer(200, "OK", {}, json.dumps(found).encode())

    def requests(self, kind: str) -> int:
        return sum(number for (_, asked), number in self.asked.items() if asked == kind)


class Office:
    """The tool, connected to some platforms, with scores that wait for each."""

    def __init__(self, db: Database, vault: Vault, clock: FixedClock, platforms: int = 1) -> None:
        self.db, self.clock = db, clock
        self.http = Platforms(clock)
        self.services = lti.Services(db, self.http, vault, clock)
        self.wished: dict[str, Fraction] = {}
        self.wished_at = clock.now()
        with db.transaction() as tx:
            self.learners = []
            for number in range(platforms):
                base = f"https://lms{number}.example.edu/mod/lti"
                made = workflows.connect(
                    tx, vault=vault, organisation="Aldermoor", issuer=f"https://lms{number}.example.edu", client_id="c",
                    name="Moodle", auth_url=f"{base}/auth.php", token_url=f"{base}/token.php",
                    jwks_url=f"{base}/certs.php", actor="test", now=clock.now(),
                )  # fmt: skip
                person = people.recognise(
                    tx, registration_id=made.id, identity_scope="3", lms_user_id="6",
                    portrait=people.Portrait("Tuyết", None, None, None, None), now=clock.now(),
                )  # fmt: skip
                self.learners.append((made.id, person.id, f"{base}/services.php/2/lineitems"))

    def wish(self, scores: int) -> None:
        """So many scores are due at once, spread over the platforms."""
        with self.db.transaction() as tx:
            for number in range(scores):
                registration_id, person_id, base = self.learners[number % len(self.learners)]
                url, percent = f"{base}/{number}/lineitem?type_id=3", Fraction(number % 101)
                self.wished[url] = percent
                gradebook.want_delivered(
                    tx, registration_id=registration_id, lms_deployment_id="3", line_item_url=url,
                    person_id=person_id, lms_user_id="6", percent=percent, finished=True, now=self.clock.now(),
                )  # fmt: skip

    def work(self, until: timedelta) -> timedelta:
        """Works until nothing is due, or so long; how long it took by the clock."""
        start = self.clock.now()
        while self.clock.now() - start < until:
            if gradebook.deliver_due(self.db, self.services, clock=self.clock.now):
                continue
            after = self._next()
            if after is None:
                break
            self.clock.advance(max(1.0, (after - self.clock.now()).total_seconds()))
        return self.clock.now() - start

    def _next(self) -> datetime | None:
        """When there may be something to do again."""
        rows = grade_deliveries.c
        lanes = select(func.min(delivery_lanes.c.paused_until)).where(delivery_lanes.c.paused_until > self.clock.now())
        with self.db.reading() as tx:
            due = tx.execute(select(func.min(rows.due_at))).scalar_one()
            opens = tx.execute(lanes).scalar_one()
        if due is None or due > self.clock.now() or opens is None:
            return due
        return opens

    def all_delivered(self) -> bool:
        """Whether every platform holds what was wished, and the outbox knows it."""
        with self.db.reading() as tx:
            open_rows = select(func.count()).where(grade_deliveries.c.delivered_revision != grade_deliveries.c.revision)
            left = tx.execute(open_rows.select_from(grade_deliveries)).scalar_one()
        return (
            left == 0 and {url: Decimal(int(percent)) / 100 for url, percent in self.wished.items()} == self.http.held
        )


def at_random(share: float, seed: int, *answers: HttpAnswer) -> Weather:
    """A server that stumbles: so many of the scores get one of these answers."""
    dice = random.Random(seed)

    def weather(_host: str, kind: str) -> HttpAnswer | None:
        return dice.choice(answers) if kind == "scores" and dice.random() < share else None

    return weather


def until(clock: FixedClock, end: datetime, *kinds: str, answer: HttpAnswer | None = None, waits: float = 0) -> Weather:
    """An outage of some services: no answer after so many seconds, or always the same one."""

    def weather(_host: str, kind: str) -> HttpAnswer | Upstream | None:
        if kind not in kinds or clock.now() >= end:
            return None
        clock.advance(waits)
        return answer or nobody()

    return weather
