"""PyLTI1p3 as its documentation uses it with Flask: the other side of `launch_baseline`.

Each choice that the documentation leaves to the reader is a word in the variable `LTI_BASELINE`, behind the platform's
address: `cached` keeps the platform's keys (by default the library fetches them at every launch), `durable=FILE` keeps
state, nonce and launch data where another worker finds them and no crash loses them, instead of in the worker's memory.
"""

import json
import os
import sqlite3
import sys
import threading
from typing import Any, Protocol

from flask import Flask

CLIENT, DEPLOYMENT = "lti-load-client", "1"
"""Under which the load's platform knows the tools."""
PLAIN = "LTI_BASELINE"
"""The variable: the platform's address, `cached`, and `durable=FILE`, with blanks between."""


class Cache(Protocol):
    """What PyLTI1p3 takes for a cache: Flask-Caching's get and set."""

    def get(self, key: str) -> Any: ...

    def set(self, key: str, value: Any, seconds: int | None = None) -> None: ...


class Memory:
    """The least that can be a cache: this process's memory, which no second worker shares."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self._kept.get(key)

    def set(self, key: str, value: Any, seconds: int | None = None) -> None:
        self._kept[key] = value


class Durable:
    """The least that keeps what it took: one table of SQLite, one commit a value, with the settings of ours."""

    def __init__(self, file: str) -> None:
        self._file, self._mine = file, threading.local()
        self._open().execute("CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")

    def get(self, key: str) -> Any:
        row = self._open().execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set(self, key: str, value: Any, seconds: int | None = None) -> None:
        self._open().execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (key, json.dumps(value)))

    def _open(self) -> sqlite3.Connection:
        if not hasattr(self._mine, "connection"):
            self._mine.connection = sqlite3.connect(self._file, timeout=15, isolation_level=None)
            self._mine.connection.execute("PRAGMA journal_mode=WAL")
            self._mine.connection.execute("PRAGMA synchronous=FULL")
        connection: sqlite3.Connection = self._mine.connection
        return connection


def plain() -> Flask:
    """The application of the documentation's Flask example, without its game."""
    from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
    from pylti1p3.tool_config import ToolConfDict

    platform, *choices = os.environ[PLAIN].split()
    file = next((choice.partition("=")[2] for choice in choices if choice.startswith("durable=")), None)
    facts = {
        "client_id": CLIENT,
        "auth_login_url": f"{platform}/auth",
        "auth_token_url": f"{platform}/token",
        "key_set_url": f"{platform}/jwks",
        "key_set": None,
        "deployment_ids": [DEPLOYMENT],
    }
    conf = ToolConfDict({platform: [facts]})
    cache: Cache = Memory() if file is None else Durable(file)
    store = FlaskCacheDataStorage(cache)
    app = Flask("plain")

    @app.route("/lti/login", methods=["GET", "POST"])
    def login() -> object:
        asked = FlaskRequest()
        return FlaskOIDCLogin(asked, conf, launch_data_storage=store).redirect(asked.get_param("target_link_uri"))

    @app.post("/lti/launch")
    def launch() -> str:
        message = FlaskMessageLaunch(FlaskRequest(), conf, launch_data_storage=store)
        if "cached" in choices:
            message.set_public_key_caching(store, cache_lifetime=7200)
        return f"<!doctype html><title>Activity</title><p>Welcome, {message.get_launch_data()['name']}.</p>"

    return app


if __name__ == "__main__":  # As the example's own `app.run()`: Flask's server, a thread for each request.
    import logging

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    plain().run("127.0.0.1", int(sys.argv[1]), threaded=True)
