"""`lti-tool platform invite`: an address for one LMS, told once, with what to do next."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_the_address_is_told_with_what_to_do_next(run: Run, tmp_path: Path) -> None:
    answer = run("platform", "invite", "--name", "Our Moodle")
    assert answer.exit_code == 0, answer.output
    (address,) = re.findall(
        r"^  (http://tool\.localhost:8001/lti/register\?invitation=[\w-]{43})$", answer.output, re.M
    )
    for word in ("Manage tools", "Tool URL…", "Developer Keys", "Register Tool", "good for one LMS"):
        assert word in answer.output
    token = address.rpartition("=")[2]
    assert token.encode() not in (tmp_path / "var" / "lti-tool.db").read_bytes(), "only its digest is kept"


def test_for_a_script_it_is_json(run: Run) -> None:
    answer = run("platform", "invite", "--hours", "2", "--json")
    facts = json.loads(answer.output)
    assert set(facts) == {"address", "expires_at", "invitation"}
    left = datetime.fromisoformat(facts["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=1.9) < left <= timedelta(hours=2)


@pytest.mark.parametrize("hours", ["0", "-1", "337", "soon"])
def test_how_long_it_holds_has_its_limits(hours: str, run: Run) -> None:
    assert run("platform", "invite", "--hours", hours).exit_code == 2


def test_each_invitation_is_another(run: Run) -> None:
    made = {json.loads(run("platform", "invite", "--json").output)["address"] for _ in range(3)}
    assert len(made) == 3
