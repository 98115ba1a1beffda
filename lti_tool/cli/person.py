"""`lti-tool person find | block | unblock`: keeping one person out, whatever their LMS says."""

from pathlib import Path

import click

from lti_tool import people, workflows
from lti_tool.cli.setup import json_option, open_database, say, settings_option, tell_many
from lti_tool.core.clock import SystemClock

_id = click.argument("person_id", metavar="ID")


@click.group()
def person() -> None:
    """Find people, and keep one out."""


@person.command()
@click.argument("text")
@settings_option
@json_option
def find(text: str, config: Path | None, as_json: bool) -> None:
    """Find people by name, e-mail address, support code or launch."""
    _, db = open_database(config, existing=True)
    now = SystemClock().now()
    with db.reading() as tx:
        owners = people.list_organisations(tx)
        found = [one for owner in owners for one in workflows.find_people(tx, text, organisation_id=owner.id, now=now)]
    tell_many([_row(one) for one in found], as_json=as_json)


def _row(one: people.Found) -> dict[str, object]:
    return {
        "id": one.public_id,
        "name": one.name or "no name",
        "e-mail": one.email,
        "platform": one.platform,
        "state": "blocked" if one.blocked_at else "",
    }


@person.command()
@_id
@settings_option
@click.option("--words", default="", help="Why, for the record.")
def block(person_id: str, config: Path | None, words: str) -> None:
    """Keep a person out: open sessions end with the next click, new launches are refused."""
    _, db = open_database(config, existing=True)
    with db.transaction() as tx:
        workflows.block(tx, person_id, words=words, actor="operator", now=SystemClock().now())
    say(f"blocked {person_id}")


@person.command()
@_id
@settings_option
def unblock(person_id: str, config: Path | None) -> None:
    """Let a person in again."""
    _, db = open_database(config, existing=True)
    with db.transaction() as tx:
        workflows.unblock(tx, person_id, actor="operator", now=SystemClock().now())
    say(f"unblocked {person_id}")
