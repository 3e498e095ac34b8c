"""Backups by the command line, by the plain role of PostgreSQL, and from and to an object store."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from sqlalchemy import make_url

from api.cli import app
from cases.store import dumps
from configs.settings import Settings
from pipelines.audit import verify_all
from pipelines.backing.backup import back_up
from pipelines.backing.restore import HomeInUse, restore
from pipelines.decoding import Decoder
from pipelines.erasing import erase_case
from pipelines.journeys import Journeys
from pipelines.text_models import TextModels
from pipelines.wiring import opened
from tests import homes
from tests.commands.command_line import lines, run
from tests.deploy.shipped import DEPLOY
from tests.object_store import ObjectStore, object_store
from tests.pipelines.backups import Place
from tests.pipelines.given import Clock, by_form, case_of, opened_house, photo, until_quiet
from tests.servers import POSTGRES_BIN, Postgres

Test = TypeVar("Test", bound=Callable[..., None])
MISSING = "PostgreSQL is not installed: apt-get install postgresql"


def needs_postgresql(test: Test) -> Test:
    marked: Test = pytest.mark.postgres(pytest.mark.skipif(POSTGRES_BIN is None, reason=MISSING)(test))
    return marked


@pytest.fixture
def place(tmp_path: Path, clock: Clock, journeys: Journeys, texts: TextModels, decoder: Decoder) -> Place:
    return Place(tmp_path, partial(opened_house, clock=clock, journeys=journeys, texts=texts, decoder=decoder))


@pytest.fixture
def reference(place: Place, trained: Path, clock: Clock) -> str:
    """Of a case in a home that nobody has open any more."""
    with place.open_at(place.home, trained) as house:
        receipt = by_form(house, files=[("ruit.jpg", photo(1))])
        until_quiet(house, clock)
    return str(receipt.reference)


# --- by the command line --------------------


def test_the_commands_say_what_they_did_and_what_is_not_in_it(place: Place, reference: str) -> None:
    made = run(app, "backup", place.out, home=place.home)
    place.new_machine()
    checked = run(app, "restore", place.out, "--check", home=place.fresh)
    done = run(app, "restore", place.out, home=place.fresh)

    assert (made.exit_code, checked.exit_code, done.exit_code) == (0, 0, 0)
    assert "THE SECRET IS NOT IN IT" in made.stdout
    assert str(place.home / "tombstones.jsonl") in made.stdout
    assert "1 cases" in made.stdout
    assert "every byte is as it was written" in checked.stdout
    assert "0 differences" in done.stdout
    assert "There was no list of tombstones" in done.stdout
    assert "under the same Message-ID" in done.stdout


def test_the_commands_speak_json(place: Place, reference: str) -> None:
    [made] = lines(run(app, "backup", place.out, "--with-secret", "--json", home=place.home))
    place.new_machine(with_secret=False)
    [done] = lines(run(app, "restore", place.out, "--json", home=place.fresh))

    assert (made["cases"], made["lost"], made["secret_included"]) == (1, [], True)
    assert (done["cases"], done["events"]) == (made["cases"], made["events"])
    assert (done["differences"], done["erased_again"], done["tombstones"]) == ([], 0, 0)


def test_a_damaged_backup_ends_with_2_and_a_sentence(place: Place, reference: str) -> None:
    run(app, "backup", place.out, home=place.home)
    next(place.out.glob("database-*")).unlink()
    place.new_machine()

    done = run(app, "restore", place.out, home=place.fresh)

    assert done.exit_code == 2
    assert "use another backup" in done.stderr


def test_lost_files_end_with_1(place: Place, reference: str) -> None:
    shutil.rmtree(place.home / "blobs")

    made = run(app, "backup", place.out, home=place.home)
    place.new_machine()
    done = run(app, "restore", place.out, home=place.fresh)

    assert (made.exit_code, done.exit_code) == (1, 1)
    assert "nobody has it" in made.stderr
    assert "is not there" in done.stdout


# --- from and to an object store --------------------


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    with object_store() as running:
        running.empty()
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def test_files_of_a_disk_are_restored_to_an_object_store_and_back(
    place: Place, reference: str, clock: Clock, bucket: ObjectStore, tmp_path: Path
) -> None:
    url = "s3://casewright/cases"
    with place.open_at(place.home, place.home / "models") as house:
        back_up(house, place.out)

    restored = restore(place.new_machine(blob_url=url), place.out)

    assert restored.differences == ()
    assert not (place.fresh / "blobs").exists()
    assert len([name for name in bucket.everything() if name.startswith("cases/blobs/")]) == restored.blobs
    with place.open_fresh(blob_url=url) as fresh:
        [file] = case_of(fresh, reference).files
        assert fresh.blobs.get(case_of(fresh, reference).id, file.sha256) == photo(1)
        again = back_up(fresh, tmp_path / "again")
        erase_case(fresh, reference, by="ada", why="asked")
    assert (again.blobs, again.lost) == (restored.blobs, ())
    # The tombstones lie in the bucket: they are known without being named.
    (tmp_path / "third").mkdir()
    shutil.copy(place.home / "secret.key", tmp_path / "third")
    settings = homes.settings_of_new_installation(tmp_path / "third", blob_url=url)
    assert restore(settings, tmp_path / "again").erased_again == 1


def test_a_bucket_in_use_is_not_written_to(place: Place, reference: str, bucket: ObjectStore) -> None:
    with place.open_at(place.home, place.home / "models") as house:
        back_up(house, place.out)
    settings = place.new_machine(blob_url="s3://casewright/cases")
    restore(settings, place.out)
    shutil.rmtree(place.fresh)
    before = bucket.everything()

    with pytest.raises(HomeInUse, match="the blob store holds files"):
        restore(place.new_machine(blob_url="s3://casewright/cases"), place.out)
    assert bucket.everything() == before


# --- by the roles of PostgreSQL --------------------


@pytest.fixture
def server() -> Iterator[Postgres]:
    """With the roles of deploy/postgres/roles.sql."""
    with Postgres() as running:
        _make_roles(running)
        yield running


@pytest.fixture
def other_server() -> Iterator[Postgres]:
    with Postgres() as running:
        _make_roles(running)
        yield running


def _make_roles(server: Postgres) -> None:
    told = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={DEPLOY / 'postgres' / 'roles.sql'}"]
    passwords = {"CASES_OWNER_PASSWORD": "owner-1", "CASES_APP_PASSWORD": "app-1"}
    subprocess.run(["psql", *told, homes.plain(server.url())], env={**os.environ, **passwords}, check=True, timeout=60)


@needs_postgresql
def test_the_plain_role_backs_up_all_lines_and_the_owner_restores_with_wall_and_trigger(
    server: Postgres, other_server: Postgres, tmp_path: Path, trained: Path
) -> None:
    def address(role: str, of: Postgres = other_server) -> str:
        return of.url("casewright", f"casewright_{role}")

    with opened(Settings(home=tmp_path / "home", models=trained, database_url=address("owner", server))):
        pass
    with opened(Settings(home=tmp_path / "home", models=trained, database_url=address("app", server))) as house:
        receipt = by_form(house)
        done = back_up(house, tmp_path / "out")
    (tmp_path / "fresh").mkdir()
    shutil.copy(tmp_path / "home" / "secret.key", tmp_path / "fresh")

    restored = restore(Settings(home=tmp_path / "fresh", database_url=address("owner")), tmp_path / "out")

    assert (restored.counts, restored.differences) == (done.counts, ())
    with opened(Settings(home=tmp_path / "fresh", database_url=address("app"))) as fresh:
        assert case_of(fresh, receipt.reference).reference == receipt.reference
        assert verify_all(fresh).differences == ()
        with fresh.database.reading(["another line"]) as store:
            assert store.case_ids() == []
    with psycopg.connect(homes.plain(address("app"))) as connection, pytest.raises(psycopg.Error):
        connection.execute("UPDATE events SET kind = 'other'")


@needs_postgresql
def test_a_tool_that_fails_says_why_and_never_the_password(tmp_path: Path, server: Postgres) -> None:
    url = make_url(server.url("casewright")).set(password="very-secret", query={"application_name": "backups"})
    (tmp_path / "dump").write_bytes(b"no dump at all")

    with pytest.raises(dumps.ToolFailed, match=r"pg_restore failed: .*archive") as failed:
        dumps.put_back(url.render_as_string(hide_password=False), tmp_path / "dump", seconds=60)

    assert "very-secret" not in str(failed.value)


@needs_postgresql
def test_a_dump_that_waits_for_a_migration_gives_up_and_says_so(
    tmp_path: Path, server: Postgres, trained: Path
) -> None:
    url = server.url("casewright", "casewright_owner")
    with opened(Settings(home=tmp_path, models=trained, database_url=url)) as house:
        with psycopg.connect(homes.plain(url)) as other:
            other.execute("LOCK TABLE certificates IN ACCESS EXCLUSIVE MODE")
            with house.database.reading() as store, pytest.raises(dumps.ToolFailed, match="took over 2 s"):
                store.dumps.write(tmp_path / "dump", seconds=2)
        with house.database.reading() as store:
            store.dumps.write(tmp_path / "dump", seconds=60)
    assert (tmp_path / "dump").stat().st_size > 0
