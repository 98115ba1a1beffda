"""The `lti-tool` command: the operator's door.

Exit status: 0 done; 1 the thing asked about is not so (not valid, not healthy); 2 wrong usage or input. Every command
that prints facts takes `--json`.
"""

import sys

import click

from lti_tool import __version__
from lti_tool.cli import credential, demo, module, platform, serve
from lti_tool.core.errors import ToolError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="lti-tool")
def cli() -> None:
    """Short assessed modules inside Moodle or Canvas, with certificates that strangers can check.

    \b
    Try it:      lti-tool demo
    Run it:      lti-tool serve      (settings: lti-tool.toml, see configs/example.toml)
    Connect it:  lti-tool platform add --help
    """


cli.add_command(demo.demo)
cli.add_command(serve.serve)
cli.add_command(serve.worker)
cli.add_command(serve.migrate)
cli.add_command(platform.platform)
cli.add_command(module.module)
cli.add_command(credential.credential)


def main() -> None:
    """Runs the command; a fault of ours is told in words, without a traceback."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as fault:
        fault.show()
        sys.exit(2)
    except ToolError as fault:
        click.echo(f"{fault.text}", err=True)
        if fault.hint_text:
            click.echo(fault.hint_text, err=True)
        click.echo(f"({fault.code})", err=True)
        sys.exit(2)
