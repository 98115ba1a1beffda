"""The outbox of grades: sent until the LMS has it, coalesced, parked with a reason, never doubled and never lost."""

from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest

from lti_tool import gradebook, lti
from lti_tool.core import leases
from lti_tool.core.http import HttpAnswer
from lti_tool.gradebook import DeliveryState
from lti_tool.gradebook.tables import delivery_lanes, grade_deliveries
from lti_tool.lti import Keeps, Submission
from lti_tool.lti.advantage.bearer import ServiceRefused
from lti_tool.lti.advantage.scores import read_outcome
from tests.rooms.gradebook.conftest import CANVAS, LATER, REFUSED, UNSETTLED, Desk, shows

pytestmark = pytest.mark.both_engines


def test_a_wished_grade_is_sent_once(desk: Desk) -> None:
    desk.wish(Fraction(290, 3))
    assert desk.delivery.state is DeliveryState.QUEUED
    assert desk.work() == 1
    assert [(score.given, score.maximum, score.finished) for score in desk.sent] == [("96.6667", "100", True)]
    assert (desk.delivery.state, desk.delivery.delivered_at) == (DeliveryState.SENT, desk.clock.now())
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
    assert desk.delivery.state is DeliveryState.SENT


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
    assert desk.delivery.state is DeliveryState.SENT


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
    while desk.delivery.state.is_under_way:
        desk.work()
        desk.clock.advance(3600)
    assert (desk.delivery.state, desk.delivery.problem) == (DeliveryState.PARKED, REFUSED.reason)
    assert len(desk.sent) == 3
    assert desk.work() == 0
    with desk.db.transaction() as tx:
        gradebook.send_again(tx, desk.delivery.id, now=desk.clock.now())
    desk.work()
    assert desk.delivery.state is DeliveryState.SENT


def test_a_newer_wish_during_the_sending_is_sent_too(desk: Desk) -> None:
    desk.wish(Fraction(60))

    def improve() -> None:
        desk.meanwhile = None
        desk.wish(Fraction(86))

    desk.meanwhile = improve
    desk.work()
    assert desk.delivery.state is DeliveryState.QUEUED
    desk.work()
    assert [score.given for score in desk.sent] == ["60", "86"]
    assert desk.delivery.state is DeliveryState.SENT


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
    assert desk.delivery.state is DeliveryState.SENDING
    assert desk.tries == [("fenced", "")]


def test_a_refused_grade_is_not_given_up(desk: Desk) -> None:
    """Three days after it was wished it is tried again by itself, and then daily."""
    desk.answers = [REFUSED] * 5
    desk.wish(Fraction(86))
    while desk.delivery.state is not DeliveryState.PARKED:
        desk.work()
        desk.clock.advance(60)
    desk.clock.advance(71 * 3600)
    assert desk.work() == 0
    desk.clock.advance(3600)
    assert [desk.work(), desk.work()] == [1, 0]
    desk.clock.advance(24 * 3600)
    assert desk.work() == 1
    desk.clock.advance(24 * 3600)
    assert desk.work() == 1
    assert desk.delivery.state is DeliveryState.SENT
    assert [verdict for verdict, _ in desk.tries] == ["refused"] * 5 + ["sent"]


def test_a_teacher_has_a_grade_sent_again_once_a_minute_at_most(desk: Desk) -> None:
    desk.answers = [REFUSED] * 9
    desk.wish(Fraction(86))
    while desk.delivery.state is not DeliveryState.PARKED:
        desk.work()
        desk.clock.advance(60)

    def again() -> bool:
        with desk.db.transaction() as tx:
            return gradebook.send_again(tx, desk.delivery.id, now=desk.clock.now())

    assert [again(), again()] == [True, False]
    desk.clock.advance(61)
    assert again()


def test_the_lms_is_asked_before_a_doubtful_score_is_sent_again(desk: Desk) -> None:
    """The answer was lost; the score was not: it is seen there, and nothing is sent twice."""
    desk.answers = [UNSETTLED]
    desk.wish(Fraction(86))
    desk.work()
    assert desk.delivery.state is DeliveryState.WAITING
    desk.clock.advance(60)
    desk.work()
    assert (len(desk.sent), desk.looks, desk.delivery.state) == (1, 1, DeliveryState.CONFIRMED)
    assert [verdict for verdict, _ in desk.tries] == ["unsettled", "confirmed"]


def test_nothing_is_asked_or_sent_while_a_lost_request_may_still_be_under_way(desk: Desk) -> None:
    desk.answers = [UNSETTLED]
    desk.wish(Fraction(86))
    desk.work()
    desk.clock.advance(10)
    desk.wish(Fraction(90))
    with desk.db.transaction() as tx:
        tx.execute(delivery_lanes.update().values(paused_until=None))
    desk.work()
    assert (len(desk.sent), desk.looks) == (1, 0)
    desk.clock.advance(21)
    desk.work()
    assert [score.given for score in desk.sent] == ["86", "90"] and desk.looks == 1


def test_what_a_teacher_entered_stays(desk: Desk) -> None:
    desk.wish(Fraction(60))
    desk.work()
    desk.clock.advance(3600)
    desk.shown = [shows("75")]
    desk.wish(Fraction(86))
    desk.work()
    assert [score.given for score in desk.sent] == ["60"]
    assert desk.delivery.state is DeliveryState.OVERRULED
    assert (desk.delivery.differs, desk.delivery.seen_percent) == (True, 75)
    # It was taken back: the next result goes out again.
    desk.shown = [shows("60")]
    desk.clock.advance(3600)
    desk.wish(Fraction(90))
    desk.work()
    assert [score.given for score in desk.sent] == ["60", "90"]


def test_a_score_carries_the_moment_of_the_look_before_it(desk: Desk) -> None:
    """Who entered a grade after it was looked at is later than the score: Moodle refuses it then."""
    desk.wish(Fraction(60))
    desk.work()
    desk.clock.advance(3600)
    looked_at, desk.a_look_takes = desk.clock.now(), 4
    desk.wish(Fraction(86))
    desk.work()
    assert [score.given for score in desk.sent] == ["60", "86"]
    assert desk.sent[1].timestamp == looked_at


def test_an_lms_that_shows_no_grades_gets_scores_all_the_same(desk: Desk) -> None:
    desk.wish(Fraction(60))
    desk.work()
    answer = HttpAnswer(401, "", {}, b"")
    desk.shown = ServiceRefused("lti.results", "The LMS does not show the grades it holds.", answer, desk.clock.now())
    desk.wish(Fraction(86))
    desk.work()
    assert [score.given for score in desk.sent] == ["60", "86"]


def test_canvas_is_told_of_each_hand_in_once(desk: Desk) -> None:
    desk.item, start = CANVAS, desk.clock.now()
    desk.hand_in(Fraction(40))
    desk.clock.advance(600)
    desk.hand_in(Fraction(86))
    for _ in range(3):
        desk.work()
    told = [score.submission for score in desk.sent]
    assert told == [
        Submission(start, True, Keeps.EXISTING),
        Submission(start + timedelta(minutes=10), True, Keeps.WHATEVER),
    ]
    assert [score.given for score in desk.sent] == ["86", "86"]
    desk.wish(Fraction(90))
    desk.clock.advance(60)
    desk.work()
    assert desk.sent[2].submission == Submission(start + timedelta(minutes=10), False, Keeps.NONE)


def test_no_attempts_left_may_be_the_answer_to_a_request_that_came_twice(desk: Desk) -> None:
    """Something on the way sent it twice: the first one was taken, and only the second one's answer came back."""
    desk.item, start = CANVAS, desk.clock.now()
    desk.answers = [read_outcome(HttpAnswer(422, "", {}, b"{}"), now=start, rules=lti.grade_rules(CANVAS))]
    desk.hand_in(Fraction(86))
    desk.work()
    desk.shown = [shows("86", start)]
    desk.clock.advance(60)
    desk.work()
    assert (len(desk.sent), desk.delivery.state) == (1, DeliveryState.CONFIRMED)


@pytest.mark.parametrize("arrived", [True, False])
def test_a_hand_in_whose_telling_was_lost_is_told_again_only_if_it_did_not_arrive(desk: Desk, arrived: bool) -> None:
    desk.item, start = CANVAS, desk.clock.now()
    desk.answers = [UNSETTLED]
    desk.hand_in(Fraction(86))
    desk.work()
    desk.shown = [shows("86", start)] if arrived else []
    desk.clock.advance(60)
    desk.work()
    assert [score.submission and score.submission.is_new for score in desk.sent] == [True] * (1 if arrived else 2)


def test_a_worker_that_died_leaves_a_doubt_and_not_a_second_attempt(desk: Desk) -> None:
    """It was killed between sending and writing down: whoever takes over asks first."""
    desk.item, start = CANVAS, desk.clock.now()
    desk.hand_in(Fraction(86))

    def die() -> None:
        raise KeyboardInterrupt

    desk.meanwhile = die
    with pytest.raises(KeyboardInterrupt):
        desk.work()
    desk.meanwhile, desk.shown = None, [shows("86", start)]
    assert desk.work() == 0
    desk.clock.advance(121)
    assert desk.work() == 1
    assert (len(desk.sent), desk.delivery.state) == (1, DeliveryState.CONFIRMED)


def test_a_worker_that_was_stopped_past_its_lease_sends_nothing(desk: Desk) -> None:
    desk.wish(Fraction(86))
    asleep = iter([0, 0, 0, 300])

    def clock() -> datetime:
        desk.clock.advance(next(asleep, 0))
        return desk.clock.now()

    gradebook.deliver_due(desk.db, desk, clock=clock)
    assert desk.sent == []


def test_one_platform_that_hangs_is_left_alone_for_a_while(desk: Desk) -> None:
    desk.answers = [UNSETTLED] * 3
    desk.wish(Fraction(86))
    asked = []
    for second in range(0, 300, 5):
        if desk.work():
            asked.append(second)
        desk.clock.advance(5)
    assert all(later - earlier >= 30 for earlier, later in pairwise(asked))


def test_the_nightly_look_notes_a_difference_and_changes_nothing(desk: Desk) -> None:
    desk.wish(Fraction(86))
    desk.work()

    def night() -> int:
        desk.clock.advance(24 * 3600)
        return gradebook.check_due(desk.db, desk, clock=desk.clock.now)

    assert night() == 1
    assert (desk.delivery.state, desk.delivery.differs) == (DeliveryState.CONFIRMED, False)
    desk.shown = [shows("90")]
    assert night() == 1
    assert (desk.delivery.differs, desk.delivery.seen_percent) == (True, 90)
    desk.shown = []
    assert night() == 1
    assert (desk.delivery.differs, desk.delivery.seen_percent) == (True, None)
    assert len(desk.sent) == 1 and desk.work() == 0


def test_grades_that_wait_for_an_hour_are_told_to_the_operator_once_an_hour(desk: Desk) -> None:
    desk.answers = [LATER] * 99
    desk.wish(Fraction(86))
    told = []
    for _ in range(30):
        desk.work()
        with desk.db.transaction() as tx:
            told += [(one.registration_id, one.waiting) for one in gradebook.tell_overdue(tx, desk.clock.now())]
        desk.clock.advance(300)
    assert told == [(desk.registration_id, 1)] * 2


def test_a_platform_that_was_closed_still_gets_what_was_earned(desk: Desk) -> None:
    desk.wish(Fraction(86))
    with desk.db.transaction() as tx:
        lti.disable_registration(tx, desk.registration_id, now=desk.clock.now())
    assert desk.work() == 1
    assert [score.given for score in desk.sent] == ["86"]


def test_whom_canvas_does_not_list_is_no_difference(desk: Desk) -> None:
    desk.item, desk.shown = CANVAS, []
    desk.wish(Fraction(86))
    desk.work()
    desk.clock.advance(24 * 3600)
    assert gradebook.check_due(desk.db, desk, clock=desk.clock.now) == 1
    assert (desk.delivery.state, desk.delivery.differs) == (DeliveryState.SENT, False)
