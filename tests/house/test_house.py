"""The house rules, on the house as it stands. That each of them notices what it should is shown in test_planted.py."""

from pathlib import Path

import pytest
from flask import Flask
from jinja2 import StrictUndefined

from lti_tool.core.settings import Settings, load
from tests.house import facts, pages, reading, reference, rules
from tests.house.source import modules

ROOT = reference.ROOT


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: rules.Rule) -> None:
    assert rule(ROOT) == []


def test_a_get_never_writes() -> None:
    assert reading.get_writes_nothing(ROOT) == []


def test_an_error_code_begins_with_its_room() -> None:
    assert facts.codes_of_other_rooms(ROOT) == []


@pytest.mark.parametrize("page", reference.PAGES)
def test_the_reference_says_what_is_there(page: str) -> None:
    path = ROOT / "docs" / "reference" / page
    assert path.read_text(encoding="utf-8") == reference.PAGES[page](ROOT), "run: python -m tests.house.reference"


def test_every_setting_is_explained_in_the_example_file() -> None:
    words = facts.explained((ROOT / "configs" / "example.toml").read_text(encoding="utf-8"))
    assert [key for key in facts.settings_keys(Settings) if not words.get(key)] == []
    assert [key for key in words if key not in facts.settings_keys(Settings)] == []


def test_the_example_file_shows_the_defaults(tmp_path: Path) -> None:
    example = (ROOT / "configs" / "example.toml").read_text(encoding="utf-8")
    shown = facts.uncommented(example)
    for setting in facts.settings_of(Settings):
        given = shown[setting.section][setting.key]
        assert facts.plain(given) == facts.plain(setting.default), f"{setting.section}.{setting.key}"
    (tmp_path / "lti-tool.toml").write_text(example, encoding="utf-8")
    assert load(tmp_path / "lti-tool.toml", {}) == Settings()


def test_every_command_says_what_it_does() -> None:
    from lti_tool.cli import cli

    silent = [command.name for command in facts.commands_of(cli) if not (command.command.help or "").strip()]
    silent += [
        f"{command.name} {option.opts[0]}"
        for command in facts.commands_of(cli)
        for option in command.options
        if not (option.help or "").strip()
    ]
    assert silent == []


def test_every_template_compiles_with_undefined_as_a_fault(house_app: Flask) -> None:
    assert house_app.jinja_env.undefined is StrictUndefined
    assert pages.compile_all(ROOT, house_app.jinja_env) == []


def test_every_template_is_used_and_each_that_is_named_is_there(house_app: Flask) -> None:
    assert pages.all_used(ROOT, house_app.jinja_env) == []


def test_every_static_file_that_a_page_asks_for_is_there() -> None:
    assert pages.static_files_there(ROOT) == []


def test_no_page_carries_inline_style_or_script() -> None:
    assert pages.no_inline(ROOT) == []


def test_the_rules_see_the_house() -> None:
    """An empty list of modules would keep every rule."""
    rooms = {module.room for module in modules(ROOT)}
    assert {"core", "lti", "people", "modules", "courses", "assessments", "gradebook", "credentials", "web"} <= rooms


def test_no_message_goes_to_anybody() -> None:
    assert pages.messages_to_somebody(ROOT) == []
