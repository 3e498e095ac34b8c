"""What opening a database that is up to date leaves out, and that it is not left out for ever."""

import subprocess
import sys
from pathlib import Path

from alembic.script import ScriptDirectory
from store_builders import open_database

from cases.store.database import HEAD, MIGRATIONS

OPENED = """
import sys
from cases.store.database import Database
from cases.store.keys import Keys
Database(sys.argv[1], keys=Keys.from_secret(bytes(32)), follow=lambda *_: ()).migrate()
print("alembic" in sys.modules)
"""


def test_the_newest_migration_is_the_one_that_a_database_is_held_to() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_a_database_is_migrated_once_and_later_opened_without_looking_at_migrations(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPENED, f"sqlite:///{tmp_path / 'cases.db'}"]

    ran = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() for _ in range(2)]

    assert ran == ["True", "False"]
    database = open_database(command[-1])
    with database.reading() as store:
        assert store.verify_all() == []
    database.close()
