"""A hostile site, `evil.localhost`: its pages write down each message they hear, and send every forgery we thought of.

What the tool's pages make of it is told by a script in them: a page believes a message when it stops listening for it.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Frame, Page, Request

SECRET = "evil-secret-that-a-stranger-chose-and-knows-0"
"""What the hostile site would like our page to take for its own."""

_SCRIPT = f"const SECRET = {json.dumps(SECRET)};\n" + Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

# In every page of the tool: which messages come, and which are believed.
_WITNESS = """
if (location.origin === %(tool)s) {
  const seen = {};
  addEventListener("message", event => {
    seen[event.origin] = (seen[event.origin] ?? 0) + 1;
    if ([1, 10, 100].includes(seen[event.origin])) witness("came", event.origin, seen[event.origin]);
  });
  const remove = window.removeEventListener;
  window.removeEventListener = (type, ...more) => {
    if (type === "message" && window.event instanceof MessageEvent)
      witness("believed", window.event.origin, JSON.stringify(window.event.data));
    return remove.call(window, type, ...more);
  };
}
"""


@dataclass
class Site:
    """The hostile site, and all that its witness in our pages told."""

    url: str
    came: dict[str, int] = field(default_factory=dict)
    believed: list[tuple[str, str]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def watch(self, context: BrowserContext, tool_url: str) -> None:
        """Puts the witness into the tool's pages, and notes what the browser asks the tool."""

        def tell(_source: object, kind: str, origin: str, what: Any) -> None:
            if kind == "came":
                self.came[origin] = max(self.came.get(origin, 0), what)
            else:
                self.believed.append((origin, what))

        def note(request: Request) -> None:
            if not request.url.startswith(tool_url):
                return
            body = request.post_data or ""
            self.asked.append((request.url, f"{body} {request.headers.get('authorization', '')}"))
            for pair in body.split("&"):
                name, _, value = pair.partition("=")
                if name == "lti_tool_secret" and value and value != SECRET:
                    self.secrets.add(value)

        context.expose_binding("witness", tell)
        context.add_init_script(_WITNESS % {"tool": json.dumps(tool_url)})
        context.on("request", note)

    def believed_of_evil(self) -> list[tuple[str, str]]:
        """What a page of the tool believed though it was forged, wherever it came from."""
        return [(origin, said) for origin, said in self.believed if origin == self.url or SECRET in said]

    def used(self) -> list[str]:
        """Where the browser showed the stranger's secret to the tool."""
        return [url for url, said in self.asked if SECRET in said]

    def heard(self, page: Page) -> list[str]:
        """All messages of others that the hostile pages in a tab heard."""
        return [said for frame in self.frames(page) for said in frame.evaluate("() => heard")]

    def sent(self, page: Page) -> int:
        """How many messages the hostile pages in a tab sent."""
        return sum(frame.evaluate("() => sent") for frame in self.frames(page))

    def frames(self, page: Page) -> list[Frame]:
        return [frame for frame in page.frames if frame.url.startswith(self.url)]


@contextmanager
def site() -> Iterator[Site]:
    """Serves the hostile site: the same page at each address."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = f"<!doctype html><title>Evil</title><body><script>{_SCRIPT}</script>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Site(f"http://evil.localhost:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
