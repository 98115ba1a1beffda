"""`lti-tool keys list | rotate`: the keys by which LMSs know this tool."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from lti_tool import lti, people, workflows
from lti_tool.cli.setup import json_option, open_database, open_vault, say, settings_option, tell_many
from lti_tool.core.clock import SystemClock
from lti_tool.core.errors import NotFound


@click.group()
def keys() -> None:
    """List and rotate the keys that this tool signs with."""


@keys.command("list")
@settings_option
@json_option
def list_all(config: Path | None, as_json: bool) -> None:
    """Name the keys: which sign, which are only published still, which are retired."""
    settings, db = open_database(config, existing=True)
    with db.reading() as tx:
        owners = {owner.id: owner.name for owner in people.list_organisations(tx)}
        known = lti.list_tool_keys(tx)
    overlap = timedelta(days=settings.lti.key_overlap_days)
    tell_many([_row(key, owners, overlap) for key in known], as_json=as_json)


@keys.command()
@settings_option
@click.option("--organisation", help="Rotate this organisation's key alone; default: those of all.")
@json_option
def rotate(config: Path | None, organisation: str | None, as_json: bool) -> None:
    """Put new keys in place of those that sign.

    Nothing stops for it: the new key signs at once, the old one stays published for lti.key_overlap_days and is then
    retired by the worker. LMSs fetch our keys by themselves (/lti/jwks.json) when they meet one that is new to them.
    """
    settings, db = open_database(config, existing=True)
    vault = open_vault(settings, db)
    now = SystemClock().now()
    with db.transaction() as tx:
        chosen = [one for one in people.list_organisations(tx) if organisation in (None, one.name)]
        if not chosen:
            raise NotFound(
                "people.no_organisation",
                "There is no such organisation.",
                "“lti-tool platform add” and “lti-tool platform invite” make one.",
            )
        made = workflows.rotate_keys(tx, vault, chosen, actor="operator", now=now)
    rows = [{"organisation": one.name, "kid": kid} for one, kid in zip(chosen, made, strict=True)]
    if not as_json:
        say(f"New keys sign from now on; the old ones stay published for {settings.lti.key_overlap_days} days.")
    tell_many(rows, as_json=as_json)


def _row(key: lti.ToolKey, owners: dict[int, str], overlap: timedelta) -> dict[str, object]:
    ends = None if key.retiring_at is None else key.retiring_at + overlap
    return {
        "kid": key.kid,
        "organisation": "all" if key.organisation_id is None else owners[key.organisation_id],
        "stage": key.stage.value,
        "created": _moment(key.created_at),
        "published until": _moment(key.retired_at or ends),
    }


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
