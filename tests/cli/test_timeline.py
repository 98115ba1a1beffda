"""`lti-tool timeline` at the terminal: words for a person, JSON for a script, exit status 1 for what nobody knows."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from lti_tool import lti, migrations
from lti_tool.core.clock import SystemClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Side

CODE = "7Q4M-2KXP"


@pytest.fixture
def config(empty_db: Database, tmp_path: Path, now: datetime) -> Path:
    """Settings of a tool that has refused one launch a moment ago."""
    migrations.migrate(empty_db, now=now)
    fault = lti.LtiRefused("lti.clock", "The clocks differ by %(seconds)s s.", side=Side.LMS, seconds=438)
    with empty_db.transaction() as tx:
        lti.keep_refusal(
            tx,
            fault,
            status=400,
            support_code=CODE,
            registration_id=None,
            known={"signature": "verified"},
            now=SystemClock().now(),
        )
    file = tmp_path / "tool.toml"
    file.write_text(
        f'[server]\npublic_url = "https://tool.example"\n[database]\nurl = "{empty_db.url}"\n'
        f'[security]\nmaster_key_file = "{tmp_path / "key"}"\n',
        encoding="utf-8",
    )
    return file


def run(config: Path, *asked: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lti_tool", "timeline", *asked, "--config", str(config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_a_refusal_in_words(config: Path) -> None:
    done = run(config, CODE.lower())
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert " UTC  login or launch refused  (code lti.clock, status 400" in said
    assert "  in order    The signature is right\n  FAILED      The message is fresh, by our clock\n" in said
    assert "What the person read:  The clocks differ by 438 s." in said
    assert "Whose side:            the LMS" in said
    assert "timedatectl set-ntp true" in said


def test_a_refusal_as_json(config: Path) -> None:
    done = run(config, CODE, "--json")
    facts = json.loads(done.stdout)
    assert (done.returncode, facts["code"], facts["kind"]) == (0, CODE, "refusal")
    assert facts["events"][0]["code"] == "lti.clock" and facts["events"][0]["at"].endswith("+00:00")
    assert set(facts["diagnosis"]) == {"passed", "check", "says", "side", "fix"}


def test_an_unknown_code_is_status_1(config: Path) -> None:
    done = run(config, "AAAA-AAAA")
    assert done.returncode == 1 and "Nothing is known" in done.stdout
    done = run(config, "AAAA-AAAA", "--json")
    assert (done.returncode, json.loads(done.stdout)["kind"]) == (1, None)
