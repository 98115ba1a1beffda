"""Connecting a platform: the organisation behind it, its registration, and our key to speak with it."""

from collections.abc import Sequence
from datetime import datetime

from lti_tool import lti, people
from lti_tool.core import audit
from lti_tool.core.db import Tx
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
    actor: str,
    now: datetime,
) -> lti.Registration:
    """Registers a platform (by issuer and client id) for an organisation, or brings a known one up to date."""
    owner = people.ensure_organisation(tx, organisation, country=country, website=website, now=now)
    registration = lti.register_platform(
        tx,
        vault=vault,
        organisation_id=owner.id,
        issuer=issuer,
        client_id=client_id,
        name=name,
        auth_url=auth_url,
        token_url=token_url,
        jwks_url=jwks_url,
        audience=audience,
        lms_deployment_ids=lms_deployment_ids,
        deployments=deployments,
        now=now,
    )
    facts = {"issuer": issuer, "client_id": client_id, "organisation": organisation}
    audit.record(tx, now=now, actor=actor, act="platform.connect", subject=f"registration:{registration.id}", **facts)
    return registration
