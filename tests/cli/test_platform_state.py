"""`lti-tool platform approve | deny | disable | enable` and `lti-tool person`: who comes in."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lti_tool import lti, people
from lti_tool.core.db import Database
from tests.cli.conftest import Run

HOST = "https://lms.example"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def connect(run: Run, *more: str, client: str = "1") -> None:
    urls = ("--auth-url", f"{HOST}/a", "--token-url", f"{HOST}/t", "--jwks-url", f"{HOST}/k")
    named = ("--issuer", HOST, "--client-id", client, "--name", f"Moodle {client}")
    done = run("platform", "add", *named, *urls, *more)
    assert done.exit_code == 0, done.output


@pytest.fixture
def db(run: Run, tmp_path: Path) -> Database:
    """The database of a Moodle whose deployments 3 and 4 wait."""
    connect(run, "--deployments", "ask")
    database = Database(f"sqlite:///{tmp_path}/var/lti-tool.db")
    with database.transaction() as tx:
        (known,) = lti.list_registrations(tx)
        for deployment in ("3", "4"):
            lti.admit_deployment(tx, known.id, deployment, now=NOW)
    database.dispose()
    return database


def allowed(db: Database) -> list[bool]:
    with db.reading() as tx:
        found = [one.allowed for one in lti.deployments_of(tx, 1)]
    db.dispose()
    return found


def test_one_or_all_that_wait_are_let_in(run: Run, db: Database) -> None:
    assert run("platform", "approve", "moodle 1", "3").output == "Moodle 1: let in 3\n"
    assert allowed(db) == [True, False]
    assert run("platform", "approve", "moodle 1").output == "Moodle 1: let in 4\n"
    assert run("platform", "approve", "moodle 1").output == "Moodle 1: no deployment waits\n"
    assert run("platform", "deny", "moodle 1", "3").exit_code == 0
    assert allowed(db) == [False, True]
    assert run("platform", "approve", "moodle 1", "never seen").exit_code != 0


def test_a_platform_is_closed_and_opened(run: Run, db: Database) -> None:
    assert run("platform", "disable", "Moodle 1").output == "Moodle 1 is closed.\n"
    with db.reading() as tx:
        assert lti.list_registrations(tx)[0].disabled_at is not None
    assert run("platform", "enable", "Moodle 1").output == "Moodle 1 is open again.\n"
    with db.reading() as tx:
        assert lti.list_registrations(tx)[0].disabled_at is None
    db.dispose()
    assert run("platform", "disable", "Canvas").exit_code != 0


def test_a_person_is_found_blocked_and_unblocked(run: Run, db: Database) -> None:
    with db.transaction() as tx:
        person = people.recognise(
            tx,
            registration_id=1,
            identity_scope="3",
            lms_user_id="6",
            portrait=people.Portrait("Nguyễn Thị Ánh Tuyết", None, None, None, None),
            now=NOW,
        )
    db.dispose()
    (found,) = json.loads(run("person", "find", "tuyết", "--json").output)
    assert (found["id"], found["state"]) == (person.public_id, "")
    assert run("person", "block", found["id"], "--words", "shared account").exit_code == 0
    (found,) = json.loads(run("person", "find", person.public_id, "--json").output)
    assert found["state"] == "blocked"
    assert run("person", "unblock", found["id"]).exit_code == 0
    assert run("person", "block", "nobody").exit_code != 0
