"""`lti-tool platform test` at the terminal: a line for each check, JSON for a script, status 1 when not healthy."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lti_tool import migrations
from lti_tool.core.db import Database
from lti_tool.demo import Services
from tests.cli.conftest import Run
from tests.stage import Stage, furnish, raised


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    db = Database(f"sqlite:///{folder / 'tool.db'}")
    migrations.migrate(db, now=datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    db.dispose()
    with raised(str(db.url), folder) as up:
        yield up


@pytest.fixture
def config(stage: Stage, tmp_path: Path) -> Path:
    file = tmp_path / "tool.toml"
    used = stage.tool.settings
    file.write_text(
        f'[server]\npublic_url = "{stage.tool_url}"\n[database]\nurl = "{used.database.url}"\n'
        f'[security]\nmaster_key_file = "{used.security.master_key_file}"\n'
        '[http]\nallow_networks = ["127.0.0.0/8"]\n',
        encoding="utf-8",
    )
    return file


def test_the_lines_are_told_with_their_fixes(stage: Stage, config: Path, run: Run) -> None:
    answer = run("platform", "test", "demo lms", "--config", config)
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert lines[0].startswith("ok    keys of the LMS ")
    assert any(line.startswith("warn  grade column") for line in lines)
    assert any(line.strip().startswith("→ Open an activity of this tool") for line in lines)
    assert lines[-1] == "Demo LMS is connected."
    stage.lms.faults.services = Services.DOWN
    answer = run("platform", "test", stage.registration.public_id, "--config", config)
    assert answer.exit_code == 1
    stage.lms.faults.mend()
    assert "FAIL  token" in answer.output
    assert answer.output.splitlines()[-1] == "Demo LMS is not well connected: see FAIL."


def test_a_script_reads_json(stage: Stage, config: Path, run: Run) -> None:
    answer = run("platform", "test", "Demo LMS", "--json", "--config", config)
    assert answer.exit_code == 0
    said = json.loads(answer.output)
    assert (said["platform"], said["name"], said["healthy"]) == (stage.registration.public_id, "Demo LMS", True)
    assert {"check": "token", "verdict": "ok", "fix": ""}.items() <= said["findings"][2].items()
    assert {finding["verdict"] for finding in said["findings"]} == {"ok", "warn"}


def test_an_unknown_platform_is_told(config: Path, run: Run) -> None:
    answer = run("platform", "test", "Moodle", "--config", config)
    assert getattr(answer.exception, "code", "") == "workflows.no_platform"


def test_a_name_of_two_platforms_is_not_guessed(stage: Stage, config: Path, run: Run) -> None:
    known = stage.registration
    facts = {name: getattr(known, name) for name in ("issuer", "auth_url", "token_url", "jwks_url")}
    twins = [furnish(stage.tool, {**facts, "name": "Twin", "client_id": client}) for client in ("one", "two")]
    answer = run("platform", "test", "Twin", "--config", config)
    assert getattr(answer.exception, "code", "") == "workflows.many_platforms"
    assert all(twin.public_id in getattr(answer.exception, "hint_text", "") for twin in twins)
    answer = run("platform", "test", twins[0].public_id.upper(), "--config", config)
    assert answer.exit_code == 1 and "client ID there must be one" in answer.output
