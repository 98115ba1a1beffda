"""`lti-tool platform invite`: an address by which one LMS connects itself."""

from datetime import datetime, timedelta
from pathlib import Path

import click
from babel.dates import format_date

from lti_tool import workflows
from lti_tool.cli.setup import json_option, open_database, say, settings_option, tell
from lti_tool.core.clock import SystemClock

_NEXT = """
  Moodle      Site administration > Plugins > Activity modules > External tool > Manage tools:
              paste it into “Tool URL…”, press “Add LTI Advantage”.
  Canvas      Admin > your account > Developer Keys > + Developer Key > + LTI Registration:
              paste it as the registration URL, press “Continue”.
  Brightspace Admin Tools > Manage Extensibility > LTI Advantage > Register Tool > Dynamic:
              paste it as the registration endpoint.
  Others      wherever the LMS asks for a “dynamic registration URL”.

A page of this tool opens there and says what is asked of the LMS; one button connects both, and the page
then names what is left to do. It is good for one LMS. Whoever has the address can connect an LMS in your
name: send it to the LMS's administrator and to nobody else. (Guides: configs/lms/.)"""


@click.command()
@settings_option
@click.option("--name", default="", help="What people call this LMS; default: what it calls itself.")
@click.option(
    "--hours",
    type=click.IntRange(1, 24 * 14),
    default=24,
    show_default=True,
    help="How long the invitation holds.",
)
@click.option("--organisation", help="Who awards the certificates; default: organisation.name of the settings.")
@json_option
def invite(config: Path | None, name: str, hours: int, organisation: str | None, as_json: bool) -> None:
    """Make an address that connects one LMS when it is pasted there (Dynamic Registration)."""
    settings, db = open_database(config)
    owner, now = settings.organisation, SystemClock().now()
    with db.transaction() as tx:
        invitation, token = workflows.invite(
            tx,
            organisation=organisation or owner.name,
            country=owner.country,
            website=owner.website,
            name=name,
            lives=timedelta(hours=hours),
            actor="operator",
            now=now,
        )
    address = f"{settings.server.public_url}/lti/register?invitation={token}"
    if as_json:
        facts = {
            "address": address,
            "expires_at": invitation.expires_at.isoformat(),
            "invitation": invitation.public_id,
        }
        tell(facts, as_json=True)
        return
    say(f"An invitation for one LMS, good until {_moment(invitation.expires_at)}. Paste this address there:\n")
    say(f"  {address}")
    say(_NEXT)


def _moment(moment: datetime) -> str:
    return f"{format_date(moment, 'd MMMM y', locale='en')}, {moment:%H:%M} UTC"
