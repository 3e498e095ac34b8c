"""The database: opening it, bringing its tables up to date, and one transaction at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config

from cases.store import dialect
from cases.store.keys import Keys
from cases.store.log import Due, Follow
from cases.store.store import Store

__all__ = ["Database", "Due", "Follow", "Keys", "Store"]

MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """May be shared by threads; each transaction belongs to one. Close it at the end."""

    def __init__(self, url: str, *, keys: Keys, follow: Follow) -> None:
        """url: as SQLAlchemy writes it. follow: the work that each event brings with it."""
        self._engine = dialect.open_engine(url)
        self._writer = dialect.for_writing(self._engine)
        self._reader = dialect.for_reading(self._engine)
        self._keys = keys
        self._follow = follow

    def migrate(self) -> None:
        """Bring the tables up to date. Safe when several processes start at once: one does it, the others wait."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self._writer.begin() as connection:
            dialect.one_migration_at_a_time(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """A transaction that holds the write lock; committed at the end, rolled back on any error."""
        with self._writer.begin() as connection:
            yield Store(connection, keys=self._keys, follow=self._follow)

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """One consistent picture of everything; refuses to write."""
        with self._reader.begin() as connection:
            yield Store(connection, keys=self._keys, follow=self._follow)

    def scrub(self) -> bool:
        """After erasing: leave no erased bytes in the files. False when it must be tried again later."""
        return dialect.scrub(self._engine)

    def close(self) -> None:
        self._engine.dispose()
