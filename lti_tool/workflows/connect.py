"""Connecting a platform: the organisation behind it, its registration, and our key to speak with it."""

from collections.abc import Sequence
from datetime import datetime

from lti_tool import lti, people
from lti_tool.core import audit
from lti_tool.core.db import Tx
from lti_tool.core.errors import Conflict, Side
from lti_tool.core.secrets import Vault


def connect(
    tx: Tx,
    *,
    vault: Vault,
    organisation: str,
    country: str = "",
    website: str = "",
    issuer: str,
    client_id: str,
    name: str,
    auth_url: str,
    token_url: str,
    jwks_url: str,
    audience: str | None = None,
    lms_deployment_ids: Sequence[str] = (),
    deployments: lti.DeploymentPolicy = lti.DeploymentPolicy.AUTO,
    origins: Sequence[str] | None = None,
    identity_scope: lti.IdentityScope | None = None,
    actor: str,
    now: datetime,
) -> lti.Registration:
    """Registers a platform for an organisation, or brings a known one up to date; Conflict for what cannot change."""
    _require_nobody_known(tx, issuer, client_id, identity_scope)
    registration = lti.register_platform(
        tx,
        vault=vault,
        organisation_id=people.ensure_organisation(tx, organisation, country=country, website=website, now=now).id,
        issuer=issuer,
        client_id=client_id,
        name=name,
        auth_url=auth_url,
        token_url=token_url,
        jwks_url=jwks_url,
        audience=audience,
        lms_deployment_ids=lms_deployment_ids,
        deployments=deployments,
        origins=origins,
        identity_scope=identity_scope,
        now=now,
    )
    return _noted(tx, registration, organisation=organisation, actor=actor, now=now)


def _noted(tx: Tx, registration: lti.Registration, *, organisation: str, actor: str, now: datetime) -> lti.Registration:
    facts = {
        "issuer": registration.issuer,
        "client_id": registration.client_id,
        "organisation": organisation,
        "origins": list(registration.origins),
        "identity_scope": registration.identity_scope.value,
    }
    audit.record(tx, now=now, actor=actor, act="platform.connect", subject=f"registration:{registration.id}", **facts)
    return registration


def _require_nobody_known(tx: Tx, issuer: str, client_id: str, scope: lti.IdentityScope | None) -> None:
    """Refuses to change what tells people apart, once there are any: one person would become two, or two one."""
    known = lti.registration_for(tx, issuer=issuer, client_id=client_id)
    if scope is None or known is None or known.identity_scope is scope:
        return
    # Launches under way were begun by the old rule: they end here, so that none makes a person after this is checked.
    lti.end_logins(tx, known.id)
    if people.are_known(tx, known.id):
        raise Conflict(
            "people.identity_scope",
            "People have come from %(name)s already, and each is known by %(was)s. To change that now would split or "
            "merge them, with their results and certificates. Nothing was changed.",
            "Leave out --identity, or connect the LMS with another client ID.",
            side=Side.YOU,
            name=known.name,
            was="deployment and user id" if known.identity_scope is lti.IdentityScope.DEPLOYMENT else "user id alone",
        )
