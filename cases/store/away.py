"""When the database cannot do what it should: one error for all the ways in which it says so."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum, auto

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cases.errors import CaseError


class Trouble(StrEnum):
    UNREACHABLE = auto()  # no connection, or it broke
    BUSY = auto()  # a lock, a statement or a free connection took too long, or two writers waited for each other
    FULL = auto()  # no room on its disk
    READ_ONLY = auto()


MEND = {
    Trouble.UNREACHABLE: "see that the database runs, and that its address, user and password are right",
    Trouble.BUSY: "try again; if it lasts, look for a long transaction",
    Trouble.FULL: "make room on the disk of the database",
    Trouble.READ_ONLY: "point to the primary, or make the database writable",
}


class TablesOutOfReach(CaseError):
    """The role of the daily work met tables that it may not make, change or read."""

    def __init__(self) -> None:
        super().__init__(
            "the tables are missing, older than this program or closed to this role of the database; run casewright "
            "migrate with the address of the role that owns them, in a database made as deploy/postgres/roles.sql says"
        )


class DatabaseAway(Exception):
    """Nothing was written; the same may be tried again later."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(f"the database is {trouble.replace('_', ' ')}: {MEND[trouble]}")
        self.trouble = trouble


_BY_STATE = {  # SQLSTATE, appendix A of the PostgreSQL manual
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,
    "40001": Trouble.BUSY,  # serialization failure
    "40P01": Trouble.BUSY,  # deadlock
    "53300": Trouble.BUSY,  # too many connections
    "55P03": Trouble.BUSY,  # lock not available
    "57014": Trouble.BUSY,  # statement time-out
    "25P03": Trouble.UNREACHABLE,  # idle too long in a transaction: the server hung up
    "57P01": Trouble.UNREACHABLE,  # shut down
    "57P02": Trouble.UNREACHABLE,  # crash of another session
    "57P03": Trouble.UNREACHABLE,  # starting up
    "58030": Trouble.FULL,  # error of input or output
}
_FORBIDDEN = "42501"  # insufficient privilege
_BY_CODE = {
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_IOERR: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Trouble.UNREACHABLE,
}


def trouble_of(error: DBAPIError | PoolTimeout | psycopg.Error) -> Trouble | None:
    """None for a mistake of the program, which trying again does not mend."""
    if isinstance(error, PoolTimeout):
        return Trouble.BUSY
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _BY_CODE.get((getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF)  # low byte: the primary code
    state: str | None = getattr(cause, "sqlstate", None)
    if state in _BY_STATE:
        return _BY_STATE[state]
    broken = isinstance(error, DBAPIError) and error.connection_invalidated
    never_made_or_lost = state is None and isinstance(cause, psycopg.OperationalError)
    return Trouble.UNREACHABLE if broken or never_made_or_lost or (state or "").startswith("08") else None


@contextmanager
def told_as_one(*, but: Trouble | None = None) -> Iterator[None]:
    """Raise DatabaseAway for every trouble within, but for one that is a mistake here."""
    try:
        yield
    except (DBAPIError, PoolTimeout, psycopg.Error) as error:  # psycopg's own: what COPY met
        trouble = trouble_of(error)
        if trouble is None or trouble is but:
            raise
        raise DatabaseAway(trouble) from error


@contextmanager
def within_reach() -> Iterator[None]:
    """Raise TablesOutOfReach for what the role of the database may not do. For opening only: later it is a mistake."""
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _FORBIDDEN:
            raise TablesOutOfReach from error
        raise
