"""A registered platform whose key set is served on this machine."""

from collections.abc import Callable
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_httpserver import HTTPServer

from lti_tool import lti, people
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database, Tx
from lti_tool.core.http import HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.lti import tables
from tests.rooms.lti.grade_book import GradeBook
from tests.rooms.lti.lms import Lms, jwk, private_key

ISSUER = "http://localhost:8100"


@pytest.fixture
def tool_key(db: Database, vault: Vault, now: datetime) -> None:
    """The tool's key, made once a test process: making one anew for each test would take most of their time."""
    with db.transaction() as tx:
        key = private_key(which=2)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        row = {"kid": "tool-key", "sealed": vault.seal(pem, "lti.tool_key"), "public_jwk": jwk(key, "tool-key")}
        tx.execute(tables.tool_keys.insert(), {**row, "created_at": now})


@pytest.fixture
def register(
    httpserver: HTTPServer, db: Database, clock: FixedClock, vault: Vault, tool_key: None
) -> Callable[..., lti.Registration]:
    """Registers a platform; what is not said is that of a Moodle on this machine."""

    def made(**changes: object) -> lti.Registration:
        facts = {
            "issuer": ISSUER,
            "client_id": "oEDQgSmjL3mo4BF",
            "name": "Moodle of the test",
            "auth_url": f"{ISSUER}/mod/lti/auth.php?instance=7",
            "token_url": httpserver.url_for("/mod/lti/token.php"),
            "jwks_url": httpserver.url_for("/mod/lti/certs.php"),
            **changes,
        }
        with db.transaction() as tx:
            owner = people.ensure_organisation(tx, "Aldermoor", country="NO", website="", now=clock.now())
            return lti.register_platform(tx, vault=vault, organisation_id=owner.id, now=clock.now(), **facts)

    return made


@pytest.fixture
def registration(register: Callable[..., lti.Registration]) -> lti.Registration:
    return register()


@pytest.fixture
def book(httpserver: HTTPServer, db: Database, registration: lti.Registration) -> GradeBook:
    """The registered platform's token endpoint and grade column."""
    return GradeBook(httpserver, db, registration)


@pytest.fixture
def services(db: Database, http: HttpClient, vault: Vault, clock: FixedClock) -> lti.Services:
    return lti.Services(db, http, vault, clock)


@pytest.fixture
def key_set(httpserver: HTTPServer) -> HTTPServer:
    """The platform's key set, with the one key that it signs with."""
    httpserver.expect_request("/mod/lti/certs.php").respond_with_json({"keys": [jwk(private_key(), "lms-key-1")]})
    return httpserver


@pytest.fixture
def key_sets(db: Database, http: HttpClient, clock: FixedClock) -> lti.KeySets:
    return lti.KeySets(db, http, clock)


@pytest.fixture
def lms(
    db: Database, clock: FixedClock, key_set: HTTPServer, key_sets: lti.KeySets, registration: lti.Registration
) -> Lms:
    """A platform that the tool knows."""
    return Lms(db, clock, key_sets, registration)


@pytest.fixture
def enter(clock: FixedClock) -> Callable[..., lti.Session]:
    """Does what the workflow does: uses the login up and opens the session."""

    def entered(tx: Tx, launch: lti.Launch, browser: str) -> lti.Session:
        now = clock.now()
        deployment = lti.admit_deployment(tx, launch.registration.id, launch.lms_deployment_id, now=now)
        lti.consume_login(tx, launch)
        portrait = people.Portrait(launch.name, None, None, None, None)
        person = people.recognise(
            tx,
            registration_id=launch.registration.id,
            identity_scope=launch.lms_deployment_id,
            lms_user_id=launch.subject,
            portrait=portrait,
            now=now,
        )
        return lti.open_session(
            tx, launch, browser=lti.Browser(browser), deployment=deployment, person_id=person.id, now=now
        )

    return entered
