"""What several commands begin with: settings, an up-to-date database, and how they speak."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import make_url

from lti_tool import lti, migrations, people
from lti_tool.core import logs, settings
from lti_tool.core.clock import SystemClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Conflict, NotFound
from lti_tool.core.secrets import Vault, master_key

settings_option: Callable[[Any], Any] = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The settings file; default: $LTI_TOOL_CONFIG, else lti-tool.toml if there is one.",
)
json_option: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")


def load_settings(config: Path | None) -> settings.Settings:
    """The settings; remembers the file for the worker processes, and starts the log."""
    if config is not None:
        os.environ["LTI_TOOL_CONFIG"] = str(config.resolve())
    loaded = settings.load(config)
    logs.set_up(loaded.log.level, loaded.log.format, loaded.log.file)
    return loaded


def bring_up_to_date(db: Database, now: datetime | None = None) -> tuple[str | None, str, Path | None]:
    """Runs the migrations that are missing; Conflict when a newer release has been here."""
    found = migrations.current(db)
    if found is not None and not migrations.knows(found):
        raise Conflict(
            "cli.newer_database",
            "The database is of a newer release of lti-tool: its revision is %(found)s, ours is %(ours)s.",
            "Nothing was changed. Install that release again, or put the copy back that was made before it "
            "(of SQLite: the file that ends in .before-…, beside the database).",
            found=found,
            ours=migrations.newest(),
        )
    return migrations.migrate(db, now=now or SystemClock().now())


def open_database(config: Path | None, *, existing: bool = False) -> tuple[settings.Settings, Database]:
    """Settings and an up-to-date database; with `existing`, an SQLite file is not made where there is none."""
    loaded = load_settings(config)
    if existing:
        refuse_without_database(loaded)
    db = Database(loaded.database.url)
    bring_up_to_date(db)
    return loaded, db


def open_vault(loaded: settings.Settings, db: Database) -> Vault:
    """What seals and opens secrets, once it is certain that it opens those of this database."""
    vault = Vault(master_key(loaded.security.master_key_file, loaded.security.master_key))
    refuse_another_key(db, vault)
    return vault


def refuse_another_key(db: Database, vault: Vault) -> None:
    """Invalid when the master key is not this database's: what it sealed from now on would open with neither."""
    with db.reading() as tx:
        for organisation in people.list_organisations(tx):
            with suppress(NotFound):
                lti.signing_key(tx, vault, organisation.id)


def refuse_without_database(loaded: settings.Settings) -> None:
    """NotFound when the settings name an SQLite file that is not there: most likely this is the wrong folder."""
    url = make_url(loaded.database.url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        raise NotFound(
            "cli.no_database",
            "There is no database at %(path)s.",
            "Run this in the folder of lti-tool.toml, or name that file with --config.",
            path=str(Path(url.database).absolute()),
        )


def say(text: str) -> None:
    """A line for the person at the terminal, at once even through a pipe."""
    click.echo(text)


def tell_many(rows: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    """A table, or a JSON list."""
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
        return
    if not rows:
        click.echo("none")
        return
    table = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        click.echo("  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip())


def tell(facts: Mapping[str, object], *, as_json: bool) -> None:
    """Facts, one a line or as JSON."""
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2, default=str))
        return
    width = max((len(name) for name in facts), default=0)
    for name, value in facts.items():
        click.echo(f"{name:<{width}}  {value}")
