"""The tool's public keys, fetched by this server as Moodle does: cached, and anew for a key that is not known yet.

`*.localhost` is this computer for browsers (RFC 6761) but for no resolver that Python asks, so it is mapped here.
"""

import threading
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit, urlunsplit

import jwt
import requests


class UnknownKey(Exception):
    """The tool's key set has no key of this id, also after a fresh look."""


class ToolKeys:
    """A cache of one key set. `fetch` takes the address and gives the decoded JSON; raises requests' exceptions."""

    def __init__(self, url: str, fetch: Callable[[str], object] | None = None) -> None:
        self._url = url
        self._fetch = fetch or fetch_json
        self._keys: dict[str, jwt.PyJWK] = {}
        self._lock = threading.Lock()

    def verify(self, token: str) -> dict[str, object]:
        """The claims of a token that the tool signed; times and audience are left to the caller.

        Raises UnknownKey, jwt.PyJWTError or requests.RequestException.
        """
        header = jwt.get_unverified_header(token)
        key = self._key(str(header.get("kid", "")))
        options: jwt.types.Options = {
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
            "verify_aud": False,
            "verify_iss": False,
        }
        claims: dict[str, object] = jwt.decode(token, key, algorithms=["RS256"], options=options)
        return claims

    def _key(self, kid: str) -> jwt.PyJWK:
        with self._lock:
            if kid not in self._keys:
                self._keys = _read(self._fetch(self._url))
            if kid not in self._keys:
                raise UnknownKey(kid)
            return self._keys[kid]


def _read(document: object) -> dict[str, jwt.PyJWK]:
    rows = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(rows, list):
        raise UnknownKey("the tool's key set is no key set")
    keys = [jwt.PyJWK(row, algorithm="RS256") for row in rows if isinstance(row, dict) and row.get("kty") == "RSA"]
    return {key.key_id: key for key in keys if key.key_id}


def fetch_json(url: str, agent: str = "MoodleBot/4.5") -> object:
    """A JSON document from this computer, whatever the system's resolver thinks of its name."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    where = url
    if host.endswith(".localhost"):
        port = f":{parts.port}" if parts.port else ""
        where = urlunsplit(parts._replace(netloc=f"127.0.0.1{port}"))
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(where, headers={"Host": parts.netloc, "User-Agent": agent}, timeout=5)
        answer.raise_for_status()
        document: object = answer.json()
        return document
