"""Attempts: one at a time, no more than allowed, what was drawn stays drawn, handed in once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from fractions import Fraction
from threading import Barrier

import pytest

from lti_tool import assessments
from lti_tool.assessments import Attempt, Form
from lti_tool.core import ids
from lti_tool.core.errors import Conflict, NotFound
from tests.rooms.assessments.samples import Desk, form_of, multiple, number, single, text

pytestmark = pytest.mark.both_engines


def test_starting_draws_the_form_and_records_the_draw(desk: Desk, form: Form) -> None:
    attempt = desk.start(form, seed=2**63 - 1)

    assert (attempt.number, attempt.open, attempt.started_at) == (1, True, desk.now)
    assert attempt.drawn == assessments.draw(form, 2**63 - 1)
    assert ids.is_public_id(attempt.public_id)


def test_an_open_attempt_is_returned_instead_of_a_new_one(desk: Desk, form: Form) -> None:
    first = desk.start(form, seed=1)

    assert desk.start(form, seed=2) == first


def test_what_was_drawn_stays_when_the_form_would_draw_differently_now(desk: Desk, form: Form) -> None:
    first = desk.start(form, seed=1)
    other = form_of(single(), number(), shuffle=False)

    assert desk.start(other, seed=1).drawn == first.drawn


def test_attempts_end_with_the_limit(desk: Desk) -> None:
    form = form_of(single(), attempts=2)
    for expected in (1, 2):
        attempt = desk.start(form)
        assert attempt.number == expected
        desk.submit(attempt, form)

    with pytest.raises(Conflict) as refused:
        desk.start(form)
    assert refused.value.code == "assessments.no_attempts_left"
    assert "2 of 2" in refused.value.text


def test_unlimited_attempts_never_end(desk: Desk) -> None:
    form = form_of(single(), attempts=None)

    assert [_sat(desk, form).number for _ in range(12)] == list(range(1, 13))


def _sat(desk: Desk, form: Form) -> Attempt:
    attempt = desk.start(form)
    desk.submit(attempt, form)
    return attempt


def test_starting_in_many_places_at_once_gives_one_attempt(desk: Desk) -> None:
    form = form_of(single(), attempts=1)
    gate = Barrier(8)

    def start(seed: int) -> str:
        gate.wait()
        return desk.start(form, seed=seed).public_id

    with ThreadPoolExecutor(8) as pool:
        started = set(pool.map(start, range(8)))

    assert len(started) == 1


def test_starting_takes_at_most_six_statements_whatever_the_length(
    desk: Desk, statements: Callable[[], list[str]]
) -> None:
    form = form_of(*(single(f"q-{place}") for place in range(200)))
    statements()

    attempt = desk.start(form)

    assert len(statements()) <= 6
    assert len(attempt.drawn.item_ids) == 200


def test_an_attempt_is_found_by_its_own_enrolment_only(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    with desk.db.reading() as tx:
        assert assessments.find_attempt(tx, attempt.public_id, enrolment_id=desk.enrolment_id) == attempt
        for public_id, enrolment_id in (
            (attempt.public_id, desk.enrolment_id + 1),
            (ids.public_id(), desk.enrolment_id),
            ("' or 1=1 --", desk.enrolment_id),
        ):
            with pytest.raises(NotFound):
                assessments.find_attempt(tx, public_id, enrolment_id=enrolment_id)


def test_all_attempts_are_listed_in_order(desk: Desk, form: Form) -> None:
    sat = [_sat(desk, form).public_id for _ in range(3)]
    with desk.db.reading() as tx:
        assert [attempt.public_id for attempt in assessments.attempts_of(tx, desk.enrolment_id)] == sat


def test_handing_in_scores_what_was_saved(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    desk.save(attempt, single(), "b", sequence=1)
    desk.save(attempt, multiple(), ("a", "b", "d"), sequence=2)
    desk.save(attempt, text(), "Data  Controller", sequence=3)
    later = desk.now + timedelta(minutes=9)

    done, fresh = desk.submit(attempt, form, now=later)

    assert fresh and not done.open and done.submitted_at == later
    assert done.percent == Fraction(100 * (1 + 1 + 1), 1 + 3 + 1 + 1)
    assert done.passed is False
    assert done.outcome is not None
    assert {item.item_id: item.points for item in done.outcome.items} == {"one": 1, "many": 1, "word": 1, "count": 0}


def test_a_second_hand_in_changes_nothing(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    desk.save(attempt, single(), "b")
    first = desk.submit(attempt, form)

    again = desk.submit(attempt, form_of(number()), now=desk.now + timedelta(days=1))

    assert again == (first.attempt, False)
    with desk.db.reading() as tx:
        assert assessments.find_attempt(tx, attempt.public_id, enrolment_id=desk.enrolment_id) == first.attempt


def test_handing_in_from_many_places_at_once_happens_once(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    gate = Barrier(8)

    def hand_in(place: int) -> assessments.Submission:
        gate.wait()
        return desk.submit(attempt, form, now=desk.now + timedelta(seconds=place))

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(hand_in, range(8)))

    assert [result.fresh for result in results].count(True) == 1
    assert len({result.attempt.submitted_at for result in results}) == 1


def test_saving_and_handing_in_from_two_tabs_at_once_never_blocks_or_loses(desk: Desk, form: Form) -> None:
    """Each tab saves and hands in within one transaction, as a page without scripts does."""
    attempt = desk.start(form)
    gate = Barrier(4)

    def tab(place: int) -> bool:
        gate.wait()
        try:
            with desk.db.transaction() as tx:
                assessments.save(
                    tx,
                    attempt,
                    item=single(),
                    response="abcd"[place],
                    page_key=f"page-{place:04}",
                    sequence=1,
                    now=desk.now,
                )
                return desk.submit_in(tx, attempt, form).fresh
        except Conflict:
            return False

    with ThreadPoolExecutor(4) as pool:
        fresh = list(pool.map(tab, range(4)))

    winner = fresh.index(True)
    assert fresh.count(True) == 1
    with desk.db.reading() as tx:
        done = assessments.find_attempt(tx, attempt.public_id, enrolment_id=desk.enrolment_id)
    assert desk.answers(attempt) == {"one": "abcd"[winner]}
    assert done.outcome is not None and done.outcome.by_item()["one"].right is (winner == 1)


def test_an_acknowledged_save_is_always_in_the_score(desk: Desk) -> None:
    """A save races a hand-in, ten times: either it was refused, or the score has it."""
    form = form_of(single(), attempts=None)
    for _ in range(10):
        attempt = desk.start(form)
        gate = Barrier(2)

        def save(attempt: Attempt = attempt, gate: Barrier = gate) -> bool:
            gate.wait()
            return desk.save(attempt, single(), "b").counts

        def hand_in(attempt: Attempt = attempt, gate: Barrier = gate) -> Attempt:
            gate.wait()
            return desk.submit(attempt, form).attempt

        with ThreadPoolExecutor(2) as pool:
            saved, done = pool.submit(save), pool.submit(hand_in)
            assert done.result().passed is saved.result()


def test_handing_in_thirty_answers_takes_few_statements(
    desk: Desk, statements: Callable[[], list[str]], now: datetime
) -> None:
    items = [single(f"q-{place}") for place in range(30)]
    form = form_of(*items)
    attempt = desk.start(form)
    for place, item in enumerate(items):
        desk.save(attempt, item, "b", sequence=place)
    statements()

    done, _ = desk.submit(attempt, form)

    assert len(statements()) <= 4  # Held, answers, the attempt, its event.
    assert done.percent == 100


def test_every_score_can_be_worked_out_again_from_its_record(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    desk.save(attempt, multiple(), ("a", "c"), sequence=1)
    desk.save(attempt, number(), "72,0", sequence=2)
    done, _ = desk.submit(attempt, form)

    kept = {id_: response for id_, response in desk.answers(attempt).items() if response is not None}

    assert assessments.score(Form.from_json(form.to_json()), done.drawn, kept) == done.outcome
