"""`lti-tool platform add | list`: the LMSs that may launch us."""

from pathlib import Path
from typing import Any

import click

from lti_tool import lti, workflows
from lti_tool.cli.setup import json_option, open_database, say, settings_option, tell, tell_many
from lti_tool.core.clock import SystemClock
from lti_tool.core.secrets import Vault, master_key


@click.group()
def platform() -> None:
    """Connect LMSs."""


@platform.command()
@settings_option
@click.option("--issuer", required=True, help="The platform's issuer (Moodle: “Platform ID”).")
@click.option("--client-id", required=True, help="The client ID that the platform has given to this tool.")
@click.option("--auth-url", required=True, help="Authentication request URL.")
@click.option("--token-url", required=True, help="Access token URL.")
@click.option("--jwks-url", required=True, help="Public keyset URL.")
@click.option("--audience", help="`aud` of token requests where it is not the token URL.")
@click.option("--deployment", "lms_deployment_ids", multiple=True, help="A deployment ID to let in; may be repeated.")
@click.option(
    "--deployments",
    "policy",
    type=click.Choice([policy.value for policy in lti.DeploymentPolicy]),
    default="auto",
    show_default=True,
    help="What to do with deployments that are not known yet.",
)
@click.option("--name", default="LMS", help="What people call this LMS, for example Moodle.")
@click.option("--organisation", help="Who awards the certificates; default: organisation.name of the settings.")
@json_option
def add(config: Path | None, organisation: str | None, policy: str, as_json: bool, **given: Any) -> None:
    """Let a platform launch this tool, or change what is known of it."""
    settings, db = open_database(config)
    owner = settings.organisation
    with db.transaction() as tx:
        registration = workflows.connect(
            tx,
            vault=Vault(master_key(settings.security.master_key_file, settings.security.master_key)),
            organisation=organisation or owner.name,
            country=owner.country,
            website=owner.website,
            deployments=lti.DeploymentPolicy(policy),
            actor="operator",
            now=SystemClock().now(),
            **given,
        )
    if not as_json:
        say(f"{registration.name} is connected. What the LMS wants to know of this tool:")
    tell(_own_facts(registration, settings.server.public_url), as_json=as_json)


def _own_facts(registration: lti.Registration, url: str) -> dict[str, object]:
    return {
        "platform": registration.public_id,
        "tool URL": f"{url}/lti/launch",
        "login URL": f"{url}/lti/login",
        "redirect URI": f"{url}/lti/launch",
        "keyset URL": f"{url}/lti/jwks.json",
    }


@platform.command("list")
@settings_option
@json_option
def list_all(config: Path | None, as_json: bool) -> None:
    """Name the connected platforms."""
    _, db = open_database(config, existing=True)
    with db.reading() as tx:
        rows = [
            {"platform": known.public_id, "name": known.name, "issuer": known.issuer, "client id": known.client_id}
            for known in lti.list_registrations(tx)
        ]
    tell_many(rows, as_json=as_json)
