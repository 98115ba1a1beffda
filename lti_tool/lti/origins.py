"""Addresses and whose they are: our own, a platform's, or a stranger's.

Compared as browsers see them: scheme, host and port, default ports left out. What a browser might read otherwise than
we do (userinfo, backslashes, spaces, control characters) has no origin at all.
"""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_DOUBTFUL = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


def _split(url: str) -> SplitResult | None:
    if _DOUBTFUL.search(url) or not url.isascii():
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (reading it is what checks it)
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts


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


def path_of(url: str) -> str:
    """The path of an address; `/` where it has none."""
    return urlsplit(url).path or "/"


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
