"""One address may not ask without end; a whole campus behind one may begin its exam; and no flood fills our tables."""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import Client, TestResponse

from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Invalid
from lti_tool.core.settings import Limits, Settings, SettingsError, load
from lti_tool.lti import tables
from lti_tool.web import Wiring, create_app, wire
from lti_tool.web.limits import OwnCounts, TooMany
from tests.stage import free_port, furnish, served, settings_for

URL = "http://127.0.0.1:9801"
STRANGER, NEIGHBOUR = "203.0.113.7", "203.0.113.8"
CERTIFICATE = "/c/0000000000000000000000000a"
LOGIN = {"iss": "https://unknown.example", "login_hint": "6", "target_link_uri": f"{URL}/lti/launch", "client_id": "7"}

Wired = Callable[..., Wiring]
Ask = Callable[..., TestResponse]


@pytest.fixture
def wired(db_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Wired]:
    """The tool with these limits, behind so many proxies; not served."""
    made: list[Wiring] = []

    def build(proxies: int = 0, url: str = URL, **limits: object) -> Wiring:
        usual = settings_for(url, 9801, db_url, tmp_path)
        server = usual.server.model_copy(update={"trusted_proxies": proxies})
        settings = Settings(**{**dict(usual), "server": server, "limits": Limits(**limits)})
        made.append(wire(settings, clock=clock))
        return made[-1]

    yield build
    for wiring in made:
        wiring.db.dispose()


def asking(wiring: Wiring) -> Ask:
    """Sends requests, each as if from this address."""
    client = Client(create_app(wiring), use_cookies=False)

    def ask(path: str, address: str = STRANGER, *, form: dict[str, str] | None = None, **headers: str) -> TestResponse:
        method = "GET" if form is None else "POST"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(
            path,
            method=method,
            data=form,
            base_url=URL,
            headers=named,
            environ_base={"REMOTE_ADDR": address},
            buffered=True,
        )

    return ask


def statuses(ask: Ask, times: int, path: str, address: str = STRANGER, **more: Any) -> list[int]:
    return [ask(path, address, **more).status_code for _ in range(times)]


def kept(db: Database) -> int:
    with db.reading() as tx:
        return tx.execute(select(func.count()).select_from(tables.refused_launches)).scalar_one()


def test_who_guesses_certificates_is_stopped_after_sixty_in_a_minute(wired: Wired, clock: FixedClock) -> None:
    ask = asking(wired())
    assert statuses(ask, 30, CERTIFICATE) + statuses(ask, 30, "/verify") == [404] * 30 + [200] * 30
    clock.advance(18)
    refused = ask(CERTIFICATE)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "42"
    assert refused.headers["Cache-Control"] == "no-store"
    for words in ("One moment, please", "web.too_many", "Wait a minute", "Nobody has done anything wrong"):
        assert words in refused.text
    assert ask("/verify").status_code == 429
    assert ask(CERTIFICATE, NEIGHBOUR).status_code == 404  # Nobody else is held up.
    assert ask("/lti/jwks.json").status_code == 200  # Nor anything else.
    clock.advance(42)
    assert ask(CERTIFICATE).status_code == 404


def test_a_script_is_told_in_json(wired: Wired) -> None:
    ask = asking(wired(verification=1))
    ask("/verify")
    answer = ask("/verify", Accept="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (429, "web.too_many")
    assert int(answer.headers["Retry-After"]) in range(1, 61)


def test_a_network_of_the_new_internet_counts_as_one_address(wired: Wired) -> None:
    ask = asking(wired(verification=2))
    assert [ask("/verify", f"2001:db8:1:2::{n}").status_code for n in range(1, 4)] == [200, 200, 429]
    assert ask("/verify", "2001:db8:1:3::1").status_code == 200
    assert ask("/verify", "::ffff:203.0.113.7").status_code == 200


def test_a_thousand_learners_behind_one_address_begin_at_once(wired: Wired, clock: FixedClock) -> None:
    limits = create_app(wired()).extensions["lti_tool.limits"]
    moment = clock.now().timestamp()
    for _ in range(1000):  # The login, the login once more with its proof, and the launch.
        for kind in ("logins", "logins", "launches"):
            limits.check(kind, STRANGER, moment)
    for _ in range(1000):
        limits.check("logins", STRANGER, moment)
    with pytest.raises(TooMany):
        limits.check("logins", STRANGER, moment)


def test_logins_and_launches_have_an_end_all_the_same(wired: Wired) -> None:
    ask = asking(wired(launches=3))
    assert statuses(ask, 4, "/lti/launch", form={"state": "x", "id_token": "y"}) == [400, 400, 400, 429]
    assert statuses(ask, 4, "/lti/login", form=LOGIN) == [400, 400, 400, 429]


@pytest.mark.parametrize("path", ["/lti/launch/proof", "/lti/tab"])
def test_the_doors_of_browsers_without_a_cookie_have_an_end_too(wired: Wired, path: str) -> None:
    """An Origin is easily claimed by whoever is no browser; a code that is guessed costs a write."""
    ask = asking(wired(launches=3, refusals=1000))
    form = {"state": "x", "id_token": "y", "code": "z"}
    assert statuses(ask, 4, path, form=form, Origin=URL) == [400, 400, 400, 429]


def test_refusals_are_cut_short_but_nobody_is_kept_out_by_them(wired: Wired, db: Database) -> None:
    """Were all of an address held up, one joker could keep a campus from its exam."""
    ask = asking(wired(refusals=5))
    assert statuses(ask, 7, "/lti/login", form=LOGIN) == [400] * 5 + [429] * 2
    assert ask("/lti/launch", form={"state": "x", "id_token": "y"}).status_code == 429
    short = ask("/lti/login", form=LOGIN)
    assert "web.too_many" in short.text and "lti-tool timeline" not in short.text
    assert kept(db) == 5
    assert ask("/lti/login", NEIGHBOUR, form=LOGIN).status_code == 400
    assert ask("/lti/jwks.json").status_code == 200


def test_an_address_may_not_be_claimed(wired: Wired) -> None:
    ask = asking(wired(verification=1))
    assert ask("/verify", X_Forwarded_For="198.51.100.1").status_code == 200
    assert ask("/verify", X_Forwarded_For="198.51.100.2").status_code == 429


def test_behind_a_proxy_each_client_counts_for_itself_over_http(wired: Wired) -> None:
    port = free_port()
    wiring = wired(1, f"http://127.0.0.1:{port}", verification=2)
    with served(wiring, port):

        def get(forwarded: str) -> tuple[int, str | None]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/verify", headers={"X-Forwarded-For": forwarded})
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer.status, answer.headers["Retry-After"]

        # What the client itself claims stands before what the proxy adds, and is not believed.
        assert [get(f"198.51.100.{n}, {STRANGER}")[0] for n in range(3)] == [200, 200, 429]
        assert get(STRANGER)[1] == "60"
        assert get(NEIGHBOUR)[0] == 200


def test_this_very_machine_is_not_counted(wired: Wired) -> None:
    """A proxy that nobody told us of would make everybody one address."""
    ask = asking(wired(verification=1))
    assert statuses(ask, 5, "/verify", "127.0.0.1") + statuses(ask, 5, "/verify", "::1") == [200] * 10


def test_a_flood_of_strangers_costs_few_writes_and_crowds_out_nobody(wired: Wired, db: Database) -> None:
    """From ever other addresses, so that no address has too many."""
    wiring = wired()
    ask = asking(wiring)
    for number in range(100):
        assert ask("/lti/login", f"198.51.{number}.1", form=LOGIN).status_code == 400
    assert kept(db) == 20
    for number in range(100):
        broken = {**LOGIN, "login_hint": ""} if number % 2 else {**LOGIN, "iss": "x" * 501}
        assert ask("/lti/login", f"198.51.{number}.2", form=broken).status_code == 400
    assert kept(db) == 20


def test_a_flood_in_the_name_of_one_platform_crowds_out_no_other(wired: Wired, db: Database) -> None:
    """A platform's name is no secret, and a login is refused in it without anybody's signature."""
    wiring = wired()
    for client in ("flooded", "other"):
        furnish(wiring, platform(client))
    ask = asking(wiring)
    for number in range(70):
        assert ask("/lti/login", f"198.51.{number}.1", form=nothing_kept("flooded")).status_code == 400
    assert kept(db) == 30
    refused = ask("/lti/login", NEIGHBOUR, form=nothing_kept("other"))
    assert refused.status_code == 400 and kept(db) == 31


def platform(client: str) -> dict[str, object]:
    urls = {name: f"https://lms.example/{name}" for name in ("auth_url", "token_url", "jwks_url")}
    return {"issuer": "https://lms.example", "client_id": client, "name": client, **urls}


def nothing_kept(client: str) -> dict[str, str]:
    return {**LOGIN, "iss": "https://lms.example", "client_id": client, "lti_tool_step": "tab-kept"}


def test_counts_of_many_addresses_take_no_room_without_end() -> None:
    counts = OwnCounts()
    for number in range(100_100):
        assert counts.add(str(number), 1) == 1
    assert len(counts._counts) == 100_000
    assert counts.add("5", 1) == 2
    assert counts.add("5", 2) == 1
    assert len(counts._counts) == 1


def test_a_redis_that_is_gone_refuses_nobody(wired: Wired) -> None:
    pytest.importorskip("redis")
    ask = asking(wired(verification=3, redis=f"redis://127.0.0.1:{free_port()}/0"))
    assert statuses(ask, 4, "/verify") == [200, 200, 200, 429]
    assert ask("/verify", NEIGHBOUR).status_code == 200


def test_two_processes_count_together_in_redis(wired: Wired) -> None:
    pytest.importorskip("redis")
    with RedisOfTheTest() as redis:
        one, other = (asking(wired(verification=4, redis=redis.url)) for _ in range(2))
        assert statuses(one, 2, "/verify") + statuses(other, 3, "/verify") == [200] * 4 + [429]
        assert set(redis.lives.values()) == {120}
        assert STRANGER in next(iter(redis.counts))
    # It is lost: each counts for itself from here, and has counted meanwhile.
    assert statuses(other, 2, "/verify") == [200, 429]


def test_the_address_of_a_redis_must_be_one() -> None:
    with pytest.raises(SettingsError, match=r"limits\.redis"):
        load(environment={"LTI_TOOL_LIMITS__REDIS": "http://example.org"})
    assert "secret" not in repr(Limits(redis="redis://:secret@cache/0"))


def test_a_redis_without_its_package_is_told_in_plain_words(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(Invalid, match=r"web\.no_redis"):
        create_app(wired(redis="redis://127.0.0.1/0"))


class RedisOfTheTest:
    """As much of a Redis as counting needs: INCRBY and EXPIRE over its wire protocol, each answered with a number."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.lives: dict[str, int] = {}
        self._guard = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._open: list[tuple[socket.socket, threading.Thread]] = []
        self.url = f"redis://127.0.0.1:{self._door.getsockname()[1]}/0"

    def __enter__(self) -> "RedisOfTheTest":
        self._serving.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._door.shutdown(socket.SHUT_RDWR)  # Closed alone, it would let one more in.
        self._serving.join(5)
        self._door.close()
        for connection, talk in self._open:
            connection.shutdown(socket.SHUT_RDWR)
            talk.join(5)
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._door.accept()
            except OSError:
                return
            talk = threading.Thread(target=self._talk, args=(connection,), daemon=True)
            self._open.append((connection, talk))
            talk.start()

    def _talk(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as incoming:
            try:
                while head := incoming.readline():
                    words = [self._word(incoming) for _ in range(int(head[1:]))]
                    connection.sendall(self._answer([word.decode() for word in words]))
            except (OSError, ValueError):
                return

    @staticmethod
    def _word(incoming: Any) -> bytes:
        length = int(incoming.readline()[1:])
        return bytes(incoming.read(length + 2)[:-2])

    def _answer(self, words: list[str]) -> bytes:
        with self._guard:
            if words[0] == "INCRBY":
                self.counts[words[1]] = self.counts.get(words[1], 0) + 1
                return b":%d\r\n" % self.counts[words[1]]
            if words[0] == "EXPIRE":
                self.lives[words[1]] = int(words[2])
                return b":1\r\n"
            return b"-ERR unknown command\r\n" if words[0] == "HELLO" else b"+OK\r\n"
