"""The guides in `configs/lms/` name addresses, commands and options that are there."""

import re
from pathlib import Path

import click
import pytest

from lti_tool.cli import cli
from lti_tool.core.settings import Settings
from lti_tool.lti import TITLE
from lti_tool.web import create_app, wire

FOLDER = Path(__file__).resolve().parents[2] / "configs" / "lms"
GUIDES = sorted(FOLDER.glob("*.md"))
NAMES = {"README", "moodle", "canvas", "blackboard", "brightspace", "sakai", "open-edx", "letter"}


def test_there_is_a_guide_for_each_lms() -> None:
    assert {guide.stem for guide in GUIDES} == NAMES
    linked = set(re.findall(r"\]\(([\w-]+)\.md\)", (FOLDER / "README.md").read_text("utf-8")))
    assert linked == NAMES - {"README"}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_every_address_of_ours_is_there(guide: Path, tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"database": {"url": f"sqlite:///{tmp_path}/x.db"}, "security": {"master_key_file": tmp_path / "key"}}
    )
    rules = {rule.rule for rule in create_app(wire(settings)).url_map.iter_rules()}
    named = set(re.findall(r"https://TOOL(/[\w./]*\w)", guide.read_text("utf-8")))
    assert named <= rules


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_every_command_and_option_is_there(guide: Path) -> None:
    text = guide.read_text("utf-8").replace("\\\n", " ")
    for words in re.findall(r"lti-tool ((?:[a-z]+ ?)+)((?:[^`\n]|\n(?! *\n))*)", text):
        command: click.Command = cli
        for word in words[0].split():
            if isinstance(command, click.Group) and word in command.commands:
                command = command.commands[word]
        known = {name for param in command.params for name in param.opts}
        assert not isinstance(command, click.Group), words
        assert set(re.findall(r"--[a-z-]+", words[1])) <= known, words


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_the_tool_has_one_name(guide: Path) -> None:
    """What the registration calls it is what the guides tell people to look for."""
    if guide.stem not in ("README", "open-edx"):
        assert TITLE in guide.read_text("utf-8")
