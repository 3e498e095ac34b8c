"""What makes the words of `search` fast to look up, and how each database is asked for cases that hold them.

SQLite: an FTS5 table over `search`, kept in step by triggers, with the words as they are cut up here (so its tokenizer
has nothing left to do), without their places. PostgreSQL: a GIN index, made by its migration. A SQLite that was built
without FTS5 reads all words of all cases one by one: the same answers, slowly (dialect sqlite+plain).
"""

from typing import Any

from sqlalchemy import Connection, Dialect, Engine, Text, bindparam, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, TypeDecorator

from cases.store.plain_sqlite import PlainSQLite
from cases.store.search_terms import Term

_INDEX = """
    CREATE VIRTUAL TABLE IF NOT EXISTS search_words USING fts5(
        words, content='search', content_rowid='id', tokenize='ascii', detail='none', columnsize=0
    )
"""
_GONE = "INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', old.id, old.words);"
_THERE = "INSERT INTO search_words (rowid, words) VALUES (new.id, new.words);"
_TRIGGERS = {
    "search_added": f"AFTER INSERT ON search BEGIN {_THERE} END",
    "search_removed": f"AFTER DELETE ON search BEGIN {_GONE} END",
    "search_changed": f"AFTER UPDATE OF words ON search BEGIN {_GONE} {_THERE} END",
}
_IN_STEP = text(
    f"SELECT count(*) = {len(_TRIGGERS)} FROM sqlite_master"  # noqa: S608  # a number of ours
    " WHERE type = 'trigger' AND tbl_name = 'search'"
)


class _Terms(TypeDecorator[tuple[Term, ...]]):
    """A question in the language of each database. Its words are letters and digits only, so nothing is escaped."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[Term, ...] | None, dialect: Dialect) -> str:
        terms = value or ()
        if dialect.name == "postgresql":
            return " & ".join(f"'{term.word}'{':*' if term.beginning else ''}" for term in terms)
        return " AND ".join(f'"{term.word}"{"*" if term.beginning else ""}' for term in terms)


class Matches(FunctionElement[bool]):
    """Whether the words of a row of `search` hold all terms; at least one is given.

    SQLite has no truth values, so SQLAlchemy writes `= 1` behind it there, and rows are held against what the index
    found in the order of something else: for words that many cases hold.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, terms: tuple[Term, ...]) -> None:
        super().__init__(bindparam(None, terms, type_=_Terms()))


class Finds(Matches):
    """The same, without `= 1`: on SQLite the index of the words leads to the rows. For words that few cases hold."""

    inherit_cache = True

    def self_group(self, against: Any = None) -> "Finds":  # noqa: ARG002  # as SQLAlchemy calls it
        return self


@compiles(Matches, "postgresql")
def _on_postgresql(element: Matches, compiler: Any, **more: Any) -> str:
    return f"search.words @@ CAST({compiler.process(element.clauses, **more)} AS tsquery)"


@compiles(Matches, "sqlite")
def _on_sqlite(element: Matches, compiler: Any, **more: Any) -> str:
    asked = compiler.process(element.clauses, **more)
    if isinstance(compiler.dialect, PlainSQLite):
        return f"holds(search.words, {asked})"
    return f"search.id IN (SELECT rowid FROM search_words WHERE search_words MATCH {asked})"  # noqa: S608  # a place for a value


def is_in_step(connection: Connection) -> bool:
    """Whether the index of this database is as this process uses it."""
    if connection.dialect.name != "sqlite":
        return True
    kept = bool(connection.execute(_IN_STEP).scalar())
    return kept is not isinstance(connection.dialect, PlainSQLite)


def put_in_step(connection: Connection) -> None:
    """Build the index; where there is no FTS5, stop keeping it up, which would fail, until there is one again."""
    if isinstance(connection.dialect, PlainSQLite):
        for name in _TRIGGERS:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
    elif connection.dialect.name == "sqlite":
        connection.execute(text(_INDEX))
        for name, what in _TRIGGERS.items():
            connection.execute(text(f"CREATE TRIGGER IF NOT EXISTS {name} {what}"))
        _rebuild(connection)


def renew(writer: Engine) -> None:
    """The index anew, from the words of all cases. On PostgreSQL beside those who search and write."""
    if writer.dialect.name == "postgresql":
        with writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("REINDEX INDEX CONCURRENTLY ix_search_words"))
            connection.execute(text("RESET statement_timeout"))
    elif not isinstance(writer.dialect, PlainSQLite):
        with writer.begin() as connection:
            _rebuild(connection)


def _rebuild(connection: Connection) -> None:
    connection.execute(text("INSERT INTO search_words (search_words) VALUES ('rebuild')"))
