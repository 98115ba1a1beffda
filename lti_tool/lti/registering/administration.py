"""What an administrator does to a connected platform: changes what is known of it, closes it, sorts its deployments.

A closed platform opens nothing: logins and launches are refused, and live sessions end with their next request. Grades
that were earned are still sent; nothing is forgotten, and it can be opened again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from lti_tool.core.db import Tx
from lti_tool.core.errors import NotAllowed, NotFound, Side
from lti_tool.lti.launching.refusal_log import COLUMNS as REFUSAL
from lti_tool.lti.launching.refusal_log import Refusal, read_refusal
from lti_tool.lti.registering.connecting import columns_of, plain_origins
from lti_tool.lti.registering.registrations import (
    COLUMNS,
    Deployment,
    Registration,
    allow_deployment,
    end_logins,
    read_registration,
)
from lti_tool.lti.registering.terms import DeploymentPolicy, Terms
from lti_tool.lti.sessions.binding import Layer
from lti_tool.lti.tables import deployments, refused_launches, registrations, sessions

_RECENT = 200
_of_organisation = (
    select(*COLUMNS)
    .where(registrations.c.organisation_id == bindparam("organisation_id"))
    .order_by(registrations.c.name, registrations.c.id)
)
_by_public_id = select(*COLUMNS).where(
    registrations.c.public_id == bindparam("public_id"),
    registrations.c.organisation_id == bindparam("organisation_id"),
)
_by_id = registrations.c.id == bindparam("registration")
_set_disabled = update(registrations).where(_by_id).values(disabled_at=bindparam("at"), updated_at=bindparam("now"))
_last_launch = select(func.max(sessions.c.started_at)).where(sessions.c.registration_id == bindparam("registration"))
_layers = (
    select(sessions.c.layer)
    .where(sessions.c.registration_id == bindparam("registration"))
    .order_by(sessions.c.id.desc())
    .limit(_RECENT)
)
_rows = refused_launches.c
_refused = (
    select(*REFUSAL)
    .where(_rows.registration_id == bindparam("registration"), _rows.at > bindparam("since"))
    .order_by(_rows.id.desc())
    .limit(bindparam("most"))
)
_deny = (
    update(deployments)
    .where(
        deployments.c.registration_id == bindparam("registration"),
        deployments.c.lms_deployment_id == bindparam("deployment"),
    )
    .values(allowed=False)
)


@dataclass(frozen=True)
class Traffic:
    """What has come from a platform: its last launch, and by which layers the newest were bound to their browsers."""

    last_launch_at: datetime | None
    layers: dict[Layer, int]


def registrations_of(tx: Tx, organisation_id: int) -> Sequence[Registration]:
    """The platforms of one organisation, by name."""
    return [read_registration(row) for row in tx.execute(_of_organisation, {"organisation_id": organisation_id})]


def registration_with_id(tx: Tx, public_id: str, *, organisation_id: int) -> Registration:
    """The platform with this public id, if it is this organisation's; NotFound where there is none or it is another."""
    asked = {"public_id": public_id, "organisation_id": organisation_id}
    row = tx.execute(_by_public_id, asked).one_or_none()
    if row is None:
        raise NotFound("lti.no_registration", "There is no such platform.")
    return read_registration(row)


def change_registration(
    tx: Tx,
    registration: Registration,
    *,
    name: str,
    origins: Sequence[str],
    policy: DeploymentPolicy,
    terms: Terms,
    now: datetime,
) -> None:
    """What may be changed of a platform at any time; LtiRefused for an origin that is none."""
    values = {
        "name": name,
        "origins": plain_origins(origins),
        "deployments": str(policy),
        "updated_at": now,
        **columns_of(terms),
    }
    tx.execute(update(registrations).where(registrations.c.id == registration.id).values(**values))


def disable_registration(tx: Tx, registration_id: int, *, now: datetime) -> None:
    """Closes a platform: launches under way end here, and live sessions are read no more."""
    end_logins(tx, registration_id)
    tx.execute(_set_disabled, {"registration": registration_id, "at": now, "now": now})


def enable_registration(tx: Tx, registration_id: int, *, now: datetime) -> None:
    """Opens a platform again."""
    tx.execute(_set_disabled, {"registration": registration_id, "at": None, "now": now})


def require_enabled(registration: Registration) -> None:
    """Raises NotAllowed for a platform that an operator has closed."""
    if registration.disabled_at is not None:
        raise NotAllowed(
            "lti.platform_disabled",
            "The people who run this tool have closed it to this LMS.",
            "What you had saved is kept. Ask your teacher, or those who run this tool.",
            side=Side.TOOL,
            log={"registration": registration.id},
        )


def decide_deployment(tx: Tx, registration: Registration, known: Deployment, *, allow: bool, now: datetime) -> None:
    """Lets a deployment in that has been seen, or keeps it out: its live sessions end with their next request."""
    if allow:
        allow_deployment(tx, registration.id, known.lms_deployment_id, now=now)
    else:
        tx.execute(_deny, {"registration": registration.id, "deployment": known.lms_deployment_id})


def traffic_of(tx: Tx, registration_id: int) -> Traffic:
    """When the last launch came, and how the newest were bound."""
    asked = {"registration": registration_id}
    return Traffic(tx.execute(_last_launch, asked).scalar_one(), layers_of(tx, registration_id))


def layers_of(tx: Tx, registration_id: int) -> dict[Layer, int]:
    """By which layers the newest launches were bound to their browsers, and how many by each."""
    found = [Layer(layer) for layer in tx.execute(_layers, {"registration": registration_id}).scalars()]
    return {layer: found.count(layer) for layer in Layer if layer in found}


def refusals_of(tx: Tx, registration_id: int, *, since: datetime, most: int = 20) -> Sequence[Refusal]:
    """The newest refused logins and launches of a platform."""
    asked = {"registration": registration_id, "since": since, "most": most}
    return [read_refusal(row) for row in tx.execute(_refused, asked)]
