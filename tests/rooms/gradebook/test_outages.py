"""Outages by a clock of their own: whatever a platform does, for however long, every score arrives, and nobody is
pestered.

The same stories run with few scores in `make test` and with 10,000 in `make faults`, which print their figures (`-s`).
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.http import HttpAnswer
from lti_tool.core.secrets import Vault
from tests.rooms.gradebook.platforms import Office, Weather, at_random, until
from tests.rooms.gradebook.wire import nobody

pytestmark = pytest.mark.timeout(1200)
DAYS = timedelta(days=10)
ERROR = HttpAnswer(503, "", {}, b"<html>")
Outage = Callable[[FixedClock], Weather]


@pytest.fixture(params=[200, pytest.param(10_000, marks=pytest.mark.faults)], ids=["few", "whole"])
def scores(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def tell(story: str, office: Office, took: timedelta) -> None:
    """The figures of a story."""
    posts, looks, tokens = (office.http.requests(kind) for kind in ("scores", "results", "token"))
    told = len(office.http.held)
    print(f"{story}: {told} of {len(office.wished)} delivered, {posts} POST, {looks} GET, {tokens} tokens, {took}")


@pytest.mark.parametrize("hours", [2, pytest.param(72, marks=pytest.mark.faults)])
def test_the_token_endpoint_is_down(
    quick_db: Database, vault: Vault, clock: FixedClock, scores: int, hours: int
) -> None:
    office = Office(quick_db, vault, clock)
    office.wish(scores)
    end = clock.now() + timedelta(hours=hours)
    office.http.weather = until(clock, end, "token")
    office.work(end - clock.now())
    knocks = [at for _, _, at in office.http.asked_at]
    assert office.http.requests("scores") == 0
    assert all(later - earlier >= timedelta(seconds=30) for earlier, later in pairwise(knocks))
    took = office.work(DAYS)
    tell(f"token endpoint down for {hours} h", office, took)
    assert office.all_delivered() and office.http.requests("scores") == scores
    assert took <= timedelta(minutes=20)


def test_a_third_of_all_scores_meets_an_error(quick_db: Database, vault: Vault, clock: FixedClock, scores: int) -> None:
    office = Office(quick_db, vault, clock)
    office.wish(scores)
    office.http.weather = at_random(0.3, 1, ERROR, HttpAnswer(500, "", {}, b""), HttpAnswer(504, "", {}, b""))
    took = office.work(DAYS)
    tell("30 % random 5xx", office, took)
    assert office.all_delivered() and office.http.requests("scores") <= 1.5 * scores


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (HttpAnswer(429, "", {"Retry-After": "77"}, b""), 77),
        (HttpAnswer(403, "", {"X-Rate-Limit-Remaining": "0.0", "Retry-After": "45"}, b"403 Forbidden"), 45),
        (HttpAnswer(429, "", {}, b""), 30),
    ],
    ids=["429", "403", "429-silent"],
)
def test_a_platform_that_asks_to_slow_down_is_left_alone(
    quick_db: Database, vault: Vault, clock: FixedClock, scores: int, answer: HttpAnswer, wait: int
) -> None:
    office = Office(quick_db, vault, clock)
    office.wish(scores)
    end = clock.now() + timedelta(minutes=30)
    office.http.weather = until(clock, end, "scores", answer=answer)
    office.work(end - clock.now())
    knocks = [at for _, kind, at in office.http.asked_at if kind == "scores"]
    # To the second: not before, and not much later.
    assert all(later - earlier >= timedelta(seconds=wait) for earlier, later in pairwise(knocks))
    assert knocks[1] - knocks[0] <= timedelta(seconds=wait + 2)
    took = office.work(DAYS)
    tell(f"storm of {answer.status}", office, took)
    assert office.all_delivered() and took <= timedelta(minutes=20)


def test_a_login_page_in_front_of_the_gradebook_is_no_delivery(
    quick_db: Database, vault: Vault, clock: FixedClock, scores: int
) -> None:
    office = Office(quick_db, vault, clock)
    office.wish(scores)
    end = clock.now() + timedelta(hours=2)
    page = HttpAnswer(200, "OK", {"Content-Type": "text/html"}, b"<html>Please log in</html>")
    office.http.weather = until(clock, end, "scores", "results", answer=page)
    office.work(end - clock.now())
    assert office.http.held == {} and not office.all_delivered()
    took = office.work(DAYS)
    tell("200 with HTML for 2 h", office, took)
    assert office.all_delivered() and office.http.requests("scores") <= 2 * scores + 200


def test_one_of_twenty_platforms_hangs(quick_db: Database, vault: Vault, clock: FixedClock, scores: int) -> None:
    office = Office(quick_db, vault, clock, platforms=20)
    office.wish(scores)
    begun = clock.now()

    def weather(host: str, _kind: str) -> Exception | None:
        if host != "lms7.example.edu" or clock.now() - begun > timedelta(hours=1):
            return None
        clock.advance(15)
        return nobody()

    office.http.weather = weather  # type: ignore[assignment]
    took = office.work(DAYS)
    tell("one of 20 platforms hangs for 1 h", office, took)
    assert office.all_delivered()
    waits = sorted(at - begun for url, at in office.http.arrived_at.items() if "lms7." not in url)
    # One worker alone, at ten scores a second, and what the hanging platform takes of its time: half at the most.
    assert waits[int(len(waits) * 0.95)] <= timedelta(seconds=60) + timedelta(seconds=scores / 10 * 2)


def test_a_hundred_scores_take_a_hundred_requests_and_a_token(
    quick_db: Database, vault: Vault, clock: FixedClock
) -> None:
    office = Office(quick_db, vault, clock)
    office.wish(100)
    office.work(DAYS)
    assert office.all_delivered()
    assert (office.http.requests("scores"), office.http.requests("token")) == (100, 1)
    assert sum(office.http.asked.values()) <= 105


def test_one_token_a_platform_and_hour(quick_db: Database, vault: Vault, clock: FixedClock) -> None:
    office = Office(quick_db, vault, clock, platforms=3)
    for _ in range(8):
        office.wished = {}
        office.wish(30)
        office.work(timedelta(minutes=15))
        clock.advance(900)
    assert all(number <= 4 for (_, kind), number in office.http.asked.items() if kind == "token")
