"""The LMS as a web site: who may talk to it, what its pages may load, and how it listens.

It runs on the computer of somebody who develops, so it answers to its own name only (against DNS rebinding), takes
forms from its own pages only, and listens on 127.0.0.1 only.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from lti_tool.demo import copies, pages, show
from lti_tool.demo.config import Flavour, LmsConfig
from lti_tool.demo.flavours import blueprints, make_lms
from lti_tool.demo.room import KEY, page
from lti_tool.demo.state import Lms

# Servers and other sites post here by design; each of them proves itself by a signature or a one-time number.
_OPEN_TO_OTHERS = {"oidc.authorize", "deep_linking.take", "registering.take"}


def create_lms(config: LmsConfig, lms: Lms | None = None) -> Flask:
    """The LMS as a Flask application; its state is `app.extensions["lms"]`."""
    app = Flask("lti_tool.demo")
    app.extensions[KEY] = lms or make_lms(config)
    app.config.update(MAX_CONTENT_LENGTH=1_000_000)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for blueprint in (*blueprints(config), pages.blueprint, show.blueprint, copies.blueprint):
        app.register_blueprint(blueprint)
    app.before_request(lambda: _guard(config))
    app.after_request(lambda response: _fence(config, response))
    for status, title, text in _STOPS:
        app.register_error_handler(status, _stop(status, title, text))
    return app


_STOPS = (
    (403, "Not for you", "This door is for teachers. Be somebody else on the course page."),
    (404, "Nothing here", "There is no such page in this LMS, or the activity was removed."),
)


def _stop(status: int, title: str, text: str) -> Callable[[Exception], Response]:
    return lambda _fault: page("stop.html", status, title=title, text=text)


def _guard(config: LmsConfig) -> Response | None:
    """Refuses a request under another name, and a form that another site's page sent."""
    if not has_own_name(config):
        return Response("This server answers to another name.\n", 421, content_type="text/plain")
    if not comes_from_own_page(config):
        return Response("This form was not sent by a page of this LMS.\n", 403, content_type="text/plain")
    return None


def has_own_name(config: LmsConfig) -> bool:
    """Whether the request names this very server: a name that was rebound to it is another."""
    return request.host == config.netloc


def comes_from_own_page(config: LmsConfig) -> bool:
    """Whether a form was sent by one of our pages, or needs not to be."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return True
    if request.blueprint == "services" or request.endpoint in _OPEN_TO_OTHERS:
        return True
    return request.headers.get("Origin") == config.lms_url


def _fence(config: LmsConfig, response: Response) -> Response:
    tool = config.tool_url
    # Canvas's pages tell the wires page what windows say to each other.
    connect = "connect-src 'self'; " if config.flavour is Flavour.CANVAS else ""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        f"{connect}frame-src 'self' {tool}; form-action 'self' {tool}; base-uri 'none'; frame-ancestors 'self'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    # The tool must see our origin with each form, as it does with Moodle.
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response


@dataclass(frozen=True, slots=True)
class Running:
    """A started LMS."""

    lms: Lms
    _server: BaseWSGIServer
    _thread: threading.Thread

    def stop(self) -> None:
        """Stops listening and waits until nobody does any more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Says nothing: the terminal belongs to the tool, and `See the wires` shows more."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` of every answer, by the LMS's own clock, right or wrong."""
        lms: Lms = cast(Flask, self.server.app).extensions[KEY]
        return super().date_time_string(lms.now().timestamp())


def serve(config: LmsConfig, *, port: int, clock: Callable[[], datetime] | None = None) -> Running:
    """Starts the LMS in a thread of its own, on this computer only."""
    lms = make_lms(config, clock)
    server = make_server("127.0.0.1", port, create_lms(config, lms), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="demo-lms", daemon=True)
    thread.start()
    return Running(lms, server, thread)
