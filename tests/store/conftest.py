"""A migrated database a test: made once, then copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_builders import open_database

from cases.store.database import Database


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "cases.db"
    database = open_database(file)
    database.migrate()
    database.scrub()
    database.close()
    return file


@pytest.fixture
def file(empty: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(empty, tmp_path / "cases.db"))


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    database = open_database(file)
    yield database
    database.close()
