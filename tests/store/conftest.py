"""A migrated database a test, on SQLite and on a real PostgreSQL: made once, then copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_builders import open_database, place_at
from store_places import PostgresPlaces

from cases.store.database import Database
from tests import servers


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database: both, one after the other; a test about one names it with `on("sqlite")`."""
    return str(request.param)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "cases.db"
    database = open_database(place_at(file))
    database.migrate()
    database.scrub()
    database.close()
    return file


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresPlaces]:
    if "postgresql" in servers.missing():
        pytest.skip("PostgreSQL is not installed here: apt-get install postgresql")
    with servers.Postgres() as server, PostgresPlaces(server) as places:
        yield places


@pytest.fixture
def url(backend: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Where this test's own database is."""
    if backend == "sqlite":
        empty: Path = request.getfixturevalue("empty")
        tmp_path: Path = request.getfixturevalue("tmp_path")
        yield place_at(Path(shutil.copy(empty, tmp_path / "cases.db")))
        return
    places: PostgresPlaces = request.getfixturevalue("postgres")
    with places.copy() as url:
        yield url


@pytest.fixture
def new_url(backend: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """As url, without any table."""
    if backend == "sqlite":
        tmp_path: Path = request.getfixturevalue("tmp_path")
        yield place_at(tmp_path / "new.db")
        return
    places: PostgresPlaces = request.getfixturevalue("postgres")
    with places.bare() as url:
        yield url


@pytest.fixture
def file(backend: str, url: str, tmp_path: Path) -> Path:
    assert backend == "sqlite", 'a test about files is marked on("sqlite")'
    return tmp_path / "cases.db"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()
