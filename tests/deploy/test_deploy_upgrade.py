"""During an upgrade, and after going back from one, the version before starts on tables that a newer one widened."""

import sqlite3
from pathlib import Path

from cases.store.database import Database
from cases.store.keys import Keys


def a_database(path: Path) -> Database:
    return Database(f"sqlite:///{path}", keys=Keys.from_secret(bytes(32)), follow=lambda *_: ())


def test_the_version_before_opens_tables_of_a_newer_one_and_leaves_them_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    newer = a_database(path)
    newer.migrate()
    newer.close()
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE events ADD COLUMN of_tomorrow TEXT")
        connection.execute("UPDATE alembic_version SET version_num = 'of tomorrow'")

    older = a_database(path)
    older.migrate()

    with older.reading() as store:
        assert store.work.counts().waiting == {}
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("of tomorrow",)]
    older.close()
