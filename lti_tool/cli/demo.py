"""`lti-tool demo`: a small LMS and the tool side by side on this computer, with three doors to walk through."""

import os
import shutil
import threading
import time
import webbrowser
from pathlib import Path

import click

from lti_tool import demo as lms
from lti_tool.cli.serving import ServingLock, run_server, wait_for_port
from lti_tool.cli.setup import bring_up_to_date, load_settings, say
from lti_tool.core.clock import SystemClock
from lti_tool.core.db import Database
from lti_tool.core.errors import ToolError
from lti_tool.core.http import HttpClient
from lti_tool.core.secrets import Vault, master_key
from lti_tool.core.settings import Settings
from lti_tool.workflows import connect, publish_package, read_package

_SETTINGS = """\
# Written anew at each `lti-tool demo`.
[server]
public_url = "{tool_url}"
port = {tool_port}
[database]
url = "sqlite:///{folder}/tool.db"
[security]
master_key_file = "{folder}/master.key"
[http]
allow_networks = ["127.0.0.0/8"]
[organisation]
name = "Aldermoor University"
country = "NO"
website = "https://aldermoor.example"
[log]
level = "info"
format = "json"
file = "{folder}/tool.log"
"""


@click.command()
@click.option("--port", default=8000, show_default=True, help="The LMS's port; the tool takes the next one.")
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
@click.option("--fresh", is_flag=True, help="Forget everything from earlier starts.")
def demo(port: int, no_browser: bool, hosts: str, data: Path, fresh: bool) -> None:
    """Try it: a make-believe LMS and the tool, on this computer only.

    Prints `ready <url>` and opens a page with three doors: Teach, Learn, Check a certificate.
    """
    lms_host, tool_host = _hosts(hosts)
    folder = data.resolve()
    if fresh and (folder / "lti-tool.toml").exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tool_url = f"http://{tool_host}:{port + 1}"
    lms_config = lms.LmsConfig(lms_url=f"http://{lms_host}:{port}", tool_url=tool_url, data_dir=folder)
    _write_settings(folder, tool_url, port + 1)
    settings = load_settings(folder / "lti-tool.toml")
    db = Database(settings.database.url)
    lock = ServingLock(db)
    lock.take()
    wait_for_port("127.0.0.1", port)
    bring_up_to_date(db)
    _prepare(db, settings, lms_config)
    db.dispose()
    lms.serve(lms_config, port=port)
    threading.Thread(target=_announce, args=(lms_config, no_browser), daemon=True).start()
    run_server(settings)


def _hosts(text: str) -> tuple[str, str]:
    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or names[0] == names[1]:
        raise click.BadParameter("two different host names, such as localhost,127.0.0.1", param_hint="--hosts")
    for name in names:
        if name not in ("localhost", "127.0.0.1") and not name.endswith(".localhost"):
            raise click.BadParameter(f"{name} may lead off this computer", param_hint="--hosts")
    return names[0], names[1]


def _write_settings(folder: Path, tool_url: str, tool_port: int) -> None:
    text = _SETTINGS.format(folder=folder.as_posix(), tool_url=tool_url, tool_port=tool_port)
    # Settings of another installation in the environment must not leak into the demo.
    for name in [name for name in os.environ if name.startswith("LTI_TOOL_")]:
        del os.environ[name]
    (folder / "lti-tool.toml").write_text(text, encoding="utf-8")


def _prepare(db: Database, settings: Settings, config: lms.LmsConfig) -> None:
    """Registers the demo LMS and publishes the sample modules; both may be repeated."""
    now = SystemClock().now()
    vault = Vault(master_key(settings.security.master_key_file, settings.security.master_key))
    owner = settings.organisation
    with db.transaction() as tx:
        registration = connect(
            tx,
            vault=vault,
            organisation=owner.name,
            country=owner.country,
            website=owner.website,
            actor="demo",
            now=now,
            **lms.registration(config),
        )
    for folder in sorted(lms.sample_modules()):
        package = read_package(folder)
        with db.transaction() as tx:
            publish_package(tx, package, organisation_id=registration.organisation_id, actor="demo", now=now)


def _announce(config: lms.LmsConfig, no_browser: bool) -> None:
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
    if not no_browser:
        webbrowser.open(f"{config.lms_url}/")
