"""Platforms in memory, by a clock that the requests themselves move: for outages of days with many scores.

Each has its columns, with a class of learners in each; Moodle's takes a grade, Canvas's counts attempts beside it.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy import func, select

from lti_tool import gradebook, lti, people, workflows
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database, Tx
from lti_tool.core.errors import Upstream
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.gradebook.tables import delivery_lanes, grade_deliveries
from tests.rooms.gradebook.wire import nobody

LATENCY = 0.1
CLASS = 100
SUBMISSION = "https://canvas.instructure.com/lti/submission"
MOODLE, CANVAS = "moodle", "canvas"


@dataclass(frozen=True)
class Afterwards:
    """An answer that hides that the request was carried out."""

    answer: HttpAnswer


Weather = Callable[[str, str], HttpAnswer | Afterwards | Upstream | None]
"""(host, kind: token, scores or results) → what comes instead of the platform's answer, if anything."""
Cell = tuple[str, str]
"""A column's address without its query, and a learner."""


@dataclass
class Platforms(HttpClient):
    """All platforms, each under a host of its own; a request takes a tenth of a second."""

    clock: FixedClock
    weather: Weather = lambda _host, _kind: None
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    asked_at: list[tuple[str, str, datetime]] = field(default_factory=list)
    held: dict[Cell, Decimal] = field(default_factory=dict)
    arrived_at: dict[Cell, datetime] = field(default_factory=dict)
    attempts: dict[Cell, list[str]] = field(default_factory=dict)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int | None = None) -> HttpAnswer:
        instead = self._meet(url, "results")
        return instead if isinstance(instead, HttpAnswer) else self._results(url)

    def post(
        self,
        url: str,
        *,
        data: bytes | str | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        instead = self._meet(url, "token" if form is not None else "scores")
        if isinstance(instead, HttpAnswer):
            return instead
        answer = self._token(form) if form is not None else self._score(url, data)
        return answer if instead is None else instead.answer

    def _meet(self, url: str, kind: str) -> HttpAnswer | Afterwards | None:
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
        cell = (column_of(url), str(said["userId"]))
        self.held[cell] = Decimal(str(said["scoreGiven"])) / Decimal(str(said["scoreMaximum"]))
        self.arrived_at.setdefault(cell, self.clock.now())
        if "/api/lti/" not in url:
            return HttpAnswer(200, "OK", {}, b"")
        told = self.attempts.setdefault(cell, [])
        at = said["submission"]["submittedAt"]
        if said[SUBMISSION]["new_submission"] and told[-1:] != [at]:
            told.append(at)
        return HttpAnswer(200, "OK", {}, json.dumps({"resultUrl": url}).encode())

    def _results(self, url: str) -> HttpAnswer:
        column, query = column_of(url), {name: text[0] for name, text in parse_qs(urlsplit(url).query).items()}
        users = [query["user_id"]] if "user_id" in query else sorted({user for at, user in self.held if at == column})
        size, page = int(query.get("limit", len(users) or 1)), int(query.get("page", 1))
        shown = users[(page - 1) * size : page * size]
        found = [self._result((column, user)) for user in shown if (column, user) in self.held]
        more = {**query, "page": str(page + 1)}
        link = f'<{url.partition("?")[0]}?{urlencode(more)}>; rel="next"' if page * size < len(users) else ""
        return HttpAnswer(200, "OK", {"Link": link}, json.dumps(found).encode())

    def _result(self, cell: Cell) -> dict[str, object]:
        found: dict[str, object] = {"userId": cell[1], "resultScore": float(self.held[cell])}
        if self.attempts.get(cell):
            found[SUBMISSION] = {"submitted_at": self.attempts[cell][-1]}
        return found

    def requests(self, kind: str) -> int:
        return sum(number for (_, asked), number in self.asked.items() if asked == kind)


def column_of(url: str) -> str:
    """The column that a service's address belongs to."""
    return url.partition("?")[0].removesuffix("/scores").removesuffix("/results")


class Office:
    """The tool, connected to some platforms, with scores that wait for each."""

    def __init__(self, db: Database, vault: Vault, clock: FixedClock, *products: str) -> None:
        self.db, self.clock = db, clock
        self.http = Platforms(clock)
        self.services = lti.Services(db, self.http, vault, clock)
        self.wished: dict[Cell, Fraction] = {}
        self.handed_in: dict[Cell, list[str]] = {}
        self.products = products
        self._people: dict[tuple[int, str], int] = {}
        with db.transaction() as tx:
            self.registrations = [
                workflows.connect(
                    tx, vault=vault, organisation="Aldermoor", issuer=f"https://lms{number}.example.edu", client_id="c",
                    name=product, auth_url=f"https://lms{number}.example.edu/auth",
                    token_url=f"https://lms{number}.example.edu/token",
                    jwks_url=f"https://lms{number}.example.edu/certs", actor="test", now=clock.now(),
                ).id
                for number, product in enumerate(products)
            ]  # fmt: skip

    def wish(self, scores: int, *, better_by: int = 0) -> None:
        """So many hand-ins are scored at once, spread over the platforms and, a class at a time, their columns."""
        with self.db.transaction() as tx:
            for number in range(scores):
                place, seat = number % len(self.products), number // len(self.products)
                self._wish(tx, place, seat // CLASS, str(seat % CLASS + 1), Fraction(number % 90 + better_by))
        self.clock.advance(1)

    def _wish(self, tx: Tx, place: int, column: int, user: str, percent: Fraction) -> None:
        base, registration_id = f"https://lms{place}.example.edu", self.registrations[place]
        is_canvas = self.products[place] == CANVAS
        if is_canvas:
            url = f"{base}/api/lti/courses/2/line_items/{column}"
        else:
            url = f"{base}/mod/lti/services.php/2/lineitems/{column}/lineitem?type_id=3"
        cell, now = (column_of(url), user), self.clock.now()
        self.wished[cell] = percent
        self.handed_in.setdefault(cell, []).append(now.isoformat(timespec="milliseconds"))
        hand_in = gradebook.HandIn(f"attempt-{len(self.handed_in[cell])}", now)
        gradebook.want_delivered(
            tx, registration_id=registration_id, lms_deployment_id="3", line_item_url=url,
            person_id=self._person(tx, registration_id, user), lms_user_id=user, percent=percent, finished=True,
            now=now, hand_in=hand_in,
        )  # fmt: skip

    def _person(self, tx: Tx, registration_id: int, user: str) -> int:
        if (registration_id, user) not in self._people:
            person = people.recognise(
                tx, registration_id=registration_id, identity_scope="3", lms_user_id=user,
                portrait=people.Portrait("Tuyết", None, None, None, None), now=self.clock.now(),
            )  # fmt: skip
            self._people[registration_id, user] = person.id
        return self._people[registration_id, user]

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

    def delivered(self) -> int:
        """How many cells hold just what was wished, with just the attempts that there were, and the outbox knows it."""
        open_rows = select(func.count()).where(grade_deliveries.c.delivered_revision != grade_deliveries.c.revision)
        with self.db.reading() as tx:
            waiting = tx.execute(open_rows.select_from(grade_deliveries)).scalar_one()
        return 0 if waiting else sum(self._is_right(cell) for cell in self.wished)

    def _is_right(self, cell: Cell) -> bool:
        told = self.http.attempts.get(cell)
        return self.http.held.get(cell) == Decimal(int(self.wished[cell])) / 100 and (
            told == self.handed_in[cell] if "/api/lti/" in cell[0] else told is None
        )


def at_random(share: float, seed: int, *answers: HttpAnswer | Afterwards) -> Weather:
    """A server that stumbles: so many of the scores get one of these answers."""
    dice = random.Random(seed)

    def weather(_host: str, kind: str) -> HttpAnswer | Afterwards | None:
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
