"""How often an LMS is asked what it holds: once for a class, one by one where that is cheaper, and never stale."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.http import HttpAnswer
from lti_tool.core.secrets import Vault
from lti_tool.gradebook.looking import is_good
from lti_tool.gradebook.sending import Known
from tests.rooms.gradebook.platforms import CANVAS, MOODLE, Office

DAY = timedelta(days=1)
COLUMN = "https://lms0.example.edu/api/lti/courses/2/line_items/0"


@pytest.fixture(params=[MOODLE, CANVAS])
def office(request: pytest.FixtureRequest, quick_db: Database, vault: Vault, clock: FixedClock) -> Office:
    return Office(quick_db, vault, clock, str(request.param))


def improve(office: Office, scores: int) -> int:
    """Scores that stand there are improved; how often the LMS was asked for results."""
    office.wish(scores)
    office.work(DAY)
    office.clock.advance(600)
    office.http.asked.clear()
    office.http.asked_at.clear()
    office.wish(scores, better_by=5)
    office.work(DAY)
    assert office.delivered() == scores
    return office.http.requests("results")


def test_a_class_is_looked_at_at_once(office: Office) -> None:
    assert improve(office, 12) == 1


def test_a_few_are_asked_for_one_by_one(office: Office) -> None:
    """A column may have hundreds of others."""
    assert improve(office, 3) == 3


def test_a_look_is_good_for_five_seconds(office: Office) -> None:
    assert improve(office, 60) <= 3
    looks = [at for _, kind, at in office.http.asked_at if kind == "results"]
    for at in (at for _, kind, at in office.http.asked_at if kind == "scores"):
        assert at - max(look for look in looks if look < at) <= timedelta(seconds=5)


def test_a_column_of_many_pages_is_not_read_for_a_few(quick_db: Database, vault: Vault, clock: FixedClock) -> None:
    office = Office(quick_db, vault, clock, CANVAS)
    office.http.held.update({(COLUMN, f"a-stranger-{number}"): Decimal(1) for number in range(300)})
    assert improve(office, 6) == 1 + 6


def test_a_column_that_is_not_shown_as_a_whole_is_asked_for_one_by_one(
    quick_db: Database, vault: Vault, clock: FixedClock
) -> None:
    office = Office(quick_db, vault, clock, MOODLE)
    answer = iter([HttpAnswer(404, "", {}, b"<html>")])
    office.http.weather = lambda _host, kind: next(answer, None) if kind == "results" else None
    assert improve(office, 6) == 1 + 6


def test_what_was_on_its_way_at_the_look_is_not_judged_by_it(clock: FixedClock) -> None:
    """A server's error may come before its request has been carried out: half a minute later that is over."""
    look = clock.now()
    doubtful = Known(Fraction(86), may_hold=(Fraction(86),), sent_at=look - timedelta(seconds=29))
    assert not is_good(look, doubtful, look + timedelta(seconds=2))
    assert is_good(look, replace(doubtful, sent_at=look - timedelta(seconds=30)), look + timedelta(seconds=2))


def test_while_a_platform_fails_one_score_goes_ahead(office: Office) -> None:
    office.http.weather = lambda _host, kind: HttpAnswer(503, "", {}, b"") if kind == "scores" else None
    office.wish(20)
    office.work(timedelta(seconds=3))
    first = office.http.requests("scores")
    office.work(timedelta(minutes=30))
    assert first == 5, "a server that stumbles is given five tries"
    knocks = [at for _, kind, at in office.http.asked_at if kind == "scores"][first:]
    assert all(later - earlier >= timedelta(seconds=30) for earlier, later in pairwise(knocks))
