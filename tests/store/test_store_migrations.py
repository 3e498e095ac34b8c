from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from store_builders import NOW, open_database, opened, place_at

from cases.store.database import Database
from cases.store.rows import Base


def test_the_tables_are_those_of_the_rows(database: Database) -> None:
    with database.writing() as store:
        context = MigrationContext.configure(store._connection, opts={"compare_type": True})
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
