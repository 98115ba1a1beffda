"""A database that is not there: the person is told plainly, the log which one and why, and nobody its password."""

from pathlib import Path

import pytest

from lti_tool.core.db import Database
from lti_tool.core.errors import ToolError, Upstream
from lti_tool.core.folders import NotWritable


def fault_of(url: str) -> ToolError:
    db = Database(url)
    try:
        with pytest.raises(Upstream) as caught, db.reading():
            pass
        with pytest.raises(Upstream), db.transaction():
            pass
    finally:
        db.dispose()
    return caught.value


def test_a_server_that_does_not_answer_is_named_in_the_log_only() -> None:
    fault = fault_of("postgresql+psycopg://tool:geheim@127.0.0.1:1/tool")
    assert fault.code == "core.database_unreachable"
    assert fault.log["database"] == "127.0.0.1:1"
    assert "127.0.0.1" not in fault.text + fault.hint_text
    assert "geheim" not in str(fault)


def test_a_host_that_nobody_knows_is_one_that_does_not_answer() -> None:
    assert fault_of("postgresql+psycopg://tool@nowhere.invalid/tool").code == "core.database_unreachable"


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all, " * 100)
    fault = fault_of(f"sqlite:///{path}")
    assert (fault.code, fault.log["reason"]) == ("core.database_unusable", "file is not a database")
    assert fault.log["database"] == str(path)
    assert path.read_text() == "Dear all, " * 100


def test_a_folder_in_the_files_place_cannot_be_opened(tmp_path: Path) -> None:
    assert fault_of(f"sqlite:///{tmp_path}").code == "core.database_unusable"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotWritable) as caught:
        Database(f"sqlite:///{tmp_path}/file/tool.db")
    assert f"“{tmp_path}/file” cannot be made" in caught.value.text
