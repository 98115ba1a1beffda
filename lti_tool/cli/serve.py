"""`lti-tool serve | worker | migrate`: running the tool."""

import signal
import threading
from pathlib import Path

import click

from lti_tool import migrations
from lti_tool.cli.serving import run_server, serving_lock, wait_for_port
from lti_tool.cli.setup import (
    bring_up_to_date,
    load_settings,
    refuse_another_key,
    refuse_without_database,
    say,
    settings_option,
)
from lti_tool.core.clock import SystemClock
from lti_tool.core.db import Database
from lti_tool.core.errors import NotFound
from lti_tool.core.process import keep_interrupts_from_children
from lti_tool.core.secrets import Vault, master_key
from lti_tool.web import wire


@click.command()
@settings_option
def serve(config: Path | None) -> None:
    """Run the web server, with a worker beside it.

    Brings the database up to date first; an SQLite file is copied before anything in it changes.
    """
    keep_interrupts_from_children()
    settings = load_settings(config)
    # The workers open it again; here a wrong key is told before anything is said to serve.
    vault = Vault(master_key(settings.security.master_key_file, settings.security.master_key))
    db = Database(settings.database.url)
    lock = serving_lock(db.file) if db.file else None
    wait_for_port(settings.server.host, settings.server.port)
    bring_up_to_date(db)
    refuse_another_key(db, vault)
    db.dispose()
    say(f"serving {settings.server.public_url} on {settings.server.host}:{settings.server.port}")
    run_server(settings)
    if lock:
        lock.release()


@click.command()
@settings_option
def worker(config: Path | None) -> None:
    """Run a worker alone: grades to the LMS, certificates.

    Any number may run, on any machines that reach the database.
    """
    settings = load_settings(config)
    refuse_without_database(settings)
    wiring = wire(settings)
    if migrations.current(wiring.db) is None:
        raise NotFound(
            "cli.empty_database",
            "There is nothing in the database yet, so there is nothing to work on.",
            "Run `lti-tool migrate` or `lti-tool serve` with these settings first.",
        )
    refuse_another_key(wiring.db, wiring.vault)
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
