"""Who is certified here, for what, and with which fonts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, DateTime, Integer, LargeBinary, Numeric, String, Table
from sqlalchemy.types import TypeDecorator

from lti_tool.core import ids
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database, Tx, metadata
from lti_tool.core.secrets import Vault
from lti_tool.credentials import (
    Credential,
    Faces,
    find_credential,
    issue,
    prepare_due,
)
from tests.needs import need
from tests.rooms.credentials.papers import FACTS, PUBLIC_URL


@pytest.fixture(scope="session")
def faces() -> Faces:
    """The fonts of this machine."""
    found = Faces.find()
    need(not found.missing(), "the fonts of Debian's fonts-noto-core and fonts-noto-cjk: run `make fonts`")
    return found


@pytest.fixture
def no_faces(tmp_path: Path) -> Faces:
    """A machine without fonts."""
    return Faces.find(tmp_path)


@dataclass(frozen=True)
class Office:
    """Where certificates are made: a database with learners who have completed, a worker, a clock."""

    db: Database
    vault: Vault
    clock: FixedClock
    faces: Faces

    def earned(self, tx: Tx, **given: Any) -> dict[str, int]:
        """A completion with all that stands behind it, as `issue` wants it named."""
        version = given.get("module_version_id") or _plant(tx, "module_versions", self.clock.now())
        completion = _plant(tx, "completions", self.clock.now(), module_version_id=version)
        return {
            "completion_id": completion,
            "module_version_id": version,
            "person_id": given.get("person_id") or _plant(tx, "people", self.clock.now()),
            "organisation_id": given.get("organisation_id") or _plant(tx, "organisations", self.clock.now()),
        }

    def issue(self, tx: Tx, earned: dict[str, int], **changes: Any) -> Credential:
        """The credential for a completion."""
        facts = replace(FACTS, **changes)
        now = self.clock.now()
        return issue(tx, facts, achievement="module:1", public_url=PUBLIC_URL, now=now, **earned)

    def issued(self, **changes: Any) -> Credential:
        """A learner's credential, recorded and not yet signed."""
        with self.db.transaction() as tx:
            return self.issue(tx, self.earned(tx), **changes)

    def work(self, faces: Faces | None = None) -> int:
        """The worker does what is due."""
        return prepare_due(
            self.db, vault=self.vault, faces=faces or self.faces, public_url=PUBLIC_URL, clock=self.clock.now
        )

    def look(self, credential: Credential) -> Credential:
        """The credential as it stands now."""
        with self.db.reading() as tx:
            return find_credential(tx, credential.public_id)


@pytest.fixture
def office(db: Database, vault: Vault, clock: FixedClock, faces: Faces) -> Office:
    return Office(db, vault, clock, faces)


def _plant(tx: Tx, name: str, now: datetime, **given: Any) -> int:
    """A row of another room's table with whatever that table insists on, and the rows it points to."""
    table = metadata.tables[name]
    values = {column.name: _filled(tx, table, column.name, now) for column in table.c if _wanted(column)}
    return int(tx.execute(table.insert().values({**values, **given})).inserted_primary_key[0])


def _wanted(column: Any) -> bool:
    return not (
        column.primary_key or column.nullable or column.default is not None or column.server_default is not None
    )


def _filled(tx: Tx, table: Table, name: str, now: datetime) -> object:
    column = table.c[name]
    for key in column.foreign_keys:
        return _plant(tx, key.column.table.name, now)
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    makers: tuple[tuple[type, Callable[[], object]], ...] = (
        (DateTime, lambda: now),
        (JSON, dict),
        (LargeBinary, bytes),
        (String, lambda: ids.public_id()[: kind.length]),
        (Boolean, bool),
        (Integer, lambda: 1),
        (Numeric, lambda: 1),
    )
    return next(make() for of, make in makers if isinstance(kind, of))
