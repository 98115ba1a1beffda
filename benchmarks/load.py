"""A platform with its learners, for tools that are served: login, signed launch, and the page that it ends with.

`../shared/bench/lti_load.py` beside the checkout is the load where it is there: several launches at once, and its
forgeries can be tried first. Without it a simple loop does, one launch after the other.
"""

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import jwt
import psutil
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from werkzeug.serving import make_server

from benchmarks.plain import CLIENT, DEPLOYMENT

LOAD = Path(__file__).resolve().parent.parent.parent / "shared" / "bench" / "lti_load.py"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim"
KID = "lti-load-key"
LINKS, LEARNERS, WARM_UP = 10, 50, 30


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


def _load(tool: Tool, folder: Path, port: int, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(LOAD), "--key-file", str(folder / "platform.pem"), "--platform-port", str(port)]
    command += ["--login-url", f"{tool.url}/lti/login", "--launch-url", f"{tool.url}/lti/launch"]
    command += ["--expect", tool.expect, "--learners", str(LEARNERS), "--links", str(LINKS), "--json", "-", *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def probe(tool: Tool, folder: Path, port: int) -> str:
    said = json.loads(_load(tool, folder, port, "--probe", "--precheck").stdout)
    return "all" if said["pass"] else f"NOT {said['accepted_forgeries']}, good launch {said['good_launch']}"


def generated(tool: Tool, folder: Path, port: int, launches: int, at_once: int) -> float:
    """CPU milliseconds per launch under the load generator, for a browser that has been here before."""
    more = ["--count", str(launches), "--concurrency", str(at_once), "--warmup", str(WARM_UP)]
    more += ["--header", f"Cookie={tool.cookie}"] if tool.cookie else []
    done = _load(tool, folder, port, *more, "--tool-pid", str(tool.pid))
    said = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    if done.returncode or said.get("failed"):
        raise SystemExit(f"{tool.name}: {said.get('errors')}\n{done.stderr[-2000:]}")
    return float(said["tool"]["cpu_ms_per_launch"])


@contextmanager
def key_set(key: rsa.RSAPrivateKey, port: int) -> Iterator[None]:
    """The platform's keys over HTTP, for the simple loop."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
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
