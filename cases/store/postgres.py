"""How PostgreSQL is spoken to: time-outs, pools, locks that have a name, and who may see which lines."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from psycopg.types.string import StrBinaryDumper, StrDumper
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, text

#: A statement may take this long, in milliseconds; a lease is about as long, and pages are given up sooner.
STATEMENT_MS = 30_000
#: A writer waits this long for a row or a table that another one holds, in milliseconds; as on SQLite.
LOCK_MS = 10_000
#: A transaction that nobody goes on with holds up cleaning: the server ends it, in milliseconds.
IDLE_MS = 60_000
#: Connections of one process: as many stay open, so many more may be opened while it is busy.
POOL, OVERFLOW = 5, 15
POOL_SECONDS = 10  # to wait for a free one
RECYCLE_SECONDS = 1800  # so that a server behind a balancer is left in time
#: From so many rows on COPY pays: measured 2 to 5 times faster than executemany at 64 rows and more, slower at 16.
COPY_FROM = 64
#: Transaction-local: an array of lines of business as text; not set: all of them (workers, the command line).
LINES = "casewright.lines"

#: A dead peer is noticed within a minute; bytes that nobody acknowledges end the connection after 20 s.
_WIRE = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "casewright",
}
_SESSION = {
    "timezone": "UTC",  # the end of time, in any other zone, may lie past what Python can hold
    "random_page_cost": "1.1",  # of disks that do not turn: lists are then counted in their index alone
    "statement_timeout": STATEMENT_MS,
    "lock_timeout": LOCK_MS,
    "idle_in_transaction_session_timeout": IDLE_MS,
}


def open_engine(url: URL) -> Engine:
    """With psycopg 3. What the address itself says (?connect_timeout=…, ?options=-c …) goes before what stands here.

    Statements are prepared after their fifth use; behind a pooler that shares sessions between transactions,
    say ?prepare_threshold=none.
    """
    engine = create_engine(
        _settled(url),
        connect_args=_connect_args(url, _SESSION),
        pool_size=POOL,
        max_overflow=OVERFLOW,
        pool_timeout=POOL_SECONDS,
        pool_recycle=RECYCLE_SECONDS,
        pool_use_lifo=True,  # what is not needed comes to rest
        pool_pre_ping=True,  # after a restart of the server nobody gets a broken connection
        isolation_level="READ COMMITTED",
    )
    event.listen(engine, "checkout", _as_the_server_says)
    event.listen(engine, "connect", _without_zeros)
    return engine


def _without_zeros(connection: Any, *_: object) -> None:
    """Text of PostgreSQL holds no U+0000. Strangers send it: it is kept, and looked for, as U+FFFD."""
    connection.adapters.register_dumper(str, _BinaryText)
    connection.adapters.register_dumper(str, _Text)  # the one that is taken where both would do


class _Text(StrDumper):
    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd"))


class _BinaryText(StrBinaryDumper):
    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd"))


def _as_the_server_says(connection: Any, *_: object) -> None:
    """After a reader the pool would begin with READ WRITE, and so write to a database that was set to read-only."""
    connection.read_only = None


def open_counting(url: URL) -> Engine:
    """For numbers that are taken in a transaction of their own, one statement long, not waiting for the disk.

    That is safe for numbers that matter only once something durable holds them: a later commit, which waits for
    the disk, flushes all of the log before it, the counter too. Its own pool: whoever holds a connection for
    writing and waits for a second one of the same pool may wait for others that do the same.
    """
    return create_engine(
        _settled(url),
        connect_args=_connect_args(url, {**_SESSION, "synchronous_commit": "off"}),
        pool_size=1,
        max_overflow=3,
        pool_timeout=POOL_SECONDS,
        pool_recycle=RECYCLE_SECONDS,
        pool_pre_ping=True,
        isolation_level="AUTOCOMMIT",
    )


def _settled(url: URL) -> URL:
    return url.difference_update_query(["options", "prepare_threshold"])


def _connect_args(url: URL, session: dict[str, Any]) -> dict[str, Any]:
    own = " ".join(f"-c {name}={value}" for name, value in session.items())
    asked = url.query.get("options", "")
    args = {name: value for name, value in _WIRE.items() if name not in url.query}
    threshold = url.query.get("prepare_threshold")
    if isinstance(threshold, str):
        args["prepare_threshold"] = None if threshold == "none" else int(threshold)
    return {**args, "options": f"{own} {asked if isinstance(asked, str) else ' '.join(asked)}".strip()}


def copy_in(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows of the same columns by COPY, within the transaction.

    Values go to the server as they are, past the types of the columns here: moments must be in UTC, text storable.
    Not for tables with row-level security, which COPY refuses.
    """
    columns = [table.c[name] for name in rows[0]]
    types = [column.type.compile(connection.dialect).lower() for column in columns]
    names = ", ".join(f'"{column.name}"' for column in columns)
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(tuple(row.values()))


def one_at_a_time(connection: Connection, name: str) -> None:
    """Wait until no other transaction holds this name; held to the end of this one."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


_WALK = text(
    "SELECT "
    + ", ".join(
        f"set_config('enable_{way}', 'off', true)" for way in ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin")
    )
)


def walk_indexes(connection: Connection) -> None:
    """Plan the rest of this transaction along the indexes, whatever the statistics say.

    A queue's table fills and empties faster than its statistics are taken. A plan made while it was empty reads and
    sorts all of it for each claim of a backlog: 48 ms instead of 1 among 1,500 rows.
    """
    connection.execute(_WALK)


def wait_to_migrate(connection: Connection) -> None:
    """For as long as it takes another process, which is no reason not to start."""
    for limit in ("statement_timeout", "lock_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = 0"))
    one_at_a_time(connection, "migration")


def several_at_a_time(connection: Connection, name: str) -> None:
    """As one_at_a_time, but shared with others who ask in this way: it keeps out only those."""
    connection.execute(text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 0))"), {"name": name})


def see_only(connection: Connection, lines: Collection[str]) -> None:
    """Rows of cases of other lines of business do not exist for the rest of this transaction."""
    quoted = ('"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"' for line in lines)
    array = "{" + ",".join(quoted) + "}"
    connection.execute(text("SELECT set_config(:name, :lines, true)"), {"name": LINES, "lines": array})
