"""`lti-tool demo`: a small LMS and the tool side by side on this computer, with three doors to walk through."""

import os
import threading
import time
import webbrowser
from contextlib import ExitStack
from pathlib import Path

import click

from lti_tool import demo as lms
from lti_tool.cli import demo_folder
from lti_tool.cli.serving import run_server, serving_lock, wait_for_port
from lti_tool.cli.setup import bring_up_to_date, load_settings, say
from lti_tool.core.clock import SystemClock
from lti_tool.core.db import Database
from lti_tool.core.errors import ToolError
from lti_tool.core.http import HttpClient
from lti_tool.core.process import keep_interrupts_from_children
from lti_tool.core.secrets import Vault, master_key
from lti_tool.core.settings import Settings
from lti_tool.workflows import connect, publish_package, read_package


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65534),
    default=8000,
    show_default=True,
    help="The LMS's port; the tool takes the next one.",
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option(
    "--hosts",
    default="lms.localhost,tool.localhost",
    show_default=True,
    help="Host names of LMS and tool, for browsers that do not resolve *.localhost.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".demo"),
    show_default=True,
    help="Where the demo keeps its data between starts.",
)
@click.option(
    "--flavour",
    type=click.Choice([flavour.value for flavour in lms.Flavour]),
    default=lms.Flavour.MOODLE.value,
    show_default=True,
    help="Whose ways the LMS has.",
)
@click.option("--fresh", is_flag=True, help="Forget everything from earlier starts.")
def demo(port: int, no_browser: bool, hosts: str, data: Path, flavour: str, fresh: bool) -> None:
    """Try it: a make-believe LMS and the tool, on this computer only.

    Prints `ready <url>` and opens a page with three doors: Teach, Learn, Check a certificate.
    """
    lms_host, tool_host = _hosts(hosts)
    keep_interrupts_from_children()
    folder = data.resolve()
    tool_url = f"http://{tool_host}:{port + 1}"
    lms_config = _lms_config(f"http://{lms_host}:{port}", tool_url, folder, lms.Flavour(flavour))
    # Nothing of an earlier demo is touched before it is certain that this one can run.
    held = _hold(folder, port)
    if fresh:
        demo_folder.forget(folder)
    _forget_other_settings()
    settings = load_settings(demo_folder.write_settings(folder, tool_url, port + 1))
    db = Database(settings.database.url)
    bring_up_to_date(db)
    _prepare(db, settings, lms_config)
    db.dispose()
    lms.serve(lms_config, port=port)
    threading.Thread(target=_announce, args=(lms_config, folder, no_browser), daemon=True).start()
    run_server(settings)
    held.close()


def _hosts(text: str) -> tuple[str, str]:
    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or names[0] == names[1]:
        raise click.BadParameter("two different host names, such as localhost,127.0.0.1", param_hint="--hosts")
    for name in names:
        if name not in ("localhost", "127.0.0.1") and not name.endswith(".localhost"):
            raise click.BadParameter(f"{name} may lead off this computer", param_hint="--hosts")
    return names[0], names[1]


def _hold(folder: Path, port: int) -> ExitStack:
    """The folder, its database and both ports, for this demo alone; refuses before anything in the folder changes."""
    held = ExitStack()
    held.callback(demo_folder.claim(folder).release)
    # A server that was started by hand with the demo's settings holds the database by this lock.
    held.callback(serving_lock(folder / "tool.db").release)
    for taken in (port, port + 1):
        wait_for_port("127.0.0.1", taken)
    return held


def _lms_config(lms_url: str, tool_url: str, folder: Path, flavour: lms.Flavour) -> lms.LmsConfig:
    """Each flavour has a course of its own; the tool's data may be shared."""
    data_dir = folder if flavour is lms.Flavour.MOODLE else folder / flavour.value
    return lms.LmsConfig(lms_url, tool_url, data_dir, flavour)


def _forget_other_settings() -> None:
    """Settings of another installation in the environment must not leak into the demo."""
    for name in [name for name in os.environ if name.startswith("LTI_TOOL_")]:
        del os.environ[name]


def _prepare(db: Database, settings: Settings, config: lms.LmsConfig) -> None:
    """Registers the demo LMS and publishes the sample modules; both may be repeated."""
    now = SystemClock().now()
    vault = Vault(master_key(settings.security.master_key_file, settings.security.master_key))
    owner = settings.organisation
    with db.transaction() as tx:
        known = [
            connect(
                tx,
                vault=vault,
                organisation=owner.name,
                country=owner.country,
                website=owner.website,
                actor="demo",
                now=now,
                **facts,
            )
            for facts in lms.registrations(config)
        ]
    for folder in sorted(lms.sample_modules()):
        package = read_package(folder)
        with db.transaction() as tx:
            publish_package(tx, package, organisation_id=known[0].organisation_id, actor="demo", now=now)


def _announce(config: lms.LmsConfig, folder: Path, no_browser: bool) -> None:
    """Waits until the tool answers, then says so on one line that scripts wait for."""
    http = HttpClient(["127.0.0.0/8"], connect_timeout=1, read_timeout=2)
    while True:
        try:
            if http.get(f"{config.tool_url}/readyz").ok:
                break
        except ToolError:
            pass
        time.sleep(0.1)
    say(f"ready {config.lms_url}/")
    say(f"Ctrl-C stops it. Its data is in {folder}; --fresh forgets it.")
    if not no_browser:
        webbrowser.open(f"{config.lms_url}/")
