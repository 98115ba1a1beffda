"""Which platforms may launch us (LTI Core 1.3 §3.1): registrations by issuer and client id, and their deployments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select

from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import NotAllowed, NotFound, Side
from lti_tool.lti.origins import is_under, origin_of
from lti_tool.lti.quirks import own_domains, usual_audience
from lti_tool.lti.registering.terms import Algorithm, DeploymentPolicy, IdentityScope, LineItemPolicy, Terms
from lti_tool.lti.tables import deployments, logins, registrations


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
    # None is the leeway of the settings.
    clock_leeway: int | None = None
    algorithms: tuple[Algorithm, ...] = (Algorithm.RS256,)
    line_items: LineItemPolicy = LineItemPolicy.CREATE

    @property
    def terms(self) -> Terms:
        """What an operator has settled with it."""
        return Terms(self.clock_leeway, self.algorithms, self.line_items)

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

    def leeway(self, usual: int) -> int:
        """By how many seconds its clock and ours may differ; `usual` is what the settings say."""
        return usual if self.clock_leeway is None else self.clock_leeway

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
    registrations.c.clock_leeway,
    registrations.c.algorithms,
    registrations.c.line_items,
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
    *facts, policy, origins, scope, disabled_at, leeway, algorithms, line_items = row
    scoped = (DeploymentPolicy(policy), tuple(origins), IdentityScope(scope), disabled_at)
    terms = (leeway, tuple(Algorithm(one) for one in algorithms), LineItemPolicy(line_items))
    return Registration(*(*facts, *scoped, *terms))
