"""`lti-tool platform add | list`: the LMSs that may launch us."""

from pathlib import Path
from typing import Any

import click

from lti_tool import lti, people, workflows
from lti_tool.cli.setup import json_option, open_database, open_vault, say, settings_option, tell, tell_many
from lti_tool.core.clock import SystemClock
from lti_tool.core.db import Tx
from lti_tool.core.settings import Organisation


@click.group()
def platform() -> None:
    """Connect LMSs."""


@platform.command()
@settings_option
@click.option("--issuer", required=True, help="The platform's issuer (Moodle: “Platform ID”).")
@click.option("--client-id", required=True, help="The client ID that the platform has given to this tool.")
@click.option("--auth-url", help="Authentication request URL.")
@click.option("--token-url", help="Access token URL.")
@click.option("--jwks-url", help="Public keyset URL.")
@click.option("--audience", help="`aud` of token requests where it is not the token URL.")
@click.option("--deployment", "lms_deployment_ids", multiple=True, help="A deployment ID to let in; may be repeated.")
@click.option(
    "--deployments",
    type=click.Choice([policy.value for policy in lti.DeploymentPolicy]),
    help="What to do with deployments that are not known yet; for a new platform auto.",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    help="An https origin on which the LMS's own pages and services lie, where that is none of the URLs above, for "
    "example https://canvas.school.edu; may be repeated. Those given replace those known; “none” takes all away.",
)
@click.option(
    "--identity",
    type=click.Choice([scope.value for scope in lti.IdentityScope]),
    help="Within what a user id of this LMS names one person; for a new platform deployment. It cannot be changed once "
    "people have come.",
)
@click.option(
    "--clock-leeway",
    metavar="SECONDS",
    help="By how many seconds its clock may differ from ours, 0 to 300; “settings” for lti.clock_leeway, as it is for "
    "a new platform.",
)
@click.option(
    "--algorithm",
    "algorithms",
    multiple=True,
    type=click.Choice([one.value for one in lti.Algorithm]),
    help="How it may sign its launches; may be repeated. Those given replace those known; for a new platform RS256.",
)
@click.option(
    "--line-items",
    type=click.Choice([policy.value for policy in lti.LineItemPolicy]),
    help="Where grades go: into the column that the LMS has coupled to the link (coupled); there, and where it has "
    "none, into one that is found in the course or made (create); nowhere (none). For a new platform create.",
)
@click.option("--name", help="What people call this LMS, for example Moodle; for a new platform LMS.")
@click.option("--organisation", help="Who awards the certificates; default: organisation.name of the settings.")
@json_option
def add(
    config: Path | None,
    organisation: str | None,
    origins: tuple[str, ...],
    identity: str | None,
    clock_leeway: str | None,
    algorithms: tuple[str, ...],
    line_items: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Let a platform launch this tool, or change what is known of it.

    A platform is known by issuer and client ID. Of one that is known already, whatever is not given stays as it is.
    """
    settings, db = open_database(config)
    owner = settings.organisation
    vault = open_vault(settings, db)
    with db.transaction() as tx:
        known = lti.registration_for(tx, issuer=given["issuer"], client_id=given["client_id"])
        registration = workflows.connect(
            tx,
            vault=vault,
            **(_awarder(tx, known) if known and not organisation else _own(organisation, owner)),
            origins=_origins(origins),
            identity_scope=None if identity is None else lti.IdentityScope(identity),
            terms=_terms(clock_leeway, algorithms, line_items, known),
            actor="operator",
            now=SystemClock().now(),
            **_completed(given, known),
        )
    if not as_json:
        say(f"{registration.name} is connected. What the LMS wants to know of this tool:")
    tell(_own_facts(registration, settings.server.public_url, as_json=as_json), as_json=as_json)


def _completed(given: dict[str, Any], known: lti.Registration | None) -> dict[str, Any]:
    """The options with what was left out, as it is known of this platform already."""
    names = ("auth_url", "token_url", "jwks_url", "audience", "name", "deployments")
    before = {"name": "LMS", "deployments": "auto"} if known is None else {name: getattr(known, name) for name in names}
    full = {**given, **{name: given[name] or before.get(name) for name in names}}
    for name in ("auth_url", "token_url", "jwks_url"):
        if full[name] is None:
            raise click.UsageError(f"Missing option '--{name.replace('_', '-')}': this LMS is not connected yet.")
    return {**full, "deployments": lti.DeploymentPolicy(full["deployments"])}


def _terms(
    leeway: str | None, algorithms: tuple[str, ...], line_items: str | None, known: lti.Registration | None
) -> lti.Terms:
    """What was said of them, and the rest as it is known of this platform, or as it is for a new one."""
    terms = lti.Terms() if known is None else known.terms
    kept = "" if terms.clock_leeway is None else str(terms.clock_leeway)
    asked = kept if leeway is None else leeway
    return lti.read_terms(
        "" if asked == "settings" else asked, algorithms or terms.algorithms, line_items or terms.line_items
    )


def _origins(given: tuple[str, ...]) -> tuple[str, ...] | None:
    """Those to keep from now on; None where nothing was said of them."""
    if not given:
        return None
    return () if given == ("none",) else given


def _awarder(tx: Tx, known: lti.Registration) -> dict[str, Any]:
    awarder = people.find_organisation(tx, known.organisation_id)
    return {"organisation": awarder.name, "country": awarder.country, "website": awarder.website}


def _own(name: str | None, owner: Organisation) -> dict[str, Any]:
    return {"organisation": name or owner.name, "country": owner.country, "website": owner.website}


def _own_facts(registration: lti.Registration, url: str, *, as_json: bool) -> dict[str, object]:
    """What the LMS is told, and what was made of the options that decide whom we trust."""
    return {
        "platform": registration.public_id,
        "tool URL": f"{url}/lti/launch",
        "login URL": f"{url}/lti/login",
        "redirect URI": f"{url}/lti/launch",
        "keyset URL": f"{url}/lti/jwks.json",
        "its own pages": registration.frame_ancestors,
        "identity scope": registration.identity_scope.value,
        **_terms_row(registration.terms, as_json=as_json),
    }


def _terms_row(terms: lti.Terms, *, as_json: bool) -> dict[str, object]:
    """What was settled with it; as JSON a leeway of the settings is null."""
    usual = None if as_json else "settings"
    return {
        "clock leeway": usual if terms.clock_leeway is None else terms.clock_leeway,
        "algorithms": list(terms.algorithms) if as_json else " ".join(terms.algorithms),
        "line items": terms.line_items.value,
    }


@platform.command("list")
@settings_option
@json_option
def list_all(config: Path | None, as_json: bool) -> None:
    """Name the connected platforms."""
    _, db = open_database(config, existing=True)
    with db.reading() as tx:
        rows = [_row(tx, known, as_json=as_json) for known in lti.list_registrations(tx)]
    tell_many(rows, as_json=as_json)


def _row(tx: Tx, known: lti.Registration, *, as_json: bool) -> dict[str, object]:
    deployments = lti.deployments_of(tx, known.id)
    let_in = [one.lms_deployment_id for one in deployments if one.allowed]
    waiting = [one.lms_deployment_id for one in deployments if not one.allowed]
    pages = known.frame_ancestors.split()
    return {
        "platform": known.public_id,
        "name": known.name,
        "issuer": known.issuer,
        "client id": known.client_id,
        "origins": pages if as_json else " ".join(pages),
        "identity scope": known.identity_scope.value,
        **_terms_row(known.terms, as_json=as_json),
        "new deployments": known.deployments.value,
        "deployments": let_in if as_json else " ".join(let_in),
        "waiting": waiting if as_json else " ".join(waiting),
    }
