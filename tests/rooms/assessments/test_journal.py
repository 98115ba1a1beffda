"""The journal of answers: idempotent, append-only, and clear about which answer counts."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lti_tool import assessments
from lti_tool.assessments import Form
from lti_tool.core.db import metadata
from lti_tool.core.errors import Invalid
from tests.rooms.assessments.samples import Desk, multiple, number, single, text

pytestmark = pytest.mark.both_engines


def test_each_kind_of_answer_comes_back_as_it_was_saved(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    answers = {"one": "b", "many": ("a", "e"), "word": "Zoë’s “data” \\ 数据", "count": "72,0 "}
    for sequence, item in enumerate((single(), multiple(), text(), number())):
        saved = desk.save(attempt, item, answers[item.id], sequence=sequence)
        assert saved == assessments.Saved(answers[item.id], desk.now)

    assert desk.answers(attempt) == answers


def test_the_newest_answer_counts_and_the_earlier_ones_are_kept(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    for sequence, choice in enumerate("abc"):
        desk.save(attempt, single(), choice, sequence=sequence)

    assert desk.answers(attempt) == {"one": "c"}
    with desk.db.reading() as tx:
        assert tx.execute(select(func.count()).select_from(metadata.tables["answers"])).scalar_one() == 3


def test_an_answer_can_be_cleared(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    desk.save(attempt, single(), "b", sequence=1)
    desk.save(attempt, single(), None, sequence=2)

    assert desk.answers(attempt) == {"one": None}
    done, _ = desk.submit(attempt, form)
    assert done.outcome is not None and not done.outcome.by_item()["one"].answered


def test_a_repeated_save_answers_as_the_first_time_and_changes_nothing(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    first = desk.save(attempt, single(), "b", sequence=4)
    desk.save(attempt, single(), "c", sequence=5)

    again = desk.save(attempt, single(), "d", sequence=4, now=desk.now + timedelta(seconds=30))

    assert again == first
    assert desk.answers(attempt) == {"one": "c"}


def test_a_save_that_was_overtaken_on_its_own_page_does_not_win_by_being_late(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    desk.save(attempt, single(), "c", sequence=2)
    desk.save(attempt, single(), "a", sequence=1)

    assert desk.answers(attempt) == {"one": "c"}


def test_of_two_tabs_the_one_that_arrives_last_counts(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    desk.save(attempt, single(), "a", page="tab-left", sequence=9)
    desk.save(attempt, single(), "b", page="tab-right", sequence=1)
    assert desk.answers(attempt) == {"one": "b"}

    desk.save(attempt, single(), "c", page="tab-left", sequence=10)
    assert desk.answers(attempt) == {"one": "c"}

    desk.save(attempt, single(), "d", page="tab-right", sequence=0)
    assert desk.answers(attempt) == {"one": "c"}, "overtaken in its own tab"


def test_two_tabs_that_count_alike_do_not_collide(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    desk.save(attempt, single(), "a", page="tab-left", sequence=1)
    desk.save(attempt, text(), "controller", page="tab-right", sequence=1)

    assert desk.answers(attempt) == {"one": "a", "word": "controller"}


def test_what_comes_after_the_hand_in_is_kept_and_counts_for_nothing(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)
    desk.save(attempt, single(), "a", sequence=1)
    done, _ = desk.submit(attempt, form)

    for _once_and_again in range(2):
        late = desk.save(attempt, single(), "b", sequence=2)
        assert late == assessments.Saved("b", desk.now, counts=False)

    assert assessments.too_late(done).code == "assessments.attempt_closed"
    assert desk.answers(attempt) == {"one": "a"}
    with desk.db.reading() as tx:
        assert [entry.saved.response for entry in assessments.journal_of(tx, attempt.id)] == ["a", "b"]


def test_a_save_from_before_the_hand_in_is_still_confirmed_after_it(desk: Desk, form: Form) -> None:
    """The page did not hear the first answer and asks again; it must not tell the learner that the answer is lost."""
    attempt = desk.start(form)
    first = desk.save(attempt, single(), "a", sequence=1)
    desk.submit(attempt, form)

    assert desk.save(attempt, single(), "a", sequence=1) == first


def test_a_question_that_was_not_drawn_is_refused(desk: Desk, form: Form) -> None:
    attempt = desk.start(form)

    with pytest.raises(Invalid) as refused:
        desk.save(attempt, single("another"), "a")
    assert refused.value.code == "assessments.unknown_item"


@pytest.mark.parametrize(
    ("page", "sequence"), [("", 1), ("short", 1), ("x" * 65, 1), ("page key", 1), ("page-one", -1), ("page-one", 2**60)]
)
def test_a_save_without_the_mark_of_a_page_is_refused(desk: Desk, form: Form, page: str, sequence: int) -> None:
    attempt = desk.start(form)

    with pytest.raises(Invalid) as refused:
        desk.save(attempt, single(), "a", page=page, sequence=sequence)
    assert refused.value.code == "assessments.unknown_page"
    assert desk.answers(attempt) == {}


def test_finding_the_attempt_and_saving_take_at_most_three_statements(
    desk: Desk, form: Form, statements: Callable[[], list[str]]
) -> None:
    public_id = desk.start(form).public_id
    for _once_and_again in range(2):
        statements()
        with desk.db.transaction() as tx:
            attempt = assessments.find_attempt(tx, public_id, enrolment_id=desk.enrolment_id)
            assessments.save(tx, attempt, item=single(), response="b", page_key="page-one", sequence=1, now=desk.now)
        assert len(statements()) <= 3
