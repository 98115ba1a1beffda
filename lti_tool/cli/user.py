"""`lti-tool user add | reset | disable | enable | list`: the administrators, who sign in at /admin/."""

from pathlib import Path

import click

from lti_tool import people, workflows
from lti_tool.cli.setup import json_option, open_database, open_vault, say, settings_option, tell, tell_many
from lti_tool.core.clock import SystemClock
from lti_tool.core.settings import Settings


@click.group()
def user() -> None:
    """Make and reset administrators. There is none from the start."""


@user.command()
@click.argument("name")
@settings_option
@click.option("--organisation", help="Whose platforms and people they see; default: organisation.name of the settings.")
@json_option
def add(name: str, config: Path | None, organisation: str | None, as_json: bool) -> None:
    """Make an administrator, and the link by which they choose a password and a second factor.

    NAME is what they sign in with, for example an e-mail address; no mail is sent to it.
    """
    settings, db = open_database(config)
    owner, now = settings.organisation, SystemClock().now()
    vault = open_vault(settings, db)
    with db.transaction() as tx:
        ours = people.ensure_organisation(
            tx,
            organisation or owner.name,
            country=owner.country,
            website=owner.website,
            now=now,
        )
        token = workflows.add_operator(tx, vault, name, ours, actor="operator", now=now)
    _tell_link(settings, token, as_json=as_json)


@user.command()
@click.argument("name")
@settings_option
@json_option
def reset(name: str, config: Path | None, as_json: bool) -> None:
    """Make a new set-up link for somebody who has lost a password or a phone.

    What they had before (password, second factor, open sessions) is void at once.
    """
    settings, db = open_database(config, existing=True)
    vault = open_vault(settings, db)
    with db.transaction() as tx:
        token = workflows.reset_operator(tx, vault, name, actor="operator", now=SystemClock().now())
    _tell_link(settings, token, as_json=as_json)


@user.command()
@click.argument("name")
@settings_option
def disable(name: str, config: Path | None) -> None:
    """Keep an administrator out; open sessions end at once."""
    _close(config, name, closed=True)
    say(f"{name} cannot sign in any more.")


@user.command()
@click.argument("name")
@settings_option
def enable(name: str, config: Path | None) -> None:
    """Let an administrator in again."""
    _close(config, name, closed=False)
    say(f"{name} can sign in again.")


@user.command("list")
@settings_option
@json_option
def list_all(config: Path | None, as_json: bool) -> None:
    """Name the administrators."""
    _, db = open_database(config, existing=True)
    with db.reading() as tx:
        owners = {owner.id: owner.name for owner in people.list_organisations(tx)}
        rows = [_row(one, owners) for one in people.list_operators(tx)]
    tell_many(rows, as_json=as_json)


def _row(one: people.Operator, owners: dict[int, str]) -> dict[str, object]:
    state = "disabled" if one.disabled_at else "active" if one.is_set_up else "to be set up"
    return {"name": one.name, "organisation": owners[one.organisation_id], "state": state}


def _close(config: Path | None, name: str, *, closed: bool) -> None:
    _, db = open_database(config, existing=True)
    with db.transaction() as tx:
        workflows.close_operator(tx, name, closed=closed, actor="operator", now=SystemClock().now())


def _tell_link(settings: Settings, token: str, *, as_json: bool) -> None:
    address = f"{settings.server.public_url}/setup/{token}"
    if as_json:
        tell({"address": address, "minutes": 30, "sign in": f"{settings.server.public_url}/admin/"}, as_json=True)
        return
    say("Open this address within half an hour. It works once; whoever opens it becomes this administrator:\n")
    say(f"  {address}\n")
    say(f"After that they sign in at {settings.server.public_url}/admin/")
