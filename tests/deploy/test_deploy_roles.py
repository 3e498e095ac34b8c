"""The two roles of deploy/postgres/roles.sql on a real server: one makes the tables, the other works with them."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from cases.store.away import TablesOutOfReach
from configs.settings import Settings
from pipelines.audit import verify_all
from pipelines.erasing import erase_case
from pipelines.runner import drain
from pipelines.wiring import opened
from tests.deploy.shipped import DEPLOY
from tests.homes import plain
from tests.pipelines.given import BAS, by_form, case_of
from tests.servers import POSTGRES_BIN, Postgres

OWNER, APP = "casewright_owner", "casewright_app"
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(POSTGRES_BIN is None, reason="PostgreSQL is not installed: apt-get install postgresql"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server on which the roles were made as the file says."""
    with Postgres() as running:
        subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={DEPLOY / 'postgres' / 'roles.sql'}",
             plain(running.url())],
            env={**os.environ, "CASES_OWNER_PASSWORD": "owner-1", "CASES_APP_PASSWORD": "app-1"},
            check=True, timeout=60,
        )  # fmt: skip
        yield running


def settings(server: Postgres, role: str, home: Path) -> Settings:
    return Settings(home=home, database_url=server.url("casewright", role), mail_domain="cases.example")


@pytest.fixture(scope="module")
def app(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """What web and workers are given, after the owner has brought the tables up to date."""
    home = tmp_path_factory.mktemp("roles")
    with opened(settings(server, OWNER, home)):
        pass
    return settings(server, APP, home)


def test_the_plain_role_takes_in_decides_erases_and_verifies(app: Settings, trained: Path) -> None:
    with opened(app.model_copy(update={"models": trained})) as opened_house:
        house = replace(opened_house, now=lambda: datetime(2026, 11, 17, 9, 0, tzinfo=UTC))

        receipt = by_form(house, sender=BAS)
        drain(house)

        assert case_of(house, receipt.reference).topic is not None
        erase_case(house, str(receipt.reference), by="lead", why="asked for")
        assert verify_all(house).differences == ()


@pytest.mark.parametrize(
    "command",
    [
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "DROP TABLE events",
        "TRUNCATE events",
        "CREATE TABLE mine (id int)",
        "UPDATE events SET kind = 'other'",
        "DELETE FROM events",
    ],
)
def test_the_plain_role_can_neither_change_tables_nor_what_happened(app: Settings, command: str) -> None:
    with psycopg.connect(plain(str(app.database_url))) as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(command)

    assert isinstance(refused.value, (errors.InsufficientPrivilege, errors.RaiseException))


def test_the_plain_role_is_bound_by_row_level_security(server: Postgres, app: Settings) -> None:
    assert app.database_url is not None
    with psycopg.connect(plain(server.url("casewright"))) as connection:
        row = connection.execute("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = %s", [APP])

        assert row.fetchone() == (False, False, False)


@pytest.mark.parametrize("by_owner", [False, True])  # who grants nothing to others, as roles.sql would have
def test_the_plain_role_in_tables_that_are_missing_or_closed_is_told_who_opens_them(
    server: Postgres, tmp_path: Path, *, by_owner: bool
) -> None:
    name = "made" if by_owner else "empty"
    with psycopg.connect(plain(server.url()), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
    if by_owner:
        with opened(Settings(home=tmp_path, database_url=server.url(name, OWNER))):
            pass
    early = Settings(home=tmp_path, database_url=server.url(name, APP))

    with pytest.raises(TablesOutOfReach, match="run casewright migrate with the address of the role that owns them"):
        opened(early).__enter__()
