"""What a launch costs here and with PyLTI1p3 as its documentation uses it, side by side in one run.

    python benchmarks/launch_baseline.py [rounds] [launches a round]

Both tools run for real, each in one granian worker with four threads: ours as `lti-tool serve` on SQLite, and a small
Flask application on PyLTI1p3's own classes (`plain`). The load is a platform with its learners: login, signed launch,
and the page that it ends with. Rounds take turns, so that whatever else the machine does meets both; the figure that
counts is CPU milliseconds of the tool's processes per launch, as wall time depends on who else runs. With
`../shared/bench/lti_load.py` beside the checkout that is the load (eight launches at once, and its forgeries are tried
first); without it a simple loop, one launch after the other.

The comparison leans to the other side: `plain` keeps its state in the worker's memory, where a real one needs a shared
store; it stores no person, no course and no session, and its last page is one line of HTML.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import jwt
import psutil
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from werkzeug.serving import make_server

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

LOAD = ROOT.parent / "shared" / "bench" / "lti_load.py"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim"
CLIENT, DEPLOYMENT, KID = "lti-load-client", "1", "lti-load-key"
COOKIE = f"__Host-lti_browser={'b' * 43}"
LINKS, LEARNERS, WARM_UP, AT_ONCE = 10, 50, 30, 8
PATIENCE = 60.0
PLAIN = "LTI_BASELINE"
"""The variable that tells `plain` its platform: the address, and whether keys are cached."""


def plain() -> Flask:
    """PyLTI1p3 as its documentation uses it with Flask."""
    from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
    from pylti1p3.tool_config import ToolConfDict

    platform, _, cached = os.environ[PLAIN].partition(" ")
    facts = {
        "client_id": CLIENT,
        "auth_login_url": f"{platform}/auth",
        "auth_token_url": f"{platform}/token",
        "key_set_url": f"{platform}/jwks",
        "key_set": None,
        "deployment_ids": [DEPLOYMENT],
    }
    conf, store = ToolConfDict({platform: [facts]}), FlaskCacheDataStorage(Memory())
    app = Flask("plain")

    @app.route("/lti/login", methods=["GET", "POST"])
    def login() -> object:
        asked = FlaskRequest()
        return FlaskOIDCLogin(asked, conf, launch_data_storage=store).redirect(asked.get_param("target_link_uri"))

    @app.post("/lti/launch")
    def launch() -> str:
        message = FlaskMessageLaunch(FlaskRequest(), conf, launch_data_storage=store)
        if cached:
            message.set_public_key_caching(store, cache_lifetime=7200)
        return f"<!doctype html><title>Activity</title><p>Welcome, {message.get_launch_data()['name']}.</p>"

    return app


class Memory:
    """The least that can be a cache, in place of Flask-Caching's."""

    def __init__(self) -> None:
        self._kept: dict[str, object] = {}

    def get(self, key: str) -> object:
        return self._kept.get(key)

    def set(self, key: str, value: object, _seconds: int | None = None) -> None:
        self._kept[key] = value


@dataclass(frozen=True)
class Tool:
    """A served tool: where it is, whose CPU time counts, what a good last page says, and how it knows a browser."""

    name: str
    url: str
    pid: int
    expect: str
    cookie: str = ""

    def cpu(self) -> float:
        """Seconds of CPU that its processes have used."""
        first = psutil.Process(self.pid)
        times = [process.cpu_times() for process in (first, *first.children(recursive=True))]
        return sum(taken.user + taken.system for taken in times)


def main(rounds: int, launches: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="lti-tool-baseline-"))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "platform.pem").write_bytes(key.private_bytes(*form))
    first = free_ports(4)
    platform = f"http://127.0.0.1:{first}"
    with ExitStack() as stack:
        tools = [
            stack.enter_context(ours(folder, platform, first + 1)),
            stack.enter_context(baseline("PyLTI1p3", platform, first + 2)),
            stack.enter_context(baseline("PyLTI1p3, keys cached", platform, first + 3, " cached")),
        ]
        if LOAD.exists():
            print(f"forgeries refused by ours: {probe(tools[0], folder, first)}")
        else:
            stack.enter_context(key_set(key, first))
        taken: dict[str, list[float]] = {tool.name: [] for tool in tools}
        for turn in range(rounds):
            for tool in tools if turn % 2 == 0 else tools[::-1]:
                if LOAD.exists():
                    cost = generated(tool, folder, first, launches)
                else:
                    cost = looped(tool, platform, key, launches)
                taken[tool.name].append(cost)
    tell(taken, launches)


def tell(taken: dict[str, list[float]], launches: int) -> None:
    mine, *others = taken
    print(f"{len(taken[mine])} rounds of {launches} launches, in turns; median CPU milliseconds per launch")
    for name, costs in taken.items():
        print(f"{name:<24}{statistics.median(costs):7.2f} ms   [{min(costs):.2f} … {max(costs):.2f}]")
    for name in others:
        ratios = [own / other for own, other in zip(taken[mine], taken[name], strict=True)]
        print(f"ratio to {name:<24}{statistics.median(ratios):5.2f} ×   [{min(ratios):.2f} … {max(ratios):.2f}]")


# --- The two tools ---------------------------------------------------------------------------------------------------


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
        yield Tool("ours", url, pid, title, COOKIE)


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
def baseline(name: str, platform: str, port: int, how: str = "") -> Iterator[Tool]:
    """`plain`, by the same server with the same number of threads."""
    command = ["granian", "--interface", "wsgi", "--factory", "--port", str(port), "--blocking-threads", "4"]
    command += ["--log-level", "warning", "benchmarks.launch_baseline:plain"]
    url = f"http://127.0.0.1:{port}"
    with served([sys.executable, "-m", *command], url, {PLAIN: platform + how}) as pid:
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


# --- The load --------------------------------------------------------------------------------------------------------


def load(tool: Tool, folder: Path, port: int, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(LOAD), "--key-file", str(folder / "platform.pem"), "--platform-port", str(port)]
    command += ["--login-url", f"{tool.url}/lti/login", "--launch-url", f"{tool.url}/lti/launch"]
    command += ["--expect", tool.expect, "--learners", str(LEARNERS), "--links", str(LINKS), "--json", "-", *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def probe(tool: Tool, folder: Path, port: int) -> str:
    said = json.loads(load(tool, folder, port, "--probe", "--precheck").stdout)
    return "all" if said["pass"] else f"NOT {said['accepted_forgeries']}, good launch {said['good_launch']}"


def generated(tool: Tool, folder: Path, port: int, launches: int) -> float:
    """CPU milliseconds per launch under the load generator, for a browser that has been here before."""
    more = ["--count", str(launches), "--concurrency", str(AT_ONCE), "--warmup", str(WARM_UP)]
    more += ["--header", f"Cookie={tool.cookie}"] if tool.cookie else []
    done = load(tool, folder, port, *more, "--tool-pid", str(tool.pid))
    said = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    if done.returncode or said.get("failed"):
        raise SystemExit(f"{tool.name}: {said.get('errors')}\n{done.stderr[-2000:]}")
    return float(said["tool"]["cpu_ms_per_launch"])


@contextmanager
def key_set(key: rsa.RSAPrivateKey, port: int) -> Iterator[None]:
    """The platform's keys over HTTP, for the simple loop."""
    app = Flask("platform")
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    jwk = {"kty": "RSA", "n": public["n"], "e": public["e"], "kid": KID, "use": "sig", "alg": "RS256"}
    app.add_url_rule("/jwks", "jwks", lambda: {"keys": [jwk]})
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()


def looped(tool: Tool, platform: str, key: rsa.RSAPrivateKey, launches: int) -> float:
    """CPU milliseconds per launch, one after the other, by the same kind of browser."""
    with requests.Session() as browser:
        for number in range(WARM_UP):
            one_launch(browser, tool, platform, key, number)
        before = tool.cpu()
        for number in range(launches):
            one_launch(browser, tool, platform, key, number)
        return 1000 * (tool.cpu() - before) / launches


def one_launch(browser: requests.Session, tool: Tool, platform: str, key: rsa.RSAPrivateKey, number: int) -> None:
    learner, target = number % LEARNERS, f"{tool.url}/lti/launch"
    asked = {"iss": platform, "client_id": CLIENT, "login_hint": f"learner-{learner}", "target_link_uri": target}
    headers = {"Cookie": tool.cookie} if tool.cookie else {}
    login = browser.get(f"{tool.url}/lti/login", params=asked, headers=headers, allow_redirects=False, timeout=30)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(login.headers["Location"]).query).items()}
    token = jwt.encode(claims(platform, target, learner, sent["nonce"]), key, algorithm="RS256", headers={"kid": KID})
    # The jar holds no Secure cookie back from this machine's http, as a proxy for TLS is taken as given.
    known = "; ".join([tool.cookie, *(f"{cookie.name}={cookie.value}" for cookie in login.cookies)]).strip("; ")
    form = {"id_token": token, "state": sent["state"]}
    page = browser.post(target, data=form, headers={"Cookie": known}, allow_redirects=False, timeout=30)
    if page.is_redirect:  # By hand: the client would leave the cookie behind.
        page = browser.get(urljoin(target, page.headers["Location"]), headers={"Cookie": known}, timeout=30)
    assert page.status_code == 200 and tool.expect in page.text, (tool.name, page.status_code, page.text[:500])


def claims(platform: str, target: str, learner: int, nonce: str) -> dict[str, object]:
    now, link = int(time.time()), learner % LINKS
    return {
        "iss": platform,
        "aud": CLIENT,
        "sub": f"learner-{learner}",
        "nonce": nonce,
        "iat": now,
        "exp": now + 300,
        "name": f"Learner Number {learner}",
        f"{CLAIM}/message_type": "LtiResourceLinkRequest",
        f"{CLAIM}/version": "1.3.0",
        f"{CLAIM}/deployment_id": DEPLOYMENT,
        f"{CLAIM}/target_link_uri": target,
        f"{CLAIM}/roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
        f"{CLAIM}/context": {"id": "course-1", "title": "Load testing 101"},
        f"{CLAIM}/resource_link": {"id": f"link-{link}", "title": f"Activity {link}"},
    }


if __name__ == "__main__":
    main(*(int(given) for given in [*sys.argv[1:], *("5", "400")[len(sys.argv) - 1 :]]))
