"""A platform connects itself (Dynamic Registration 1.0): invited first, asked in between, its answer stored at once.

The question to the LMS lies between two transactions. Whatever dies in between leaves an invitation in hand and nothing
else: no half registration here; what may have been left behind in the LMS is told when the invitation is used again.
"""

from datetime import datetime, timedelta

from lti_tool import lti, people
from lti_tool.core import audit
from lti_tool.core.db import Tx
from lti_tool.core.errors import Side
from lti_tool.core.secrets import Vault


def invite(
    tx: Tx, *, organisation: str, country: str, website: str, name: str, lives: timedelta, actor: str, now: datetime
) -> tuple[lti.Invitation, str]:
    """An invitation for one LMS of an organisation, and its token, which is told this once."""
    owner = people.ensure_organisation(tx, organisation, country=country, website=website, now=now)
    invitation, token = lti.make_invitation(tx, organisation_id=owner.id, name=name, lives=lives, now=now)
    subject = f"invitation:{invitation.public_id}"
    audit.record(tx, now=now, actor=actor, act="platform.invite", subject=subject, organisation=organisation)
    return invitation, token


def begin_registration(tx: Tx, invitation: lti.Invitation, *, now: datetime) -> lti.Invitation:
    """Takes the invitation in hand, so that of any number of tries at once one asks the LMS."""
    lti.require_open_invitation(invitation, now=now)
    return lti.claim_invitation(tx, invitation, now=now)


def finish_registration(
    tx: Tx,
    claimed: lti.Invitation,
    platform: lti.PlatformConfiguration,
    granted: lti.Granted,
    *,
    vault: Vault,
    now: datetime,
) -> lti.Registration:
    """Stores what the LMS granted, and uses the invitation up; Conflict for a client that is connected already.

    The answer to an invitation never changes a registration that exists: on a host with several platforms, one could
    speak in the name of another.
    """
    registration = lti.register_platform(
        tx,
        vault=vault,
        organisation_id=claimed.organisation_id,
        issuer=platform.issuer,
        client_id=granted.client_id,
        name=(claimed.name or platform.account or platform.product_name or platform.host)[:300],
        auth_url=platform.auth_url,
        token_url=platform.token_url,
        jwks_url=platform.jwks_url,
        audience=platform.audience,
        origins=(platform.pages,) if platform.pages else None,
        lms_deployment_ids=(granted.deployment_id,) if granted.deployment_id else (),
        only_new=True,
        now=now,
    )
    _settle(tx, claimed, registration, platform, granted, now=now)
    _note(tx, "platform.register", claimed, registration, granted, now=now)
    return registration


def require_own_host(tx: Tx, invitation: lti.Invitation, asked: lti.RegistrationRequest) -> None:
    """Raises LtiRefused when an address that has connected a platform is to fetch from anybody else's host."""
    if invitation.registration_id is None:
        return
    known = lti.find_registration(tx, invitation.registration_id)
    if not lti.is_from(known.issuer, asked.configuration_url):
        raise _mismatch(None, None)


def registration_to_update(
    tx: Tx, invitation: lti.Invitation, platform: lti.PlatformConfiguration, client_id: str | None, *, now: datetime
) -> lti.Registration:
    """The registration that an LMS wants to bring up to date; LtiRefused when it is not for this invitation.

    By the address that connected it, or by a new invitation of the same organisation; in both cases the issuer is the
    same, and the client the one that the LMS names, where it names one.
    """
    if invitation.registration_id is not None:
        known = lti.find_registration(tx, invitation.registration_id)
    else:
        lti.require_open_invitation(invitation, now=now)
        found = lti.registration_for(tx, issuer=platform.issuer, client_id=client_id) if client_id else None
        if found is None or not is_invited(invitation, found):
            raise _mismatch(platform, client_id)
        known = found
    if not speaks_for(platform, client_id, known):
        raise _mismatch(platform, client_id)
    return known


def is_invited(invitation: lti.Invitation, known: lti.Registration) -> bool:
    """Whether an invitation that nobody has used may bring this registration up to date: its own organisation's."""
    return known.organisation_id == invitation.organisation_id


def speaks_for(platform: lti.PlatformConfiguration, client_id: str | None, known: lti.Registration) -> bool:
    """Whether a platform is the one that is registered, and means this client; None where it does not say which."""
    return platform.issuer == known.issuer and client_id in (None, known.client_id)


def finish_update(
    tx: Tx,
    claimed: lti.Invitation,
    registration: lti.Registration,
    platform: lti.PlatformConfiguration,
    granted: lti.Granted,
    *,
    now: datetime,
) -> None:
    """Notes that the LMS has our present metadata. Issuer, client and addresses stay: those an operator changes."""
    if not speaks_for(platform, granted.client_id, registration):
        raise _mismatch(platform, granted.client_id)
    if claimed.registration_id is None:
        _settle(tx, claimed, registration, platform, granted, now=now)
    _note(tx, "platform.update", claimed, registration, granted, now=now)


def _settle(
    tx: Tx,
    claimed: lti.Invitation,
    registration: lti.Registration,
    platform: lti.PlatformConfiguration,
    granted: lti.Granted,
    *,
    now: datetime,
) -> None:
    outcome = {
        "product": platform.product_name,
        "version": platform.version,
        "scopes": list(granted.scopes),
        "missing": list(granted.missing),
        "management_url": granted.management_url,
    }
    lti.settle_invitation(tx, claimed, registration_id=registration.id, outcome=outcome, now=now)


def _note(
    tx: Tx,
    act: str,
    claimed: lti.Invitation,
    registration: lti.Registration,
    granted: lti.Granted,
    *,
    now: datetime,
) -> None:
    facts = {
        "issuer": registration.issuer,
        "client_id": registration.client_id,
        "deployment": granted.deployment_id,
        "scopes": list(granted.scopes),
    }
    actor, subject = f"invitation:{claimed.public_id}", f"registration:{registration.id}"
    audit.record(tx, now=now, actor=actor, act=act, subject=subject, **facts)


def _mismatch(platform: lti.PlatformConfiguration | None, client_id: str | None) -> lti.LtiRefused:
    return lti.LtiRefused(
        "lti.registration_mismatch",
        "The LMS wants to change a tool that is not the one this address has connected.",
        "Nothing was changed here. Ask the people who run this tool for a new invitation.",
        side=Side.LMS,
        log={} if platform is None else {"issuer": platform.issuer, "client_id": client_id},
    )
