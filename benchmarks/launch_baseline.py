"""What a launch costs here and with PyLTI1p3 as its documentation uses it, side by side in one run.

    python benchmarks/launch_baseline.py [rounds] [launches a round] [launches at once]

All tools run for real: ours as `lti-tool serve` on SQLite, and a small Flask application on PyLTI1p3's own classes
(`plain`) in the ways that its documentation leaves open: keys fetched at each launch (its default) or cached; state in
the worker's memory or in a store that outlives it; by our server, by Flask's own, or by gunicorn with two workers of
four threads, which is how such an application is usually deployed (only where gunicorn is installed, and only with the
store, as the workers share no memory). Rounds take turns, so that whatever else the machine does meets all of them;
the figure that counts is CPU milliseconds of the tool's processes per launch, as wall time depends on who else runs.

The comparison leans to the other side: ours ends with a third request, which shows the whole page of a module; `plain`
ends with one line of HTML in its second. `plain` stores no person, no course, no enrolment and no session, uses up no
nonce and checks neither browser nor target. What it keeps in memory is lost with its worker, and no second one sees it.
To ours it leans only where a line says so: another server, or keys that `plain` fetches each time.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.load import LINKS, LOAD, Tool, generated, key_set, looped, probe  # noqa: E402 - the checkout comes first.
from benchmarks.plain import CLIENT, DEPLOYMENT, PLAIN  # noqa: E402
from tests.figures import figure  # noqa: E402

COOKIE = f"__Host-lti_browser={'b' * 43}"
PATIENCE = 60.0
GOAL = 0.5
GRANIAN = ("granian", "--interface", "wsgi", "--factory", "--blocking-threads", "4", "--log-level", "warning", "--port")
GUNICORN = ("gunicorn", "--workers", "2", "--threads", "4", "--log-level", "warning", "--bind")
WAYS: dict[str, tuple[str, ...]] = {
    "memory, by granian": (),
    "memory, by granian, keys cached": ("cached",),
    "store, by granian": ("durable",),
    "store, by granian, keys cached": ("durable", "cached"),
    "memory, by Flask's server": ("flask",),
    "store, by gunicorn 2 x 4": ("durable", "gunicorn"),
    "store, by gunicorn 2 x 4, keys cached": ("durable", "gunicorn", "cached"),
}
"""The ways to run `plain`; its own default is the first of them."""


def main(rounds: int, launches: int, at_once: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="lti-tool-baseline-"))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "platform.pem").write_bytes(key.private_bytes(*form))
    first = free_ports(2 + len(WAYS))
    platform = f"http://127.0.0.1:{first}"
    ways = {name: how for name, how in WAYS.items() if "gunicorn" not in how or find_spec("gunicorn")}
    with ExitStack() as stack:
        tools = [stack.enter_context(ours(folder, platform, first + 1))]
        for port, (name, how) in enumerate(ways.items(), first + 2):
            tools.append(stack.enter_context(baseline(name, how, folder, platform, port)))
        if LOAD.exists():
            refused = probe(tools[0], folder, first)
            figure("forged launches that ours refuses", refused, goal="all", met=refused == "all")
        else:
            stack.enter_context(key_set(key, first))
        taken: dict[str, list[float]] = {tool.name: [] for tool in tools}
        for turn in range(rounds):
            for tool in tools if turn % 2 == 0 else tools[::-1]:
                if LOAD.exists():
                    cost = generated(tool, folder, first, launches, at_once)
                else:
                    cost = looped(tool, platform, key, launches)
                taken[tool.name].append(cost)
    tell(taken, f"{launches} launches, {at_once if LOAD.exists() else 1} at once")


def tell(taken: dict[str, list[float]], load: str) -> None:
    mine, *others = taken
    print(f"{len(taken[mine])} rounds of {load}, in turns; median CPU milliseconds per launch [least … most]")
    figure(f"{mine}: CPU a launch", f"{_spread(taken[mine])} ms ({len(taken[mine])} rounds of {load})")
    for name in others:
        ratios = [own / other for own, other in zip(taken[mine], taken[name], strict=True)]
        said = f"{_spread(taken[name])} ms; ours is {_spread(ratios)} ×"
        figure(f"PyLTI1p3, {name}", said, goal=f"at most {GOAL:.2f} ×", met=statistics.median(ratios) <= GOAL)


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} [{min(values):.2f} … {max(values):.2f}]"


# --- The tools -------------------------------------------------------------------------------------------------------


@contextmanager
def ours(folder: Path, platform: str, port: int) -> Iterator[Tool]:
    """`lti-tool serve` on a database that knows the platform and has an activity behind each of its links."""
    from lti_tool.web import wire
    from tests.stage import settings_for

    url = f"http://127.0.0.1:{port}"
    database = f"sqlite:///{folder / 'tool.db'}"
    wiring = wire(settings_for(url, port, database, folder))
    title = furnish(wiring, platform)
    wiring.db.dispose()
    settings = {
        "SERVER__PUBLIC_URL": url,
        "SERVER__PORT": str(port),
        "DATABASE__URL": database,
        "SECURITY__MASTER_KEY_FILE": str(folder / "master.key"),
        "HTTP__ALLOW_NETWORKS": "127.0.0.0/8",
        "LOG__FILE": str(folder / "tool.log"),
    }
    environment = {f"LTI_TOOL_{name}": value for name, value in settings.items()}
    with served([sys.executable, "-m", "lti_tool", "serve"], url, environment) as pid:
        yield Tool("ours, by lti-tool serve", url, pid, title, COOKIE)


def furnish(wiring: object, platform: str) -> str:
    """Writes what an administrator and a teacher would have done before; the module's title."""
    from lti_tool import courses, demo, lti, migrations, modules, workflows
    from lti_tool.web import Wiring

    assert isinstance(wiring, Wiring)
    now = wiring.now()
    migrations.migrate(wiring.db, now=now)
    with wiring.db.transaction() as tx:
        registration = workflows.connect(
            tx,
            vault=wiring.vault,
            organisation="Aldermoor University",
            issuer=platform,
            client_id=CLIENT,
            name="The load",
            auth_url=f"{platform}/auth",
            token_url=f"{platform}/token",
            jwks_url=f"{platform}/jwks",
            actor="benchmark",
            now=now,
        )
        deployment = lti.allow_deployment(tx, registration.id, DEPLOYMENT, now=now)
    owner = registration.organisation_id
    package = workflows.read_package(next(iter(demo.sample_modules())))
    with wiring.db.transaction() as tx:
        workflows.publish_package(tx, package, organisation_id=owner, actor="benchmark", now=now)
    with wiring.db.transaction() as tx:
        card = modules.list_modules(tx, owner)[0]
        offer = courses.make_offer(
            tx, organisation_id=owner, module_id=card.module_id, made_by="benchmark", settings={}, now=now
        )
        for number in range(LINKS):
            title, line_item = f"Activity {number}", f"{platform}/course-1/lineitems/{number}"
            link = courses.Link(deployment.id, "course-1", "", "", f"link-{number}", title, line_item, offer.public_id)
            courses.place(tx, link, organisation_id=owner, now=now)
    return card.title


@contextmanager
def baseline(name: str, how: tuple[str, ...], folder: Path, platform: str, port: int) -> Iterator[Tool]:
    """`plain` in one of the ways to run it."""
    where = "benchmarks.plain"
    if "flask" in how:
        command = [where, str(port)]
    elif "gunicorn" in how:
        command = [*GUNICORN, f"127.0.0.1:{port}", f"{where}:plain()"]
    else:
        command = [*GRANIAN, str(port), f"{where}:plain"]
    choices = [f"durable={folder / f'plain-{port}.db'}" if one == "durable" else one for one in how]
    url = f"http://127.0.0.1:{port}"
    with served([sys.executable, "-m", *command], url, {PLAIN: " ".join([platform, *choices])}) as pid:
        yield Tool(name, url, pid, "Welcome, Learner Number")


@contextmanager
def served(command: list[str], url: str, environment: dict[str, str]) -> Iterator[int]:
    """Runs a server until the block ends; its process id."""
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment})
    try:
        wait_for(url, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    started = time.perf_counter()
    while time.perf_counter() - started < PATIENCE and process.poll() is None:
        try:
            requests.get(f"{url}/healthz", timeout=5)
            return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row."""
    from tests.demo_process import served as is_served

    first = 24000 + os.getpid() % 300 * 10
    return next(port for port in range(first, 32000, 10) if not any(is_served(port + step) for step in range(count)))


if __name__ == "__main__":
    main(*(int(given) for given in [*sys.argv[1:], *("5", "400", "8")[len(sys.argv) - 1 :]]))
