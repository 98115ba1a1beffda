"""What the web needs to work, put together once per process and reachable from every view."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, current_app

from lti_tool import workflows
from lti_tool.core.clock import Clock, SystemClock
from lti_tool.core.db import Database
from lti_tool.core.http import HttpClient
from lti_tool.core.secrets import Vault, master_key
from lti_tool.core.settings import Settings
from lti_tool.credentials import Faces
from lti_tool.lti import KeySets, Services

_KEY = "lti_tool"


@dataclass(frozen=True)
class Wiring:
    """The parts of a running tool. All of them may be shared between threads."""

    settings: Settings
    db: Database
    clock: Clock
    http: HttpClient
    # For a stranger's own word about itself, and for tests: five seconds in all, however slowly it drips.
    brief_http: HttpClient
    vault: Vault
    key_sets: KeySets
    faces: Faces
    worker: workflows.Worker

    def now(self) -> datetime:
        return self.clock.now()

    def wake(self) -> None:
        """Tells this process's worker, if one runs, that there is something to do."""
        self.worker.wake()

    @property
    def public_url(self) -> str:
        return self.settings.server.public_url


def wire(settings: Settings, *, clock: Clock | None = None) -> Wiring:
    """Puts the parts together from the settings; opens no connection yet."""
    ticking = clock or SystemClock()
    db = Database(settings.database.url)
    http = HttpClient(settings.http.allow_networks)
    brief_http = HttpClient(settings.http.allow_networks, total_timeout=5.0, read_timeout=5.0)
    vault = Vault(master_key(settings.security.master_key_file, settings.security.master_key))
    faces = Faces.find(settings.certificates.fonts_dir)
    services = Services(db, http, vault, ticking)
    tools = workflows.Tools(
        db=db,
        clock=ticking,
        vault=vault,
        faces=faces,
        public_url=settings.server.public_url,
        lms=services,
        services=services,
        http=brief_http,
        leeway=settings.lti.clock_leeway,
        key_overlap=timedelta(days=settings.lti.key_overlap_days),
    )
    return Wiring(
        settings=settings,
        db=db,
        clock=ticking,
        http=http,
        brief_http=brief_http,
        vault=vault,
        # The one call that a learner waits for: a cold key set, so it gives up soon.
        key_sets=KeySets(db, HttpClient(settings.http.allow_networks, total_timeout=3.0, read_timeout=3.0), ticking),
        faces=faces,
        worker=workflows.Worker(tools),
    )


def install(app: Flask, wiring: Wiring) -> None:
    """Ties the wiring to a Flask application."""
    app.extensions[_KEY] = wiring


def parts() -> Wiring:
    """The wiring of the application that handles this request."""
    wiring: Wiring = current_app.extensions[_KEY]
    return wiring
