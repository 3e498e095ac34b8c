"""The one place that knows which database it is: opening, pragmas, begin, upsert, and locks that have a name."""

import sqlite3
import time
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from cases.store import plain_sqlite, postgres
from cases.store.prepared import Prepared

#: A writer waits this long for another one, in milliseconds.
BUSY_MS = 10_000
#: Scrubbing can be tried again, so it does not wait long for readers.
SCRUB_BUSY_MS = 500

Backend = Literal["sqlite", "postgresql"]
Upsert = sqlite.Insert | postgresql.Insert


def open_engine(url: str) -> Engine:
    """An engine for a SQLite file or PostgreSQL. ValueError for any other, and for SQLite in memory, which threads
    would not share.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return postgres.open_engine(parsed)
    if parsed.get_backend_name() != "sqlite":
        raise ValueError(f"{parsed.get_backend_name()} is not known here; give sqlite:///… or postgresql+psycopg://…")
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError("give SQLite a file, for example sqlite:////srv/casewright/var/casewright.db")
    if not plain_sqlite.has_fts5():
        parsed = parsed.set(drivername=plain_sqlite.DRIVER)
    engine = create_engine(
        parsed,
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=56,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
    )
    event.listen(engine, "connect", _on_connect)
    if isinstance(engine.dialect, plain_sqlite.PlainSQLite):
        event.listen(engine, "connect", plain_sqlite.add_functions)
    event.listen(engine, "begin", _on_begin)
    return engine


def open_counting(url: str) -> Engine | None:
    """For numbers taken outside of the writer's transaction; None where there is one writer anyway."""
    parsed = make_url(url)
    return postgres.open_counting(parsed) if parsed.get_backend_name() == "postgresql" else None


def kind_of(url: str) -> str:
    """sqlite, postgresql, or another one that is not known here."""
    return make_url(url).get_backend_name()


def backend(engine: Engine) -> Backend:
    return "postgresql" if engine.dialect.name == "postgresql" else "sqlite"


def for_writing(engine: Engine) -> Engine:
    """Take the write lock at the start: a read transaction that turns into a write fails whatever the time-out."""
    return engine.execution_options(begin="BEGIN IMMEDIATE")


def for_reading(engine: Engine) -> Engine:
    """One consistent picture; writing is refused, since nothing would be committed."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    return engine.execution_options(begin="BEGIN", query_only=True)


def _on_connect(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "recursive_triggers=ON",  # else INSERT OR REPLACE deletes past the trigger that forbids it
        "temp_store=MEMORY",
        "cache_size=-32768",
    ):
        connection.execute(f"PRAGMA {pragma}")
    _use_wal(connection)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switching a new file to WAL does not wait for others by itself, so it is tried again."""
    for _ in range(BUSY_MS // 10):
        try:
            if connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal":
                return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
        time.sleep(0.01)
    raise sqlite3.OperationalError("the database file cannot be switched to WAL; is it on a network drive?")


def _on_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    driver: Any = connection.connection.dbapi_connection
    driver.execute(f"PRAGMA query_only={int(options.get('query_only', False))}")
    driver.execute(options.get("begin", "BEGIN"))


def upsert(name: str, table: Table) -> Upsert:
    """An INSERT that knows ON CONFLICT, which both databases write alike. name: of the connection's dialect."""
    return postgresql.insert(table) if name == "postgresql" else sqlite.insert(table)


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of the same columns in the fastest way. Moments must be in UTC and text storable."""
    if connection.dialect.name == "postgresql" and len(rows) >= postgres.COPY_FROM:
        postgres.copy_in(connection, table, rows)
    elif rows:
        inserting(table, *rows[0]).run_many(connection, rows)


@cache
def inserting(table: Table, *columns: str) -> Prepared:
    """An INSERT of these columns."""
    return Prepared(lambda _: insert(table), columns)


def has_many_writers(connection: Connection) -> bool:
    """Then rows are locked one by one, and whoever locks several must do so in one order."""
    return connection.dialect.name == "postgresql"


def walk_indexes(connection: Connection) -> None:
    """Plan the rest of this transaction along the indexes. SQLite, which keeps no statistics here, does so anyway."""
    if connection.dialect.name == "postgresql":
        postgres.walk_indexes(connection)


def one_at_a_time(connection: Connection, name: str) -> None:
    """Whoever asks for the same name waits until this transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        postgres.one_at_a_time(connection, name)


def wait_to_migrate(connection: Connection) -> None:
    """Until no other process migrates."""
    if connection.dialect.name == "postgresql":
        postgres.wait_to_migrate(connection)


def several_at_a_time(connection: Connection, name: str) -> None:
    """As one_at_a_time, but shared with others who ask in this way."""
    if connection.dialect.name == "postgresql":
        postgres.several_at_a_time(connection, name)


def see_only(connection: Connection, lines: Collection[str]) -> None:
    """A second wall behind the conditions of the queries; SQLite has none."""
    if connection.dialect.name == "postgresql":
        postgres.see_only(connection, lines)


def scrub(engine: Engine) -> bool:
    """Leave no erased bytes in SQLite's files; False when somebody was reading or writing: try again later.

    secure_delete overwrites what is deleted, but a row that moved when a page was split may have left a copy
    behind. Only VACUUM, which builds the file anew from what is alive, is rid of those. It takes the write lock
    for about as long as copying the file twice. The index of words only notes what was deleted until its parts are
    merged, so those are merged first.
    """
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA query_only=0")
        driver.execute("PRAGMA temp_store=FILE")  # the copy may be larger than memory
        driver.execute(f"PRAGMA busy_timeout={SCRUB_BUSY_MS}")
        try:
            if not isinstance(engine.dialect, plain_sqlite.PlainSQLite):
                driver.execute("INSERT INTO search_words (search_words) VALUES ('optimize')")
            driver.execute("VACUUM")
            busy = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            return False
        finally:
            driver.execute("PRAGMA temp_store=MEMORY")
            driver.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    return not busy
