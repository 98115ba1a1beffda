"""How often one address may ask: enough for a campus behind one address, too little for who guesses or floods.

Counted by the minute, at the few doors that are open to strangers, and nowhere else. Refused logins and launches count
apart, and only refusals are cut short by it: whoever floods us from a campus keeps nobody else of it out. The counts
are in this process's memory, or in a Redis that several processes share; a Redis that is lost refuses nobody, as each
process then counts for itself. `docs/decisions` tells why no library does it.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Protocol

from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_tool.core import logs
from lti_tool.core.errors import Invalid, NotAllowed, Side, ToolError
from lti_tool.core.settings import Settings
from lti_tool.web.access import ACCESS, Audience
from lti_tool.web.wiring import parts

log = logs.get("web")

_KEY = "lti_tool.limits"
_MINUTE = 60
_MOST_ADDRESSES = 100_000
_KEPT, _KEPT_OF_ONE, _KEPT_OF_UNKNOWN = 60, 30, 20
_KEPT_OF_SESSION = 10
_REDIS_PATIENCE = 0.2
_REDIS_PAUSE = 30
_DOORS = {
    "public.verification": "verification",
    "public.check": "verification",
    "launch.login": "logins",
    "launch.launched": "launches",
    "launch.proved": "launches",
    "browser.tab": "launches",
    "notices.take": "launches",
    "register.offer": "registration",
    "register.accept": "registration",
    "sign_in.enter": "sign_ins",
    "sign_in.finish_setup": "sign_ins",
    "register.examined": "registration",
}
"""Endpoint → what is counted there; every other address is open to signed-in people, or costs nothing."""


class TooMany(ToolError):
    """Status 429: one address asked more often than is answered; after `wait` seconds it is answered again."""

    usual_side = Side.NOBODY

    def __init__(self, kind: str, wait: int) -> None:
        super().__init__(
            "web.too_many",
            "More requests came from your network within a minute than this tool answers.",
            "Wait a minute, then try again. Nothing is lost.",
            log={"kind": kind},
        )
        self.wait = wait


class Counts(Protocol):
    """Counts by key and minute."""

    def add(self, key: str, minute: int) -> int:
        """Counts one more; how many there are now in this minute."""


class OwnCounts:
    """The counts of this process: of the running minute alone, and of so many addresses at most."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: dict[str, int] = {}
        self._guard = threading.Lock()

    def add(self, key: str, minute: int) -> int:
        with self._guard:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            count = self._counts.get(key, 0) + 1
            if count > 1 or len(self._counts) < _MOST_ADDRESSES:
                self._counts[key] = count
            return count


class SharedCounts:
    """The counts of all processes, in Redis; while it does not answer, each process counts for itself."""

    def __init__(self, url: str) -> None:
        try:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ModuleNotFoundError:
            raise Invalid(
                "web.no_redis",
                "The settings name a Redis (limits.redis), but the Python package for it is not installed.",
                "Install it (pip install redis), or leave the setting out: each process then counts for itself.",
            ) from None
        self._fault = redis.RedisError
        # Nobody waits for it: no second try, and the protocol that every Redis speaks.
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=_REDIS_PATIENCE,
            socket_connect_timeout=_REDIS_PATIENCE,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
        self._own = OwnCounts()
        self._again_from = 0.0

    def add(self, key: str, minute: int) -> int:
        own = self._own.add(key, minute)
        moment = parts().now().timestamp()
        if moment < self._again_from:
            return own
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                name = f"lti_tool:{minute}:{key}"
                pipe.incr(name)
                pipe.expire(name, 2 * _MINUTE)
                return int(pipe.execute()[0])
        except (self._fault, ValueError) as trouble:
            log.warning("limits.redis_lost", trouble=str(trouble)[:200])
            self._again_from = moment + _REDIS_PAUSE
            return own


@dataclass(frozen=True)
class Limits:
    """The limits of one application."""

    per_minute: Mapping[str, int]
    counts: Counts
    kept: OwnCounts

    def check(self, kind: str, address: str, moment: float) -> None:
        """Counts one request; raises TooMany for one too many."""
        minute, gone = divmod(int(moment), _MINUTE)
        if is_too_many(self.counts.add(f"{kind}:{address}", minute), self.per_minute[kind]):
            raise TooMany(kind, _MINUTE - gone)


def set_up(app: Flask, settings: Settings) -> None:
    """Counts before anything is looked up; and takes the client's address from as many proxies as there are."""
    if settings.server.trusted_proxies:
        fixed = ProxyFix(app.wsgi_app, x_for=settings.server.trusted_proxies, x_proto=0, x_host=0)
        app.wsgi_app = fixed  # type: ignore[method-assign]  # As Flask's documentation has it.
    said = settings.limits
    counts: Counts = SharedCounts(said.redis) if said.redis else OwnCounts()
    per_minute = {
        "verification": said.verification,
        "registration": said.verification,
        "logins": said.launches,
        "launches": said.launches,
        "refusals": said.refusals,
        "sign_ins": said.sign_ins,
    }
    app.extensions[_KEY] = Limits(per_minute, counts, OwnCounts())
    app.before_request(check_rate)


def check_rate() -> None:
    """Before every request: raises TooMany where an address has asked too often at one of the doors."""
    kind = _DOORS.get(request.endpoint or "")
    if kind is not None:
        _count(kind)


def judge_refusal(fault: ToolError) -> ToolError:
    """The refusal of a login or launch as it is answered: cut short where its address had too many of them."""
    if ACCESS.get(request.blueprint or "") is not Audience.LMS or not isinstance(fault, Invalid | NotAllowed):
        return fault
    try:
        _count("refusals")
    except TooMany as instead:
        return instead
    return fault


def may_keep_refusal(registration_id: int | None) -> bool:
    """Whether one more refusal may be written down in this minute: a flood must not cost a write for each request.

    Each platform has a part of it alone, as its name is no secret, and so have the unknown ones together, whose names
    anybody can make up: they crowd out nobody else.
    """
    kept = _limits().kept
    minute = int(parts().now().timestamp()) // _MINUTE
    part = _KEPT_OF_UNKNOWN if registration_id is None else _KEPT_OF_ONE
    if is_too_many(kept.add(f"platform:{registration_id}", minute), part):
        return False
    return not is_too_many(kept.add("all", minute), _KEPT)


def may_keep_fault(session_id: str) -> bool:
    """Whether one more error within this session may be written down in this minute; refusals are counted apart."""
    kept = _limits().kept
    minute = int(parts().now().timestamp()) // _MINUTE
    if is_too_many(kept.add(f"session:{session_id}", minute), _KEPT_OF_SESSION):
        return False
    return not is_too_many(kept.add("all sessions", minute), _KEPT)


def is_too_many(count: int, limit: int) -> bool:
    """Whether the `count`-th request of a minute is beyond the limit."""
    return count > limit


def client_address() -> str | None:
    """Whose requests are counted together; None for this very machine.

    There a proxy stands that nobody told us of, or whoever measures us: many people, or none. An IPv6 network of 64
    bits is one customer's.
    """
    try:
        address = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return None
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_loopback:
        return None
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))


def _count(kind: str) -> None:
    address = client_address()
    if address is not None:
        _limits().check(kind, address, parts().now().timestamp())


def _limits() -> Limits:
    limits: Limits = current_app.extensions[_KEY]
    return limits
