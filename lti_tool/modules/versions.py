"""Published versions: immutable, numbered from 1 in each module, the newest is what new enrolments get.

Definitions are large, parsed once and shared: they are cached by their content's digest, which names them in any
database; the small row is kept for each database.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Row, bindparam, func, select

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import Conflict, NotFound
from lti_tool.modules import tables
from lti_tool.modules.definition import ModuleDefinition
from lti_tool.modules.package import Package
from lti_tool.modules.pictures import MediaFile

CACHED_DEFINITIONS = 64


@dataclass(frozen=True)
class Module:
    """A module of an organisation, whatever its versions."""

    id: int
    public_id: str
    organisation_id: int
    slug: str


@dataclass(frozen=True)
class ModuleVersion:
    """One published version; never changed."""

    id: int
    public_id: str
    module_id: int
    number: int
    digest: str
    definition: ModuleDefinition
    published_at: datetime


@dataclass(frozen=True)
class ModuleCard:
    """What a picker shows of a module: its newest version in a few facts. `questions` = asked in one attempt."""

    module_id: int
    public_id: str
    slug: str
    title: str
    language: str
    summary: str
    minutes: int
    hours: str
    questions: int
    outcomes: tuple[str, ...]
    version: int
    published_at: datetime


@dataclass(frozen=True)
class Media:
    """A stored picture."""

    sha256: str
    media_type: str
    body: bytes
    width: int | None
    height: int | None


class _Definitions:
    """The definitions used last, by digest."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, ModuleDefinition] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: str) -> ModuleDefinition | None:
        with self._lock:
            found = self._kept.get(digest)
            if found is not None:
                self._kept.move_to_end(digest)
            return found

    def keep(self, digest: str, definition: ModuleDefinition) -> ModuleDefinition:
        with self._lock:
            self._kept[digest] = definition
            self._kept.move_to_end(digest)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return definition

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


_definitions = _Definitions(CACHED_DEFINITIONS)
# The small rows of versions that were asked for by id: those that attempts are pinned to, and so are there for good.
_rows: WeakKeyDictionary[Engine, dict[int, Row[*tuple[Any, ...]]]] = WeakKeyDictionary()
_modules, _versions = tables.modules.c, tables.module_versions.c
_ROW = (
    _versions.id,
    _versions.public_id,
    _versions.module_id,
    _versions.number,
    _versions.digest,
    _versions.published_at,
)
_newest = select(*_ROW).where(_versions.module_id == bindparam("id")).order_by(_versions.number.desc()).limit(1)
_by_id = select(*_ROW).where(_versions.id == bindparam("id"))
_bodies = select(_versions.digest, _versions.definition).where(_versions.id.in_(bindparam("ids", expanding=True)))
_module = select(_modules.id, _modules.public_id, _modules.organisation_id, _modules.slug).where(
    _modules.public_id == bindparam("public_id"), _modules.organisation_id == bindparam("organisation_id")
)
_highest = (
    select(_versions.module_id, func.max(_versions.number).label("number")).group_by(_versions.module_id).subquery()
)
_cards = (
    select(_modules.public_id.label("module"), _modules.slug, *_ROW)
    .join(tables.module_versions, _versions.module_id == _modules.id)
    .join(_highest, (_highest.c.module_id == _versions.module_id) & (_highest.c.number == _versions.number))
    .where(_modules.organisation_id == bindparam("organisation_id"))
    .order_by(_versions.title, _modules.slug)
)
_media = select(
    tables.media.c.sha256,
    tables.media.c.media_type,
    tables.media.c.body,
    tables.media.c.width,
    tables.media.c.height,
).where(tables.media.c.sha256 == bindparam("sha256"))


def publish(tx: Tx, package: Package, *, organisation_id: int, actor: str, now: datetime) -> ModuleVersion:
    """The package as the newest version of its module; the one there already when nothing has changed since."""
    module_id = _ensure_module(tx, package.definition.slug, organisation_id=organisation_id, now=now)
    newest = tx.execute(_newest, {"id": module_id}).one_or_none()
    if newest is not None and newest.digest == package.digest:
        return _whole(tx, *newest)
    _store_media(tx, package.media, now=now)
    definition = package.definition
    fresh = insert(tx, tables.module_versions).values(
        public_id=ids.public_id(),
        module_id=module_id,
        number=1 if newest is None else newest.number + 1,
        digest=package.digest,
        title=definition.title,
        language=definition.language,
        definition=definition.to_json(),
        published_at=now,
        published_by=actor,
    )
    made = fresh.on_conflict_do_nothing(index_elements=["module_id", "number"]).returning(*_ROW)
    row = tx.execute(made).one_or_none() or tx.execute(_newest, {"id": module_id}).one()
    if row.digest != package.digest:
        raise Conflict(
            "modules.published_meanwhile",
            "Somebody else published another version of this module at the same moment.",
            "Look at that version, then publish again if yours should follow it.",
            log={"module": module_id},
        )
    return _whole(tx, *row)


def list_modules(tx: Tx, organisation_id: int) -> Sequence[ModuleCard]:
    """The organisation's published modules by title, each by its newest version."""
    rows = tx.execute(_cards, {"organisation_id": organisation_id}).all()
    known = _load(tx, {row.digest: row.id for row in rows})
    return [
        ModuleCard(
            module_id=row.module_id,
            public_id=row.module,
            slug=row.slug,
            title=known[row.digest].title,
            language=known[row.digest].language,
            summary=known[row.digest].summary,
            minutes=known[row.digest].minutes,
            hours=known[row.digest].hours,
            questions=known[row.digest].form.question_count,
            outcomes=known[row.digest].outcomes,
            version=row.number,
            published_at=row.published_at,
        )
        for row in rows
    ]


def newest_version(tx: Tx, module_id: int) -> ModuleVersion:
    """The newest version of a module; NotFound while nothing is published."""
    row = tx.execute(_newest, {"id": module_id}).one_or_none()
    if row is None:
        raise NotFound("modules.no_version", "This module has not been published yet.", log={"module": module_id})
    return _whole(tx, *row)


def find_version(tx: Tx, version_id: int) -> ModuleVersion:
    """The version with this inner id; no statement once it was read, as a version never changes."""
    known = _rows.setdefault(tx.engine, {})
    row = known.get(version_id) or tx.execute(_by_id, {"id": version_id}).one_or_none()
    if row is None:
        raise NotFound("modules.no_version", "There is no such version of the module.", log={"version": version_id})
    known[version_id] = row
    return _whole(tx, *row)


def find_module(tx: Tx, public_id: str, *, organisation_id: int) -> Module:
    """The module with this public id in this organisation; NotFound otherwise: modules do not cross tenants."""
    asked = {"public_id": public_id, "organisation_id": organisation_id}
    row = tx.execute(_module, asked).one_or_none() if ids.is_public_id(public_id) else None
    if row is None:
        raise NotFound("modules.no_module", "There is no such module here.", log={"module": public_id})
    return Module(*row)


def media(tx: Tx, sha256: str) -> Media | None:
    """The picture with this fingerprint; it belongs to nobody, being named by its own content alone."""
    row = tx.execute(_media, {"sha256": sha256}).one_or_none() if ids.is_digest(sha256) else None
    return None if row is None else Media(*row)


def _ensure_module(tx: Tx, slug: str, *, organisation_id: int, now: datetime) -> int:
    fresh = insert(tx, tables.modules).values(
        public_id=ids.public_id(), organisation_id=organisation_id, slug=slug, created_at=now
    )
    made = fresh.on_conflict_do_update(index_elements=["organisation_id", "slug"], set_={"slug": slug}).returning(
        _modules.id
    )
    return int(tx.execute(made).scalar_one())


def _store_media(tx: Tx, files: Mapping[str, MediaFile], *, now: datetime) -> None:
    rows = [
        {
            "sha256": file.sha256,
            "media_type": file.media_type,
            "body": file.body,
            "width": file.width,
            "height": file.height,
            "size": len(file.body),
            "created_at": now,
        }
        for file in {file.sha256: file for file in files.values()}.values()
    ]
    if rows:
        tx.execute(insert(tx, tables.media).on_conflict_do_nothing(index_elements=["sha256"]), rows)


def _load(tx: Tx, wanted: Mapping[str, int]) -> Mapping[str, ModuleDefinition]:
    """Definitions by digest, given a version id for each; those not at hand are read in one statement."""
    known = {digest: found for digest in wanted if (found := _definitions.get(digest)) is not None}
    missing = [version_id for digest, version_id in wanted.items() if digest not in known]
    if missing:
        for digest, body in tx.execute(_bodies, {"ids": missing}):
            known[digest] = _definitions.keep(digest, ModuleDefinition.from_json(body))
    return known


def _whole(
    tx: Tx, id_: int, public_id: str, module_id: int, number: int, digest: str, published_at: datetime
) -> ModuleVersion:
    definition = _load(tx, {digest: id_})[digest]
    return ModuleVersion(id_, public_id, module_id, number, digest, definition, published_at)
