"""Taking a credential back, and giving it again: dated, with a reason class and words for whoever checks it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import update

from lti_tool.core.db import Tx
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.credentials.record import Credential, CredentialStatus, find_credential, note
from lti_tool.credentials.tables import credentials


class RevocationReason(StrEnum):
    """Why an issuer takes a credential back, in classes that can be counted and translated."""

    ISSUED_IN_ERROR = "issued_in_error"
    RESULT_ANNULLED = "result_annulled"
    MISCONDUCT = "misconduct"
    NAME_WRONG = "name_wrong"
    OTHER = "other"


def revoke(tx: Tx, public_id: str, *, reason: str, words: str, actor: str, now: datetime) -> Credential:
    """Takes the credential back at once. Repeating it changes nothing; the first reason stays."""
    known = {kind.value for kind in RevocationReason}
    if reason not in known:
        raise Invalid(
            "credentials.reason",
            "“%(reason)s” is no reason for revoking a certificate.",
            "Choose one of: %(known)s.",
            reason=reason,
            known=", ".join(sorted(known)),
        )
    credential = find_credential(tx, public_id)
    if credential.status is CredentialStatus.REVOKED:
        return credential
    changed = tx.execute(
        update(credentials)
        .where(credentials.c.id == credential.id, credentials.c.status == CredentialStatus.ACTIVE)
        .values(status=CredentialStatus.REVOKED, revoked_at=now, revoked_reason=reason, revoked_words=words)
    )
    if changed.rowcount != 1:
        raise _changed_meanwhile()
    note(tx, credential.id, act="revoked", actor=actor, now=now, reason=reason, words=words)
    return find_credential(tx, public_id)


def reinstate(tx: Tx, public_id: str, *, actor: str, words: str = "", now: datetime) -> Credential:
    """Makes a revoked credential valid again. Refused while the person holds another one for the same achievement."""
    credential = find_credential(tx, public_id)
    if credential.status is CredentialStatus.ACTIVE:
        return credential
    other = credentials.alias()
    rival = (
        other.select()
        .where(
            other.c.person_id == credential.person_id,
            other.c.achievement == credential.achievement,
            other.c.status == CredentialStatus.ACTIVE,
        )
        .exists()
    )
    changed = tx.execute(
        update(credentials)
        .where(credentials.c.id == credential.id, credentials.c.status == CredentialStatus.REVOKED, ~rival)
        .values(status=CredentialStatus.ACTIVE, revoked_at=None, revoked_reason=None, revoked_words=None)
    )
    if changed.rowcount != 1:
        raise _changed_meanwhile()
    note(tx, credential.id, act="reinstated", actor=actor, now=now, words=words)
    return find_credential(tx, public_id)


def _changed_meanwhile() -> Conflict:
    return Conflict(
        "credentials.changed",
        "The certificate is not in a state in which this can be done.",
        "Nothing was changed. Look at its present state first; the person may hold another one.",
    )
