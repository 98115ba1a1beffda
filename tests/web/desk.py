"""An administrator's desk over HTTP: the tool with a clock that stands still, and browsers that keep their cookies."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyotp
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from lti_tool import lti, people, workflows
from lti_tool.core.audit import audit
from lti_tool.core.clock import FixedClock
from lti_tool.core.settings import Limits, Settings
from lti_tool.web import Wiring, create_app, wire
from tests.stage import settings_for

URL = "http://127.0.0.1:9802"
OURS, THEIRS = "Aldermoor University", "Beldermoor College"
PASSWORD = "seven brass lanterns drift"
STRANGER = "203.0.113.7"


@dataclass
class Browser:
    """One browser: its cookies, and what it sends along with a form."""

    client: Client
    address: str = STRANGER
    csrf: str = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        answer = self.client.get(
            path, base_url=URL, headers=headers, environ_base={"REMOTE_ADDR": self.address}, buffered=True
        )
        found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', answer.text)
        self.csrf = found[1] if found else self.csrf
        return answer

    def post(
        self, path: str, fields: Mapping[str, str | list[str]], *, origin: str | None = URL, **headers: str
    ) -> TestResponse:
        """A form; its token is the one of the page that was opened last, unless another is given."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if origin is not None:
            sent["Origin"] = origin
        return self.client.post(
            path,
            data={"csrf_token": self.csrf, **fields},
            base_url=URL,
            headers=sent,
            environ_base={"REMOTE_ADDR": self.address},
            buffered=True,
        )

    @property
    def secret(self) -> str:
        """The secret of the session, as the cookie has it."""
        cookie = self.client.get_cookie("__Host-lti_admin", "127.0.0.1")
        return "" if cookie is None else cookie.value


@dataclass
class Desk:
    """The tool, two organisations with a platform each, and whoever administers them."""

    tool: Wiring
    clock: FixedClock
    platforms: dict[str, lti.Registration] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def browser(self, address: str = STRANGER) -> Browser:
        return Browser(Client(create_app(self.tool)), address)

    def link(self, name: str, organisation: str = OURS) -> str:
        """The set-up link that `lti-tool user add` would print, without our host."""
        with self.tool.db.transaction() as tx:
            owner = people.ensure_organisation(tx, organisation, country="NO", website="", now=self.clock.now())
            token = workflows.add_operator(tx, self.tool.vault, name, owner, actor="test", now=self.clock.now())
        return f"/setup/{token}"

    def code(self, name: str) -> str:
        """What the app of this operator shows at this moment."""
        return pyotp.TOTP(self.secrets[name]).at(self.clock.now())

    def set_up(self, name: str, organisation: str = OURS) -> Browser:
        """From the link to the desk; whoever has it is signed in."""
        browser, link = self.browser(), self.link(name, organisation)
        self.secrets[name] = secret_on(browser.get(link))
        done = browser.post(link, {"password": PASSWORD, "code": self.code(name)})
        assert (done.status_code, done.headers.get("Location")) == (303, "/admin/"), done.text
        browser.get("/admin/")
        self.clock.advance(60)
        return browser

    def sign_in(self, browser: Browser, operator: str, **changes: str) -> TestResponse:
        fields = {"name": operator, "password": PASSWORD, "code": self.code(operator), **changes}
        return browser.post("/admin/sign-in", fields)

    def acts(self) -> list[str]:
        with self.tool.db.reading() as tx:
            return list(tx.execute(select(audit.c.act).order_by(audit.c.id)).scalars())


def secret_on(page: TestResponse) -> str:
    found = re.search(r"secret=([A-Z2-7]{32})", html.unescape(page.text))
    assert found, page.text
    return found[1]


def raised(db_url: str, folder: Path, clock: FixedClock, **limits: int) -> Desk:
    usual = settings_for(URL, 9802, db_url, folder)
    tool = wire(Settings(**{**dict(usual), "limits": Limits(**limits)}), clock=clock)
    desk = Desk(tool, clock)
    for number, organisation in enumerate((OURS, THEIRS)):
        desk.platforms[organisation] = connected(tool, organisation, number, clock.now())
    return desk


def connected(tool: Wiring, organisation: str, number: int, now: datetime) -> lti.Registration:
    host = f"https://lms{number}.example"
    with tool.db.transaction() as tx:
        registration = workflows.connect(
            tx,
            vault=tool.vault,
            organisation=organisation,
            issuer=host,
            client_id=f"client-{number}",
            name=f"Moodle of {organisation}",
            auth_url=f"{host}/auth",
            token_url=f"{host}/token",
            jwks_url=f"{host}/keys",
            deployments=lti.DeploymentPolicy.ASK,
            actor="test",
            now=now,
        )
        lti.admit_deployment(tx, registration.id, f"deployment-{number}", now=now)
        person = people.recognise(
            tx,
            registration_id=registration.id,
            identity_scope="1",
            lms_user_id=str(number),
            portrait=people.Portrait(f"Ingrid of {organisation}", None, None, f"i{number}@example.edu", None),
            now=now,
        )
    assert person.blocked_at is None
    return registration
