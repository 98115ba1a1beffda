"""A small sound package, from which each test takes what it spoils."""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from lti_tool.core.db import Database
from lti_tool.core.secrets import Vault
from lti_tool.courses import Link, enrol, make_offer, place
from lti_tool.lti import admit_deployment, register_platform
from lti_tool.modules import ModuleVersion, publish, read_package
from lti_tool.people import Portrait, ensure_organisation, recognise

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180"><path d="M0 0h9v9z"/></svg>'

FILES: Mapping[str, bytes] = {
    "module.md": b"""---
title: Keeping bees
language: en
outcomes:
  - Open a hive without harm
  - Tell a queen from a drone
skills:
  - name: beekeeping
    uri: http://data.europa.eu/esco/skill/bees
  - patience
level: EQF 3
hours: 0.50
pass: 70
validity: 2 years
version: "1.10"
---
For people with a garden. You need a veil! And time.

More follows.
""",
    "pages/01-the-hive.md": b"""---
title: The hive
---
## What it is

A box with ![frames](media/hive.svg) inside.

![A hive, cut open](media/hive.svg "A hive")
""",
    "pages/02-the-queen.md": b"---\ntitle: The queen\nminutes: 4\n---\nShe is longer.\n",
    "questions/longest.md": b"""---
kind: single
outcomes: [2]
---
Who is the longest?

- (x) The queen
- ( ) The drone
  > It is broader.
""",
    "questions/eggs.md": "---\nkind: number\n---\nHow many eggs a day?\n\n= 1500 ± 500\n".encode(),
    "assessment.md": b"""---
title: Check what you learned
attempts: 3
sections:
  - questions: [longest, eggs]
---
Two questions.
""",
    "media/hive.svg": SVG,
}

Build = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Build:
    """Writes the package with some files changed (bytes or text) or left out (None), and returns its folder."""

    def build(changes: Mapping[str, bytes | str | None] | None = None, *, name: str = "keeping-bees") -> Path:
        root = tmp_path / name
        for path, body in {**FILES, **(changes or {})}.items():
            if body is None:
                continue
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(body.encode() if isinstance(body, str) else body)
        return root

    return build


@pytest.fixture
def zipped(tmp_path: Path) -> Build:
    """The same as a zip, its names below `inside`."""

    def build(changes: Mapping[str, bytes] | None = None, *, inside: str = "keeping-bees/") -> Path:
        path = tmp_path / "keeping-bees.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in {**FILES, **(changes or {})}.items():
                archive.writestr(inside + name, body)
        return path

    return build


@pytest.fixture
def organisation_id(db: Database, now: datetime) -> int:
    with db.transaction() as tx:
        return ensure_organisation(tx, "Aldermoor", country="NO", website="https://aldermoor.example", now=now).id


@pytest.fixture
def statements(db: Database) -> Callable[[], list[str]]:
    """Gives the statements sent since it was last asked, BEGIN and the like left out."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)

    def take() -> list[str]:
        taken = list(seen)
        seen.clear()
        return taken

    return take


@dataclass(frozen=True)
class Reader:
    """Somebody enrolled in a module, and the version they read."""

    enrolment_id: int
    version: ModuleVersion


@pytest.fixture
def reader(db: Database, folder: Build, organisation_id: int, vault: Vault, now: datetime) -> Reader:
    with db.transaction() as tx:
        version = publish(tx, read_package(folder()), organisation_id=organisation_id, actor="test", now=now)
        platform = register_platform(
            tx,
            vault=vault,
            organisation_id=organisation_id,
            issuer="https://lms.example",
            client_id="bees",
            name="LMS",
            auth_url="https://lms.example/auth",
            token_url="https://lms.example/token",
            jwks_url="https://lms.example/jwks",
            now=now,
        )
        deployment = admit_deployment(tx, platform.id, "1", now=now)
        portrait = Portrait("Nguyễn Thị Ánh Tuyết", None, None, None, None)
        person = recognise(
            tx, registration_id=platform.id, identity_scope="1", lms_user_id="7", portrait=portrait, now=now
        )
        offer = make_offer(
            tx,
            organisation_id=organisation_id,
            module_id=version.module_id,
            made_by="test",
            settings={},
            now=now,
        )
        link = Link(deployment.id, "c", "C", "Course", "r", "Bees", None, offer.public_id)
        placement = place(tx, link, organisation_id=organisation_id, now=now)
        enrolled = enrol(tx, person_id=person.id, placement_id=placement.id, role="learner", now=now)
    return Reader(enrolled.id, version)
