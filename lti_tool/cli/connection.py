"""`lti-tool platform test`: whether an LMS and this tool understand each other, line by line, with the fixes."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from lti_tool import lti, workflows
from lti_tool.cli.setup import json_option, open_database, open_vault, say, settings_option
from lti_tool.core.clock import SystemClock
from lti_tool.core.http import HttpClient


@click.command("test")
@click.argument("name")
@settings_option
@json_option
def connection_test(name: str, config: Path | None, as_json: bool) -> None:
    """Test the connection to an LMS: exit status 0 when it is healthy, 1 when not.

    NAME is the platform's name or id, as `lti-tool platform list` shows them. The LMS is asked for its keys, for
    tokens, for a grade column and for the first page of a course's list of people. No grade is sent to anybody.
    """
    settings, db = open_database(config, existing=True)
    with db.reading() as tx:
        asked = workflows.platform_called(tx, name)
    report = workflows.examine_connection(
        db,
        HttpClient(settings.http.allow_networks),
        open_vault(settings, db),
        SystemClock(),
        asked,
        public_url=settings.server.public_url,
        leeway=settings.lti.clock_leeway,
    )
    if as_json:
        facts = {"platform": asked.public_id, "name": asked.name, "healthy": report.healthy}
        findings = [asdict(finding) for finding in report.findings]
        say(json.dumps({**facts, "findings": findings}, ensure_ascii=False, indent=2))
    else:
        _tell(asked, report)
    sys.exit(0 if report.healthy else 1)


def _tell(asked: lti.Registration, report: lti.ConnectionReport) -> None:
    width = max(len(finding.check) for finding in report.findings)
    for finding in report.findings:
        mark = "FAIL" if finding.verdict is lti.Verdict.FAIL else finding.verdict.value
        say(f"{mark:<4}  {finding.check:<{width}}  {finding.says}")
        if finding.fix:
            say(f"{'':<4}  {'':<{width}}  → {finding.fix}")
    say("")
    say(f"{asked.name} is connected." if report.healthy else f"{asked.name} is not well connected: see FAIL.")
