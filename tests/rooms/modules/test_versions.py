"""Publishing: a version is made once, never changes, and the newest is the one that is shown."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lti_tool.core.db import Database
from lti_tool.core.errors import NotFound
from lti_tool.modules import (
    ModuleVersion,
    Package,
    find_module,
    find_version,
    list_modules,
    media,
    newest_version,
    publish,
    read_package,
    tables,
)
from lti_tool.modules.versions import _definitions
from lti_tool.people import ensure_organisation
from tests.rooms.modules.conftest import FILES, Build

pytestmark = pytest.mark.both_engines


def release(db: Database, package: Package, organisation_id: int, now: datetime) -> ModuleVersion:
    with db.transaction() as tx:
        return publish(tx, package, organisation_id=organisation_id, actor="ingrid", now=now)


@pytest.fixture
def first(folder: Build) -> Package:
    return read_package(folder())


@pytest.fixture
def second(folder: Build, first: Package) -> Package:
    del first  # Read before the folder changes.
    return read_package(folder({"module.md": FILES["module.md"].replace(b"garden", b"roof")}))


def test_publishing_the_same_again_changes_nothing(
    db: Database, first: Package, organisation_id: int, now: datetime
) -> None:
    made = release(db, first, organisation_id, now)
    assert release(db, first, organisation_id, now + timedelta(hours=1)) == made
    assert (made.number, made.published_at, made.definition) == (1, now, first.definition)


def test_a_changed_package_is_the_next_version_and_the_old_one_stays(
    db: Database, first: Package, second: Package, organisation_id: int, now: datetime
) -> None:
    old = release(db, first, organisation_id, now)
    new = release(db, second, organisation_id, now)
    assert (new.module_id, new.number) == (old.module_id, 2)
    with db.reading() as tx:
        assert newest_version(tx, old.module_id) == new
        assert find_version(tx, old.id) == old
        assert "garden" in find_version(tx, old.id).definition.description


def test_going_back_is_a_new_version_too(
    db: Database, first: Package, second: Package, organisation_id: int, now: datetime
) -> None:
    versions = [release(db, package, organisation_id, now) for package in (first, second, first)]
    assert [version.number for version in versions] == [1, 2, 3]
    assert versions[2].digest == versions[0].digest


def test_two_who_publish_at_once_make_one_version(
    db: Database, first: Package, organisation_id: int, now: datetime
) -> None:
    start, made = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        made.append(release(db, first, organisation_id, now))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len({version.id for version in made}) == 1


def test_a_definition_read_from_the_database_is_the_one_published(
    db: Database, first: Package, organisation_id: int, now: datetime
) -> None:
    made = release(db, first, organisation_id, now)
    _definitions.forget()
    with db.reading() as tx:
        assert find_version(tx, made.id).definition == first.definition


def test_finding_a_version_again_costs_one_small_statement(
    db: Database,
    first: Package,
    organisation_id: int,
    now: datetime,
    statements: Callable[[], list[str]],
) -> None:
    made = release(db, first, organisation_id, now)
    statements()
    with db.reading() as tx:
        find_version(tx, made.id)
    (only,) = statements()
    assert "definition" not in only


def test_the_list_shows_each_module_by_its_newest_version(
    db: Database, first: Package, second: Package, folder: Build, organisation_id: int, now: datetime
) -> None:
    release(db, first, organisation_id, now)
    newest = release(db, second, organisation_id, now + timedelta(days=1))
    other = read_package(folder({"module.md": FILES["module.md"].replace(b"Keeping", b"Airing")}, name="airing-bees"))
    release(db, other, organisation_id, now)
    with db.reading() as tx:
        cards = list_modules(tx, organisation_id)
        assert [card.title for card in cards] == ["Airing bees", "Keeping bees"]
        card = cards[1]
        assert (card.version, card.questions, card.minutes, card.hours) == (2, 2, 7, "0.5")
        assert card.summary.startswith("For people with a roof.")
        assert card.published_at == newest.published_at
        assert find_module(tx, card.public_id, organisation_id=organisation_id).id == newest.module_id


def test_modules_do_not_cross_tenants(db: Database, first: Package, organisation_id: int, now: datetime) -> None:
    release(db, first, organisation_id, now)
    with db.transaction() as tx:
        other = ensure_organisation(tx, "Elsewhere", country="NO", website="https://else.example", now=now).id
    with db.reading() as tx:
        (card,) = list_modules(tx, organisation_id)
        assert list_modules(tx, other) == []
        with pytest.raises(NotFound):
            find_module(tx, card.public_id, organisation_id=other)
    assert release(db, first, other, now).module_id != card.module_id


def test_pictures_are_kept_once_and_found_by_fingerprint(
    db: Database, first: Package, second: Package, organisation_id: int, now: datetime
) -> None:
    release(db, first, organisation_id, now)
    release(db, second, organisation_id, now)
    (file,) = first.media.values()
    with db.reading() as tx:
        found = media(tx, file.sha256)
        assert found is not None
        assert (found.body, found.media_type, found.width) == (FILES["media/hive.svg"], "image/svg+xml", 320)
        assert media(tx, "0" * 64) is None
        assert tx.execute(select(func.count()).select_from(tables.media)).scalar_one() == 1


def test_what_was_never_published_is_not_found(db: Database) -> None:
    with db.reading() as tx:
        with pytest.raises(NotFound):
            newest_version(tx, 1)
        with pytest.raises(NotFound):
            find_version(tx, 1)


def test_the_sample_module_reads_and_publishes(db: Database, organisation_id: int, now: datetime) -> None:
    root = Path(__file__).resolve().parents[3]
    package = read_package(root / "lti_tool" / "demo" / "modules" / "data-protection-essentials")
    made = release(db, package, organisation_id, now)
    _definitions.forget()
    with db.reading() as tx:
        assert find_version(tx, made.id).definition == package.definition
    assert package.warnings == ()
    assert {item.interactions[0].kind for item in made.definition.form.items.values()} == {
        "single",
        "multiple",
        "text",
        "number",
    }
