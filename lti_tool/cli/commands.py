"""All commands of `lti-tool`. Every one that prints facts takes `--json`."""

import click

from lti_tool import __version__
from lti_tool.cli import (
    connection,
    credential,
    demo,
    invite,
    keys,
    module,
    person,
    platform,
    platform_state,
    serve,
    timeline,
    user,
)


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
platform.platform.add_command(invite.invite)
platform.platform.add_command(connection.connection_test)
for command in (platform_state.approve, platform_state.deny, platform_state.disable, platform_state.enable):
    platform.platform.add_command(command)
cli.add_command(platform.platform)
cli.add_command(person.person)
cli.add_command(keys.keys)
cli.add_command(module.module)
cli.add_command(credential.credential)
cli.add_command(timeline.timeline)
cli.add_command(user.user)
