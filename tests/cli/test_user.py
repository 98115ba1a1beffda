"""`lti-tool user`: administrators are made by whoever has the server, and by nobody else."""

import json
import re
from pathlib import Path

from tests.cli.conftest import Run

LINK = r"http://tool\.localhost:8001/setup/([\w-]{43})"


def address(run: Run, *words: str) -> str:
    answer = run("user", *words, "--json")
    assert answer.exit_code == 0, answer.output
    return str(json.loads(answer.output)["address"])


def test_there_is_no_account_from_the_start(run: Run) -> None:
    run("migrate")
    assert json.loads(run("user", "list", "--json").output) == []


def test_the_link_is_told_once_and_kept_as_its_digest(run: Run, tmp_path: Path) -> None:
    answer = run("user", "add", "amara@example.edu")
    assert answer.exit_code == 0 and "within half an hour" in answer.output
    (token,) = re.findall(LINK, answer.output)
    assert token.encode() not in (tmp_path / "var" / "lti-tool.db").read_bytes()
    (known,) = json.loads(run("user", "list", "--json").output)
    assert known == {"name": "amara@example.edu", "organisation": "Our organisation", "state": "to be set up"}


def test_a_name_is_taken_once_in_whatever_case(run: Run) -> None:
    address(run, "add", "Amara")
    again = run("user", "add", " amara ")
    assert again.exit_code != 0 and "people.operator_known" in str(again.exception.code)  # type: ignore[union-attr]


def test_reset_makes_another_link(run: Run) -> None:
    assert address(run, "add", "Amara") != address(run, "reset", "amara")
    assert run("user", "reset", "nobody").exit_code != 0


def test_who_is_disabled_is_said_so(run: Run) -> None:
    address(run, "add", "Amara")
    assert run("user", "disable", "Amara").exit_code == 0
    assert json.loads(run("user", "list", "--json").output)[0]["state"] == "disabled"
    assert run("user", "enable", "Amara").exit_code == 0
    assert json.loads(run("user", "list", "--json").output)[0]["state"] == "to be set up"
