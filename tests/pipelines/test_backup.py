"""A backup holds all that was acknowledged, is refused when a byte differs, and brings no erased case back."""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import orjson
import pytest

from cases.store.blobs import BlobsAway
from cases.store.vault import Vault
from configs.settings import Settings
from pipelines.audit import verify_all
from pipelines.backing.backup import back_up
from pipelines.backing.layout import BackupRefused, part_of, read_manifest
from pipelines.backing.restore import HomeInUse, SecretMissing, check_backup, restore
from pipelines.decoding import Decoder
from pipelines.erasing import erase_case
from pipelines.house import House
from pipelines.journeys import Journeys
from pipelines.runner import drain
from pipelines.text_models import TextModels
from pipelines.wiring import RestoreUnfinished, opened
from tests import homes
from tests.pipelines.backups import Place, under_load
from tests.pipelines.given import (
    WINDSCREEN,
    Clock,
    by_form,
    case_of,
    entries_of,
    kinds,
    opened_house,
    photo,
    until_quiet,
)

CANARY = "Zilverkanarie"
INSIDE = slice(2000, 2200)  # of a photo's bytes


@pytest.fixture
def place(tmp_path: Path, clock: Clock, journeys: Journeys, texts: TextModels, decoder: Decoder) -> Place:
    return Place(tmp_path, partial(opened_house, clock=clock, journeys=journeys, texts=texts, decoder=decoder))


@pytest.fixture
def house(place: Place, trained: Path) -> Iterator[House]:
    with place.open_at(place.home, trained) as built:
        yield built


@pytest.fixture
def reference(house: House, clock: Clock) -> str:
    """A case that everything was done for, with a photo; it is in the backup."""
    receipt = by_form(house, f"{WINDSCREEN} Groet, {CANARY}", files=[("ruit.jpg", photo(1))])
    until_quiet(house, clock)
    back_up(house, place_of(house))
    return str(receipt.reference)


def place_of(house: House) -> Path:
    return house.settings.home.parent / "backups" / "out"


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def holds(home: Path, words: Sequence[bytes]) -> list[str]:
    return [name for name, inside in homes.everything_kept(home) if any(word in inside for word in words)]


# --- nothing is lost --------------------


@pytest.mark.parametrize("number", [12, pytest.param(2000, marks=[pytest.mark.drill, pytest.mark.timeout(1800)])])
def test_all_that_was_acknowledged_before_a_backup_under_load_is_in_it_with_its_files(
    house: House, place: Place, clock: Clock, number: int
) -> None:
    with under_load(house) as load:
        before = load.wait_for(number)
        done = back_up(house, place.out)
        load.wait_for(len(before) + 3)

    restored = place.restored()

    assert (done.lost, restored.differences) == ((), ())
    assert restored.counts == done.counts
    assert restored.counts.cases >= len(before)
    assert restored.checked_files >= restored.counts.messages
    with place.open_fresh() as fresh:
        until_quiet(fresh, clock)
        for reference, (text, digest) in before.items():
            case = case_of(fresh, reference)
            assert text in case.messages[0].text
            [file] = case.files
            assert file.sha256 == digest
            assert hashlib.sha256(fresh.blobs.get(case.id, digest)).hexdigest() == digest
            assert "step_decided" in kinds(fresh, reference)
        assert verify_all(fresh).differences == ()


def test_work_that_somebody_held_at_the_dump_goes_on_at_once_and_uncharged(
    house: House, place: Place, clock: Clock
) -> None:
    receipt = by_form(house)
    with house.database.writing() as store:
        [held] = store.work.claim(["read"], limit=1, now=clock(), lease=timedelta(seconds=300))
        store.leases.take("timers", "a dead machine", now=clock(), until=clock() + timedelta(hours=1))
        store.people.add_user("ada", [], "hash", at=clock())
        store.people.add_session("secret", "ada", at=clock(), expires_at=clock() + timedelta(hours=1))
    back_up(house, place.out)

    place.restored()

    with place.open_fresh() as fresh:
        with fresh.database.writing() as store:
            [waiting] = store.work.waiting(held.stream)
            assert (waiting.attempts, waiting.lease_until) == (0, None)
            assert store.leases.take("timers", "this one", now=fresh.now(), until=fresh.now() + timedelta(hours=1))
            assert store.people.session("secret", now=clock()) is None
        drain(fresh)
        assert "step_decided" in kinds(fresh, receipt.reference)


def test_letters_models_and_orders_that_lie_in_the_home_are_put_back(
    house: House, place: Place, reference: str
) -> None:
    place.restored()

    for kept in ("outbox", "handover"):
        assert everything(place.fresh / kept) == everything(place.home / kept)
    assert list((place.fresh / "outbox").rglob("*.eml"))
    cards = {str(path.relative_to(place.fresh / "models")) for path in (place.fresh / "models").rglob("card.json")}
    assert cards == {
        str(one.relative_to(house.settings.model_root)) for one in house.settings.model_root.glob("*/*/*/card.json")
    }


def test_a_reference_that_a_customer_may_hold_is_not_given_again(house: House, place: Place, reference: str) -> None:
    given_after = by_form(house).reference
    place.restored()

    with place.open_fresh() as fresh:
        new = by_form(fresh).reference

    assert (reference, given_after, new) == ("C-2026-000001", "C-2026-000002", "C-2026-010002")


# --- erased stays erased --------------------


def test_what_was_erased_after_the_backup_is_erased_again(
    house: House, place: Place, clock: Clock, reference: str
) -> None:
    other = by_form(house, sender="other@example.org")
    until_quiet(house, clock)
    back_up(house, place.out)
    erase_case(house, reference, by="ada", why="asked")
    words = [CANARY.encode(), photo(1)[INSIDE]]
    case_id = case_of(house, reference).id

    restored = place.restored(tombstones=place.home / "tombstones.jsonl")

    assert (restored.erased_again, restored.differences) == (1, ())
    assert restored.tombstones == 2  # the case and its message
    assert holds(place.fresh, words) == []
    with place.open_fresh() as fresh:
        assert case_of(fresh, reference).erased
        assert case_id not in set(fresh.blobs.stored.owners())
        assert case_of(fresh, other.reference).messages
        assert len(fresh.tombstones.read()) == 2


def test_without_the_list_it_is_back_and_the_report_can_say_so(house: House, place: Place, reference: str) -> None:
    erase_case(house, reference, by="ada", why="asked")

    restored = place.restored()

    assert (restored.tombstones, restored.erased_again, restored.differences) == (0, 0, ())
    with place.open_fresh() as fresh:
        assert CANARY in case_of(fresh, reference).messages[0].text


def test_the_next_backup_forgets_what_was_erased_and_copies_only_what_is_new(
    house: House, place: Place, clock: Clock, reference: str
) -> None:
    case_id = case_of(house, reference).id
    assert any(case_id in name for name in everything(place.out))
    receipt = by_form(house, files=[("ruit.jpg", photo(2))])
    until_quiet(house, clock)
    second = back_up(house, place.out)
    kept = {name: bytes_ for name, bytes_ in everything(place.out).items() if case_id in name}
    erase_case(house, reference, by="ada", why="asked")

    third = back_up(house, place.out)

    assert second.copied == second.blobs - len(kept)
    assert (third.copied, third.lost) == (0, ())
    assert not any(case_id in name for name in everything(place.out))
    assert len([name for name in everything(place.out) if name.startswith("database-")]) == 1
    assert place.restored().differences == ()
    with place.open_fresh() as fresh:
        assert case_of(fresh, receipt.reference).files


class MeanwhileErased:
    """A store of blobs in which somebody erases a case just before it is copied."""

    def __init__(self, house: House, reference: str) -> None:
        self._house, self._reference = house, reference

    def digests(self, owner: str) -> list[str]:
        found = self._house.blobs.stored.digests(owner)
        if not case_of(self._house, self._reference).erased:
            erase_case(self._house, self._reference, by="ada", why="asked")
        return found

    def get(self, owner: str, sha256: str) -> bytes:
        return self._house.blobs.stored.get(owner, sha256)


def vault(house: House, stored: object) -> House:
    return replace(house, blobs=Vault(stored, house.database, house.keys.vault, now=house.now))  # type: ignore[arg-type]


def test_what_is_erased_while_the_backup_runs_is_noted_and_no_error(house: House, place: Place, clock: Clock) -> None:
    receipt = by_form(house, f"{WINDSCREEN} {CANARY}", files=[("ruit.jpg", photo(1))])
    until_quiet(house, clock)

    done = back_up(vault(house, MeanwhileErased(house, str(receipt.reference))), place.out)

    assert done.lost == ()
    assert done.erased > 0
    restored = place.restored(tombstones=place.home / "tombstones.jsonl")
    assert (restored.erased_again, restored.differences) == (1, ())
    assert holds(place.fresh, [CANARY.encode()]) == []


# --- what is refused --------------------


def test_a_file_that_nobody_has_is_named_and_the_rest_is_saved(house: House, place: Place, clock: Clock) -> None:
    receipt = by_form(house)
    until_quiet(house, clock)
    case_id = case_of(house, receipt.reference).id
    with house.database.reading() as store:
        [message] = store.messages.of_case(case_id)
    (house.settings.home / "blobs").joinpath(*_below(house, case_id), message.raw_digest).unlink()

    done = back_up(house, place.out)

    assert done.lost == (f"{case_id}/{message.raw_digest}",)
    assert place.restored().differences == (f"{case_id}: file {message.raw_digest[:12]} is not there",)


def _below(house: House, owner: str) -> tuple[str, ...]:
    [folder] = (house.settings.home / "blobs").glob(f"*/{owner}")
    return folder.relative_to(house.settings.home / "blobs").parts


@pytest.mark.parametrize("which", ["database-*", "blobs-*", "files-*", "blobs/*/*/*", "files/*", "manifest.json"])
@pytest.mark.parametrize("how", ["flipped", "cut", "gone"])
def test_a_byte_that_differs_is_refused_before_anything_is_written(
    house: House, place: Place, reference: str, which: str, how: str
) -> None:
    file = min(place.out.glob(which))
    data = file.read_bytes()
    middle = len(data) // 2
    if how == "flipped":
        file.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    elif how == "cut":
        file.write_bytes(data[:-1])
    else:
        file.unlink()
    settings = place.new_machine()
    before = everything(place.fresh)

    with pytest.raises(BackupRefused, match=r"not as it was written|not there any more|cannot be read|no whole backup"):
        restore(settings, place.out)

    assert everything(place.fresh) == before
    restorable(place, settings)


def restorable(place: Place, settings: Settings) -> None:
    """The new machine is still one: a good backup goes in."""
    shutil.rmtree(place.out)
    with place.open_at(place.home, place.home / "models") as house:
        back_up(house, place.out)
    assert restore(settings, place.out).differences == ()


def test_a_seal_of_strange_letters_is_no_seal(house: House, place: Place, reference: str) -> None:
    manifest = place.out / "manifest.json"
    seal = read_manifest(place.out, house.keys).seal
    manifest.write_text(manifest.read_text().replace(seal, "\u00e9" * len(seal)))

    with pytest.raises(BackupRefused, match="is not as it was written"):
        read_manifest(place.out, house.keys)


@pytest.mark.parametrize("path", ["../secret.key", "models/../../secret.key", "blobs/aa/x", "models"])
def test_a_file_that_leads_elsewhere_is_refused_before_anything_is_written(
    house: House, place: Place, reference: str, path: str
) -> None:
    manifest = read_manifest(place.out, house.keys)
    listed = place.out / manifest.files.name
    listed.write_bytes(listed.read_bytes() + orjson.dumps([path, "0" * 64, 1]) + b"\n")
    forged = manifest.model_copy(update={"files": part_of(listed)}).sealed(house.keys)
    (place.out / "manifest.json").write_text(forged.model_dump_json())
    settings = place.new_machine()

    with pytest.raises(BackupRefused, match="leads elsewhere"):
        restore(settings, place.out)

    assert not (place.fresh / "restoring").exists()


def test_every_number_of_the_manifest_is_sealed(house: House, place: Place, reference: str) -> None:
    manifest = place.out / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"cases": 1', b'"cases": 0'))

    with pytest.raises(BackupRefused, match="is not as it was written"):
        place.restored()


def test_another_secret_is_refused_with_the_mend(house: House, place: Place, reference: str) -> None:
    settings = place.new_machine(with_secret=False)
    (place.fresh / "secret.key").write_bytes(bytes(32))

    with pytest.raises(BackupRefused, match=r"was made under another secret: put the secret\.key of that installation"):
        restore(settings, place.out)
    assert list(everything(place.fresh)) == ["secret.key"]


def test_without_any_secret_none_is_made(house: House, place: Place, reference: str) -> None:
    settings = place.new_machine(with_secret=False)

    with pytest.raises(SecretMissing, match=r"put secret\.key of the installation into"):
        restore(settings, place.out)
    assert everything(place.fresh) == {}


def test_a_backup_that_holds_the_secret_needs_no_other(house: House, place: Place, reference: str) -> None:
    secret = (place.home / "secret.key").read_bytes()
    back_up(house, place.out, secret=secret)

    assert restore(place.new_machine(with_secret=False), place.out).differences == ()
    assert (place.fresh / "secret.key").read_bytes() == secret
    back_up(house, place.out)
    assert "secret.key" not in everything(place.out)


def test_nothing_is_put_over_a_home_in_use(house: House, place: Place, reference: str) -> None:
    settings = homes.settings(place.home)
    before = case_of(house, reference)

    with pytest.raises(HomeInUse, match="restore into an empty CASEWRIGHT_HOME"):
        restore(settings, place.out)
    assert case_of(house, reference) == before


def test_nothing_is_put_over_a_database_in_use(house: House, place: Place, reference: str) -> None:
    settings = place.new_machine().model_copy(update={"database_url": house.settings.database})

    with pytest.raises(HomeInUse, match="the database has tables"):
        restore(settings, place.out)
    assert list(everything(place.fresh)) == ["secret.key"]


def test_a_backup_of_another_database_is_refused(house: House, place: Place, reference: str) -> None:
    other = None if homes.HOMES.on_postgresql else "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"
    settings = place.new_machine().model_copy(update={"database_url": other})

    with pytest.raises(BackupRefused, match=r"the backup is of (sqlite|postgresql) and CASEWRIGHT_DATABASE_URL names"):
        restore(settings, place.out)


@pytest.mark.parametrize("inside", [None, b"", b'{"id": 7}\n', b"a diary}\n"])
def test_what_is_no_list_of_tombstones_is_refused_before_anything_is_written(
    house: House, place: Place, reference: str, tmp_path: Path, inside: bytes | None
) -> None:
    settings = place.new_machine()
    if inside is not None:
        (tmp_path / "list").write_bytes(inside)

    with pytest.raises(BackupRefused, match="is no list of tombstones"):
        restore(settings, place.out, tombstones=tmp_path / "list")
    assert list(everything(place.fresh)) == ["secret.key"]


def test_a_folder_of_others_and_a_backup_of_another_installation_are_not_written_to(
    house: House, place: Place, tmp_path: Path, trained: Path, reference: str
) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "cat.jpg").write_bytes(b"a cat")

    with pytest.raises(BackupRefused, match="holds something else than a backup"):
        back_up(house, tmp_path / "pictures")
    before = everything(place.out)
    with (
        place.open_at(tmp_path / "stranger", trained) as stranger,
        pytest.raises(BackupRefused, match="another secret"),
    ):
        back_up(stranger, place.out)

    assert everything(tmp_path / "pictures") == {"cat.jpg": b"a cat"}
    assert everything(place.out) == before


# --- halves --------------------


class Failing:
    """A store of blobs that goes away after so many reads."""

    def __init__(self, house: House, reads: int) -> None:
        self._stored, self._left = house.blobs.stored, reads

    def digests(self, owner: str) -> list[str]:
        return self._stored.digests(owner)

    def get(self, owner: str, sha256: str) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise BlobsAway("it was unplugged")
        return self._stored.get(owner, sha256)


def test_a_backup_cut_off_leaves_the_one_before_it_whole(
    house: House, place: Place, clock: Clock, reference: str
) -> None:
    whole = read_manifest(place.out, house.keys)
    for number in range(3):
        by_form(house, files=[("ruit.jpg", photo(number + 2))])
    until_quiet(house, clock)

    with pytest.raises(BlobsAway):
        back_up(vault(house, Failing(house, 2)), place.out)

    assert check_backup(place.out, house.keys).manifest == whole
    assert back_up(house, place.out).lost == ()
    assert len([name for name in everything(place.out) if name.startswith("database-")]) == 1
    assert place.restored().counts.cases == 4


def test_a_first_backup_cut_off_is_none(house: House, place: Place, clock: Clock) -> None:
    by_form(house, files=[("ruit.jpg", photo(1))])
    until_quiet(house, clock)
    with pytest.raises(BlobsAway):
        back_up(vault(house, Failing(house, 1)), place.out)

    with pytest.raises(BackupRefused, match="is no whole backup"):
        place.restored()
    assert back_up(house, place.out).lost == ()


def test_a_restore_cut_off_lets_nobody_in_and_can_be_run_to_its_end(house: House, place: Place, reference: str) -> None:
    settings = place.new_machine()
    seal = read_manifest(place.out, house.keys).seal
    restore(settings, place.out)
    (place.fresh / "restoring").write_text(seal)  # as it stands until the last check is done
    shutil.rmtree(place.fresh / "blobs")

    with pytest.raises(RestoreUnfinished, match="run the same casewright restore again"), opened(settings):
        pass
    assert restore(settings, place.out).differences == ()
    with place.open_fresh() as fresh:
        assert case_of(fresh, reference).messages


def test_a_restore_of_one_backup_is_not_ended_with_another(house: House, place: Place, reference: str) -> None:
    settings = place.new_machine()
    restore(settings, place.out)
    (place.fresh / "restoring").write_text(read_manifest(place.out, house.keys).seal)
    back_up(house, place.out)

    with pytest.raises(HomeInUse):
        restore(settings, place.out)


def test_only_its_owner_can_read_a_backup_and_what_it_is_restored_to(
    house: House, place: Place, reference: str
) -> None:
    place.restored()

    for folder in (place.out, place.fresh / "outbox", place.fresh / "models"):
        assert {oct(path.stat().st_mode & 0o077) for path in folder.rglob("*") if path.is_file()} == {"0o0"}
    assert place.out.stat().st_mode & 0o077 == 0
    if not homes.HOMES.on_postgresql:
        assert (place.fresh / "casewright.db").stat().st_mode & 0o077 == 0


def test_the_timeline_of_a_restored_case_is_the_same_to_the_letter(house: House, place: Place, reference: str) -> None:
    place.restored()

    with place.open_fresh() as fresh:
        assert entries_of(fresh, reference) == entries_of(house, reference)
