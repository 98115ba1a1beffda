"""The outbox of grades: sent until the LMS has it, coalesced, parked with a reason, never doubled and never lost."""

from datetime import timedelta
from fractions import Fraction

import pytest

from lti_tool import gradebook
from lti_tool.core import leases
from lti_tool.gradebook import DeliveryState
from lti_tool.gradebook.tables import grade_deliveries
from tests.rooms.gradebook.conftest import LATER, REFUSED, Desk

pytestmark = pytest.mark.both_engines


def test_a_wished_grade_is_sent_once(desk: Desk) -> None:
    desk.wish(Fraction(290, 3))
    assert desk.delivery.state is DeliveryState.WAITING
    assert desk.work() == 1
    assert [(score.given, score.maximum, score.finished) for score in desk.sent] == [("96.6667", "100", True)]
    assert (desk.delivery.state, desk.delivery.delivered_at) == (DeliveryState.DELIVERED, desk.clock.now())
    desk.clock.advance(3600)
    assert desk.work() == 0


def test_what_piles_up_while_the_lms_is_down_becomes_one_message(desk: Desk) -> None:
    desk.answers = [LATER]
    desk.wish(Fraction(40), finished=False)
    desk.work()
    for percent in (50, 60, 86):
        desk.wish(Fraction(percent))
    desk.work()
    assert [score.given for score in desk.sent] == ["40", "86"]
    assert desk.delivery.state is DeliveryState.DELIVERED


def test_a_try_carries_the_present_time(desk: Desk) -> None:
    """Moodle compares with the moment it saved the last grade: a repeated old timestamp is refused for good."""
    desk.answers = [LATER, LATER]
    desk.wish(Fraction(86))
    for _ in range(3):
        desk.work()
        desk.clock.advance(3600)
    stamps = [score.timestamp for score in desk.sent]
    assert len(stamps) == 3 and stamps == sorted(set(stamps))


def test_waiting_grows_and_has_an_end(desk: Desk) -> None:
    desk.answers = [LATER] * 12
    desk.wish(Fraction(86))
    waits = []
    for _ in range(12):
        assert desk.work() == 1
        delivery = desk.delivery
        assert delivery.next_try_at is not None and delivery.problem == "The LMS did not answer."
        waits.append((delivery.next_try_at - desk.clock.now()).total_seconds())
        desk.clock.advance(waits[-1] + 1)
    assert 5 <= waits[0] <= 6 and all(wait <= 2000 for wait in waits) and waits[-1] >= 1800
    desk.work()
    assert desk.delivery.state is DeliveryState.DELIVERED


def test_an_lms_that_says_when_is_not_asked_before(desk: Desk) -> None:
    desk.answers = [type(LATER)(LATER.verdict, "Too many requests.", 90.0)]
    desk.wish(Fraction(86))
    desk.work()
    desk.clock.advance(89)
    assert desk.work() == 0
    desk.clock.advance(2)
    assert desk.work() == 1


def test_a_refused_grade_is_parked_with_the_reason_and_goes_out_again_when_asked(desk: Desk) -> None:
    desk.answers = [REFUSED] * 3
    desk.wish(Fraction(86))
    while desk.delivery.state is DeliveryState.WAITING:
        desk.work()
        desk.clock.advance(3600)
    assert (desk.delivery.state, desk.delivery.problem) == (DeliveryState.PARKED, REFUSED.reason)
    assert len(desk.sent) == 3
    assert desk.work() == 0
    with desk.db.transaction() as tx:
        gradebook.send_again(tx, desk.delivery.id, now=desk.clock.now())
    desk.work()
    assert desk.delivery.state is DeliveryState.DELIVERED


def test_a_newer_wish_during_the_sending_is_sent_too(desk: Desk) -> None:
    desk.wish(Fraction(60))

    def improve() -> None:
        desk.meanwhile = None
        desk.wish(Fraction(86))

    desk.meanwhile = improve
    desk.work()
    assert desk.delivery.state is DeliveryState.WAITING
    desk.work()
    assert [score.given for score in desk.sent] == ["60", "86"]
    assert desk.delivery.state is DeliveryState.DELIVERED


def test_a_worker_that_lost_its_lease_changes_nothing(desk: Desk) -> None:
    """Another one took over while this one slept: the fence keeps its late word out."""
    desk.wish(Fraction(86))

    def take_over() -> None:
        desk.meanwhile = None
        later = desk.clock.now() + timedelta(minutes=5)
        with desk.db.transaction() as tx:
            assert len(leases.claim(tx, grade_deliveries, now=later, limit=1, lease_seconds=60)) == 1

    desk.meanwhile = take_over
    desk.work()
    assert desk.delivery.state is DeliveryState.WAITING
