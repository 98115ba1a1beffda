"""`lti-tool credential list | show | verify | revoke | reinstate`: what was awarded."""

import sys
from pathlib import Path

import click

from lti_tool import credentials, workflows
from lti_tool.cli.setup import json_option, open_database, say, settings_option, tell, tell_many
from lti_tool.core.clock import SystemClock

_REASONS = [reason.value for reason in credentials.RevocationReason]
_WORDS = {
    credentials.Verdict.VALID: "Genuine, and valid today.",
    credentials.Verdict.NOT_YET_VALID: "Genuine, but not valid yet.",
    credentials.Verdict.EXPIRED: "It was genuine, and has expired.",
    credentials.Verdict.REVOKED: "It was taken back by its issuer.",
    credentials.Verdict.REPLACED: "Another certificate has taken its place.",
    credentials.Verdict.WITHDRAWN_BY_HOLDER: "Its holder has withdrawn it.",
    credentials.Verdict.NOT_FOUND: "There is no such certificate in this database.",
    credentials.Verdict.ALTERED: "Do not rely on it: what is stored no longer matches what was signed.",
    credentials.Verdict.UNKNOWN_ISSUER: "It is not known who issued it.",
    credentials.Verdict.COULD_NOT_CHECK: "It could not be checked just now; try again.",
}
_id = click.argument("credential_id", metavar="ID")


@click.group()
def credential() -> None:
    """List, check, revoke and reinstate certificates."""


@credential.command("list")
@settings_option
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="How many at most.")
@json_option
def list_newest(config: Path | None, limit: int, as_json: bool) -> None:
    """Name the newest certificates."""
    _, db = open_database(config, existing=True)
    with db.reading() as tx:
        rows = [_brief(known) for known in credentials.list_credentials(tx, limit)]
    tell_many(rows, as_json=as_json)


@credential.command()
@_id
@settings_option
@json_option
def show(credential_id: str, config: Path | None, as_json: bool) -> None:
    """Tell all that a certificate says, and what happened to it."""
    _, db = open_database(config, existing=True)
    with db.reading() as tx:
        known = credentials.find_credential(tx, plain_id(credential_id))
        history = credentials.history_of(tx, known.id)
    happened = [f"{event.at:%Y-%m-%d %H:%M:%S} UTC {event.act} by {event.actor}" for event in history]
    tell({**_brief(known), **known.facts.as_json(), "history": happened}, as_json=as_json)


@credential.command()
@_id
@settings_option
@json_option
def verify(credential_id: str, config: Path | None, as_json: bool) -> None:
    """Check a certificate: exit status 0 when it is valid, 1 when not."""
    _, db = open_database(config, existing=True)
    with db.reading() as tx:
        found = workflows.verify(tx, plain_id(credential_id), now=SystemClock().now())
    facts = {"credential": plain_id(credential_id), "verdict": found.verdict.value}
    tell({**facts, "in words": _WORDS[found.verdict]}, as_json=as_json)
    sys.exit(0 if found.verdict is credentials.Verdict.VALID else 1)


@credential.command()
@_id
@settings_option
@click.option("--reason", type=click.Choice(_REASONS), required=True, help="The class of the reason.")
@click.option("--words", default="", help="The reason in words, shown to whoever checks the certificate.")
def revoke(credential_id: str, config: Path | None, reason: str, words: str) -> None:
    """Take a certificate back; its verification page says so at once."""
    _, db = open_database(config, existing=True)
    wanted = plain_id(credential_id)
    with db.transaction() as tx:
        workflows.revoke(tx, wanted, reason=reason, words=words, actor="operator", now=SystemClock().now())
    say(f"revoked {wanted}")


@credential.command()
@_id
@settings_option
@click.option("--words", default="", help="Why, for the record.")
def reinstate(credential_id: str, config: Path | None, words: str) -> None:
    """Take a revocation back."""
    _, db = open_database(config, existing=True)
    wanted = plain_id(credential_id)
    with db.transaction() as tx:
        workflows.reinstate(tx, wanted, words=words, actor="operator", now=SystemClock().now())
    say(f"reinstated {wanted}")


def plain_id(text: str) -> str:
    """The id itself, also where the whole address was given."""
    return text.rstrip("/").rpartition("/")[2]


def _brief(known: credentials.Credential) -> dict[str, object]:
    return {
        "credential": known.public_id,
        "number": known.number,
        "holder": known.facts.holder_name,
        "title": known.facts.title,
        "status": known.status.value,
        "address": known.address,
    }
