"""The demo LMS at the end of a bad line: requests and answers get lost, are held up, come twice, or kill the worker."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flask import Flask

from lti_tool import demo, gradebook, lti, people, workflows
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Upstream
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.demo.canvas.facts import lineitem_url as canvas_item_url
from lti_tool.demo.canvas.record import Record
from lti_tool.demo.messages import lineitem_url as moodle_item_url

LEARNER = "6"


class Fault(StrEnum):
    """What happens to the next score on its way."""

    NONE = "none"
    LOST = "lost"
    REPLY_LOST = "reply lost"
    HELD_UP = "held up"
    TWICE = "twice"
    ERROR = "error"
    ERROR_AFTERWARDS = "error afterwards"
    BUSY = "busy"
    LOGIN_PAGE = "login page"
    TOKEN_OVER = "token over"
    KILLED = "killed"
    KILLED_AFTERWARDS = "killed afterwards"


class Killed(BaseException):
    """The worker is gone, in the middle of it."""


@dataclass
class Wire(HttpClient):
    """The way to the LMS: no socket, the demo's own application at the other end."""

    app: Flask
    clock: FixedClock
    faults: deque[Fault] = field(default_factory=deque)
    held_up: list[tuple[datetime, str, bytes, dict[str, str]]] = field(default_factory=list)
    scores: int = 0

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int | None = None) -> HttpAnswer:
        return self._open("GET", url, None, headers)

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
            given = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
            return self._open("POST", url, urlencode(form).encode(), given)
        self.scores += 1
        fault = self.faults.popleft() if self.faults else Fault.NONE
        body = data.encode() if isinstance(data, str) else data or b""
        return self._fail(fault, url, body, dict(headers or {}))

    def deliver_held_up(self, until: datetime) -> None:
        """What was held up arrives, each at its time."""
        for at, url, body, headers in sorted(self.held_up, key=lambda one: one[0]):
            if at <= until:
                self.clock.advance(max(0.0, (at - self.clock.now()).total_seconds()))
                self._open("POST", url, body, headers)
        self.held_up = [one for one in self.held_up if one[0] > until]

    def _fail(self, fault: Fault, url: str, body: bytes, headers: dict[str, str]) -> HttpAnswer:
        match fault:
            case Fault.LOST:
                raise nobody()
            case Fault.HELD_UP:
                self.held_up.append((self.clock.now() + timedelta(seconds=15), url, body, headers))
                raise nobody()
            case Fault.KILLED:
                raise Killed
            case Fault.ERROR:
                return HttpAnswer(503, "", {}, b"<html>")
            case Fault.BUSY:
                return HttpAnswer(429, "", {"Retry-After": "20"}, b"")
            case Fault.TOKEN_OVER:
                headers = {**headers, "Authorization": "Bearer of nothing"}
            case Fault.LOGIN_PAGE:
                return HttpAnswer(200, "", {}, b"<html>Please log in</html>")
            case Fault.TWICE:
                self._open("POST", url, body, headers)
        answer = self._open("POST", url, body, headers)
        match fault:
            case Fault.REPLY_LOST:
                raise nobody()
            case Fault.KILLED_AFTERWARDS:
                raise Killed
            case Fault.ERROR_AFTERWARDS:
                return HttpAnswer(502, "", {}, b"<html>")
        return answer

    def _open(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str] | None) -> HttpAnswer:
        parts = urlsplit(url)
        given = {"User-Agent": "lti-tool", **(headers or {})}
        found = self.app.test_client().open(
            f"{parts.path}?{parts.query}",
            method=method,
            base_url=f"{parts.scheme}://{parts.netloc}",
            data=body,
            headers=given,
        )
        return HttpAnswer(found.status_code, found.status, dict(found.headers), found.get_data())


def nobody() -> Upstream:
    return Upstream("core.http_no_answer", "The other system did not answer.", "")


class Course:
    """The demo LMS of a flavour, the tool beside it, and one learner with a grade."""

    def __init__(self, db: Database, vault: Vault, clock: FixedClock, folder: Path, flavour: demo.Flavour) -> None:
        self.db, self.vault, self.clock = db, vault, clock
        config = demo.LmsConfig("http://lms.localhost:8400", "http://tool.localhost:8401", folder, flavour)
        self.lms = demo.make_lms(config, clock.now)
        self.lms.tool_keys._fetch = lambda _url: self._keys()
        self.app = demo.create_lms(config, self.lms)
        self.flavour = flavour
        facts = demo.registration(config)
        with db.transaction() as tx:
            self.registration = workflows.connect(
                tx, vault=vault, organisation="Aldermoor", actor="test", now=clock.now(), **facts
            )
            learner = self.lms.person(LEARNER)
            self.lms_user_id = (
                self.lms.canvas_person(learner).sub if isinstance(self.lms, demo.CanvasLms) else learner.id
            )
            self.person = people.recognise(
                tx,
                registration_id=self.registration.id,
                identity_scope="3",
                lms_user_id=self.lms_user_id,
                portrait=people.Portrait("Tuyết", None, None, None, None),
                now=clock.now(),
            )
        self.wire = Wire(self.app, clock)
        self.start_tool()

    def _keys(self) -> object:
        with self.db.reading() as tx:
            return lti.public_jwks(tx)

    def start_tool(self) -> None:
        """A process of the tool, which remembers nothing but what is in the database."""
        self.services = lti.Services(self.db, self.wire, self.vault, self.clock)

    def new_item(self) -> int:
        """An activity with a grade column of its own, the only one in the course."""
        for link_id in list(self.lms.links):
            self.lms.drop_link(link_id)
        if isinstance(self.lms, demo.CanvasLms):
            self.lms.record = Record()
        return self.lms.add_link("Data protection essentials", maximum=50).item_id

    def item_url(self, item_id: int) -> str:
        if self.flavour is demo.Flavour.CANVAS:
            return canvas_item_url(self.lms.config, item_id)
        return moodle_item_url(self.lms, item_id)

    def work(self) -> int:
        return gradebook.deliver_due(self.db, self.services, clock=self.clock.now)
