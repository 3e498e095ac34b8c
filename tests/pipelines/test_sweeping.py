"""What a crash left behind goes after an hour; what somebody owns, or may own in a moment, stays."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cases.store.blobs import BlobsAway, FileBlobs
from cases.store.vault import Vault
from pipelines.erasing import erase_case
from pipelines.house import House
from pipelines.sweeping import FEW, SweepRefused, sweep_orphans
from tests.object_store import object_store
from tests.pipelines.given import Clock, OpenHouse, by_form, by_mail, case_of, photo, until_quiet

BOUNCE = b"""From: MAILER-DAEMON@example.org\r
To: cases@casewright.example\r
Subject: Undelivered mail\r
Message-ID: <b1@example.org>\r
Auto-Submitted: auto-replied\r
\r
It could not be delivered.\r
"""


def stored(house: House) -> FileBlobs:
    assert isinstance(house.blobs.stored, FileBlobs)
    return house.blobs.stored


def age(house: House, owner: str, **span: float) -> None:
    """As if its files had been written so long before the house's time."""
    then = (house.now() - timedelta(**span)).timestamp()
    folder = stored(house).path(owner, "0" * 64).parent
    for path in [*folder.iterdir(), folder]:
        os.utime(path, (then, then))


def test_files_of_a_message_that_was_never_written_go_after_an_hour(house: House) -> None:
    kept = case_of(house, by_form(house).reference).id
    house.blobs.put_new("case-lost", [b"raw", b"photo"])
    house.blobs.put_new("case-fresh", [b"raw"])
    age(house, "case-lost", hours=1, seconds=1)
    age(house, "case-fresh", minutes=59)

    assert sweep_orphans(house) == 2
    assert set(house.blobs.stored.owners()) == {kept, "case-fresh"}
    assert sweep_orphans(house) == 0


def test_files_of_cases_and_of_machine_mail_stay_however_old(house: House, clock: Clock) -> None:
    receipt = by_form(house, files=[("ruit.jpg", photo(1))])
    machine = by_mail(house, BOUNCE)
    until_quiet(house, clock)
    owners = {case_of(house, receipt.reference).id, machine.message_id}
    assert machine.reference is None
    for owner in owners:
        age(house, owner, days=400)

    assert sweep_orphans(house) == 0
    assert set(house.blobs.stored.owners()) == owners
    clock.forward(days=400)
    assert sweep_orphans(house) == 0
    with house.database.reading() as store:
        assert set(store.data_keys.of(owners)) == owners


def test_files_of_an_erased_case_that_could_not_be_removed_then_are_removed_now(house: House, clock: Clock) -> None:
    receipt = by_form(house)
    case_id = case_of(house, receipt.reference).id
    erase_case(house, str(receipt.reference), by="ada", why="asked")
    stored(house).put(case_id, b"came back")

    assert sweep_orphans(house) == 1
    assert list(house.blobs.stored.owners()) == []


def test_letters_of_an_erasing_that_was_cut_off_go_too_and_those_of_others_stay(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    erased, kept = (case_of(house, by_form(house).reference).id for _ in range(2))
    until_quiet(house, clock)
    (tmp_path / "outbox" / "case-of-another-time").mkdir()
    with house.database.writing() as store:  # and then the process was killed
        store.erase_case(erased, by="ada", why="asked", at=house.now())

    sweep_orphans(house)

    assert {folder.name for folder in (tmp_path / "outbox").iterdir()} == {kept, "case-of-another-time"}
    assert list(house.blobs.stored.owners()) == [kept]


def test_halves_of_crashed_writes_go_too(house: House, tmp_path: Path) -> None:
    half = tmp_path / "blobs" / "arriving" / "half"
    half.write_bytes(b"sa")
    hours_ago = (house.now() - timedelta(hours=2)).timestamp()
    os.utime(half, (hours_ago, hours_ago))

    assert sweep_orphans(house) == 1
    assert not half.exists()


def test_files_that_do_not_belong_to_this_database_are_not_removed(house: House) -> None:
    for number in range(FEW + 1):
        house.blobs.put_new(f"case-{number}", [b"raw"])
        age(house, f"case-{number}", days=1)

    with pytest.raises(SweepRefused, match=r"101 of 101 owners .* check that CASEWRIGHT_DATABASE_URL"):
        sweep_orphans(house)

    assert len(set(house.blobs.stored.owners())) == FEW + 1


@pytest.mark.parametrize(("known", "strangers"), [(0, 1), (3, 4)])
def test_files_stay_where_more_are_strange_to_the_database_than_known(house: House, known: int, strangers: int) -> None:
    """As when CASEWRIGHT_DATABASE_URL names a new database by mistake, also after the first messages came in there."""
    for _ in range(known):
        by_form(house)
    for number in range(strangers):
        house.blobs.put_new(f"case-{number}", [b"raw"])
        age(house, f"case-{number}", days=1)

    with pytest.raises(SweepRefused, match=f"{strangers} of {known + strangers} owners"):
        sweep_orphans(house)

    assert len(set(house.blobs.stored.owners())) == known + strangers


def test_nothing_is_acknowledged_that_could_not_be_stored(house: House, tmp_path: Path) -> None:
    class Full(FileBlobs):
        """As a disk without room."""

        def put_many(self, *_: object, **__: object) -> list[str]:
            raise BlobsAway("no space left on device")

    full = Full(tmp_path / "full")
    away = replace(house, blobs=Vault(full, house.database, house.keys.vault, now=lambda: datetime.now(UTC)))

    with pytest.raises(BlobsAway, match="nothing was taken in, try again later"):
        by_form(away, key="k-1")

    with house.database.reading() as store:
        assert store.case_ids() == []
    again = by_form(house, key="k-1")
    assert case_of(house, again.reference).id in set(house.blobs.stored.owners())


def test_a_clock_that_is_ahead_makes_no_file_old(house: House) -> None:
    by_form(house)
    house.blobs.put_new("case-being-accepted", [b"raw"])
    ahead = replace(house, now=lambda: datetime.now(UTC) + timedelta(hours=2))

    assert sweep_orphans(ahead) == 0
    assert sweep_orphans(ahead, age=timedelta(minutes=-1)) == 1


def test_an_object_store_is_swept_by_its_own_clock(open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    with object_store() as bucket:
        bucket.empty()
        for name, value in bucket.environment.items():
            monkeypatch.setenv(name, value)
        with open_house(blob_url="s3://casewright") as house:
            kept = case_of(house, by_form(house).reference).id
            house.blobs.put_new("case-lost", [b"raw", b"photo"])
            ahead = replace(house, now=lambda: datetime.now(UTC) + timedelta(hours=2))

            assert sweep_orphans(ahead) == 0
            assert sweep_orphans(ahead, age=timedelta(minutes=-1)) == 2
            assert set(house.blobs.stored.owners()) == {kept}
