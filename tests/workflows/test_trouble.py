"""A worker in trouble: told at length once, then in a line, ever less often, and once more when it is over."""

from structlog.testing import capture_logs

from lti_tool.core.errors import Upstream
from lti_tool.workflows.worker import Trouble


def test_a_database_that_is_away_takes_one_line_each_time_and_ever_fewer() -> None:
    trouble = Trouble()
    away = Upstream("core.database_unreachable", "The database does not answer.", log={"database": "db:5432"})
    with capture_logs() as lines:
        waits = [trouble.note(away) for _ in range(6)]
        trouble.is_over()
        trouble.is_over()
    assert waits == [5, 10, 20, 40, 60, 60]
    assert [line["event"] for line in lines] == ["worker.fault"] * 6 + ["worker.recovered"]
    assert all("exc_info" not in line for line in lines)
    assert lines[1]["code"] == "core.database_unreachable" and lines[1]["log_database"] == "db:5432"
    assert lines[-1]["after"] == 6


def test_a_fault_of_ours_shows_where_it_happened_once() -> None:
    trouble = Trouble()
    with capture_logs() as lines:
        for fault in (ValueError("a"), ValueError("a"), ValueError("b")):
            trouble.note(fault)
    assert ["exc_info" in line for line in lines] == [True, False, True]


def test_after_a_recovery_it_begins_anew() -> None:
    trouble = Trouble()
    with capture_logs():
        for _ in range(4):
            trouble.note(ValueError("a"))
        trouble.is_over()
        assert trouble.note(ValueError("a")) == 5
