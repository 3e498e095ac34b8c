"""Writing to a stream that others write to as well.

SQLite has one writer at a time. On PostgreSQL two may read the same state of a stream; the database then lets one of
them write, and tells the other that the stream moved.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from cases.errors import StreamMoved
from cases.store.database import Database
from cases.store.store import Store

R = TypeVar("R")
#: Each time somebody else got something written. So many in a row mean that something is wrong.
TRIES = 50


def write_in_turn(database: Database, write: Callable[[Store], R]) -> R:
    """What `write` answers, committed. It is begun again when another writer was first, so it must read what it builds
    on from the store that it is given, and do nothing elsewhere. Raises StreamMoved after 50 tries.
    """
    for _ in range(TRIES - 1):
        with suppress(StreamMoved), database.writing() as store:
            return write(store)
    with database.writing() as store:
        return write(store)
