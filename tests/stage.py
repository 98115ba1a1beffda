"""A stage for whole stories: the demo LMS and the tool, each served for real, on two sites of this machine.

Nothing is faked between them: keys are fetched, tokens asked for and scores posted over HTTP. Time is the real one, as
two programs share it.
"""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from lti_tool import demo, lti, workflows
from lti_tool.core.settings import Certificates, DatabaseSection, Http, Organisation, Security, Server, Settings
from lti_tool.web import Wiring, create_app, wire


@dataclass(frozen=True)
class Stage:
    """Both programs, running. The worker does not run by itself: `work()` makes it do what is due."""

    lms: demo.Lms
    tool: Wiring
    lms_url: str
    tool_url: str
    registration: lti.Registration

    def work(self) -> None:
        """Sends grades, signs and draws certificates: all that is due now."""
        self.tool.worker.run_once()

    def add_activity(self, person: str = "ingrid") -> demo.Link:
        """An activity with the sample module, as if a teacher had picked it."""
        now = self.tool.now()
        with self.tool.db.transaction() as tx:
            from lti_tool import courses, modules

            card = modules.list_modules(tx, self.registration.organisation_id)[0]
            offer = courses.make_offer(
                tx,
                organisation_id=self.registration.organisation_id,
                module_id=card.module_id,
                made_by=person,
                settings={},
                now=now,
            )
        return self.lms.add_link(card.title, url=f"{self.tool_url}/lti/launch", custom={"offer": offer.public_id})


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Says nothing."""


def free_port() -> int:
    """A port that nobody serves at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_for(tool_url: str, port: int, db_url: str, folder: Path, fonts: Path | None = None) -> Settings:
    """Settings as a demo has them."""
    return Settings(
        server=Server(public_url=tool_url, port=port),
        database=DatabaseSection(url=db_url),
        security=Security(master_key_file=folder / "master.key"),
        http=Http(allow_networks=("127.0.0.0/8",)),
        certificates=Certificates(fonts_dir=fonts),
        organisation=Organisation(name="Aldermoor University", country="NO", website="https://aldermoor.example"),
    )


@contextmanager
def raised(
    db_url: str, folder: Path, *, fonts: Path | None = None, flavour: demo.Flavour = demo.Flavour.MOODLE
) -> Iterator[Stage]:
    """Raises the stage on a database that has its tables."""
    lms_port, tool_port = free_port(), free_port()
    lms_url, tool_url = f"http://localhost:{lms_port}", f"http://127.0.0.1:{tool_port}"
    tool = wire(settings_for(tool_url, tool_port, db_url, folder, fonts))
    config = demo.LmsConfig(lms_url, tool_url, folder, flavour)
    registration, *_ = [furnish(tool, facts) for facts in demo.registrations(config)]
    with served(tool, tool_port):
        running = demo.serve(config, port=lms_port)
        try:
            yield Stage(running.lms, tool, lms_url, tool_url, registration)
        finally:
            running.stop()


@contextmanager
def served(tool: Wiring, port: int) -> Iterator[None]:
    """Serves the tool over HTTP; in the end it is put away."""
    server = make_server("127.0.0.1", port, create_app(tool), threaded=True, request_handler=_Quiet)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
        tool.db.dispose()


def furnish(tool: Wiring, platform: Mapping[str, Any]) -> lti.Registration:
    """Connects a platform and publishes the sample modules for it."""
    now, owner = tool.now(), tool.settings.organisation
    with tool.db.transaction() as tx:
        registration = workflows.connect(
            tx,
            vault=tool.vault,
            organisation=owner.name,
            country=owner.country,
            website=owner.website,
            actor="test",
            now=now,
            **platform,
        )
    for folder in demo.sample_modules():
        package = workflows.read_package(folder)
        with tool.db.transaction() as tx:
            workflows.publish_package(tx, package, organisation_id=registration.organisation_id, actor="test", now=now)
    return registration
