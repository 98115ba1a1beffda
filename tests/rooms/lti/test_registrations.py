"""Platforms are known by issuer and client id; a deployment comes in as its platform's policy says."""

from collections.abc import Callable
from datetime import datetime

import pytest

from lti_tool import lti, people
from lti_tool.core.db import Database
from lti_tool.core.errors import NotAllowed, NotFound
from lti_tool.core.secrets import Vault

Register = Callable[..., lti.Registration]


@pytest.mark.both_engines
def test_registering_again_brings_the_platform_up_to_date(db: Database, register: Register) -> None:
    first = register(lms_deployment_ids=["3"])
    again = register(name="Moodle, renamed", audience="https://aud.example", deployments=lti.DeploymentPolicy.DENY)
    other = register(client_id="other")
    assert (again.id, again.public_id, again.name) == (first.id, first.public_id, "Moodle, renamed")
    assert (first.token_audience, again.token_audience) == (first.token_url, "https://aud.example")
    with db.reading() as tx:
        assert list(lti.list_registrations(tx)) == [again, other]
        assert lti.find_registration(tx, first.id) == again
    assert again.origin == "http://localhost:8100"


def test_the_first_platform_makes_the_tool_s_key(db: Database, vault: Vault, now: datetime) -> None:
    facts = {"name": "LMS", "auth_url": "https://lms.example/a", "token_url": "https://lms.example/t"}
    with db.transaction() as tx:
        owner = people.ensure_organisation(tx, "Aldermoor", country="", website="", now=now)
        for client_id in ("one", "two"):
            lti.register_platform(
                tx,
                vault=vault,
                organisation_id=owner.id,
                issuer="https://lms.example",
                client_id=client_id,
                jwks_url="https://lms.example/k",
                now=now,
                **facts,
            )
        assert [key["kid"] for key in lti.public_jwks(tx)["keys"]] == [lti.signing_key(tx, vault, owner.id).kid]


def test_an_unknown_one_is_not_found(db: Database) -> None:
    with db.reading() as tx:
        with pytest.raises(NotFound):
            lti.find_registration(tx, 99)
        with pytest.raises(NotFound):
            lti.find_deployment(tx, 99)


@pytest.mark.parametrize("name", ["auth_url", "token_url", "jwks_url"])
@pytest.mark.parametrize(
    "url", ["http://lms.example/x", "ftp://lms.example/x", "https://", "lms.example", "https://a b/"]
)
def test_a_platform_s_addresses_must_be_secure(register: Register, name: str, url: str) -> None:
    with pytest.raises(lti.LtiRefused, match=r"lti\.registration_url"):
        register(**{name: url})


def admit(db: Database, registration: lti.Registration, deployment: str, now: datetime) -> lti.Deployment:
    with db.transaction() as tx:
        return lti.admit_deployment(tx, registration.id, deployment, now=now)


@pytest.mark.both_engines
def test_a_new_deployment_comes_in_by_itself(db: Database, register: Register, now: datetime) -> None:
    registration = register()
    deployment = admit(db, registration, "7", now)
    lti.require_allowed(deployment)
    assert admit(db, registration, "7", now) == deployment
    with db.reading() as tx:
        assert lti.find_deployment(tx, deployment.id) == deployment


def test_a_new_deployment_waits_until_it_is_allowed(db: Database, register: Register, now: datetime) -> None:
    registration = register(deployments=lti.DeploymentPolicy.ASK)
    waiting = admit(db, registration, "7", now)
    assert not waiting.allowed
    with pytest.raises(NotAllowed, match=r"lti\.deployment_not_allowed"):
        lti.require_allowed(admit(db, registration, "7", now))
    with db.transaction() as tx:
        lti.allow_deployment(tx, registration.id, "7", now=now)
    lti.require_allowed(admit(db, registration, "7", now))


def test_a_new_deployment_is_refused(db: Database, register: Register, now: datetime) -> None:
    registration = register(deployments=lti.DeploymentPolicy.DENY, lms_deployment_ids=["3"])
    lti.require_allowed(admit(db, registration, "3", now))
    with pytest.raises(NotAllowed, match=r"lti\.deployment_not_allowed"):
        admit(db, registration, "7", now)


def test_deployments_of_two_platforms_are_never_the_same(db: Database, register: Register, now: datetime) -> None:
    one, two = register(), register(client_id="other")
    assert admit(db, one, "3", now).id != admit(db, two, "3", now).id
