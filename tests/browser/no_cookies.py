"""Stands between a browser and the tool and takes every cookie out of its answers.

So a browser that keeps storage in frames, but knows no `Partitioned` cookie, can be had from one that does.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_BETWEEN = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@contextmanager
def before(url: str, *, without: str = "set-cookie", pages: Mapping[str, str] | None = None) -> Iterator[str]:
    """A rule for the browser's resolver, by which the site at `url` is found behind the proxy.

    It takes the header `without` out of each answer, and has `pages` of its own for the site.
    """
    site = urlsplit(url)

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            own = (pages or {}).get(self.path)
            if own is not None:
                return self._give(200, [("Content-Type", "text/html; charset=utf-8")], own.encode())
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            # Closed before the browser is answered: it may have gone meanwhile.
            with closing(HTTPConnection("127.0.0.1", site.port, timeout=60)) as upstream:
                upstream.request(self.command, self.path, body, dict(self.headers.items()))
                answer = upstream.getresponse()
                content = answer.read()
            self._give(answer.status, answer.getheaders(), content)

        def _give(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in _BETWEEN | {without}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _pass

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    proxy.daemon_threads = True
    thread = threading.Thread(target=proxy.serve_forever)
    thread.start()
    try:
        yield f"MAP {site.netloc} 127.0.0.1:{proxy.server_port}"
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
