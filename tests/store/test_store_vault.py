"""What lies on the disk is readable with the owner's key alone, and with that key destroyed, by nobody."""

import hashlib
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from store_builders import KEYS, NOW, opened

from cases.errors import NotAllowed, NotFound
from cases.store.blobs import FileBlobs
from cases.store.database import Database
from cases.store.vault import MAGIC, BlobDamaged, Vault

WORDS = b"Wilma Zilverkanarie, Kwartelstraat 12"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def vault(root: Path, database: Database) -> Vault:
    return new_process(root, database)


def new_process(root: Path, database: Database, master: bytes = KEYS.vault) -> Vault:
    """Holds no key yet."""
    return Vault(FileBlobs(root), database, master, now=lambda: NOW)


def put_first(vault: Vault, database: Database, owner: str, data: bytes = WORDS) -> str:
    """As intake does for the message that opens a case."""
    wrapped = vault.put_new(owner, [data])
    with database.writing() as store:
        store.append(owner, [opened()], at=NOW)
        store.data_keys.add(owner, wrapped, NOW)
    return hashlib.sha256(data).hexdigest()


def erase_twice_at_once(database: Database, case_id: str) -> None:
    """The second time is refused, and takes the first back."""
    with database.writing() as store:
        for _ in range(2):
            store.erase_case(case_id, by="ada", why="asked", at=NOW)


def path(root: Path, owner: str, sha256: str) -> Path:
    return FileBlobs(root).path(owner, sha256)


def test_another_process_reads_what_was_stored_and_the_disk_does_not_tell(
    vault: Vault, root: Path, database: Database
) -> None:
    sha256 = put_first(vault, database, "case-1")

    lying = path(root, "case-1", sha256).read_bytes()

    assert new_process(root, database).get("case-1", sha256) == WORDS
    assert lying.startswith(MAGIC)
    assert b"Kwartel" not in lying
    assert len(lying) == len(WORDS) + 36


@given(data=st.binary(max_size=5000), more=st.binary(max_size=50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_any_bytes_come_back_as_they_were(
    vault: Vault, root: Path, database: Database, data: bytes, more: bytes
) -> None:
    digests = vault.put_many("owner-1", [data, more])

    assert [vault.get("owner-1", one) for one in digests] == [data, more]
    assert digests == [hashlib.sha256(one).hexdigest() for one in (data, more)]
    assert new_process(root, database).get("owner-1", digests[0]) == data


@given(place=st.integers(min_value=0, max_value=len(WORDS) + 35), bit=st.integers(min_value=0, max_value=7))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_flipped_bit_anywhere_is_named_and_never_read(vault: Vault, root: Path, place: int, bit: int) -> None:
    sha256 = vault.put("owner-1", WORDS)
    file = path(root, "owner-1", sha256)
    kept = file.read_bytes()
    file.write_bytes(kept[:place] + bytes([kept[place] ^ 1 << bit]) + kept[place + 1 :])

    with pytest.raises(BlobDamaged, match=f"owner-1/{sha256} is not as it was stored; put that file back"):
        vault.get("owner-1", sha256)

    file.write_bytes(kept)


@pytest.mark.parametrize("length", [0, 7, 8, 20, 35, 36])
def test_a_file_that_was_cut_off_is_named(vault: Vault, root: Path, length: int) -> None:
    sha256 = vault.put("owner-1", WORDS)
    file = path(root, "owner-1", sha256)
    file.write_bytes(file.read_bytes()[:length])

    with pytest.raises(BlobDamaged):
        vault.get("owner-1", sha256)


def test_a_file_of_another_owner_or_another_name_put_in_its_place_is_noticed(vault: Vault, root: Path) -> None:
    mine, other = vault.put_many("owner-1", [WORDS, b"other"])
    theirs = vault.put("owner-2", WORDS)
    shutil.copy(path(root, "owner-2", theirs), path(root, "owner-1", mine))
    shutil.copy(path(root, "owner-2", theirs), path(root, "owner-2", theirs).with_name(other))

    with pytest.raises(BlobDamaged):
        vault.get("owner-1", mine)
    with pytest.raises(BlobDamaged):
        vault.get("owner-2", other)
    assert vault.get("owner-2", theirs) == WORDS


def test_equal_files_do_not_look_equal(vault: Vault, root: Path) -> None:
    one, two = vault.put("owner-1", WORDS), vault.put("owner-2", WORDS)

    assert path(root, "owner-1", one).read_bytes()[20:] != path(root, "owner-2", two).read_bytes()[20:]


def test_a_key_that_is_no_key_opens_nothing(vault: Vault, root: Path, database: Database) -> None:
    sha256 = vault.put("owner-1", WORDS)
    with database.writing() as store:
        store.data_keys.destroy(["owner-1"])
        store.data_keys.add("owner-1", b"short", NOW)

    with pytest.raises(BlobDamaged):
        new_process(root, database).get("owner-1", sha256)


def test_with_another_secret_nothing_is_read(vault: Vault, root: Path, database: Database) -> None:
    sha256 = put_first(vault, database, "case-1")

    with pytest.raises(BlobDamaged, match="CASEWRIGHT_SECRET"):
        new_process(root, database, bytes(32)).get("case-1", sha256)


def test_a_key_moved_to_another_owner_opens_nothing(vault: Vault, root: Path, database: Database) -> None:
    sha256 = vault.put("owner-1", WORDS)
    with database.writing() as store:
        store.data_keys.add("owner-2", store.data_keys.of(["owner-1"])["owner-1"], NOW)
    target = path(root, "owner-2", sha256)
    target.parent.mkdir(parents=True)
    shutil.copy(path(root, "owner-1", sha256), target)

    with pytest.raises(BlobDamaged):
        vault.get("owner-2", sha256)


def test_an_erased_case_stays_unreadable_when_its_files_come_back(
    vault: Vault, root: Path, database: Database, tmp_path: Path
) -> None:
    sha256 = put_first(vault, database, "case-1")
    shutil.copytree(root, tmp_path / "copy")

    with database.writing() as store:
        store.erase_case("case-1", by="ada", why="asked", at=NOW)
    vault.erase("case-1")
    shutil.copytree(tmp_path / "copy", root, dirs_exist_ok=True)

    assert path(root, "case-1", sha256).exists()
    for process in (vault, new_process(root, database)):
        with pytest.raises(NotFound, match="no key to the file"):
            process.get("case-1", sha256)


def test_a_key_goes_only_when_the_erasing_is_committed(vault: Vault, root: Path, database: Database) -> None:
    sha256 = put_first(vault, database, "case-1")

    with pytest.raises(NotAllowed, match="erased"):
        erase_twice_at_once(database, "case-1")

    assert new_process(root, database).get("case-1", sha256) == WORDS


def test_what_is_written_to_an_erased_case_can_never_be_read(vault: Vault, root: Path, database: Database) -> None:
    put_first(vault, database, "case-1")
    with database.writing() as store:
        store.erase_case("case-1", by="ada", why="asked", at=NOW)
    vault.erase("case-1")

    late = vault.put("case-1", b"written by a stage that was still at work")

    with pytest.raises(NotFound):
        vault.get("case-1", late)
    with database.reading() as store:
        assert store.data_keys.get("case-1") is None


def test_an_owner_that_was_never_written_to_the_database_is_unreadable(
    vault: Vault, root: Path, database: Database
) -> None:
    vault.put_new("case-1", [WORDS])

    with pytest.raises(NotFound):
        new_process(root, database).get("case-1", hashlib.sha256(WORDS).hexdigest())


def test_two_processes_that_make_an_owners_first_key_end_with_one_and_read_each_other(
    root: Path, database: Database
) -> None:
    one, two = new_process(root, database), new_process(root, database)
    # Both have looked and found no key; the second one settles after the first.
    first = one._settle("case-1")
    second = two._settle("case-1")

    mine, theirs = one.put("case-1", b"mine"), two.put("case-1", b"theirs")

    assert first is not second
    assert one.get("case-1", theirs) == b"theirs"
    assert two.get("case-1", mine) == b"mine"


def test_a_first_key_never_replaces_another_one(vault: Vault, database: Database) -> None:
    vault.put("case-1", WORDS)

    with pytest.raises(IntegrityError), database.writing() as store:
        store.data_keys.add("case-1", b"another", NOW)


def test_files_from_before_the_vault_are_read_as_they_are_and_checked(vault: Vault, root: Path) -> None:
    plain = FileBlobs(root).put("case-1", WORDS)
    sealed = vault.put("case-1", b"new")

    assert vault.get("case-1", plain) == WORDS
    assert vault.get("case-1", sealed) == b"new"

    path(root, "case-1", plain).write_bytes(WORDS + b"!")
    with pytest.raises(BlobDamaged):
        vault.get("case-1", plain)


def test_keys_of_a_batch_are_fetched_at_once(vault: Vault, root: Path, database: Database) -> None:
    digests = {owner: vault.put(owner, owner.encode()) for owner in ("case-1", "case-2")}
    reader = new_process(root, database)

    reader.fetch_keys({*digests, "case-3"})
    database.close()
    with database.writing() as store:
        store.data_keys.destroy(digests)

    assert {owner: reader.get(owner, digest) for owner, digest in digests.items()} == {
        "case-1": b"case-1",
        "case-2": b"case-2",
    }


def test_known_digests_are_not_computed_again_and_must_be_digests(vault: Vault) -> None:
    assert vault.put_many("case-1", [b"derived"], digests=["0" * 64]) == ["0" * 64]
    assert vault.get("case-1", "0" * 64) == b"derived"
    with pytest.raises(ValueError, match="no SHA-256"):
        vault.put_many("case-1", [b"x"], digests=["../x"])
    with pytest.raises(ValueError, match="give one for each"):
        vault.put_many("case-1", [b"x", b"y"], digests=["0" * 64])


def test_keys_without_an_owner_are_destroyed_once_they_are_old(vault: Vault, database: Database) -> None:
    put_first(vault, database, "case-1")
    vault.put("stranger", WORDS)

    with database.writing() as store:
        assert store.data_keys.destroy_ownerless(NOW) == 0
    with database.writing() as store:
        assert store.data_keys.destroy_ownerless(NOW.replace(hour=13)) == 1

    with database.reading() as store:
        assert store.data_keys.get("stranger") is None
        assert store.data_keys.get("case-1") is not None
