"""Platforms' keys are fetched seldom, forgotten soon after they are withdrawn, and never weak."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import ToolError, Upstream
from lti_tool.core.http import HttpClient
from tests.rooms.lti.lms import jwk, private_key


class Published:
    """The key set that the platform shows just now; `keys` None means that it is down."""

    def __init__(self, server: HTTPServer) -> None:
        self.keys: list[object] | None = [jwk(private_key(), "one")]
        self.asked = 0
        server.expect_request("/mod/lti/certs.php").respond_with_handler(self._answer)

    def _answer(self, _request: Request) -> Response:
        self.asked += 1
        if self.keys is None:
            return Response('{"keys": []}', status=503)
        return Response(json.dumps({"keys": self.keys}), mimetype="text/html")


@pytest.fixture
def published(httpserver: HTTPServer) -> Published:
    return Published(httpserver)


@pytest.fixture
def numbers(key_sets: lti.KeySets, registration: lti.Registration) -> Callable[[str], int]:
    """The modulus of a key, as the tool knows it."""
    return lambda kid: key_sets.key(registration, kid, RS256).public_numbers().n


Numbers = Callable[[str], int]
RS256 = lti.Algorithm.RS256
ONE = private_key().public_key().public_numbers().n


def unknown(numbers: Numbers, kid: str) -> None:
    with pytest.raises(lti.LtiRefused, match=r"lti\.unknown_key"):
        numbers(kid)


@pytest.mark.both_engines
def test_a_key_set_is_fetched_once_and_kept(published: Published, numbers: Numbers, clock: FixedClock) -> None:
    for _ in range(5):
        assert numbers("one") == ONE
    clock.advance(600)
    assert numbers("one") == ONE
    assert published.asked == 1


def test_another_process_takes_it_from_the_database(
    published: Published, numbers: Numbers, db: Database, http: HttpClient, clock: FixedClock, registration: object
) -> None:
    numbers("one")
    assert isinstance(registration, lti.Registration)
    assert lti.KeySets(db, http, clock).key(registration, "one", RS256).public_numbers().n == ONE
    assert published.asked == 1


def test_a_new_key_is_found_at_once(published: Published, numbers: Numbers) -> None:
    numbers("one")
    assert published.keys is not None
    published.keys.append(jwk(private_key(which=1), "two"))
    assert numbers("two") == private_key(which=1).public_key().public_numbers().n
    assert published.asked == 2


def test_unknown_key_ids_do_not_make_us_ask_more_than_twice_a_minute(
    published: Published, numbers: Numbers, clock: FixedClock
) -> None:
    for number in range(20):
        unknown(numbers, f"guess-{number}")
    assert published.asked == 2
    clock.advance(60)
    unknown(numbers, "guess")
    assert published.asked == 3
    assert numbers("one") == ONE


@pytest.mark.both_engines
@pytest.mark.parametrize("gap", [1, 30, 59])
def test_no_minute_has_three_fetches_wherever_it_begins(
    published: Published,
    numbers: Numbers,
    clock: FixedClock,
    db: Database,
    http: HttpClient,
    registration: lti.Registration,
    gap: int,
) -> None:
    """A try just before a fixed minute ends and two just after it would be three: no minute may have them."""
    other_process = lti.KeySets(db, http, clock)
    fetched_at: list[datetime] = []
    for second in range(200):
        for ask in (numbers, lambda kid: other_process.key(registration, kid, RS256).public_numbers().n):
            if second == 0 or second >= gap:
                before = published.asked
                unknown(ask, f"guess-{second}")
                fetched_at += [clock.now()] * (published.asked - before)
            if second == 0 and gap > 1:
                break
        clock.advance(1)
    assert len(fetched_at) >= 4
    for first, third in zip(fetched_at, fetched_at[2:], strict=False):
        assert third - first >= timedelta(seconds=60)
    assert numbers("one") == ONE


@pytest.mark.both_engines
def test_many_at_once_fetch_twice_at_most(
    published: Published, clock: FixedClock, db: Database, http: HttpClient, registration: lti.Registration
) -> None:
    """As many processes as threads here: what counts is the row that they share."""
    processes = [lti.KeySets(db, http, clock) for _ in range(6)]

    def ask(process: lti.KeySets) -> str:
        try:
            return str(process.key(registration, "guess", RS256).key_size)
        except ToolError as fault:
            return fault.code

    with ThreadPoolExecutor(len(processes)) as pool:
        answers = list(pool.map(ask, processes))
    assert set(answers) == {"lti.unknown_key"}
    assert 1 <= published.asked <= 2


def test_a_withdrawn_key_is_refused_after_ten_minutes(
    published: Published, numbers: Numbers, clock: FixedClock
) -> None:
    numbers("one")
    published.keys = [jwk(private_key(which=1), "two")]
    clock.advance(601)
    unknown(numbers, "one")


def test_known_keys_hold_for_a_day_while_the_platform_is_down(
    published: Published, numbers: Numbers, clock: FixedClock
) -> None:
    numbers("one")
    published.keys = None
    clock.advance(24 * 3600)
    assert numbers("one") == ONE
    clock.advance(61)
    with pytest.raises(Upstream, match=r"lti\.key_set_unreachable"):
        numbers("one")


def test_a_platform_that_was_never_reached_cannot_launch(published: Published, numbers: Numbers) -> None:
    published.keys = None
    with pytest.raises(Upstream, match=r"lti\.key_set_unreachable"):
        numbers("one")
    published.keys = [jwk(private_key(), "one")]
    assert numbers("one") == ONE


def test_a_platform_that_moved_is_asked_at_its_new_address(
    published: Published,
    numbers: Numbers,
    register: Callable[..., lti.Registration],
    key_sets: lti.KeySets,
    httpserver: HTTPServer,
) -> None:
    numbers("one")
    httpserver.expect_request("/new").respond_with_json({"keys": [jwk(private_key(which=1), "one")]})
    moved = register(jwks_url=httpserver.url_for("/new"))
    assert key_sets.key(moved, "one", RS256).public_numbers().n == private_key(which=1).public_key().public_numbers().n


def test_keys_are_never_fetched_inside_a_transaction(published: Published, numbers: Numbers, db: Database) -> None:
    with pytest.raises(AssertionError), db.transaction():
        numbers("one")


WEAK = {
    "RSA with 1024 bits": jwk(private_key(1024), "weak"),
    "for encryption": jwk(private_key(), "weak", use="enc"),
    "another algorithm": jwk(private_key(), "weak", alg="RS512"),
    "an elliptic curve": {"kty": "EC", "kid": "weak", "crv": "P-256", "x": "AQAB", "y": "AQAB", "n": "x", "e": "AQAB"},
    "a password": {"kty": "oct", "kid": "weak", "k": "c2VjcmV0", "n": "x", "e": "AQAB"},
    "exponent one": {**jwk(private_key(), "weak"), "e": "AQ"},
    "no modulus": {"kty": "RSA", "kid": "weak", "e": "AQAB"},
    "a modulus of megabytes": {**jwk(private_key(), "weak"), "n": "A" * 100_000},
    "no base64": {**jwk(private_key(), "weak"), "n": "é!"},
    "numbers for texts": {"kty": "RSA", "kid": "weak", "n": 5, "e": 3},
    "a key id that is none": {**jwk(private_key(), "weak"), "kid": ["weak"]},
    "a text": "weak",
}


@pytest.mark.parametrize("key", WEAK.values(), ids=WEAK)
def test_an_unfit_key_is_passed_over(published: Published, numbers: Numbers, key: object) -> None:
    published.keys = [key, jwk(private_key(), "one")]
    unknown(numbers, "weak")
    assert numbers("one") == ONE


@pytest.mark.parametrize("answer", ["[]", '{"keys": {"a": 1}}', "<html>", "", "null"])
def test_an_answer_that_is_no_key_set_is_no_answer(
    numbers: Numbers, httpserver: HTTPServer, registration: object, answer: str
) -> None:
    httpserver.expect_request("/mod/lti/certs.php").respond_with_data(answer)
    with pytest.raises(Upstream, match=r"lti\.key_set_unreachable"):
        numbers("one")
