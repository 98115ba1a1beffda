"""`lti-tool serve | worker | migrate`: running the tool."""

import signal
import threading
from pathlib import Path

import click

from lti_tool.cli.serving import ServingLock, run_server
from lti_tool.cli.setup import bring_up_to_date, load_settings, say, settings_option
from lti_tool.core.clock import SystemClock
from lti_tool.core.db import Database
from lti_tool.web import wire


@click.command()
@settings_option
def serve(config: Path | None) -> None:
    """Run the web server, with a worker beside it.

    Brings the database up to date first; an SQLite file is copied before anything in it changes.
    """
    settings = load_settings(config)
    db = Database(settings.database.url)
    lock = ServingLock(db)
    lock.take()
    bring_up_to_date(db)
    db.dispose()
    say(f"serving {settings.server.public_url} on {settings.server.host}:{settings.server.port}")
    run_server(settings)


@click.command()
@settings_option
def worker(config: Path | None) -> None:
    """Run a worker alone: grades to the LMS, certificates.

    Any number may run, on any machines that reach the database.
    """
    wiring = wire(load_settings(config))
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    wiring.worker.start()
    stop.wait()
    wiring.worker.stop()


@click.command()
@settings_option
def migrate(config: Path | None) -> None:
    """Bring the database to this release's schema."""
    settings = load_settings(config)
    db = Database(settings.database.url)
    from_revision, to_revision, backup = bring_up_to_date(db, now=SystemClock().now())
    if from_revision == to_revision:
        say(f"up to date ({to_revision})")
    else:
        say(f"migrated from {from_revision or 'nothing'} to {to_revision}")
    if backup is not None:
        say(f"the database as it was: {backup}")
