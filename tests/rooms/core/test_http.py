"""The one way out: pinned addresses, no private networks but the named ones, limits, and never inside a transaction."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from lti_tool.core.clock import stopwatch
from lti_tool.core.db import Database
from lti_tool.core.errors import Upstream
from lti_tool.core.http import HttpClient


def code_of(client: HttpClient, url: str) -> str:
    with pytest.raises(Upstream) as caught:
        client.get(url)
    return caught.value.code


def test_an_answer_of_any_status_is_an_answer(http: HttpClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/gone").respond_with_json({"why": "gone"}, status=410)
    answer = http.get(httpserver.url_for("/gone"))
    assert (answer.status, answer.ok, answer.json()) == (410, False, {"why": "gone"})


def test_json_goes_out_compact_and_comes_in_whatever_it_is_called(http: HttpClient, httpserver: HTTPServer) -> None:
    seen: list[bytes] = []

    def echo(request: Request) -> Response:
        seen.append(request.get_data())
        return Response(request.get_data(), content_type="text/html")

    httpserver.expect_request("/echo", method="POST").respond_with_handler(echo)
    assert http.post(httpserver.url_for("/echo"), json={"name": "Zoë", "n": 1}).json() == {"name": "Zoë", "n": 1}
    assert seen == ['{"name":"Zoë","n":1}'.encode()]


def test_what_is_no_json_is_the_other_sides_fault(http: HttpClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/page").respond_with_data("<html>")
    with pytest.raises(Upstream) as caught:
        http.get(httpserver.url_for("/page")).json()
    assert caught.value.code == "core.http_not_json"


@pytest.mark.parametrize(
    "url",
    [
        "https://10.1.2.3/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00::1]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
    ],
)
def test_an_address_in_a_private_network_is_refused(url: str) -> None:
    assert code_of(HttpClient(), url) == "core.http_refused"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "lms.localhost", "[::1]", "[::ffff:127.0.0.1]"])
def test_this_machine_is_refused_unless_it_is_named(host: str, httpserver: HTTPServer) -> None:
    assert code_of(HttpClient(), f"https://{host}:{httpserver.port}/") == "core.http_refused"


@pytest.mark.parametrize("url", ["http://203.0.113.7/", "ftp://203.0.113.7/", "file:///etc/passwd", "//host/", "http:"])
def test_only_https_leaves_the_house(url: str) -> None:
    assert code_of(HttpClient(), url) == "core.http_refused"


def test_a_named_network_is_allowed(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("here")
    assert HttpClient(["127.0.0.0/8"]).get(httpserver.url_for("/")).text == "here"
    assert code_of(HttpClient(["10.0.0.0/8"]), httpserver.url_for("/")) == "core.http_refused"


def test_names_under_localhost_are_this_machine(http: HttpClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("here")
    assert http.get(f"http://some.lms.localhost:{httpserver.port}/").text == "here"


def test_a_second_answer_of_the_name_server_leads_nowhere_else(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: each address is judged by the very lookup whose answer is connected to."""
    real = socket.getaddrinfo
    answers = ["127.0.0.1", "127.0.0.2"]

    def answer(host: str, *rest: Any, **more: Any) -> Any:
        return real(answers.pop(0) if host == "rebind.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    client = HttpClient(["127.0.0.1/32"])
    assert code_of(client, f"http://rebind.example:{httpserver.port}/") == "core.http_refused"
    assert answers == []


def test_a_redirect_is_not_followed(http: HttpClient, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/from").respond_with_data("", status=302, headers={"Location": "/to"})
    assert http.get(httpserver.url_for("/from")).status == 302


def test_a_cookie_is_not_kept(http: HttpClient, httpserver: HTTPServer) -> None:
    cookies: list[str | None] = []

    def answer(request: Request) -> Response:
        cookies.append(request.headers.get("Cookie"))
        return Response("", headers={"Set-Cookie": "a=b"})

    httpserver.expect_request("/").respond_with_handler(answer)
    http.get(httpserver.url_for("/"))
    http.get(httpserver.url_for("/"))
    assert cookies == [None, None]


def test_a_flood_is_cut_off(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(b"x" * 100_000)
    assert code_of(HttpClient(["127.0.0.0/8"], max_bytes=50_000), httpserver.url_for("/")) == "core.http_no_answer"


@contextmanager
def dripping(start: bytes, drop: bytes) -> Iterator[str]:
    """A server that says `start` at once and from then on one drop every twentieth of a second, for two seconds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def serve() -> None:
            with server.accept()[0] as connection:
                connection.recv(4096)
                connection.sendall(start)
                for _ in range(40):
                    if over.wait(0.05):
                        return
                    try:
                        connection.sendall(drop)
                    except OSError:
                        return

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            over.set()
            serving.join()


def given_up_after(url: str) -> float:
    """Seconds until a client that has half a second in all gives up, though each single wait may take a second."""
    began = stopwatch()
    hurried = HttpClient(["127.0.0.0/8"], total_timeout=0.5, read_timeout=1.0)
    assert code_of(hurried, url) == "core.http_no_answer"
    return stopwatch() - began


def test_an_answer_that_drips_is_cut_off_in_time() -> None:
    with dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"x") as url:
        assert given_up_after(url) < 1


def test_headers_that_drip_are_cut_off_in_time() -> None:
    with dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n") as url:
        assert given_up_after(url) < 1


def test_nobody_there_is_told_as_such(http: HttpClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert code_of(http, f"http://127.0.0.1:{taken.getsockname()[1]}/") == "core.http_no_answer"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x?token=geheim", "https://10.0.0.1/x?token=geheim", "ftp://h/?token=geheim"]
)
def test_a_query_does_not_reach_the_log(url: str, http: HttpClient) -> None:
    """Canvas puts the registration token into the address of its configuration."""
    with pytest.raises(Upstream) as caught:
        http.get(url)
    assert "geheim" not in str(caught.value.log) and url.partition("?")[0] in str(caught.value.log["url"])


def test_nothing_is_sent_inside_a_transaction(http: HttpClient, httpserver: HTTPServer, db: Database) -> None:
    httpserver.expect_request("/").respond_with_data("here")
    for block in (db.transaction, db.reading):
        with pytest.raises(AssertionError, match="inside a database transaction"), block():
            http.get(httpserver.url_for("/"))
    assert httpserver.log == []
