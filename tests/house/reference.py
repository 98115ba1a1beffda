"""The reference pages, written from the code: `python -m tests.house.reference` writes them anew.

House tests compare: a setting, command or error code that is not in its page fails `make test`.
"""

import inspect
from collections.abc import Callable
from pathlib import Path

import click

from tests.house.facts import Command, commands_of, explained, faults, settings_of

ROOT = Path(__file__).resolve().parent.parent.parent
_NOTE = (
    "<!-- Written by `python -m tests.house.reference`; change the code, or configs/example.toml, not this page. -->"
)
_KINDS = {
    "NotFound": "not there (404)",
    "NotAllowed": "not allowed (403)",
    "Invalid": "cannot be read (400)",
    "Conflict": "changed meanwhile (409)",
    "Upstream": "another system (502)",
    "ToolError": "our side (500)",
    "TooMany": "too often (429)",
}


def settings_page(root: Path) -> str:
    """docs/reference/settings.md."""
    from lti_tool.core.settings import Settings

    words = explained((root / "configs" / "example.toml").read_text(encoding="utf-8"))
    lines = [
        "# Settings",
        "",
        _NOTE,
        "",
        "They stand in a TOML file: `lti-tool.toml` in the working directory, or `--config FILE`, or the file that",
        "`LTI_TOOL_CONFIG` names. An environment variable wins over the file. Start from `configs/example.toml`.",
        "Wrong values and unknown names stop the start, all of them named at once.",
    ]
    section = ""
    for setting in settings_of(Settings):
        if setting.section != section:
            section = setting.section
            lines += ["", f"## `[{section}]`"]
        lines += [
            "",
            f"### `{setting.section}.{setting.key}`",
            "",
            words.get((setting.section, setting.key), ""),
            "",
            f"Default: {_default(setting.default)}. Variable: `{setting.variable}`.",
        ]
    return "\n".join(lines) + "\n"


def _default(value: object) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value}`"


def commands_page() -> str:
    """docs/reference/commands.md."""
    from lti_tool.cli import cli

    lines = [
        "# Commands",
        "",
        _NOTE,
        "",
        "Exit status: 0 done; 1 the thing asked about is not so (not valid, not healthy); 2 wrong usage or input.",
        "`-h` or `--help` after any command tells what this page tells.",
    ]
    for item in commands_of(cli):
        lines += ["", f"{'#' * min(len(item.name.split()) + 1, 4)} `{item.name}`", "", *_command(item)]
    return "\n".join(lines) + "\n"


def _command(item: Command) -> list[str]:
    with click.Context(item.command, info_name=item.name) as context:
        usage = " ".join(item.command.collect_usage_pieces(context))
        text = inspect.cleandoc(item.command.help or "").replace("\b\n", "").strip()
        lines = [f"    {item.name} {usage}".rstrip(), "", *(line.rstrip() for line in _indented(text).splitlines())]
        options = [record for option in item.options if (record := option.get_help_record(context))]
    if options:
        lines += ["", "| option | |", "|---|---|"]
        lines += [f"| `{name}` | {words.replace('|', '/')} |" for name, words in options]
    return lines


def _indented(text: str) -> str:
    """The help text; what click was told not to wrap becomes a block."""
    return "\n".join(f"    {line}" if "  " in line.strip() else line for line in text.splitlines())


def errors_page(root: Path) -> str:
    """docs/reference/errors.md."""
    lines = [
        "# Error codes",
        "",
        _NOTE,
        "",
        "A page that says something went wrong carries two codes. This one names the cause; the *support code* beside",
        "it (such as `7Q4M-2KXP`) finds the whole story in the log: `grep 7Q4M-2KXP`. Of a refused launch,",
        "`lti-tool timeline 7Q4M-2KXP` names the check that failed, whose side it is on, and the fix. Words in `%(…)s`",
        "are filled in.",
        "",
        "| code | kind | what it says | what to do |",
        "|---|---|---|---|",
    ]
    for fault in faults(root):
        words = fault.detail or "*(the words depend on the case)*"
        cells = [f"`{fault.code}`", _KINDS.get(fault.kind, ""), words, fault.hint]
        lines.append("| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[Path], str]] = {
    "settings.md": settings_page,
    "commands.md": lambda _root: commands_page(),
    "errors.md": errors_page,
}


if __name__ == "__main__":
    for page, write in PAGES.items():
        path = ROOT / "docs" / "reference" / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write(ROOT), encoding="utf-8")
        print(path.relative_to(ROOT))
