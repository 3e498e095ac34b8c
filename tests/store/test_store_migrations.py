"""The tables as they are, as they become, and as code of the version before finds them."""

import io
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, insert, select, update
from store_builders import NOW, connected, open_database, opened, place_at

from cases.store.database import MIGRATIONS, Database
from cases.store.rows import Base

#: Rules that we do not follow, and why.
ALLOWED = (
    "--exclude=prefer-robust-stmts",  # all runs in one transaction: nothing is ever half done
    "--exclude=prefer-text-field",  # Alembic's own table
    "--exclude=prefer-identity",  # Alembic writes BIGSERIAL, which does the same
)


def is_word_index(name: str | None) -> bool:
    """Each database has one of its own kind, which no row is mapped to."""
    return name == "ix_search_words" or str(name).startswith("search_words")


def test_the_tables_are_those_of_the_rows(database: Database) -> None:
    with database.writing() as store:
        told = {"compare_type": True, "include_name": lambda name, *_: not is_word_index(name)}
        context = MigrationContext.configure(store._connection, opts=told)
        different = compare_metadata(context, Base.metadata)

    assert different == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.writing() as store:
        store.append("case-1", [opened()], at=NOW)

    database.migrate()

    with database.reading() as store:
        assert store.case("case-1").version == 1


def test_a_folder_with_signs_in_its_name_can_be_used(tmp_path: Path) -> None:
    folder = tmp_path / "a %s b"
    folder.mkdir()
    database = open_database(place_at(folder / "cases.db"))

    database.migrate()

    with database.reading() as store:
        assert store.verify_all() == []
    database.close()


def migrated_to(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with connected(url) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def sql_of(first: str, last: str) -> str:
    """What PostgreSQL would be told between two revisions."""
    written = io.StringIO()
    config = Config(output_buffer=written)
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, f"{first}:{last}", sql=True)
    return written.getvalue()


def reflected(url: str) -> dict[str, Table]:
    metadata = MetaData()
    with connected(url) as connection:
        metadata.reflect(connection)
    others = (name for name in metadata.tables if name != "alembic_version" and not is_word_index(name))
    return {name: metadata.tables[name] for name in others}


#: Where a constraint names the words that may stand there.
WORDS = {"status": "received", "waiting_on": "us", "state": "open", "words": "x"}


def filled_in(table: Table) -> dict[str, Any]:
    """A row with a value in every column that has no default and may not be empty; all ids and references are "x"."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if (
            column.nullable
            or column.server_default is not None
            or (column.name == "id" and column.type.python_type is int)
        ):
            continue
        kind = column.type.python_type
        row[column.name] = WORDS.get(column.name) or {
            str: "x", int: 1, bool: False, float: 0.5, bytes: b"x", datetime: NOW,
        }[kind]  # fmt: skip
    return row


def test_code_of_the_version_before_works_on_the_newest_tables(new_url: str) -> None:
    """It names the columns that it knows, and no others: it can insert, read and change them, and nothing is gone."""
    migrated_to(new_url, "head-1")
    before = reflected(new_url)
    migrated_to(new_url, "head")
    after = reflected(new_url)

    assert before.keys() <= after.keys()
    for name, table in before.items():
        for column in table.columns:
            now = after[name].c[column.name]
            assert now.type.python_type is column.type.python_type, f"{name}.{column.name} is of another type"
            assert now.nullable or not column.nullable, f"{name}.{column.name} may not be empty any more"
    with connected(new_url) as connection:
        rows = {name: filled_in(table) for name, table in before.items()}
        for name, table in before.items():
            connection.execute(insert(table), rows[name])
    with connected(new_url) as connection:
        for name, table in before.items():
            [read] = connection.execute(select(table)).mappings()
            assert rows[name].keys() <= read.keys()
            if name != "events":
                assert connection.execute(update(table).values(rows[name])).rowcount == 1


@pytest.mark.parametrize("revision", [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()])
def test_the_linter_of_migrations_has_nothing_to_say(revision: str, tmp_path: Path) -> None:
    script = ScriptDirectory(str(MIGRATIONS)).get_revision(revision)
    file = tmp_path / f"{revision}.sql"
    file.write_text(sql_of(str(script.down_revision or "base"), revision))

    said = subprocess.run(
        [Path(sys.executable).with_name("squawk"), "--pg-version=15", *ALLOWED, file],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "ALTER TABLE" in file.read_text() or "CREATE TABLE" in file.read_text()
    assert said.returncode == 0, said.stdout
