"""Our own files: scripts, the stylesheet, an icon. Their folder's name in addresses is the hash of all that is in it.

So an address always means the same bytes and may be kept for good, scripts may import each other by name, and a new
release is fetched anew.
"""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, send_from_directory

FOLDER = Path(__file__).resolve().parent / "static"
_ONE_YEAR = 365 * 24 * 3600


def set_up(app: Flask) -> None:
    """Serves the files; to be used with an application that has no static folder of its own."""
    app.add_url_rule("/static/<release>/<path:filename>", endpoint="static", view_func=_serve)


@cache
def build() -> str:
    """The hash of all files together."""
    found = hashlib.sha256()
    for path in sorted(FOLDER.iterdir()):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]


def static_url(name: str) -> str:
    """The address of a file."""
    return f"/static/{build()}/{name}"


def _serve(release: str, filename: str) -> Response:
    answer = send_from_directory(FOLDER, filename, max_age=_ONE_YEAR)
    answer.cache_control.immutable = True
    if release != build():
        # A page of the release before asks by its own name: it gets what there is, and nobody keeps it.
        answer.headers["Cache-Control"] = "no-store"
    return answer
