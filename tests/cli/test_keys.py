"""`lti-tool keys`: which keys there are, and a new one in place of the old."""

import json

from tests.cli.conftest import Run
from tests.cli.test_platform_state import connect


def listed(run: Run) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(run("keys", "list", "--json").output)
    return rows


def test_a_rotated_key_stays_published_for_a_fortnight(run: Run) -> None:
    connect(run)
    (before,) = listed(run)
    assert before["stage"] == "signs" and before["published until"] == ""
    made = json.loads(run("keys", "rotate", "--json").output)
    old, new = listed(run)
    assert (old["kid"], old["stage"]) == (before["kid"], "retiring") and old["published until"]
    assert (new["kid"], new["stage"]) == (made[0]["kid"], "signs")
    assert made[0]["organisation"] == "Our organisation"


def test_one_organisation_s_key_is_rotated_alone(run: Run) -> None:
    connect(run)
    connect(run, "--organisation", "Beldermoor", client="2")
    run("keys", "rotate", "--organisation", "Beldermoor")
    stages = [(row["organisation"], row["stage"]) for row in listed(run)]
    assert stages == [("Our organisation", "signs"), ("Beldermoor", "retiring"), ("Beldermoor", "signs")]
    assert run("keys", "rotate", "--organisation", "Nobody").exit_code != 0


def test_a_person_is_told_that_nothing_stops(run: Run) -> None:
    connect(run)
    said = run("keys", "rotate").output
    assert "the old ones stay published for 14 days" in said
