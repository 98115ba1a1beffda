"""Stories over HTTP: the demo LMS and the tool, both served for real."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stage import Stage, raised


@pytest.fixture
def stage(db_url: str, tmp_path: Path) -> Iterator[Stage]:
    with raised(db_url, tmp_path) as up:
        yield up
