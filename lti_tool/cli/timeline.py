"""`lti-tool timeline CODE`: the launch doctor at the terminal."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from lti_tool import lti, workflows
from lti_tool.cli.setup import json_option, open_database, say, settings_option
from lti_tool.core.clock import SystemClock


@click.command()
@click.argument("code")
@settings_option
@json_option
def timeline(code: str, config: Path | None, as_json: bool) -> None:
    """Tell what happened: exit status 0 when something is known, 1 when nothing is.

    CODE is the support code on an error page, or the id of a launch, an attempt or a certificate, also as an address.
    Refused launches are known for seven days, the newest 200 of each LMS. Times are in UTC.
    """
    _, db = open_database(config, existing=True)
    with db.reading() as tx:
        known = workflows.timeline(tx, code, now=SystemClock().now())
    if as_json:
        say(json.dumps(_facts(code, known), ensure_ascii=False, indent=2, default=_as_json))
    elif known is None:
        say("Nothing is known of this code. Refused launches are kept for seven days, the newest 200 of each LMS.")
        say("The log may say more: search it for the code.")
    else:
        _tell(known)
    sys.exit(0 if known is not None else 1)


def _tell(known: workflows.Timeline) -> None:
    for event in known.events:
        facts = ", ".join(f"{name} {_plain(value)}" for name, value in event.facts.items())
        say(f"{_plain(event.at)}  {event.what}" + (f"  ({facts})" if facts else ""))
    if known.diagnosis is not None:
        _tell_diagnosis(known.diagnosis)


def _tell_diagnosis(found: lti.Diagnosis) -> None:
    say("")
    for check in found.passed:
        say(f"  in order    {check}")
    if found.check:
        say(f"  FAILED      {found.check}")
        say("")
    say(f"What the person read:  {found.says}")
    say(f"Whose side:            {found.side}")
    say(f"What to do:            {found.fix}")


def _facts(code: str, known: workflows.Timeline | None) -> dict[str, object]:
    if known is None:
        return {"code": code, "kind": None, "events": [], "diagnosis": None}
    return {**asdict(known), "events": [{"at": e.at, "what": e.what, **e.facts} for e in known.events]}


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _as_json(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
