"""Issuers, clients and deployments never mix: the same `sub` in each of them is somebody else.

Hosted Canvas has one issuer for all schools, each with client ids and deployments of its own; ids of people repeat.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations, product

import pytest
from pytest_httpserver import HTTPServer

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from tests.rooms.lti.lms import BROWSER, Begun, Lms, jwk, private_key, refusal

ISSUERS = ("https://one.example", "https://two.example", "https://three.example")
CLIENTS = ("10000000000001", "10000000000002", "10000000000003")
DEPLOYMENTS = ("1:aaaa", "2:bbbb", "3:cccc")
Enter = Callable[..., lti.Session]


@dataclass(frozen=True)
class Place:
    """One deployment of one client id of one issuer, with its own key for all that the issuer signs."""

    lms: Lms
    deployment: str

    def begin(self) -> Begun:
        return self.lms.begin(deployment=self.deployment)

    def token(self, begun: Begun, signer: "Place | None" = None) -> str:
        """What this place says; `signer` is who really signs it, under this place's key id."""
        said = self.lms.claims(begun, _deployment_id=self.deployment)
        return (signer or self).lms.sign(said, kid=self.lms.kid)


@pytest.fixture
def places(
    register: Callable[..., lti.Registration],
    httpserver: HTTPServer,
    db: Database,
    clock: FixedClock,
    key_sets: lti.KeySets,
) -> list[Place]:
    made = []
    for which, issuer in enumerate(ISSUERS):
        key, path = private_key(which=which), f"/{which}/certs"
        httpserver.expect_request(path).respond_with_json({"keys": [jwk(key, "the-same-key-id")]})
        for client in CLIENTS:
            registration = register(
                issuer=issuer, client_id=client, auth_url=f"{issuer}/auth", jwks_url=httpserver.url_for(path)
            )
            lms = Lms(db, clock, key_sets, registration, kid="the-same-key-id", key=key)
            made += [Place(lms, deployment) for deployment in DEPLOYMENTS]
    return made


@pytest.mark.both_engines
def test_one_sub_in_twenty_seven_places_is_twenty_seven_people(places: list[Place], enter: Enter) -> None:
    people: dict[int, set[int]] = {}
    for number, place in list(enumerate(places)) * 2:  # Twice: each is recognised again.
        begun = place.begin()
        launch = place.lms.verify(place.token(begun), begun)
        assert launch.subject == "6"
        with place.lms.db.transaction() as tx:
            people.setdefault(number, set()).add(enter(tx, launch, BROWSER).person_id)
    assert [len(known) for known in people.values()] == [1] * 27
    assert len(set().union(*people.values())) == 27


def test_no_place_can_launch_by_the_login_of_another(places: list[Place]) -> None:
    """All 702 crossings; and where the issuers differ, also with the claims of the login and the other's signature."""
    begun = {id(place): place.begin() for place in places}
    assert len(list(product(ISSUERS, CLIENTS, DEPLOYMENTS))) == len(begun) == 27
    crossings = list(permutations(places, 2))
    assert len(crossings) == 702
    for sender, target in crossings:
        login = begun[id(target)]
        code = refusal(lambda place=sender, login=login: target_verifies(place, login))
        same = [getattr(sender.lms.registration, name) == getattr(target.lms.registration, name) for name in _NAMES]
        assert code == ("lti.issuer" if not same[0] else "lti.audience" if not same[1] else "lti.deployment")
        if not same[0]:
            forged = target.token(login, signer=sender)
            assert refusal(lambda place=target, it=forged, login=login: place.lms.verify(it, login)) == "lti.signature"
    for place in places:  # None of it used a login up.
        assert place.lms.verify(place.token(begun[id(place)]), begun[id(place)]).lms_deployment_id == place.deployment


_NAMES = ("issuer", "client_id")


def target_verifies(sender: Place, login: Begun) -> lti.Launch:
    """The sender's own genuine token, with the nonce and state of somebody else's login."""
    return sender.lms.verify(sender.token(login), login)
