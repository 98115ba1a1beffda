"""What follows the record: sign, then draw, in steps that may each be repeated; outside the request, by a worker.

Order of issue: record → sign → PDF. A worker that dies between two steps leaves the row due; the next one goes on from
what the row shows. A name for which no face is there is held with the reason, and looked at again every hour.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, update

from lti_tool.core import leases, logs
from lti_tool.core.db import Database, Tx
from lti_tool.core.errors import ToolError
from lti_tool.core.secrets import Vault
from lti_tool.credentials.certificate import CannotSet, CertificateFacts, draw
from lti_tool.credentials.faces import Faces
from lti_tool.credentials.files import keep_file
from lti_tool.credentials.keys import IssuerKey, issuer_key
from lti_tool.credentials.openbadge import open_badge
from lti_tool.credentials.proofs import add_proof
from lti_tool.credentials.record import COLUMNS, Credential, note, read_credential
from lti_tool.credentials.tables import credentials

LEASE_SECONDS = 120.0
HELD_FOR = timedelta(hours=1)
_BACKOFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30))
_ACTOR = "worker"

log = logs.get("credentials")


def prepare_due(
    db: Database, *, vault: Vault, faces: Faces, public_url: str, clock: Callable[[], datetime], limit: int = 20
) -> int:
    """Signs and draws up to `limit` due credentials; returns how many it took up. Safe to run anywhere, any time."""
    with db.transaction() as tx:
        rows = leases.claim(tx, credentials, now=clock(), limit=limit, lease_seconds=LEASE_SECONDS)
    for row in rows:
        work = _Work(db, vault, faces, public_url, clock, row)
        logs.begin(credential=work.credential.public_id)
        try:
            work.go_on()
        except CannotSet as fault:
            # Without the reason, here and below: it quotes the holder's name.
            log.warning("credential.held", code=fault.code)
            work.hold(fault.text)
        except ToolError as fault:
            log.warning("credential.postponed", code=fault.code, tries=work.tries)
            work.postpone(str(fault))
    return len(rows)


def release_held(tx: Tx, *, now: datetime) -> int:
    """Makes all held credentials due at once, after fonts have arrived; returns how many."""
    waiting = credentials.c.held_reason.is_not(None)
    return tx.execute(update(credentials).where(waiting).values(due_at=now)).rowcount


class _Work:
    """One claimed credential on its way."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        faces: Faces,
        public_url: str,
        clock: Callable[[], datetime],
        row: RowMapping,
    ) -> None:
        self.db, self.vault, self.faces, self.public_url, self.clock = db, vault, faces, public_url, clock
        self.id, self.fence, self.tries = int(row["id"]), int(row["fence"]), int(row["tries"])
        self.credential = read_credential({column.name: row[column.name] for column in COLUMNS})

    def go_on(self) -> None:
        """Does the steps that are still to be done."""
        signed = self.credential.signed or self._sign()
        if signed is None:
            return
        pdf = draw(self.faces, paper(self.credential, signed))
        with self.db.transaction() as tx:
            if leases.finish(tx, credentials, self.id, self.fence, held_reason=None, last_error=None):
                keep_file(tx, self.id, "pdf", "application/pdf", pdf, now=self.clock())
                note(tx, self.id, act="drawn", actor=_ACTOR, now=self.clock())
        log.info("credential.drawn", tries=self.tries)

    def _sign(self) -> dict[str, Any] | None:
        """Signs and stores; None if another worker has taken over meanwhile."""
        now = self.clock()
        with self.db.transaction() as tx:
            key = issuer_key(
                tx,
                self.vault,
                organisation_id=self.credential.organisation_id,
                public_url=self.public_url,
                now=now,
            )
        signed = sign(self.credential, key, self.vault, created=now)
        # The lease stays: drawing follows. The fence still guards against one who took over.
        store = (
            update(credentials)
            .where(credentials.c.id == self.id, credentials.c.fence == self.fence, credentials.c.signed.is_(None))
            .values(signed=signed, signed_at=now, key_id=key.id)
        )
        with self.db.transaction() as tx:
            if tx.execute(store).rowcount != 1:
                return None
            note(tx, self.id, act="signed", actor=_ACTOR, now=now, key=key.method)
        return signed

    def hold(self, reason: str) -> None:
        """Waits for a face, and says so."""
        with self.db.transaction() as tx:
            leases.finish(
                tx,
                credentials,
                self.id,
                self.fence,
                held_reason=reason[:1000],
                due_at=self.clock() + HELD_FOR,
                last_error=None,
            )

    def postpone(self, reason: str) -> None:
        """Tries again later, ever more slowly."""
        wait = _BACKOFF[min(self.tries, len(_BACKOFF)) - 1]
        with self.db.transaction() as tx:
            due = self.clock() + wait
            leases.finish(tx, credentials, self.id, self.fence, last_error=reason[:1000], due_at=due)


def sign(credential: Credential, key: IssuerKey, vault: Vault, *, created: datetime) -> dict[str, Any]:
    """The signed Open Badge of a record."""
    badge = open_badge(
        credential.facts,
        address=credential.address,
        number=credential.number,
        issuer_did=key.did,
        issued_at=credential.issued_at,
    )
    return add_proof(badge, private_pem=key.private_pem(vault), method=key.method, created=created)


def paper(credential: Credential, signed: dict[str, Any]) -> CertificateFacts:
    """What the certificate of a signed credential says."""
    return CertificateFacts(
        credential=credential.facts,
        number=credential.number,
        address=credential.address,
        issued_at=credential.issued_at,
        signed_json=credential_json(signed),
    )


def credential_json(signed: dict[str, Any]) -> bytes:
    """The signed credential as a file: UTF-8, members in a fixed order: the same record gives the same bytes."""
    return json.dumps(signed, ensure_ascii=False, indent=1, sort_keys=True).encode()
