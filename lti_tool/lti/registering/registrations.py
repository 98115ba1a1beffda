"""Which platforms may launch us (LTI Core 1.3 §3.1): registrations by issuer and client id, and their deployments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, select

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import NotAllowed, NotFound, Side
from lti_tool.core.secrets import Vault
from lti_tool.lti.keys.tool_keys import ensure_tool_key
from lti_tool.lti.origins import is_secure, is_under, origin_of, plain_origin
from lti_tool.lti.quirks import own_domains, usual_audience
from lti_tool.lti.refusals import refused
from lti_tool.lti.tables import deployments, logins, registrations


class DeploymentPolicy(StrEnum):
    """What becomes of a deployment that is seen for the first time."""

    AUTO = "auto"
    ASK = "ask"
    DENY = "deny"


class IdentityScope(StrEnum):
    """Within what a platform's user id names one person (its `sub` need not be unique any further)."""

    DEPLOYMENT = "deployment"
    REGISTRATION = "registration"


@dataclass(frozen=True)
class Registration:
    """A platform that knows this tool under one client id."""

    id: int
    public_id: str
    organisation_id: int
    issuer: str
    client_id: str
    name: str
    auth_url: str
    token_url: str
    jwks_url: str
    audience: str | None
    deployments: DeploymentPolicy
    # Confirmed by an operator, beside the origins of the addresses above.
    origins: tuple[str, ...] = ()
    identity_scope: IdentityScope = IdentityScope.DEPLOYMENT
    # Since when an operator keeps the whole platform out.
    disabled_at: datetime | None = None

    @property
    def origin(self) -> str:
        """Where its logins are answered; messages to its windows are meant for this origin."""
        return origin_of(self.auth_url) or ""

    @property
    def frame_ancestors(self) -> str:
        """Who may frame us, as sources of a content security policy."""
        return frame_ancestors(self.issuer, self.auth_url, self.origins)

    @property
    def form_targets(self) -> str:
        """Where our forms may lead: all that `owns` lets through, as sources of a content security policy."""
        addresses = (origin_of(self.issuer), origin_of(self.token_url))
        return " ".join(dict.fromkeys((*self.frame_ancestors.split(), *(one for one in addresses if one))))

    @property
    def token_audience(self) -> str:
        """What the platform wants as `aud` of a client assertion."""
        return self.audience or usual_audience(self.token_url)

    def owns(self, url: str) -> bool:
        """Whether an address lies on an origin that belongs to this platform."""
        origin = origin_of(url)
        if origin is None:
            return False
        if origin in self.origins or origin in {origin_of(own) for own in (self.issuer, self.auth_url, self.token_url)}:
            return True
        return any(is_under(origin, domain) for domain in own_domains(self.issuer, self.auth_url))


def frame_ancestors(issuer: str, auth_url: str, origins: Sequence[str]) -> str:
    """The origins on which a platform's pages lie, as sources of a content security policy."""
    domains = (f"https://*.{domain}" for domain in own_domains(issuer, auth_url))
    return " ".join(dict.fromkeys((origin_of(auth_url) or "", *domains, *origins)))


@dataclass(frozen=True)
class Deployment:
    """One installation of the tool within a platform; not every one is let in."""

    id: int
    registration_id: int
    lms_deployment_id: str
    allowed: bool


# In the order of the fields of Registration.
COLUMNS = (
    registrations.c.id,
    registrations.c.public_id,
    registrations.c.organisation_id,
    registrations.c.issuer,
    registrations.c.client_id,
    registrations.c.name,
    registrations.c.auth_url,
    registrations.c.token_url,
    registrations.c.jwks_url,
    registrations.c.audience,
    registrations.c.deployments,
    registrations.c.origins,
    registrations.c.identity_scope,
    registrations.c.disabled_at,
)
_DEPLOYMENT = (
    deployments.c.id,
    deployments.c.registration_id,
    deployments.c.lms_deployment_id,
    deployments.c.allowed,
)
_by_id = select(*COLUMNS).where(registrations.c.id == bindparam("id"))
_hold = select(registrations.c.id).where(registrations.c.id == bindparam("id")).with_for_update()
_end_logins = delete(logins).where(logins.c.registration_id == bindparam("registration_id"))
_all = select(*COLUMNS).order_by(registrations.c.id)
_by_issuer = select(*COLUMNS).where(registrations.c.issuer == bindparam("issuer")).limit(2)
_by_client = select(*COLUMNS).where(
    registrations.c.issuer == bindparam("issuer"), registrations.c.client_id == bindparam("client_id")
)
_deployment = select(*_DEPLOYMENT).where(
    deployments.c.registration_id == bindparam("registration_id"),
    deployments.c.lms_deployment_id == bindparam("lms_deployment_id"),
)
_deployments = (
    select(*_DEPLOYMENT).where(deployments.c.registration_id == bindparam("registration_id")).order_by(deployments.c.id)
)
_deployment_by_id = select(*_DEPLOYMENT).where(deployments.c.id == bindparam("id"))


def register_platform(
    tx: Tx,
    *,
    vault: Vault,
    organisation_id: int,
    issuer: str,
    client_id: str,
    name: str,
    auth_url: str,
    token_url: str,
    jwks_url: str,
    audience: str | None = None,
    lms_deployment_ids: Sequence[str] = (),
    deployments: DeploymentPolicy = DeploymentPolicy.AUTO,
    origins: Sequence[str] | None = None,
    identity_scope: IdentityScope | None = None,
    now: datetime,
) -> Registration:
    """Adds a platform, or brings the one with this issuer and client id up to date; named deployments are let in.

    `origins` replace those confirmed before; None leaves origins or identity scope as they are.
    """
    _require_secure(auth_url, token_url, jwks_url)
    ensure_tool_key(tx, vault, organisation_id, now)
    facts = {
        "organisation_id": organisation_id,
        "name": name,
        "auth_url": auth_url,
        "token_url": token_url,
        "jwks_url": jwks_url,
        "audience": audience,
        "deployments": str(deployments),
        "updated_at": now,
        **({} if origins is None else {"origins": plain_origins(origins)}),
        **({} if identity_scope is None else {"identity_scope": str(identity_scope)}),
    }
    fresh = insert(tx, registrations).values(
        public_id=ids.public_id(), issuer=issuer, client_id=client_id, created_at=now, **facts
    )
    made = fresh.on_conflict_do_update(index_elements=["issuer", "client_id"], set_=facts).returning(*COLUMNS)
    registration = read_registration(tx.execute(made).one())
    for lms_deployment_id in lms_deployment_ids:
        allow_deployment(tx, registration.id, lms_deployment_id, now=now)
    return registration


def _require_secure(*urls: str) -> None:
    for url in urls:
        if not is_secure(url):
            raise refused("lti.registration_url", url=url)


def find_registration(tx: Tx, registration_id: int) -> Registration:
    """The registration with this id; NotFound if there is none."""
    row = tx.execute(_by_id, {"id": registration_id}).one_or_none()
    if row is None:
        raise NotFound("lti.no_registration", "There is no such platform.")
    return read_registration(row)


def list_registrations(tx: Tx) -> Sequence[Registration]:
    """All registrations, oldest first."""
    return [read_registration(row) for row in tx.execute(_all)]


def registration_for(tx: Tx, *, issuer: str, client_id: str | None) -> Registration | None:
    """The registration a login names; without a client id only where the issuer has exactly one."""
    if client_id is not None:
        rows = tx.execute(_by_client, {"issuer": issuer, "client_id": client_id}).all()
    else:
        rows = tx.execute(_by_issuer, {"issuer": issuer}).all()
    return read_registration(rows[0]) if len(rows) == 1 else None


def deployments_of(tx: Tx, registration_id: int) -> Sequence[Deployment]:
    """All deployments of a platform that were seen or let in, oldest first."""
    return [Deployment(*row) for row in tx.execute(_deployments, {"registration_id": registration_id})]


def end_logins(tx: Tx, registration_id: int) -> None:
    """Ends all launches of a platform that are under way, and keeps new ones from beginning until `tx` is over."""
    tx.execute(_hold, {"id": registration_id})
    tx.execute(_end_logins, {"registration_id": registration_id})


def find_deployment(tx: Tx, deployment_id: int) -> Deployment:
    """The deployment with this id; NotFound if there is none."""
    row = tx.execute(_deployment_by_id, {"id": deployment_id}).one_or_none()
    if row is None:
        raise NotFound("lti.no_deployment", "There is no such deployment.")
    return Deployment(*row)


def admit_deployment(tx: Tx, registration_id: int, lms_deployment_id: str, *, now: datetime) -> Deployment:
    """The deployment of a verified launch, noted on first sight as the registration's policy says.

    Under `ask` the note comes back with `allowed=False`, so that it can be kept before `require_allowed` refuses the
    launch; under `deny` an unknown one raises NotAllowed at once.
    """
    key = {"registration_id": registration_id, "lms_deployment_id": lms_deployment_id}
    row = tx.execute(_deployment, key).one_or_none()
    if row is not None:
        return Deployment(*row)
    policy = find_registration(tx, registration_id).deployments
    if policy is DeploymentPolicy.DENY:
        raise _not_allowed(registration_id, lms_deployment_id)
    fresh = insert(tx, deployments).values(**key, allowed=policy is DeploymentPolicy.AUTO, created_at=now)
    # Two first launches at once: the second finds the first one's row.
    tx.execute(fresh.on_conflict_do_nothing(index_elements=["registration_id", "lms_deployment_id"]))
    return Deployment(*tx.execute(_deployment, key).one())


def allow_deployment(tx: Tx, registration_id: int, lms_deployment_id: str, *, now: datetime) -> Deployment:
    """Lets a deployment in, seen or not."""
    key = {"registration_id": registration_id, "lms_deployment_id": lms_deployment_id}
    fresh = insert(tx, deployments).values(**key, allowed=True, created_at=now)
    made = fresh.on_conflict_do_update(
        index_elements=["registration_id", "lms_deployment_id"], set_={"allowed": True}
    ).returning(*_DEPLOYMENT)
    return Deployment(*tx.execute(made).one())


def require_allowed(deployment: Deployment) -> None:
    """Raises NotAllowed for a deployment that nobody has let in."""
    if not deployment.allowed:
        raise _not_allowed(deployment.registration_id, deployment.lms_deployment_id)


def _not_allowed(registration_id: int, lms_deployment_id: str) -> NotAllowed:
    return NotAllowed(
        "lti.deployment_not_allowed",
        "This part of the LMS has not been let in to this tool.",
        "An administrator of this tool can allow the deployment that the log names.",
        side=Side.TOOL,
        log={"registration": registration_id, "deployment": lms_deployment_id},
    )


def read_registration(row: Sequence[Any]) -> Registration:
    """The registration in a row of `COLUMNS`."""
    *facts, policy, origins, scope, disabled_at = row
    return Registration(*(*facts, DeploymentPolicy(policy), tuple(origins), IdentityScope(scope), disabled_at))


def plain_origins(given: Sequence[str]) -> list[str]:
    """Origins as they are compared and sent, each once; raises LtiRefused for what is none."""
    plain: list[str] = []
    for url in given:
        origin = plain_origin(url)
        if origin is None:
            raise refused("lti.registration_origin", url=url)
        plain.append(origin)
    return list(dict.fromkeys(plain))
