"""What a stranger may rely on: one verdict on a credential, and the facts the page shows beside it.

Nothing is believed because it was stored: the signature is checked against the issuer's key, and what was signed
against what the record says. Gathering takes one statement; judging is pure.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import bindparam, select

from lti_tool.core import ids
from lti_tool.core.db import Tx
from lti_tool.credentials.facts import CredentialFacts
from lti_tool.credentials.keys import public_key
from lti_tool.credentials.openbadge import end_of, recorded_facts, signed_facts
from lti_tool.credentials.proofs import verify_proof
from lti_tool.credentials.record import COLUMNS, Credential, CredentialStatus, read_credential
from lti_tool.credentials.tables import credential_files, credentials, issuer_keys


class Verdict(StrEnum):
    """The ten answers of a verification."""

    VALID = "valid"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REPLACED = "replaced"
    WITHDRAWN_BY_HOLDER = "withdrawn_by_holder"
    NOT_FOUND = "not_found"
    ALTERED = "altered"
    UNKNOWN_ISSUER = "unknown_issuer"
    COULD_NOT_CHECK = "could_not_check"


@dataclass(frozen=True)
class Verification:
    """One check, made at `checked_at`. `credential` is None when there is none (or none that may be shown).

    `being_prepared` explains a `could_not_check`: the record stands, its signature is still to come.
    """

    verdict: Verdict
    checked_at: datetime
    credential: Credential | None = None
    issuer_did: str = ""
    has_certificate: bool = False
    being_prepared: bool = False

    @property
    def facts(self) -> CredentialFacts | None:
        """All facts of the certificate, for the reader to compare with what was shown to them."""
        return self.credential.facts if self.credential else None


_UNENDING = {CredentialStatus.REVOKED: Verdict.REVOKED, CredentialStatus.REPLACED: Verdict.REPLACED}
_drawn = (
    select(credential_files.c.id)
    .where(credential_files.c.credential_id == credentials.c.id, credential_files.c.kind == "pdf")
    .exists()
    .label("drawn")
)
_gather = (
    select(*COLUMNS, issuer_keys.c.did, issuer_keys.c.kid, _drawn)
    .select_from(credentials.outerjoin(issuer_keys, issuer_keys.c.id == credentials.c.key_id))
    .where(credentials.c.public_id == bindparam("public_id"))
)


def verify(tx: Tx, public_id: str, *, now: datetime) -> Verification:
    """Checks the credential behind a public id; an unknown and a malformed id are both just not found."""
    # A malformed id is looked up like any other: the two must not be told apart by their time either.
    shown = public_id if ids.is_public_id(public_id) else "-"
    row = tx.execute(_gather, {"public_id": shown}).one_or_none()
    if row is None:
        return Verification(Verdict.NOT_FOUND, now)
    values = dict(row._mapping)
    did, kid, drawn = values.pop("did"), values.pop("kid"), bool(values.pop("drawn"))
    credential = read_credential(values)
    verdict = judge(credential, kid=kid, did=did, now=now)
    if verdict is Verdict.WITHDRAWN_BY_HOLDER:
        return Verification(verdict, now)
    return Verification(verdict, now, credential, did or "", drawn, being_prepared=credential.signed is None)


def judge(credential: Credential, *, kid: str | None, did: str | None, now: datetime) -> Verdict:
    """The verdict on a record, given the public key it was signed with (`kid`) and the issuer that key belongs to."""
    if credential.status is CredentialStatus.WITHDRAWN:
        return Verdict.WITHDRAWN_BY_HOLDER
    ended = _UNENDING.get(credential.status)
    if credential.signed is None:
        # Taken back before it was ever signed: that much is known, and the stranger should know it.
        return ended or Verdict.COULD_NOT_CHECK
    if kid is None or credential.signed.get("issuer", {}).get("id") != did:
        return Verdict.UNKNOWN_ISSUER
    if not _as_signed(credential, kid):
        return Verdict.ALTERED
    if ended is not None:
        return ended
    return _within_time(credential, now)


def _as_signed(credential: Credential, kid: str) -> bool:
    """Whether the signature holds and the record still says what was signed."""
    signed = credential.signed or {}
    record = recorded_facts(
        credential.facts, address=credential.address, number=credential.number, issued_at=credential.issued_at
    )
    return signed_facts(signed) == record and verify_proof(signed, public_key(kid))


def _within_time(credential: Credential, now: datetime) -> Verdict:
    until = credential.facts.valid_until
    if now < credential.issued_at:
        return Verdict.NOT_YET_VALID
    if until is not None and now > end_of(until):
        return Verdict.EXPIRED
    return Verdict.VALID
