"""Guards of `gradebook`: when an LMS is asked first, who sends, for how long nobody does; and of scores' answers."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import true

from tests.controls.switch import answers, controls_of

_D, _L, _O, _W = (
    f"tests/rooms/gradebook/test_{name}.py::test_" for name in ("deliveries", "looking", "outages", "workers")
)
_SCORES = "tests/rooms/lti/test_scores.py::test_"


def _notes_nothing(_guard: Callable[..., Any]) -> Callable[..., Any]:
    def marked(begun: Any) -> dict[str, object]:
        return {"row": begun.row["id"], "held": begun.row["fence"], "may": []}

    return marked


_GUARDS = {
    "sending.must_look": (
        answers(False),
        f"{_D}the_lms_is_asked_before_a_doubtful_score_is_sent_again",
        f"{_D}what_a_teacher_entered_stays",
        f"{_D}a_worker_that_died_leaves_a_doubt_and_not_a_second_attempt",
        "tests/rooms/gradebook/test_schedules.py::test_the_gradebook_ends_as_it_should[canvas]",
    ),
    "looking.is_good": (
        answers(True),
        f"{_L}a_look_is_good_for_five_seconds",
        f"{_L}what_was_on_its_way_at_the_look_is_not_judged_by_it",
    ),
    "sending.wait_until_settled": (
        answers(None),
        f"{_D}nothing_is_asked_or_sent_while_a_lost_request_may_still_be_under_way",
    ),
    "ledger._marked": (_notes_nothing, f"{_D}a_worker_that_died_leaves_a_doubt_and_not_a_second_attempt"),
    "passback.is_still_ours": (answers(True), f"{_D}a_worker_that_was_stopped_past_its_lease_sends_nothing"),
    "lanes.pause_after": (
        answers(0.0),
        f"{_D}one_platform_that_hangs_is_left_alone_for_a_while",
        f"{_O}a_platform_that_asks_to_slow_down_is_left_alone",
    ),
    "lanes._is_free": (
        answers(true()),
        f"{_W}eight_workers_send_each_score_once_and_one_at_a_time_to_each_platform",
    ),
    "deliveries._may_be_resent": (
        answers(true()),
        f"{_D}a_teacher_has_a_grade_sent_again_once_a_minute_at_most",
    ),
}

_OF_SCORES = {
    "advantage.scores.is_credible": (
        answers(True),
        f"{_SCORES}a_success_that_no_gradebook_says_is_not_believed",
        f"{_O}a_login_page_in_front_of_the_gradebook_is_no_delivery",
    ),
}

CONTROLS = {**controls_of("gradebook", _GUARDS), **controls_of("lti", _OF_SCORES)}
