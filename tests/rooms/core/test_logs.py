"""The log: each line names the work it belongs to, and a fault's traceback holds nothing that a line may not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from lti_tool.core import logs

SECRET = "the-token-of-somebody"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    logs.begin()


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_traceback_has_no_local_variables(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", form)
    try:
        token = SECRET
        raise RuntimeError("it broke", len(token))
    except RuntimeError:
        logs.get("test").exception("broken")
    said = capsys.readouterr().err
    assert "it broke" in said and "test_logs.py" in said
    assert SECRET not in said


def test_a_line_carries_the_ids_of_its_work_and_of_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", "json")
    log = logs.get("test")
    logs.begin(launch="a")
    logs.bind(delivery=7)
    log.info("one")
    logs.begin(launch="b")
    log.info("two")
    logs.begin()
    log.info("three")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line.get("launch"), line.get("delivery")) for line in lines] == [("a", 7), ("b", None), (None, None)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_full_disk_costs_lines_and_not_the_work_that_they_tell_of() -> None:
    logs.set_up("info", "json", Path("/dev/full"))
    for _ in range(3):
        logs.get("test").info("told", text="x" * 9000)
