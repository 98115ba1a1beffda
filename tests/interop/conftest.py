"""Our tool and somebody else's platform, both served for real on this machine."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from lti_tool import courses, lti, modules
from lti_tool.web import Wiring, wire
from tests.conftest import ROOT
from tests.interop.environment import python_with
from tests.stage import free_port, furnish, served, settings_for
from tests.walker import Page, Walker


@dataclass(frozen=True)
class OpenEdx:
    """Open edX's platform, running; and the tool that it launches."""

    url: str
    tool: Wiring
    tool_url: str
    registration: lti.Registration

    def offer(self) -> str:
        """An offer of the sample module, as deep linking would have made it."""
        owner = self.registration.organisation_id
        with self.tool.db.transaction() as tx:
            card = modules.list_modules(tx, owner)[0]
            made = courses.make_offer(
                tx, organisation_id=owner, module_id=card.module_id, made_by="test", settings={}, now=self.tool.now()
            )
        return made.public_id

    def add_block(self, name: str, **custom: str) -> str:
        """A course block with the tool in it, and the custom parameters that its author wrote down."""
        requests.post(f"{self.url}/studio/{name}", data=custom, timeout=30).raise_for_status()
        return name

    def enrol(self, **people: str) -> None:
        """Who is in the course from now on, by role."""
        requests.post(f"{self.url}/people", data=people, timeout=30).raise_for_status()

    def records(self, block: str) -> dict[str, Any]:
        """What the platform has written down: `content` chosen, `scores` as they came, `grades` from 0 to 1."""
        answer = requests.get(f"{self.url}/records/{block}", timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def message(self, walker: Walker, block: str, role: str, person: str, *, choose: bool = False) -> Page:
        """The platform's page with its signed message in a form, after login and our redirect."""
        asked = urlencode({"person": person, "role": role})
        way = "choose" if choose else "launch"
        page = walker.onward(walker.get(f"{self.url}/courseware/{block}/{way}?{asked}"))
        assert page.url.startswith(f"{self.url}/api/lti_consumer/v1/launch/"), (page.url, page.text)
        return page

    def work(self) -> None:
        """Sends the grades that are due."""
        self.tool.worker.run_once()

    def launch(self, walker: Walker, block: str, role: str, person: str, *, choose: bool = False) -> Page:
        """From the course to the first page of the tool."""
        page = self.message(walker, block, role, person, choose=choose)
        return walker.submit(page, page.form("id_token"))


@pytest.fixture(scope="module")
def open_edx(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenEdx]:
    folder = tmp_path_factory.mktemp("open_edx")
    shutil.copyfile(sqlite_template, folder / "tool.db")
    port, tool_port = free_port(), free_port()
    tool_url = f"http://127.0.0.1:{tool_port}"
    with _platform(port, tool_url, folder) as facts:
        tool = wire(settings_for(tool_url, tool_port, f"sqlite:///{folder / 'tool.db'}", folder))
        registration = furnish(tool, {**facts, "name": "Open edX"})
        with served(tool, tool_port):
            yield OpenEdx(f"http://localhost:{port}", tool, tool_url, registration)


@contextmanager
def _platform(port: int, tool_url: str, folder: Path) -> Iterator[dict[str, str]]:
    """Runs Open edX's platform; what its administrator would copy into the tool."""
    python = python_with(ROOT / "requirements" / "interop.txt")
    command = [python, Path(__file__).with_name("open_edx.py"), "--port", port, "--tool", tool_url, "--folder", folder]
    with (folder / "open_edx.txt").open("w+") as said:
        pipe = subprocess.PIPE
        running = subprocess.Popen(list(map(str, command)), stdin=pipe, stdout=pipe, stderr=said, text=True)
        assert running.stdout is not None
        try:
            line = running.stdout.readline()
            assert line, (folder / "open_edx.txt").read_text()
            yield json.loads(line)
        finally:
            running.kill()
            running.communicate()
