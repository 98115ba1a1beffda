"""The demo LMS in a test: a clock that can be moved, a browser without a screen, and the tool's side of the wires."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from flask import Flask

from lti_tool.demo import CanvasLms, Flavour, Link, Lms, LmsConfig, create_lms
from tests.demo.canvas_side import PEOPLE, CanvasTool, Known, capture
from tests.demo.sides import LMS, TOOL, Hand, ToolClient, ToolSide, Visitor


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture(scope="session")
def tool_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def tool(hand: Hand, tool_key: RSAPrivateKey) -> ToolSide:
    return ToolSide(hand, tool_key)


@pytest.fixture(scope="session")
def fresh_course(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of an empty course, so that not every test waits for a new key."""
    folder = tmp_path_factory.mktemp("lms")
    Lms(LmsConfig(LMS, TOOL, folder))
    return (folder / "lms.json").read_text(encoding="utf-8")


@pytest.fixture
def config(tmp_path: Path, fresh_course: str) -> LmsConfig:
    (tmp_path / "lms.json").write_text(fresh_course, encoding="utf-8")
    return LmsConfig(LMS, TOOL, tmp_path)


@pytest.fixture
def lms(config: LmsConfig, hand: Hand, tool: ToolSide) -> Lms:
    return Lms(config, clock=hand, fetch_keys=tool.key_set)


@pytest.fixture
def app(config: LmsConfig, lms: Lms) -> Flask:
    return create_lms(config, lms)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app.test_client(), LMS)


@pytest.fixture
def server(app: Flask, tool: ToolSide) -> ToolClient:
    client = app.test_client()
    answer = client.post("/mod/lti/token.php", base_url=LMS, data=tool.token_form())
    return ToolClient(client, json.loads(answer.text)["access_token"], LMS)


@pytest.fixture
def canvas(config: LmsConfig, hand: Hand, tool: ToolSide) -> CanvasLms:
    config = LmsConfig(config.lms_url, config.tool_url, config.data_dir, Flavour.CANVAS)
    return CanvasLms(config, clock=hand, fetch_keys=tool.key_set)


@pytest.fixture
def canvas_app(canvas: CanvasLms) -> Flask:
    return create_lms(canvas.config, canvas)


@pytest.fixture
def canvas_visitor(canvas_app: Flask) -> Visitor:
    return Visitor(canvas_app.test_client(), LMS)


@pytest.fixture
def canvas_tool(canvas_app: Flask, tool: ToolSide) -> CanvasTool:
    return CanvasTool(canvas_app, tool)


# --- Canvas with the people of its captures ---


@pytest.fixture
def known(shared_dir: Path) -> Known:
    return lambda name: capture(shared_dir, name)


@pytest.fixture
def school(canvas: CanvasLms, hand: Hand, tool: ToolSide) -> CanvasLms:
    hand.at = hand.at.replace(day=23, hour=19)
    return CanvasLms(canvas.config, clock=hand, fetch_keys=tool.key_set, people=PEOPLE)


@pytest.fixture
def assignment(school: CanvasLms) -> Link:
    return school.add_link("Test LTI 1.3 Assignment Name", text="Assignment Description", maximum=10)


@pytest.fixture
def school_tool(school: CanvasLms, tool: ToolSide, assignment: Link) -> CanvasTool:
    return CanvasTool(create_lms(school.config, school), tool)
