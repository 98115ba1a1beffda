"""Guards of `lti`'s services: where tokens go, how far a list is read, who is sent away, what is made twice."""

from collections.abc import Callable, Iterable
from typing import Any

from lti_tool.lti import Roster
from tests.controls.switch import answers, becomes, controls_of, echoes

_P, _R, _I, _T = (
    f"tests/rooms/lti/test_{name}.py::test_" for name in ("paging", "roster", "line_items", "connection_checks")
)


def _believes_any_roster(_guard: Callable[..., Any]) -> Callable[..., Any]:
    def gone(roster: Roster, known: Iterable[str]) -> frozenset[str]:
        return frozenset(known) - {member.user_id for member in roster.members}

    return gone


_GUARDS = {
    "advantage.paging.may_follow": (answers(True), f"{_P}another_origin_of_the_platform_is_not_where_the_list_began"),
    "advantage.paging.is_repeated": (answers(False), f"{_P}a_circle_is_noticed"),
    "advantage.paging.MOST_PAGES": (becomes(2000), f"{_P}an_endless_list_ends_after_five_hundred_pages"),
    "advantage.roster.Roster.gone": (
        _believes_any_roster,
        f"{_R}a_page_that_fails_sends_nobody_away",
        f"{_R}an_empty_roster_sends_nobody_away",
    ),
    "advantage.roster.judged": (
        lambda _guard: lambda members, _unreadable: Roster(members, complete=True),
        f"{_R}an_empty_roster_sends_nobody_away",
    ),
    "advantage.line_items.choose": (
        answers(None),
        f"{_I}a_column_that_is_there_is_used_again",
        f"{_I}a_lost_answer_makes_no_second_column",
    ),
    "advantage.line_items.is_unsettled": (answers(False), f"{_I}a_lost_answer_makes_no_second_column"),
    "advantage.line_items.check": (
        answers(None),
        f"{_I}what_cannot_be_a_column_is_never_sent",
        f"{_I}moodle_s_columns_have_a_hundred_points_at_most",
    ),
    "quirks.takes_maximum": (answers(True), f"{_I}moodle_s_columns_have_a_hundred_points_at_most"),
    "connection.checks.plain": (echoes(), f"{_T}a_stranger_s_words_do_not_move_the_cursor"),
}

CONTROLS = controls_of("lti", _GUARDS)
