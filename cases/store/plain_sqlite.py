"""SQLite where its library was built without FTS5, a dialect of its own: sqlite+plain."""

import sqlite3
from functools import cache

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

DRIVER = "sqlite+plain"


class PlainSQLite(SQLiteDialect_pysqlite):
    supports_statement_cache = True


registry.register("sqlite.plain", __name__, PlainSQLite.__name__)


@cache
def has_fts5() -> bool:
    """Whether the SQLite of this Python can build an index of words."""
    probe = sqlite3.connect(":memory:")
    try:
        probe.execute("CREATE VIRTUAL TABLE probe USING fts5(words)")
    except sqlite3.OperationalError:
        return False
    finally:
        probe.close()
    return True


def add_functions(connection: sqlite3.Connection, _: object) -> None:
    connection.create_function("holds", 2, holds, deterministic=True)


def holds(words: str, asked: str) -> bool:
    """What MATCH answers, word by word. asked: as FTS5 would be asked."""
    there = f" {words} "
    return all(_begin(term) in there for term in asked.split(" AND "))


def _begin(term: str) -> str:
    """Of "water"*, how it begins among words apart by spaces; of "water", how it stands there."""
    word, _, beginning = term.removeprefix('"').rpartition('"')
    return f" {word}" if beginning else f" {word} "
