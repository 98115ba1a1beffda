"""`lti-tool platform add | list`: what an operator says of an LMS, and what the tool then knows."""

import json
from pathlib import Path

import pytest
from click.testing import Result

from lti_tool import lti, people
from lti_tool.core.clock import SystemClock
from lti_tool.core.db import Database
from lti_tool.core.errors import ToolError
from tests.cli.conftest import Run

CANVAS = {
    "--issuer": "https://canvas.instructure.com",
    "--client-id": "10000000000002",
    "--auth-url": "https://sso.canvaslms.com/api/lti/authorize_redirect",
    "--token-url": "https://canvas.instructure.com/login/oauth2/token",
    "--jwks-url": "https://sso.canvaslms.com/api/lti/security/jwks",
}
KNOWN = ("--issuer", CANVAS["--issuer"], "--client-id", CANVAS["--client-id"])


@pytest.fixture
def add(run: Run) -> Run:
    """Connects a hosted Canvas, with whatever more is said."""
    return lambda *more: run("platform", "add", *[word for pair in CANVAS.items() for word in pair], *more)


def listed(run: Run) -> dict[str, object]:
    (row,) = json.loads(run("platform", "list", "--json").stdout)
    assert isinstance(row, dict)
    return row


def refused(result: Result) -> ToolError:
    assert isinstance(result.exception, ToolError), result.output
    return result.exception


def said(result: Result, status: int = 0) -> str:
    assert result.exit_code == status, result.output
    return " ".join(result.output.split())


def somebody_comes(registration_id: int) -> None:
    db = Database(f"sqlite:///{next(Path().rglob('*.db'))}")
    with db.transaction() as tx:
        people.recognise(
            tx,
            registration_id=registration_id,
            identity_scope="3",
            lms_user_id="6",
            portrait=people.Portrait("Tuyết", None, None, None, None),
            now=SystemClock().now(),
        )
    db.dispose()


def test_a_new_platform_is_listed_with_all_that_decides_whom_we_trust(run: Run, add: Run) -> None:
    said(
        add(
            "--name",
            "Canvas",
            "--origin",
            "https://canvas.school.edu",
            "--deployment",
            "7:d3a2",
            "--identity",
            "registration",
        )
    )
    row = listed(run)
    assert row["origins"] == ["https://sso.canvaslms.com", "https://*.instructure.com", "https://canvas.school.edu"]
    assert (row["identity scope"], row["new deployments"]) == ("registration", "auto")
    assert (row["deployments"], row["waiting"]) == (["7:d3a2"], [])
    table = said(run("platform", "list"))
    assert "https://canvas.school.edu" in table and "7:d3a2" in table and "registration" in table


def test_what_is_not_given_stays_as_it_is(run: Run, add: Run) -> None:
    """The command that the doctor names is short: issuer, client ID, and what changes."""
    said(
        add(
            "--name",
            "Canvas",
            "--deployments",
            "ask",
            "--organisation",
            "Aldermoor",
            "--origin",
            "https://a.school.edu",
        )
    )
    said(run("platform", "add", *KNOWN, "--origin", "https://a.school.edu", "--origin", "https://b.school.edu"))
    row = listed(run)
    assert (row["name"], row["new deployments"]) == ("Canvas", "ask")
    assert row["origins"] == [
        "https://sso.canvaslms.com", "https://*.instructure.com", "https://a.school.edu", "https://b.school.edu",
    ]  # fmt: skip
    said(run("platform", "add", *KNOWN, "--name", "Canvas of Aldermoor"))
    assert listed(run)["origins"] == row["origins"]
    said(run("platform", "add", *KNOWN, "--origin", "none"))
    assert listed(run)["origins"] == ["https://sso.canvaslms.com", "https://*.instructure.com"]


def test_what_is_settled_with_a_platform_is_listed_and_stays(run: Run, add: Run) -> None:
    said(add())
    assert {name: listed(run)[name] for name in ("clock leeway", "algorithms", "line items")} == {
        "clock leeway": None, "algorithms": ["RS256"], "line items": "create",
    }  # fmt: skip
    asked = ("--clock-leeway", "0", "--algorithm", "PS256", "--algorithm", "RS256", "--line-items", "coupled")
    assert "RS256 PS256" in said(run("platform", "add", *KNOWN, *asked))
    said(run("platform", "add", *KNOWN, "--name", "Renamed"))
    row = listed(run)
    assert (row["clock leeway"], row["algorithms"], row["line items"]) == (0, ["RS256", "PS256"], "coupled")
    said(run("platform", "add", *KNOWN, "--clock-leeway", "settings", "--algorithm", "RS384"))
    assert (listed(run)["clock leeway"], listed(run)["algorithms"]) == (None, ["RS384"])
    assert "settings" in said(run("platform", "list"))


def test_odd_terms_are_refused_and_change_nothing(run: Run, add: Run) -> None:
    said(add())
    for leeway in ("301", "-1", "soon"):
        assert (
            "cannot be the number of seconds" in refused(run("platform", "add", *KNOWN, "--clock-leeway", leeway)).text
        )
    for wrong in (("--algorithm", "HS256"), ("--algorithm", "none"), ("--line-items", "all")):
        assert "is not one of" in said(run("platform", "add", *KNOWN, *wrong), 2)
    assert (listed(run)["clock leeway"], listed(run)["algorithms"]) == (None, ["RS256"])


def test_a_platform_that_is_not_known_needs_its_addresses(run: Run) -> None:
    assert "Missing option '--auth-url': this LMS is not connected yet." in said(run("platform", "add", *KNOWN), 2)


@pytest.mark.parametrize("url", ["http://canvas.school.edu", "https://canvas.school.edu/x", "https://*.school.edu"])
def test_an_origin_that_is_none_is_refused(run: Run, add: Run, url: str) -> None:
    assert f"“{url}” cannot be an origin of an LMS." in refused(add("--origin", url)).text
    assert json.loads(run("platform", "list", "--json").stdout) == []


def test_the_identity_scope_may_change_while_nobody_has_come(run: Run, add: Run) -> None:
    said(add())
    assert listed(run)["identity scope"] == "deployment"
    said(run("platform", "add", *KNOWN, "--identity", "registration"))
    assert listed(run)["identity scope"] == "registration"
    said(run("platform", "add", *KNOWN, "--name", "Renamed"))
    assert listed(run)["identity scope"] == "registration"


def test_the_identity_scope_never_changes_under_people(run: Run, add: Run) -> None:
    said(add())
    somebody_comes(1)
    words = refused(run("platform", "add", *KNOWN, "--name", "X", "--identity", "registration")).text
    assert "each is known by deployment and user id" in words and "Nothing was changed." in words
    row = listed(run)
    assert (row["identity scope"], row["name"]) == ("deployment", "LMS")
    said(run("platform", "add", *KNOWN, "--name", "X", "--identity", "deployment"))
    assert listed(run)["name"] == "X"


def test_the_policy_of_the_tool_stays_with_its_own_people(run: Run, add: Run) -> None:
    """Somebody of another platform does not stand in the way."""
    said(add())
    somebody_comes(1)
    other = [word for pair in {**CANVAS, "--client-id": "10000000000019"}.items() for word in pair]
    said(run("platform", "add", *other))
    said(
        run(
            "platform",
            "add",
            "--issuer",
            CANVAS["--issuer"],
            "--client-id",
            "10000000000019",
            "--identity",
            "registration",
        )
    )
    scopes = {row["client id"]: row["identity scope"] for row in json.loads(run("platform", "list", "--json").stdout)}
    assert scopes == {"10000000000002": lti.IdentityScope.DEPLOYMENT, "10000000000019": lti.IdentityScope.REGISTRATION}
