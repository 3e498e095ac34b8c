"""The database: opening it, bringing its tables up to date, and one transaction at a time."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from cases.events import LANGUAGE, since
from cases.store import dialect, word_index
from cases.store.away import DatabaseAway, Trouble, told_as_one, within_reach
from cases.store.counters import count_up
from cases.store.keys import Keys
from cases.store.log import Due, Follow
from cases.store.projection import Drawn, Pressing
from cases.store.store import Store

__all__ = ["Database", "DatabaseAway", "Due", "Follow", "Keys", "Store", "Trouble"]

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0017"  # the newest of them


class Database:
    """May be shared by threads; each transaction belongs to one. Close it at the end."""

    def __init__(
        self,
        url: str,
        *,
        keys: Keys,
        follow: Follow,
        pressing: Pressing = lambda _: None,
        drawn: Drawn = lambda _: False,
        language: int = LANGUAGE,
        since: Callable[[str], int] = since,
    ) -> None:
        """url: as SQLAlchemy writes it. follow: the work that each event brings with it. pressing: the clock that
        a case's row shows; without it rows go by the promised date alone. drawn: whether a person judges it without
        advice, so that no list is narrowed by what the machine makes of it.

        language, since: which version of the events' language is spoken here, and since when it has each kind.
        """
        self._engine = dialect.open_engine(url)
        self._counting = dialect.open_counting(url)
        self._writer = dialect.for_writing(self._engine)
        self._reader = dialect.for_reading(self._engine)
        self._keys = keys
        self._follow = follow
        self._pressing = pressing
        self._drawn = drawn
        self._language = language
        self._since = since

    @property
    def backend(self) -> dialect.Backend:
        return dialect.backend(self._engine)

    def migrate(self) -> None:
        """Bring the tables up to date. Safe when several processes start at once: one does it, the others wait.

        Tables that a newer version has widened are left as they are: this version runs on them too. TablesOutOfReach
        for a role that may not change or read them.
        """
        with told_as_one(), within_reach(), self._reader.begin() as connection:
            if _stands_at(connection) == HEAD and word_index.is_in_step(connection):
                return
        from cases.store.migrating import upgrade  # noqa: PLC0415  # Alembic is 0.1 s of every start, and seldom needed

        with told_as_one(), within_reach(), self._writer.begin() as connection:
            dialect.wait_to_migrate(connection)
            upgrade(connection, MIGRATIONS)
            if not word_index.is_in_step(connection):
                word_index.put_in_step(connection)

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """A transaction; committed at the end, rolled back on any error. DatabaseAway: nothing was written.

        On SQLite it holds the write lock; on PostgreSQL (READ COMMITTED) others write beside it.
        """
        with told_as_one(), self._writer.begin() as connection:
            yield self._store(connection)

    @contextmanager
    def reading(self, lines: Collection[str] | None = None) -> Iterator[Store]:
        """One consistent picture of everything; refuses to write. DatabaseAway.

        lines: of business that whoever asks may see. On PostgreSQL cases of others then do not exist, whatever the
        query says; on SQLite only the conditions of the queries hold.
        """
        with told_as_one(but=Trouble.READ_ONLY), self._reader.begin() as connection:
            if lines is not None:
                dialect.see_only(connection, lines)
            yield self._store(connection)

    def _store(self, connection: Connection) -> Store:
        return Store(
            connection,
            keys=self._keys,
            follow=self._follow,
            pressing=self._pressing,
            drawn=self._drawn,
            take_number=self._take_number,
            language=self._language,
            since=self._since,
        )

    def _take_number(self, connection: Connection, name: str) -> int:
        """Never given twice; some may be left out. On PostgreSQL the writers of a number do not wait for each other's
        commits: the counter is raised beside the transaction.
        """
        if self._counting is None:
            return count_up(connection, name)
        with self._counting.connect() as beside:
            return count_up(beside, name)

    def ping(self) -> bool:
        """Whether the database can be reached and reads."""
        try:
            with self.reading() as store:
                store.ping()
        except DatabaseAway:
            return False
        return True

    def can_write(self) -> bool:
        return self.trouble() is None

    def trouble(self) -> Trouble | None:
        """Why nothing can be written now; None when it can.

        One row is raised and committed, since a disk that is full, or a database that is read-only, shows only then.
        So ask every few seconds, not with every request. A table that cannot grow shows when it is written: as
        DatabaseAway.
        """
        try:
            with told_as_one(), self._writer.begin() as connection:
                count_up(connection, "heartbeat")
        except DatabaseAway as away:
            return away.trouble
        return None

    def scrub(self) -> bool:
        """After erasing: leave no erased bytes in the files. False when it must be tried again later."""
        return dialect.scrub(self._engine)

    def renew_word_index(self) -> None:
        """Build what makes words fast to search anew: rid of words that nothing holds any more. TablesOutOfReach."""
        with told_as_one(), within_reach():
            word_index.renew(self._writer)

    def close(self) -> None:
        self._engine.dispose()
        if self._counting is not None:
            self._counting.dispose()


def _stands_at(connection: Connection) -> str | None:
    """The revision of the tables; None before the first."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
