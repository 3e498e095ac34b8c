"""Databases on one PostgreSQL server: a migrated one to copy, owned by a role that is nobody special."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Self

import psycopg
from store_builders import open_database

from tests.servers import Postgres

ROLE = "clerk"  # no superuser: those see past row-level security


class PostgresPlaces:
    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._numbers = count(1)

    def __enter__(self) -> Self:
        self._admin = psycopg.connect(self._server.url().replace("+psycopg", ""), autocommit=True)
        self._admin.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS")
        self._admin.execute(f"CREATE DATABASE migrated OWNER {ROLE}")
        database = open_database(self.url("migrated"))
        database.migrate()
        database.close()
        return self

    def __exit__(self, *_: object) -> None:
        self._admin.close()

    def url(self, name: str) -> str:
        return self._server.url(name, user=ROLE)

    @contextmanager
    def copy(self) -> Iterator[str]:
        with self._made("TEMPLATE migrated") as url:
            yield url

    @contextmanager
    def bare(self) -> Iterator[str]:
        with self._made("TEMPLATE template0") as url:
            yield url

    @contextmanager
    def _made(self, options: str) -> Iterator[str]:
        name = f"test_{next(self._numbers)}"
        self._admin.execute(f"CREATE DATABASE {name} OWNER {ROLE} {options}")
        yield self.url(name)
        self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
