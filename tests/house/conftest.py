"""The house's Flask application, as it is wired for serving."""

from pathlib import Path

import pytest
from flask import Flask

from lti_tool.core.clock import FixedClock
from lti_tool.core.settings import Settings


@pytest.fixture
def house_app(db_url: str, clock: FixedClock, tmp_path: Path) -> Flask:
    """The application on a fresh database."""
    from lti_tool.web import create_app, wire  # Here, so that rules on the source alone run while a room is broken.

    values = {
        "server": {"public_url": "https://tool.example"},
        "database": {"url": db_url},
        "security": {"master_key_file": tmp_path / "master.key"},
    }
    return create_app(wire(Settings.model_validate(values), clock=clock))
