"""What administrators do to connected platforms and to people, from the page or the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lti_tool import lti, people
from lti_tool.core import audit, ids
from lti_tool.core.db import Tx
from lti_tool.core.errors import Invalid, NotFound, Side
from lti_tool.core.secrets import Vault
from lti_tool.workflows.connect import connect, facts_of_terms

_LATELY = timedelta(days=7)
_LONGEST_NAME = 300


@dataclass(frozen=True)
class PlatformState:
    """A platform, and what an administrator wants to know of it at a glance."""

    registration: lti.Registration
    deployments: Sequence[lti.Deployment]
    traffic: lti.Traffic
    refusals: Sequence[lti.Refusal]
    # The newest connection test that a page has asked for.
    tested: lti.Examination | None

    @property
    def waiting(self) -> int:
        """Deployments that have been seen and not been let in."""
        return sum(not one.allowed for one in self.deployments)


def platforms_of(tx: Tx, organisation_id: int, *, now: datetime) -> Sequence[PlatformState]:
    """All platforms of an organisation, by name."""
    return [state_of(tx, one, now=now) for one in lti.registrations_of(tx, organisation_id)]


def state_of(tx: Tx, registration: lti.Registration, *, now: datetime) -> PlatformState:
    """How one platform stands."""
    return PlatformState(
        registration,
        lti.deployments_of(tx, registration.id),
        lti.traffic_of(tx, registration.id),
        lti.refusals_of(tx, registration.id, since=now - _LATELY),
        lti.examination_of(tx, registration.id),
    )


def add_platform(
    tx: Tx, owner: people.Organisation, *, vault: Vault, policy: str, issuer: str, client_id: str, **facts: Any
) -> lti.Registration:
    """Connects a platform by hand; Conflict where it is known already, be it to another organisation."""
    if policy not in set(lti.DeploymentPolicy):
        raise Invalid("lti.policy", "Choose what becomes of new deployments.", side=Side.YOU)
    return connect(
        tx,
        vault=vault,
        organisation=owner.name,
        country=owner.country,
        website=owner.website,
        issuer=issuer,
        client_id=client_id,
        deployments=lti.DeploymentPolicy(policy),
        only_new=True,
        **facts,
    )


def change_platform(
    tx: Tx,
    registration: lti.Registration,
    *,
    name: str,
    origins: Sequence[str],
    policy: lti.DeploymentPolicy,
    terms: lti.Terms,
    actor: str,
    now: datetime,
) -> None:
    """Changes what may be changed of a platform at any time."""
    plain = name.strip()
    if not plain or len(plain) > _LONGEST_NAME or not plain.isprintable():
        raise Invalid("lti.platform_name", "A platform needs a name of 1 to 300 characters.", side=Side.YOU)
    lti.change_registration(tx, registration, name=plain, origins=origins, policy=policy, terms=terms, now=now)
    facts = {"name": plain, "origins": list(origins), "deployments": policy.value, **facts_of_terms(terms)}
    _note(tx, "platform.change", registration, actor, now, **facts)


def close_platform(tx: Tx, registration: lti.Registration, *, closed: bool, actor: str, now: datetime) -> None:
    """Closes a platform, or opens it again: closed, nobody comes in by it, and who is in is out."""
    if closed:
        lti.disable_registration(tx, registration.id, now=now)
    else:
        lti.enable_registration(tx, registration.id, now=now)
    _note(tx, "platform.disable" if closed else "platform.enable", registration, actor, now)


def decide_deployment(
    tx: Tx, registration: lti.Registration, lms_deployment_id: str, *, allow: bool, actor: str, now: datetime
) -> None:
    """Lets a deployment of a platform in, or keeps it out; NotFound for one that has never been seen."""
    seen = {one.lms_deployment_id: one for one in lti.deployments_of(tx, registration.id)}
    if lms_deployment_id not in seen:
        raise NotFound(
            "lti.no_deployment",
            "There is no such deployment.",
            "“lti-tool platform list” names those that have been seen.",
        )
    lti.decide_deployment(tx, registration, seen[lms_deployment_id], allow=allow, now=now)
    act = "deployment.allow" if allow else "deployment.deny"
    _note(tx, act, registration, actor, now, deployment=lms_deployment_id)


def find_people(tx: Tx, text: str, *, organisation_id: int, now: datetime) -> Sequence[people.Found]:
    """People of an organisation by name, e-mail address, or a code: a support code, or the id of person or launch.

    Without a text those who are kept out.
    """
    plain = text.strip()
    public_id = plain.rstrip("/").rpartition("/")[2].lower()
    who = _person_behind(tx, plain, public_id, now)
    if who is None:
        return people.people_called(tx, plain, organisation_id=organisation_id)
    try:
        return [people.person_of(tx, who, organisation_id=organisation_id)]
    except NotFound:
        return []


def _person_behind(tx: Tx, text: str, public_id: str, now: datetime) -> int | str | None:
    if ids.is_public_id(public_id):
        session = lti.find_session(tx, public_id)
        return public_id if session is None else session.person_id
    code = ids.read_short_code(text)
    if not code:
        return None
    fault = lti.fault_with_code(tx, code, now=now)
    session = None if fault is None else lti.find_session(tx, fault.session_id)
    if session is not None:
        return session.person_id
    refusal = lti.find_refusal(tx, code, now=now)
    return None if refusal is None else refusal.facts.get("person")


def _note(tx: Tx, act: str, registration: lti.Registration, actor: str, now: datetime, **facts: object) -> None:
    audit.record(tx, now=now, actor=actor, act=act, subject=f"registration:{registration.id}", **facts)
