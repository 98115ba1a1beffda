"""Writes down a platform: what it is called and where it is asked, its key to come, and what was settled with it.

Issuer and client id name a registration (LTI Core 1.3 §3.1). Whoever adds one that must be new is told when it is not,
however close two of them come: the unique constraint decides, not a look beforehand.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import Conflict, Side
from lti_tool.core.secrets import Vault
from lti_tool.lti.keys.tool_keys import ensure_tool_key
from lti_tool.lti.origins import is_secure, plain_origin
from lti_tool.lti.refusals import refused
from lti_tool.lti.registering.registrations import COLUMNS, Registration, allow_deployment, read_registration
from lti_tool.lti.registering.terms import DeploymentPolicy, IdentityScope, Terms
from lti_tool.lti.tables import registrations


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
    terms: Terms | None = None,
    only_new: bool = False,
    now: datetime,
) -> Registration:
    """Adds a platform, or brings the one with this issuer and client id up to date; named deployments are let in.

    `origins` replace those confirmed before; None leaves origins, identity scope or terms as they are. `only_new`
    raises Conflict for one that is known, also where somebody adds it at this very moment.
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
        **({} if terms is None else columns_of(terms)),
    }
    registration = _write(tx, {"issuer": issuer, "client_id": client_id}, facts, only_new=only_new, now=now)
    for lms_deployment_id in lms_deployment_ids:
        allow_deployment(tx, registration.id, lms_deployment_id, now=now)
    return registration


def _write(
    tx: Tx, known_by: Mapping[str, str], facts: Mapping[str, object], *, only_new: bool, now: datetime
) -> Registration:
    key = list(known_by)
    fresh = insert(tx, registrations).values(public_id=ids.public_id(), created_at=now, **known_by, **facts)
    # The database decides who was first: a look beforehand sees nothing of another transaction that is under way.
    made = (
        fresh.on_conflict_do_nothing(index_elements=key)
        if only_new
        else fresh.on_conflict_do_update(index_elements=key, set_=dict(facts))
    )
    row = tx.execute(made.returning(*COLUMNS)).one_or_none()
    if row is None:
        raise _already_known(known_by)
    return read_registration(row)


def _already_known(known_by: Mapping[str, str]) -> Conflict:
    return Conflict(
        "lti.registration_known",
        "An LMS with this platform ID and client ID is connected already, so nothing was changed.",
        "If your LMS has just made a new entry for this tool, delete that entry there. The one that is connected is in "
        "this tool's list of platforms; “lti-tool platform add” changes what is known of it.",
        side=Side.YOU,
        log=known_by,
    )


def columns_of(terms: Terms) -> dict[str, object]:
    """The terms as they are stored."""
    return {
        "clock_leeway": terms.clock_leeway,
        "algorithms": [str(one) for one in terms.algorithms],
        "line_items": str(terms.line_items),
    }


def _require_secure(*urls: str) -> None:
    for url in urls:
        if not is_secure(url):
            raise refused("lti.registration_url", url=url)


def plain_origins(given: Sequence[str]) -> list[str]:
    """Origins as they are compared and sent, each once; raises LtiRefused for what is none."""
    plain: list[str] = []
    for url in given:
        origin = plain_origin(url)
        if origin is None:
            raise refused("lti.registration_origin", url=url)
        plain.append(origin)
    return list(dict.fromkeys(plain))
