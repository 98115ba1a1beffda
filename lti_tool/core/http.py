"""The one way out to other systems.

Every name is resolved once and the connection goes to that very address, so that a second DNS answer cannot lead
elsewhere. Private networks and plain http are refused except where `http.allow_networks` says so. No redirects, no
proxies from the environment, no cookies; answers are cut off at a size and at a time. `*.localhost` means this
machine, as browsers have it (RFC 6761), though the system's resolver may not know. Inside a database transaction
nothing is sent at all: a slow LMS must never hold a lock of ours.
"""

import io
import ipaddress
import json
import socket
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.poolmanager import PoolManager

from lti_tool import __version__
from lti_tool.core.addresses import Address, is_public, plain_address
from lti_tool.core.clock import stopwatch
from lti_tool.core.db import in_transaction
from lti_tool.core.errors import Side, ToolError, Upstream

USER_AGENT = f"lti-tool/{__version__}"
_CHUNK = 16 * 1024
_deadline: ContextVar[float] = ContextVar("deadline")


class AddressRefused(OSError):
    """The name leads to an address that we do not talk to."""


@dataclass(frozen=True)
class HttpAnswer:
    """What came back: any status, the headers (names in any case), and the body."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON, whatever its media type claims (Moodle marks JSON as text/html); Upstream if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as fault:
            raise Upstream(
                "core.http_not_json",
                "The other system answered with something that is not JSON.",
                "Try again in a few minutes; if it stays, ask the LMS's administrator.",
                side=Side.LMS,
                log={"status": self.status, "start": self.text[:200]},
            ) from fault


class HttpClient:
    """Sends requests under one policy. Safe to share between threads."""

    def __init__(
        self,
        allow_networks: Iterable[str] = (),
        *,
        connect_timeout: float = 3.0,
        read_timeout: float = 10.0,
        total_timeout: float = 15.0,
        max_bytes: int = 256 * 1024,
    ) -> None:
        self._allowed = tuple(ipaddress.ip_network(network) for network in allow_networks)
        self._timeouts = (connect_timeout, read_timeout)
        self._total = total_timeout
        self._max_bytes = max_bytes
        self._session = _session(self._pick)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int | None = None) -> HttpAnswer:
        """GET; raises Upstream when there is no answer at all (any status is an answer). `max_bytes` for this one."""
        return self._send("GET", url, None, headers, max_bytes or self._max_bytes)

    def post(
        self,
        url: str,
        *,
        data: bytes | str | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """POST of raw data, compact JSON or a form (exactly one of them)."""
        body, media_type = _body(data, json, form)
        given = {"Content-Type": media_type} if media_type else {}
        return self._send("POST", url, body, {**given, **(headers or {})}, self._max_bytes)

    def put(self, url: str, *, json: object, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """PUT of compact JSON."""
        body, media_type = _body(None, json, None)
        return self._send("PUT", url, body, {"Content-Type": media_type, **(headers or {})}, self._max_bytes)

    def delete(self, url: str, *, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """DELETE."""
        return self._send("DELETE", url, None, headers, self._max_bytes)

    def _pick(self, host: str, port: int) -> str:
        """The one address to connect to for `host`; raises AddressRefused when none is allowed."""
        if host == "localhost" or host.endswith(".localhost"):
            found = ["127.0.0.1"]
        else:
            found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        for text in found:
            if self._is_allowed(plain_address(text)):
                return text
        raise AddressRefused(f"{host} leads to {', '.join(sorted(set(found)))}, which is not a public address")

    def _is_allowed(self, address: Address) -> bool:
        if any(address in network for network in self._allowed):
            return True
        return is_public(address)

    def _check(self, url: str) -> None:
        if in_transaction():
            raise AssertionError("network inside a database transaction: finish the transaction first")
        parts = urlsplit(url)
        if parts.scheme == "https" and parts.hostname:
            return
        # Plain http is for a machine talking to itself, or for networks the operator has named.
        if parts.scheme == "http" and parts.hostname and self._is_inside(parts.hostname, parts.port or 80):
            return
        raise _refused(url, "only https addresses are contacted")

    def _is_inside(self, host: str, port: int) -> bool:
        try:
            address = plain_address(self._pick(host, port))
        except OSError as fault:
            raise _refused(host, str(fault)) from fault
        return any(address in network for network in self._allowed)

    def _send(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str] | None, most: int
    ) -> HttpAnswer:
        self._check(url)
        _deadline.set(stopwatch() + self._total)
        try:
            with self._session.request(
                method,
                url,
                data=body,
                headers=dict(headers or {}),
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            ) as answer:
                content = _read(answer, most)
                return HttpAnswer(answer.status_code, answer.reason or "", CaseInsensitiveDict(answer.headers), content)
        except (requests.RequestException, HTTPError, OSError) as fault:
            raise _no_answer(url, fault) from fault


def _read(answer: requests.Response, most: int) -> bytes:
    body = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        body += chunk
        if len(body) > most:
            raise OSError(f"more than {most} bytes")
    return bytes(body)


def _body(data: bytes | str | None, json_value: object, form: Mapping[str, str] | None) -> tuple[bytes, str]:
    if form is not None:
        return urlencode(form).encode(), "application/x-www-form-urlencoded"
    if json_value is not None:
        # Compact on purpose: a pretty-printed body that Moodle refuses is answered with 200.
        return json.dumps(json_value, ensure_ascii=False, separators=(",", ":")).encode(), "application/json"
    return (data.encode() if isinstance(data, str) else data or b""), ""


def for_log(url: str, text: str) -> str:
    """A text about an address without what stands in its query: Canvas puts a token there."""
    query = url.partition("?")[2]
    return text.replace(f"?{query}", "?…")[:500] if query else text[:500]


def _refused(url: str, reason: str) -> ToolError:
    return Upstream(
        "core.http_refused",
        "This tool does not contact that address.",
        "An operator can allow it under http.allow_networks in the settings.",
        log={"url": for_log(url, url), "reason": for_log(url, reason)},
    )


def _no_answer(url: str, fault: Exception) -> ToolError:
    # urllib3 wraps what the connection raised, so the cause is looked for in the whole chain and text.
    if isinstance(fault, AddressRefused) or "not a public address" in str(fault):
        return _refused(url, str(fault))
    return Upstream(
        "core.http_no_answer",
        "The other system did not answer.",
        "Try again in a few minutes.",
        side=Side.LMS,
        log={"url": for_log(url, url), "reason": for_log(url, repr(fault))},
    )


def _session(pick: Callable[[str, int], str]) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["User-Agent"] = USER_AGENT
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _PinningAdapter(pick)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class _PinningAdapter(HTTPAdapter):
    """Connects to the address that `pick` chose, and to no other that a later lookup might give."""

    def __init__(self, pick: Callable[[str, int], str]) -> None:
        self._pick = pick
        super().__init__(pool_maxsize=20)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._pick)


class _Hurried(io.RawIOBase):
    """What a connection reads, header and body, until the time of the whole request is over: however it drips."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw, self._sock = raw, sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = _deadline.get() - stopwatch()
        if left <= 0:
            raise TimeoutError("not finished in time")
        self._sock.settimeout(min(left, self._sock.gettimeout() or left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(HTTPResponse):
    def __init__(self, sock: socket.socket, *rest: Any, **named: Any) -> None:
        super().__init__(sock, *rest, **named)
        self.fp: Any = io.BufferedReader(_Hurried(self.fp.detach(), sock))


def _pool_classes(pick: Callable[[str, int], str]) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        response_class = _Answer

        def _new_conn(self) -> socket.socket:
            name, self._dns_host = self._dns_host, pick(self._dns_host, self.port or 80)
            try:
                return super()._new_conn()
            finally:
                self._dns_host = name

    class Secure(HTTPSConnection):
        response_class = _Answer

        def _new_conn(self) -> socket.socket:
            # TLS still asks for, and checks, the name: only the address is pinned.
            name, self._dns_host = self._dns_host, pick(self._dns_host, self.port or 443)
            try:
                return super()._new_conn()
            finally:
                self._dns_host = name

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
