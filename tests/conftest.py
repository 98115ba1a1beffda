"""What tests everywhere stand on: a database, a clock that stands still, a vault, a way out to this machine only."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.http import HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.workflows import schema
from tests import controls, postgres
from tests.recordings import recorded

__all__ = ["recorded"]

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

# In `make test` the same few examples each time, so that a change is judged and not chance; `make fuzz` tries many.
settings.register_profile("few", max_examples=50, deadline=None, derandomize=True, database=None)
settings.register_profile("many", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "few"))


def pytest_configure() -> None:
    """Switches one guard off, when `make controls` asks for it: the tests of that guard must then fail."""
    controls.switch_off_asked()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine_name" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_engines"):
        metafunc.parametrize("engine_name", ["sqlite", "postgresql"], indirect=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("shared") and not SHARED.is_dir():
        pytest.skip("needs the standards' test data: a folder `shared` beside the checkout")


@pytest.fixture
def shared_dir() -> Path:
    """The folder of the standards' own test data."""
    if not SHARED.is_dir():
        pytest.skip("needs the standards' test data: a folder `shared` beside the checkout")
    return SHARED


@pytest.fixture
def clock() -> FixedClock:
    """A Tuesday morning in November."""
    return FixedClock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


@pytest.fixture
def now(clock: FixedClock) -> datetime:
    """The moment at which the clock starts."""
    return clock.now()


@pytest.fixture
def vault() -> Vault:
    return Vault(bytes(range(32)))


@pytest.fixture
def http() -> HttpClient:
    """A client that reaches this machine and nothing else."""
    return HttpClient(["127.0.0.0/8"])


@pytest.fixture
def engine_name(request: pytest.FixtureRequest) -> str:
    """`sqlite`, or each engine in turn for tests marked `both_engines`."""
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables, made once and copied for each test."""
    path = tmp_path_factory.mktemp("template") / "house.db"
    made = Database(f"sqlite:///{path}")
    schema.metadata.create_all(made.engine)
    made.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    """A real PostgreSQL, started when the first test asks for it."""
    with postgres.running() as server:
        yield server


@pytest.fixture
def db_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database with all tables, for tests that start processes."""
    if engine_name == "postgresql":
        server: postgres.Postgres = request.getfixturevalue("postgres_server")
        with server.database() as url:
            yield url
        return
    copy = tmp_path / "tool.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), copy)
    yield f"sqlite:///{copy}"


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    """A fresh database with all tables."""
    database = Database(db_url)
    yield database
    database.dispose()


@pytest.fixture
def empty_db(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A fresh database without any table, for what makes them."""
    if engine_name == "postgresql":
        server: postgres.Postgres = request.getfixturevalue("postgres_server")
        with server.database(empty=True) as url:
            database = Database(url)
            yield database
            database.dispose()
        return
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    yield database
    database.dispose()
