"""What was erased does not come back: not with a copy of the files, not with a backup, not from an object store."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.errors import NotAllowed, NotFound
from pipelines.audit import verify_all
from pipelines.erasing import erase_case, replay_tombstones
from pipelines.house import House
from tests.object_store import ObjectStore, object_store
from tests.pipelines.given import Clock, OpenHouse, by_form, case_of, photo, until_quiet

SENDER = "zilverkanarie@example.org"
WORDS = "Ik ben Wilma Zilverkanarie, Kwartelstraat 12; er zit een ster in de voorruit van de GX-482-B."
CANARIES = [b"ilverkanarie", b"Kwartelstraat", b"GX-482-B"]


@pytest.fixture(scope="module")
def running() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture
def bucket(running: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    running.empty()
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    return running


def told(house: House, clock: Clock) -> str:
    receipt = by_form(house, WORDS, sender=SENDER, files=[("Zilverkanarie.jpg", photo(1))])
    until_quiet(house, clock)
    return str(receipt.reference)


def buried(house: House) -> set[str]:
    return {stone.id for stone in house.tombstones.read()}


def test_an_erased_case_leaves_its_ids_as_tombstones_and_nothing_else(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    case = case_of(house, told(house, clock))

    erase_case(house, case.reference, by="olga", why="Zilverkanarie asked")

    assert buried(house) == {case.id, *(message.message_id for message in case.messages)}
    kept = (tmp_path / "tombstones.jsonl").read_bytes()
    assert not [word for word in [*CANARIES, b"olga"] if word in kept]


def test_what_is_refused_leaves_no_tombstone(house: House, clock: Clock) -> None:
    reference = told(house, clock)
    erase_case(house, reference, by="ada", why="asked")
    before = house.tombstones.read()

    with pytest.raises(NotFound):
        erase_case(house, "C-2026-999999", by="ada", why="asked")
    with pytest.raises(NotAllowed):
        erase_case(house, reference, by="ada", why="asked")

    assert house.tombstones.read() == before


def test_copied_files_put_back_after_erasing_cannot_be_read(house: House, clock: Clock, tmp_path: Path) -> None:
    case = case_of(house, told(house, clock))
    digests = house.blobs.stored.digests(case.id)
    shutil.copytree(tmp_path / "blobs", tmp_path.parent / f"{tmp_path.name}-copy")

    erase_case(house, case.reference, by="ada", why="asked")
    shutil.copytree(tmp_path.parent / f"{tmp_path.name}-copy", tmp_path / "blobs", dirs_exist_ok=True)

    assert house.blobs.stored.digests(case.id) == digests
    for digest in digests:
        with pytest.raises(NotFound, match="no key to the file"):
            house.blobs.get(case.id, digest)


@pytest.mark.skipif(
    "config.getoption('--database') == 'postgresql'", reason="it puts the database back by copying the file of SQLite"
)
def test_a_restored_backup_brings_back_nothing_that_was_erased(
    open_house: OpenHouse, clock: Clock, tmp_path: Path
) -> None:
    backup = tmp_path.parent / f"{tmp_path.name}-backup"
    with open_house() as house:
        gone, other = told(house, clock), told(house, clock)
        house.database.scrub()
        shutil.copytree(tmp_path, backup)
        erase_case(house, gone, by="ada", why="asked")
    for name in ("casewright.db", "blobs", "outbox", "handover"):
        _put_back(backup / name, tmp_path / name)

    with open_house() as house:
        assert not case_of(house, gone).erased  # the backup brought it back

        assert replay_tombstones(house) == 1

        erased = case_of(house, gone)
        assert erased.erased
        assert erased.id not in set(house.blobs.stored.owners())
        assert case_of(house, other).messages
        assert verify_all(house).differences == ()
        assert replay_tombstones(house) == 0


def test_files_that_came_back_without_their_rows_are_removed(house: House, clock: Clock, tmp_path: Path) -> None:
    case = case_of(house, told(house, clock))
    shutil.copytree(tmp_path / "blobs", tmp_path / "copy")
    erase_case(house, case.reference, by="ada", why="asked")
    shutil.copytree(tmp_path / "copy", tmp_path / "blobs", dirs_exist_ok=True)
    other = case_of(house, told(house, clock))

    assert replay_tombstones(house) == 0

    assert set(house.blobs.stored.owners()) == {other.id}


def test_in_an_object_store_no_word_is_readable_and_after_erasing_no_file_is_left(
    open_house: OpenHouse, clock: Clock, bucket: ObjectStore, tmp_path: Path
) -> None:
    with open_house(blob_url="s3://casewright/home") as house:
        case = case_of(house, told(house, clock))
        before = bucket.everything()
        raw = [key for key in before if case.id in key]

        assert raw
        assert not (tmp_path / "blobs").exists()
        assert not [key for key, data in before.items() for word in CANARIES if word in data or word in key.encode()]

        erase_case(house, case.reference, by="ada", why="asked")

        left = bucket.everything()
        assert sorted(left) == sorted(f"home/tombstones/{name}" for name in (case.id, case.messages[0].message_id))
        assert not [data for data in left.values() for word in CANARIES if word in data]
        assert verify_all(house).differences == ()


def _put_back(copy: Path, place: Path) -> None:
    """With SQLite's log, which belongs to the newer file."""
    if not copy.exists():
        return
    if copy.is_dir():
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(copy, place)
        return
    for beside in place.parent.glob(f"{place.name}-*"):
        beside.unlink()
    shutil.copy(copy, place)
