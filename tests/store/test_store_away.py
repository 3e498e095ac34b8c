"""A database that is away, busy, full or read-only says so in one way, and is back when it is back."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from store_builders import HANDLER, NOW, connected, on, open_database, opened
from test_store_processes import HERE, ROOT

from cases.events import NoteAdded
from cases.store.away import DatabaseAway, Trouble
from cases.store.database import Database
from tests import servers


def test_a_database_that_works_can_be_reached_and_written(database: Database, backend: str) -> None:
    assert (database.backend, database.ping(), database.can_write(), database.trouble()) == (backend, True, True, None)


def test_a_read_only_database_can_be_read_and_says_why_it_cannot_be_written(url: str, backend: str) -> None:
    if backend == "sqlite":
        read_only = open_database(url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true")
    else:
        read_only = open_database(url + "?options=-c default_transaction_read_only=on")

    assert read_only.ping()
    assert (read_only.can_write(), read_only.trouble()) == (False, Trouble.READ_ONLY)
    with pytest.raises(DatabaseAway, match="read only"), read_only.writing() as store:
        store.append("case-1", [opened()], at=NOW)
    read_only.close()


@on("postgresql")
def test_a_writer_that_waits_too_long_for_another_is_told_to_try_again(database: Database, url: str) -> None:
    impatient = open_database(url + "?options=-c lock_timeout=50")

    with database.writing() as store:
        store.append("journeys", [(NoteAdded("one", "hanna"), HANDLER)], at=NOW)
        with pytest.raises(DatabaseAway, match="busy"), impatient.writing() as other:
            other.append("journeys", [(NoteAdded("two", "hanna"), HANDLER)], at=NOW)
    impatient.close()


@on("postgresql")
def test_a_statement_that_takes_too_long_is_ended_and_told(url: str) -> None:
    hasty = open_database(url + "?options=-c statement_timeout=50")

    with pytest.raises(DatabaseAway, match="busy"), hasty.reading() as store:
        store._connection.execute(text("SELECT pg_sleep(30)"))
    assert hasty.ping()
    hasty.close()


@pytest.mark.postgres
def test_a_server_that_dies_is_away_and_after_its_return_all_works_again(postgres: object) -> None:
    with servers.Postgres(durable=True) as server:
        database = open_database(server.url())
        database.migrate()
        server.kill()

        assert not database.ping()
        assert database.trouble() is Trouble.UNREACHABLE
        with pytest.raises(DatabaseAway, match="unreachable"), database.writing() as store:
            store.open_reference(2026)

        server.start()
        assert database.can_write()
        with database.writing() as store:
            assert store.open_reference(2026) == "C-2026-000001"
        database.close()


@on("postgresql")
def test_the_settings_of_a_session_are_ours_and_the_address_goes_before_them(url: str) -> None:
    database = open_database(url + "?options=-c statement_timeout=7s&application_name=drill&prepare_threshold=none")
    with database.writing() as store:
        shown = {
            name: store._connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("statement_timeout", "lock_timeout", "TimeZone", "application_name", "transaction_isolation")
        }
        assert store._connection.connection.dbapi_connection.prepare_threshold is None
    with database.reading() as store:
        isolation = store._connection.execute(text("SHOW transaction_isolation")).scalar_one()
        assert store._connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on"
    database.close()

    assert shown == {
        "statement_timeout": "7s",
        "lock_timeout": "10s",
        "TimeZone": "UTC",
        "application_name": "drill",
        "transaction_isolation": "read committed",
    }
    assert isolation == "repeatable read"


FILLER = """
import sys
from store_builders import HANDLER, NOW, open_database
from cases.events import NoteAdded
from cases.store.away import DatabaseAway
database = open_database(sys.argv[1])
try:
    for number in range(10_000):
        with database.writing() as store:
            store.append(f"journeys-{number}", [(NoteAdded("x" * 2000, "hanna"), HANDLER)], at=NOW)
        print(number, flush=True)
except DatabaseAway as away:
    writes = 0
    while writes < 10_000 and database.can_write():  # the little that a heartbeat needs may still have been there
        writes += 1
    print(away.trouble, database.trouble(), flush=True)
"""


@on("sqlite")
def test_what_was_said_to_be_stored_before_the_disk_was_full_is_stored(url: str, file: Path) -> None:
    """A limit on the size of files stands for the end of the disk."""
    most = file.stat().st_size + 300_000
    said = subprocess.run(
        [sys.executable, "-c", FILLER, url],
        env={"PYTHONPATH": f"{ROOT}:{HERE}"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout.split("\n")

    *stored, trouble, _ = said
    assert trouble == "full full"
    database = open_database(url)
    assert database.can_write()
    with database.reading() as store:
        assert len(stored) > 0
        assert set(store.heads(f"journeys-{number}" for number in range(len(stored) + 1))) >= {
            f"journeys-{number}" for number in stored
        }
        assert store.verify_all() == []
    database.close()


def test_a_sign_that_postgresql_cannot_hold_is_no_reason_to_fail(url: str, database: Database) -> None:
    with database.writing() as store:
        store.append("case-1", [opened("C-1", "a\x00b@example.org")], at=NOW)
        assert store.messages.find("shop\x00", "key\x00") is None

    with database.reading() as store:
        assert store.queue.line("C-1\x00") is None
        assert store.people.user("hanna\x00") is None
        assert store.case("case-1").sender == "a\x00b@example.org"
        assert store.verify_all() == []
    with connected(url) as connection:
        assert connection.execute(text("SELECT sender FROM cases")).scalar_one() == "a\ufffdb@example.org"
