"""The files made of a credential once it is signed: today the PDF certificate."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from lti_tool.core.db import Tx, insert
from lti_tool.credentials.tables import credential_files


@dataclass(frozen=True)
class File:
    """Bytes with what a browser and a checker need to know of them."""

    kind: str
    media_type: str
    sha256: str
    body: bytes
    made_at: datetime


_one = select(
    credential_files.c.kind,
    credential_files.c.media_type,
    credential_files.c.sha256,
    credential_files.c.body,
    credential_files.c.made_at,
).where(credential_files.c.credential_id == bindparam("credential_id"), credential_files.c.kind == bindparam("kind"))
_exists = select(credential_files.c.id).where(
    credential_files.c.credential_id == bindparam("credential_id"), credential_files.c.kind == bindparam("kind")
)


def is_kind(text: str) -> bool:
    """Whether `text` has the form of a kind of file."""
    return text.isascii() and text.isalnum()


def file_of(tx: Tx, credential_id: int, kind: str) -> File | None:
    """The file of this kind (`pdf`), if it has been made."""
    # A kind is a word; other texts are not looked up, as PostgreSQL refuses some of them.
    asked = {"credential_id": credential_id, "kind": kind}
    row = tx.execute(_one, asked).one_or_none() if is_kind(kind) else None
    return None if row is None else File(*row)


def keep_file(tx: Tx, credential_id: int, kind: str, media_type: str, body: bytes, *, now: datetime) -> None:
    """Stores a file; the first one made stays, for its hash may have been published."""
    fresh = insert(tx, credential_files).values(
        credential_id=credential_id,
        kind=kind,
        media_type=media_type,
        sha256=hashlib.sha256(body).hexdigest(),
        body=body,
        made_at=now,
    )
    tx.execute(fresh.on_conflict_do_nothing(index_elements=["credential_id", "kind"]))


def has_file(tx: Tx, credential_id: int, kind: str) -> bool:
    """Whether the file of this kind has been made; does not load it."""
    return tx.execute(_exists, {"credential_id": credential_id, "kind": kind}).one_or_none() is not None
