"""`lti-tool module check | publish | list`: the modules that courses may show."""

import sys
from pathlib import Path

import click

from lti_tool import modules, people, workflows
from lti_tool.cli.setup import json_option, open_database, say, settings_option, tell, tell_many
from lti_tool.core.clock import SystemClock

_package = click.argument("package", type=click.Path(path_type=Path, exists=True))


@click.group()
def module() -> None:
    """Check, publish and list modules."""


@module.command()
@_package
def check(package: Path) -> None:
    """Read a package (folder or zip) and tell every fault with its file, line and fix; exit status 1 if it has any."""
    try:
        read = workflows.read_package(package)
    except modules.PackageFaults as found:
        _tell_faults(found)
        count = len(found.faults)
        click.echo(f"The module “{package.name}” has {count} {'fault' if count == 1 else 'faults'}.", err=True)
        sys.exit(1)
    for warning in read.warnings:
        say(f"warning: {warning}")
    definition = read.definition
    say(
        f"{definition.title}: {len(definition.pages)} pages, {len(definition.form.items)} questions, "
        f"about {definition.minutes} minutes. No faults."
    )


@module.command()
@_package
@settings_option
@click.option("--organisation", help="Whose module it is; default: organisation.name of the settings.")
@json_option
def publish(package: Path, config: Path | None, organisation: str | None, as_json: bool) -> None:
    """Publish a package as the newest version of its module; the same content again changes nothing."""
    try:
        read = workflows.read_package(package)
    except modules.PackageFaults as found:
        _tell_faults(found)
        raise
    settings, db = open_database(config)
    now = SystemClock().now()
    with db.transaction() as tx:
        owner = people.ensure_organisation(
            tx,
            organisation or settings.organisation.name,
            country=settings.organisation.country,
            website=settings.organisation.website,
            now=now,
        )
        version = workflows.publish_package(tx, read, organisation_id=owner.id, actor="operator", now=now)
    tell({"module": read.definition.slug, "version": version.number, "digest": version.digest}, as_json=as_json)


@module.command("list")
@settings_option
@json_option
def list_all(config: Path | None, as_json: bool) -> None:
    """Name the published modules."""
    _, db = open_database(config, existing=True)
    with db.reading() as tx:
        rows = [
            {"module": card.slug, "title": card.title, "version": card.version, "minutes": card.minutes}
            for owner in people.list_organisations(tx)
            for card in modules.list_modules(tx, owner.id)
        ]
    tell_many(rows, as_json=as_json)


def _tell_faults(found: modules.PackageFaults) -> None:
    for issue in found.faults:
        place = f"{issue.path}:{issue.line}" if issue.line else issue.path
        click.echo(f"{place}: {issue.problem}. {issue.fix}".rstrip(), err=True)
