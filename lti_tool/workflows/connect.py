"""Connecting a platform: the organisation behind it, its registration, and our key to speak with it."""

from datetime import datetime
from typing import Any

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
    identity_scope: lti.IdentityScope | None = None,
    actor: str,
    now: datetime,
    **facts: Any,
) -> lti.Registration:
    """Registers a platform for an organisation, or brings a known one up to date; Conflict for what cannot change.

    `facts` are the rest of what `lti.register_platform` takes: names, addresses, terms.
    """
    _require_nobody_known(tx, issuer, client_id, identity_scope)
    registration = lti.register_platform(
        tx,
        vault=vault,
        organisation_id=people.ensure_organisation(tx, organisation, country=country, website=website, now=now).id,
        issuer=issuer,
        client_id=client_id,
        identity_scope=identity_scope,
        now=now,
        **facts,
    )
    return _noted(tx, registration, organisation=organisation, actor=actor, now=now)


def _noted(tx: Tx, registration: lti.Registration, *, organisation: str, actor: str, now: datetime) -> lti.Registration:
    facts = {
        "issuer": registration.issuer,
        "client_id": registration.client_id,
        "organisation": organisation,
        "origins": list(registration.origins),
        "identity_scope": registration.identity_scope.value,
        **facts_of_terms(registration.terms),
    }
    audit.record(tx, now=now, actor=actor, act="platform.connect", subject=f"registration:{registration.id}", **facts)
    return registration


def facts_of_terms(terms: lti.Terms) -> dict[str, object]:
    """The terms of a platform as the audit has them; a leeway of None is that of the settings."""
    return {
        "clock_leeway": terms.clock_leeway,
        "algorithms": [one.value for one in terms.algorithms],
        "line_items": terms.line_items.value,
    }


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
