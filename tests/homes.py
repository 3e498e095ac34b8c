"""Where the houses of tests live: each in a folder, with a database of its own.

On SQLite the database is a file in the folder. With `pytest --database postgresql` it lies on one real server, which is
started at the first need and goes with the session, or, where a test is over, with that test.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from cases.store.database import Database
from cases.store.keys import Keys
from configs.settings import Settings
from tests.servers import Postgres

SQLITE, POSTGRESQL = "sqlite", "postgresql"
DATABASES = (SQLITE, POSTGRESQL)
TEMPLATE = "migrated"


class Databases:
    """The databases of homes on one server, copied from one that was migrated: that is quicker than migrating each."""

    def __init__(self) -> None:
        self._server: Postgres | None = None
        self._names: dict[Path, str] = {}
        self._made = 0

    def url(self, home: Path) -> str:
        """The same for the same home as long as it is not dropped."""
        if home not in self._names:
            self._add(home, TEMPLATE)
        return self.server.url(self._names[home])

    def add_empty(self, home: Path) -> None:
        """Without a table: as an administrator makes it for a new installation."""
        self._add(home, "template1")

    def drop_under(self, folder: Path) -> None:
        for home in [home for home in self._names if home.is_relative_to(folder)]:
            self._do("DROP DATABASE {} WITH (FORCE)", self._names.pop(home))

    def close(self) -> None:
        """The server with all it holds."""
        if self._server is not None:
            self._server.__exit__()
        self._server = None
        self._names.clear()

    @property
    def server(self) -> Postgres:
        if self._server is None:
            self._server = Postgres().__enter__()
            try:
                self._make_template()
            except Exception:
                self.close()
                raise
        return self._server

    def _make_template(self) -> None:
        self._do("CREATE DATABASE {}", TEMPLATE)
        template = Database(self.server.url(TEMPLATE), keys=Keys.from_secret(bytes(32)), follow=lambda *_: ())
        template.migrate()
        template.close()

    def _add(self, home: Path, template: str) -> None:
        self._made += 1
        name = f"home_{self._made}"
        self._do("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        self._names[home] = name

    def _do(self, command: str, *names: str) -> None:
        with psycopg.connect(plain(self.server.url()), autocommit=True) as connection:
            connection.execute(sql.SQL(command).format(*map(sql.Identifier, names)))


class Homes:
    """One for the whole session; `on` is set from the command line."""

    def __init__(self) -> None:
        self.on = SQLITE
        self.databases = Databases()

    @property
    def on_postgresql(self) -> bool:
        return self.on == POSTGRESQL


HOMES = Homes()


def settings(home: Path, **more: Any) -> Settings:
    """What a house in this folder is opened with; the same home always has the same database."""
    url = HOMES.databases.url(home) if HOMES.on_postgresql else None
    return Settings(home=home, database_url=url, **more)


def settings_of_new_installation(home: Path, **more: Any) -> Settings:
    """As settings, of a home that nobody has opened yet: its database has no table."""
    if HOMES.on_postgresql:
        HOMES.databases.add_empty(home)
    return settings(home, **more)


def environment(chosen: Settings) -> dict[str, str]:
    """What a process is given that is to live in the same home, with the same database and models."""
    told = {"HOME": chosen.home, "DATABASE_URL": chosen.database_url, "MODELS": chosen.models}
    return {**os.environ, **{f"CASEWRIGHT_{name}": str(value) for name, value in told.items() if value is not None}}


def everything_kept(home: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file under home and, on a server, of each table as a client or a dump reads it."""
    for file in home.rglob("*"):
        if file.is_file():
            yield str(file.relative_to(home)), file.read_bytes()
    if HOMES.on_postgresql:
        yield from _tables(HOMES.databases.url(home))


def files_of_server(home: Path) -> dict[str, bytes]:
    """The files in which PostgreSQL keeps the tables of this home, after everything was written to them.

    They are rewritten first, as `VACUUM FULL` does for an administrator: without that, what was changed or deleted
    stays in them until its place is taken.
    """
    databases = HOMES.databases
    with psycopg.connect(plain(databases.url(home)), autocommit=True) as connection:
        connection.execute("VACUUM FULL")
        connection.execute("CHECKPOINT")
        found = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert found is not None
    folder = databases.server.data / "base" / str(found[0])
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def _tables(url: str) -> Iterator[tuple[str, bytes]]:
    """Binary, so that words stand in there as they are."""
    with psycopg.connect(plain(url)) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            with connection.cursor() as cursor:
                command = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(name))
                with cursor.copy(command) as rows:
                    yield f"table {name}", b"".join(map(bytes, rows))


def plain(url: str) -> str:
    """As libpq writes it, without SQLAlchemy's driver."""
    return url.replace("+psycopg", "", 1)
