"""A copy of the whole database as it stood at one moment, and putting it back where there is none."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo
from sqlalchemy import Connection, Engine, delete, func, inspect, select, text, update
from sqlalchemy.engine import make_url

from cases.errors import CaseError
from cases.store import dialect
from cases.store.away import told_as_one
from cases.store.blobs import sync_folder
from cases.store.rows import CaseRow, CounterRow, EventRow, MessageRow, WorkRow
from cases.store.side_rows import LeaseRow, SessionRow
from cases.store.upload_rows import PieceRow, UploadRow

REFERENCES = "reference "  # how the counters of case references begin, one a year
#: References left out after a restore: customers hold some that were given after the dump, and none is given twice.
LEAP = 10_000
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
LOCK_MS = 10_000  # pg_dump gives up when a migration holds a table for longer
_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSIONS = Path("/usr/lib/postgresql")
_SAID = 300  # characters of what a tool says


class ToolMissing(CaseError):
    def __init__(self, tool: str) -> None:
        super().__init__(f"{tool} is not installed; install postgresql-client of your server's version or a later one")


class ToolFailed(CaseError):
    def __init__(self, tool: str, says: str) -> None:
        super().__init__(f"{tool} failed: {says}")


@dataclass(frozen=True, slots=True)
class Counts:
    cases: int
    events: int
    messages: int


class Dumps:
    """Within Database.reading: all answers are of one moment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counts(self) -> Counts:
        """Of all rows, however long that takes."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("SET LOCAL statement_timeout = 0"))
        of = (select(func.count()).select_from(row) for row in (CaseRow, EventRow, MessageRow))
        return Counts(*(self._connection.execute(one).scalar_one() for one in of))

    def owners(self) -> dict[str, list[str]]:
        """Everybody who may own blobs, with the digests of their messages' raw bytes. In memory: 300 bytes a message.

        Erased cases are left out.
        """
        living = select(CaseRow.id).where(CaseRow.erased.is_(False))
        owners: dict[str, list[str]] = {case_id: [] for case_id in self._connection.scalars(living)}
        for owner, digest in self._connection.execute(
            select(MessageRow.owner, MessageRow.raw_digest).where(MessageRow.raw_digest != "")
        ):
            owners.setdefault(owner, []).append(digest)
        return owners

    def settle(self) -> None:
        """In a new home, what was true at the dump and must not be after it: work and leases in hands that are gone,
        people signed in, files on their way, and references about to be given that customers may hold already.
        """
        self._connection.execute(
            update(WorkRow)
            .where(WorkRow.lease_until.is_not(None))
            .values(lease_until=None, lost=False, attempts=WorkRow.attempts - 1)
        )
        self._connection.execute(update(LeaseRow).values(until=LONG_AGO))
        self._connection.execute(delete(SessionRow))
        self._connection.execute(delete(PieceRow))
        self._connection.execute(delete(UploadRow))
        self._connection.execute(
            update(CounterRow).where(CounterRow.name.startswith(REFERENCES)).values(value=CounterRow.value + LEAP)
        )

    def write(self, path: Path, *, seconds: float) -> None:
        """Everything into one file, which only its owner can read; others go on writing meanwhile.

        seconds: pg_dump is ended after so long. Raises ToolMissing, ToolFailed.
        """
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        if self._connection.dialect.name == "postgresql":
            self._pg_dump(path, seconds)
        else:
            _copy_sqlite(self._connection.connection.dbapi_connection, path)
        with path.open("rb") as file:
            os.fsync(file.fileno())

    def _pg_dump(self, path: Path, seconds: float) -> None:
        """From the snapshot of this transaction, which must live until pg_dump has taken it up."""
        self._connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        snapshot = self._connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        # Row-level security shows all to who names no lines of business; without this, pg_dump refuses to be bound.
        told = ["--format=custom", "--enable-row-security", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        told += [f"--lock-wait-timeout={LOCK_MS}", f"--file={path}"]
        _run("pg_dump", told, self._connection.engine, seconds)


def _copy_sqlite(source: Any, path: Path) -> None:
    """What the open read transaction sees, whatever others write. One file: the copy needs no log beside it."""
    copy = sqlite3.connect(path)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()


def is_known(revision: str) -> bool:
    """Whether this version of the program knows tables of that revision."""
    from cases.store.migrating import known_revisions  # noqa: PLC0415  # Alembic is 0.1 s of every start

    return revision in known_revisions(_MIGRATIONS)


def is_empty(url: str) -> bool:
    """Whether there is no table yet. DatabaseAway when a server does not answer."""
    if dialect.kind_of(url) == "sqlite":
        file = _file(url)
        return not file.exists() or file.stat().st_size == 0
    engine = dialect.open_engine(url)
    try:
        with told_as_one(), engine.connect() as connection:
            return not inspect(connection).get_table_names()
    finally:
        engine.dispose()


def put_back(url: str, dump: Path, *, seconds: float) -> None:
    """Make an empty database what it was: all of it or nothing. Raises ToolMissing, ToolFailed."""
    if dialect.kind_of(url) == "sqlite":
        _put_file(dump, _file(url))
        return
    engine = dialect.open_engine(url)
    try:
        told = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(dump)]
        _run("pg_restore", told, engine, seconds)
    finally:
        engine.dispose()


def _file(url: str) -> Path:
    return Path(make_url(url).database or "")


def _put_file(dump: Path, file: Path) -> None:
    draft = file.with_name(f".{file.name}.arriving")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as whole, dump.open("rb") as source:
        shutil.copyfileobj(source, whole, 1024 * 1024)
        whole.flush()
        os.fsync(whole.fileno())
    draft.replace(file)
    sync_folder(file.parent)


def _run(tool: str, told: Sequence[str], engine: Engine, seconds: float) -> None:
    """The password is in the environment, where others of this machine do not see it."""
    _, args = engine.dialect.create_connect_args(engine.url)
    conninfo, password = _split(args)
    command = [_found(tool), "--no-password", f"--dbname={conninfo}", *told]
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and no word of a stranger
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise ToolFailed(tool, f"it took over {seconds:.0f} s; raise CASEWRIGHT_BACKUP_SECONDS") from None
    if done.returncode != 0:
        said = " ".join(done.stderr.decode(errors="replace").split())[:_SAID]
        raise ToolFailed(tool, said or f"it ended with {done.returncode}")


def _split(args: Mapping[str, Any]) -> tuple[str, str | None]:
    """What libpq knows of them. The options of our own sessions are not for tools: they set their own."""
    known = {one.keyword.decode() for one in Conninfo.get_defaults()} - {"password", "options"}
    kept = {name: value for name, value in args.items() if name in known}
    return make_conninfo(**kept), args.get("password")


def _found(tool: str) -> str:
    """The newest one: a tool works with servers of its own version and earlier ones."""
    versions = sorted(_VERSIONS.glob(f"*/bin/{tool}"), key=lambda path: path.parts[-3].zfill(4))
    found = str(versions[-1]) if versions else shutil.which(tool)
    if found is None:
        raise ToolMissing(tool)
    return found
