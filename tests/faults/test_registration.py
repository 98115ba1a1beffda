"""kill -9 between the LMS's answer and our commit: nothing half is stored, and what is lost is told."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.demo_process import Demo, demo
from tests.walker import Walker

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"


def an_lms(server: HTTPServer, killed: list[Demo]) -> str:
    """An LMS that pulls the plug of the tool before it answers, once; where its configuration is."""
    url = server.url_for("").rstrip("/")
    addresses = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "keys"}
    said = {
        "issuer": url,
        **{name: f"{url}/{path}" for name, path in addresses.items()},
        "registration_endpoint": f"{url}/register",
        PLATFORM: {"product_family_code": "moodle", "messages_supported": []},
    }

    def register(_request: Request) -> Response:
        if killed:
            killed.pop().kill_all()
        return Response(json.dumps({"client_id": f"client-{len(killed)}"}), content_type="application/json")

    server.expect_request("/openid").respond_with_json(said)
    server.expect_request("/register", method="POST").respond_with_handler(register)
    return f"{url}/openid"


def rows(data: Path, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "tool.db")) as db, db:
        return db.execute(statement, values).fetchall()


def test_a_kill_in_the_middle_of_a_registration(tmp_path: Path, httpserver: HTTPServer) -> None:
    data, admin, killed = tmp_path / "demo", Walker(), []
    query = {"openid_configuration": an_lms(httpserver, killed), "registration_token": "a.b.c"}
    with demo(data) as running:
        killed.append(running)
        command = [sys.executable, "-m", "lti_tool", "platform", "invite", "--json"]
        made = subprocess.run(
            [*command, "--config", str(data / "lti-tool.toml")], capture_output=True, text=True, check=True
        )
        token = json.loads(made.stdout)["address"].rpartition("=")[2]
        address = f"{running.tool_url}/lti/register?{urlencode({**query, 'invitation': token})}"
        page = admin.get(address)
        with suppress(OSError):  # Its plug is pulled: no answer comes.
            admin.submit(page, page.form("/lti/register"))
        assert killed == [], "the LMS was asked"

    known = rows(data, "SELECT client_id FROM registrations")
    with demo(data, port=running.port):
        assert rows(data, "SELECT state, registration_id FROM platform_invitations") == [("asked", None)]
        assert rows(data, "SELECT client_id FROM registrations") == known
        assert admin.get(address).status == 409, "for two minutes somebody may still be at it"
        past = (datetime.now(UTC) - timedelta(minutes=3)).strftime("%Y-%m-%d %H:%M:%S.%f")
        rows(data, "UPDATE platform_invitations SET asked_at = ?", past)
        page = admin.get(address)
        assert "how it ended is not known" in page.text and "delete that entry first" in page.text
        done = admin.submit(page, page.form("/lti/register"))
        assert done.status == 200 and "is connected" in done.text
        assert len(rows(data, "SELECT client_id FROM registrations")) == len(known) + 1
