"""Addresses and whose they are: our own, a platform's, or a stranger's.

Compared as browsers see them: scheme, host and port, default ports left out. What a browser might read otherwise than
we do (userinfo, backslashes, spaces, control characters) has no origin at all.
"""

import ipaddress
import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import SplitResult, urlencode, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_DOUBTFUL = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
# Names and numbers as browsers show them: no escapes, and nothing that would mean something in a header of ours.
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+")


def _split(url: str) -> SplitResult | None:
    if _DOUBTFUL.search(url) or not url.isascii():
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (reading it is what checks it)
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or not _HOST.fullmatch(parts.hostname or ""):
        return None
    return parts


@lru_cache(maxsize=512)
def origin_of(url: str) -> str | None:
    """Scheme, host and port of an http(s) address; None when it has none that every reader would agree on."""
    parts = _split(url)
    if parts is None or parts.hostname is None:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.rstrip(".")
    port = parts.port
    if port is None or port == _DEFAULT_PORTS[parts.scheme]:
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}://{host}:{port}"


def same_origin(url: str, other: str) -> bool:
    """Whether both addresses have an origin, and the same one."""
    origin = origin_of(url)
    return origin is not None and origin == origin_of(other)


def plain_origin(url: str) -> str | None:
    """The origin that an address is, safe to send people and grades to; None when it says anything more."""
    parts = _split(url)
    if parts is None or not is_secure(url) or parts.path not in ("", "/") or "?" in url or "#" in url:
        return None
    return origin_of(url)


def is_under(origin: str, domain: str) -> bool:
    """Whether an origin is the https one, on the usual port, of a host below this domain."""
    return re.fullmatch(rf"https://(?:[a-z0-9_-]+\.)+{re.escape(domain)}", origin) is not None


def secure_origin(url: str) -> str | None:
    """The origin of an address that is https, or on this very machine; None for any other."""
    return origin_of(url) if is_secure(url) else None


def host_of(url: str) -> str | None:
    """The host of an address, for people to read; None when it has none that every reader would agree on."""
    parts = _split(url)
    return None if parts is None else parts.hostname


def path_of(url: str) -> str:
    """The path of an address; `/` where it has none."""
    return urlsplit(url).path or "/"


def with_query(url: str, more: Mapping[str, str]) -> str:
    """An address with more in its query; what is there stays as it is."""
    parts = urlsplit(url)
    return parts._replace(query="&".join(part for part in (parts.query, urlencode(more)) if part), fragment="").geturl()


def is_secure(url: str) -> bool:
    """Whether an address is https, or plain http on this very machine."""
    parts = _split(url)
    if parts is None:
        return False
    return parts.scheme == "https" or _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
