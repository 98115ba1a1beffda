"""Two ways to give a command: in this process where that is enough, or as a program of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from lti_tool.cli import cli

Run = Callable[..., Result]
Program = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Gives a command in an empty folder; the log is afterwards as it was."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("LTI_TOOL_")]:
        monkeypatch.delenv(name)
    before = structlog.get_config()
    yield lambda *words: CliRunner().invoke(cli, [str(word) for word in words])
    structlog.configure(**before)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Runs `lti-tool` as a process in an empty folder."""

    def start(*words: object, **settings: str) -> subprocess.CompletedProcess[str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("LTI_TOOL_")}
        return subprocess.run(
            [sys.executable, "-m", "lti_tool", *map(str, words)],
            cwd=tmp_path,
            env={**plain, **settings},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return start
