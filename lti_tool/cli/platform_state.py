"""`lti-tool platform approve | deny | disable | enable`: who of the connected LMSs comes in."""

from pathlib import Path

import click

from lti_tool import lti, workflows
from lti_tool.cli.setup import open_database, say, settings_option
from lti_tool.core.clock import SystemClock

_name = click.argument("name")


@click.command()
@_name
@click.argument("deployment", required=False)
@settings_option
def approve(name: str, deployment: str | None, config: Path | None) -> None:
    """Let a deployment of an LMS in; without DEPLOYMENT all that wait.

    NAME is the platform's name or id. A deployment waits when the platform's new deployments are set to “ask”.
    """
    _, db = open_database(config, existing=True)
    with db.transaction() as tx:
        asked = workflows.platform_called(tx, name)
        waiting = [one.lms_deployment_id for one in lti.deployments_of(tx, asked.id) if not one.allowed]
        chosen = waiting if deployment is None else [deployment]
        for one in chosen:
            workflows.decide_deployment(tx, asked, one, allow=True, actor="operator", now=SystemClock().now())
    say(f"{asked.name}: let in {', '.join(chosen)}" if chosen else f"{asked.name}: no deployment waits")


@click.command()
@_name
@click.argument("deployment")
@settings_option
def deny(name: str, deployment: str, config: Path | None) -> None:
    """Keep a deployment of an LMS out; whoever came in by it is out with the next click."""
    _, db = open_database(config, existing=True)
    with db.transaction() as tx:
        asked = workflows.platform_called(tx, name)
        workflows.decide_deployment(tx, asked, deployment, allow=False, actor="operator", now=SystemClock().now())
    say(f"{asked.name}: {deployment} is kept out")


@click.command()
@_name
@settings_option
def disable(name: str, config: Path | None) -> None:
    """Close an LMS: nobody comes in by it, and who is in is out with the next click.

    Results and certificates stay, and grades that were earned are still sent.
    """
    _say(config, name, closed=True)


@click.command()
@_name
@settings_option
def enable(name: str, config: Path | None) -> None:
    """Open an LMS again that was disabled."""
    _say(config, name, closed=False)


def _say(config: Path | None, name: str, *, closed: bool) -> None:
    _, db = open_database(config, existing=True)
    with db.transaction() as tx:
        asked = workflows.platform_called(tx, name)
        workflows.close_platform(tx, asked, closed=closed, actor="operator", now=SystemClock().now())
    say(f"{asked.name} is {'closed' if closed else 'open again'}.")
