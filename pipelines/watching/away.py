"""Which part of the installation an error is about, when it is about one that may come back by itself."""

import sqlite3
from enum import StrEnum

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolEmpty

from cases.store.away import DatabaseAway
from cases.store.blobs import BlobsAway

#: What the server's edge catches. OSError: a file of the blob store that is not behind BlobsAway.
MAY_BE_AWAY: tuple[type[Exception], ...] = (
    DatabaseAway, BlobsAway, OperationalError, InterfaceError, PoolEmpty, sqlite3.OperationalError, OSError,
)  # fmt: skip


class Part(StrEnum):
    DATABASE = "database"
    WRITING = "writing"
    BLOBS = "blobs"
    BROKER = "broker"
    MODELS = "models"
    MAIL = "mail"
    QUEUE = "queue"
    DISK = "disk"
    JOURNEYS = "journeys"


def part_away(error: BaseException) -> Part | None:
    """The part that this error says is away, full or read-only; None for a mistake of ours or the caller's."""
    match error:
        case DatabaseAway() | OperationalError() | InterfaceError() | PoolEmpty() | sqlite3.OperationalError():
            return Part.DATABASE
        case BlobsAway() | OSError():
            return Part.BLOBS
        case _:
            return None
