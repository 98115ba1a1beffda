"""An operator's ordinary mistakes: each is told in plain words, without a traceback, a password or a false promise."""

import base64
import sqlite3
from pathlib import Path

import pytest

from lti_tool.cli.faults import tell_fault
from tests.cli.conftest import Program, Run

READING = [
    ("credential", "list"),
    ("credential", "show", "X"),
    ("credential", "verify", "X"),
    ("credential", "revoke", "X", "--reason", "issued_in_error"),
    ("credential", "reinstate", "X"),
    ("module", "list"),
    ("platform", "list"),
    ("timeline", "X"),
    ("worker",),
]


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_a_command_that_reads_makes_no_database(command: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    answer = run(*command)
    assert getattr(answer.exception, "code", "") == "cli.no_database", answer.output
    assert f"There is no database at {tmp_path}" in str(answer.exception)
    assert list(tmp_path.iterdir()) == []


def test_every_fault_of_a_package_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    answer = run("module", "check", "empty")
    assert answer.exit_code == 1
    lines = answer.output.splitlines()
    assert [line.partition(":")[0] for line in lines[:-1]] == ["assessment.md", "module.md", "pages/"]
    assert all(line.endswith(".") for line in lines), "problem and fix"
    assert lines[-1] == "The module “empty” has 3 faults."


def test_publishing_tells_them_too_and_changes_nothing(program: Program, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    answer = program("module", "publish", "empty")
    assert answer.returncode == 2
    assert "module.md: the file is missing. Write module.md" in answer.stderr
    assert "was not published, and nothing was changed" in answer.stderr
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("demo", "--port", "0"),
        ("demo", "--port", "65535"),
        ("demo", "--port", "80000"),
        ("credential", "list", "--limit", "-1"),
        ("credential", "list", "--limit", "0"),
    ],
    ids=" ".join,
)
def test_a_number_out_of_range_is_wrong_usage(words: tuple[str, ...], run: Run) -> None:
    answer = run(*words)
    assert answer.exit_code == 2
    assert "is not in the range" in answer.output


def test_a_database_that_does_not_answer_is_told_without_its_password(program: Program) -> None:
    answer = program("migrate", LTI_TOOL_DATABASE__URL="postgresql+psycopg://tool:geheim@127.0.0.1:1/tool")
    assert answer.returncode == 2
    assert "The database does not answer." in answer.stderr
    assert "127.0.0.1:1" in answer.stderr
    assert "geheim" not in answer.stderr and "Traceback" not in answer.stderr


def test_a_master_key_that_is_none_is_told_before_anything_is_served(program: Program) -> None:
    answer = program("serve", LTI_TOOL_SECURITY__MASTER_KEY="short")
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert "The master key must be 32 bytes" in answer.stderr and "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    "words",
    [("serve",), ("worker",), ("keys", "rotate"), ("user", "add", "kari"), ("platform", "test", "Moodle")],
    ids=" ".join,
)
def test_a_master_key_of_another_database_seals_nothing(words: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    lms = "https://lms.example"
    urls = [f"--{name}-url={lms}/{name}" for name in ("auth", "token", "jwks")]
    assert run("platform", "add", "--issuer", lms, "--client-id", "x", "--name", "Moodle", *urls).exit_code == 0
    (tmp_path / "var" / "master.key").write_bytes(base64.b64encode(bytes(32)))
    answer = run(*words)
    assert getattr(answer.exception, "code", "") == "core.sealed", answer.output
    assert answer.output == ""


@pytest.mark.parametrize("words", [("serve",), ("migrate",), ("platform", "list")], ids=" ".join)
def test_a_database_of_a_newer_release_is_left_alone(words: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    run("migrate")
    with sqlite3.connect(tmp_path / "var" / "lti-tool.db") as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.close()
    answer = run(*words)
    assert getattr(answer.exception, "code", "") == "cli.newer_database", answer.output
    assert "its revision is 9999" in str(answer.exception) and answer.output == ""


def test_a_folder_that_cannot_be_made_is_named(program: Program, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for words, settings in (
        (("migrate",), {"LTI_TOOL_DATABASE__URL": "sqlite:///file/tool.db"}),
        (("demo", "--no-browser", "--data", "file/demo"), {}),
    ):
        answer = program(*words, **settings)
        assert answer.returncode == 2
        assert "cannot be made, read or written" in answer.stderr and "(core.not_writable)" in answer.stderr
        assert "Traceback" not in answer.stderr


def test_a_worker_without_tables_says_what_to_run_first(program: Program, tmp_path: Path) -> None:
    (tmp_path / "new.db").touch()
    answer = program("worker", LTI_TOOL_DATABASE__URL="sqlite:///new.db")
    assert answer.returncode == 2
    assert "lti-tool migrate" in answer.stderr and len(answer.stderr) < 500


def test_what_nobody_foresaw_is_one_line_and_a_way_to_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell_fault(ZeroDivisionError("division by zero\nsecond line")) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "This is a fault of lti-tool itself: ZeroDivisionError: division by zero"
    assert "LTI_TOOL_LOG__LEVEL=debug" in said[1]


def test_what_the_system_refuses_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell_fault(PermissionError(13, "Permission denied", "/srv/secret")) == 2
    assert capsys.readouterr().err.startswith("The system refused this: “/srv/secret”: Permission denied.\n")
