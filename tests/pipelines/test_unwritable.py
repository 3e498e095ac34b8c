"""What a stage answers and the store refuses: charged to its own item, while the others of its batch stand."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest

from cases import events as e
from cases.store.away import DatabaseAway, Trouble
from cases.store.blobs import BlobsAway
from cases.store.likeness import PhotoHash
from cases.vocabulary import MACHINE
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.runner import advance
from pipelines.stages import STAGES
from pipelines.stages.read import received
from pipelines.stages.work import Item, Outcome, follows
from pipelines.stages.work import Stage as Work
from tests.pipelines.given import Clock, by_form, case_of, kinds, photo


def test_an_answer_that_cannot_be_written_is_charged_to_its_item_alone(house: House, clock: Clock) -> None:
    receipts = [by_form(house, f"Bericht {n} over mijn voorruit") for n in range(5)]
    advance(house, stages={Stage.READ: STAGES[Stage.READ]})
    culprit = case_of(house, receipts[3].reference).id

    def understands_one_badly(batch: Sequence[Item], there: House) -> list[Outcome]:
        unwritable = e.NoteAdded(text=None, by="machine")  # type: ignore[arg-type]
        good = STAGES[Stage.UNDERSTAND](batch, there)
        return [
            follows(item, [unwritable], actor=MACHINE) if item.claim.stream == culprit else outcome
            for item, outcome in zip(batch, good, strict=True)
        ]

    for _ in range(house.settings.attempts):
        advance(house, stages={Stage.UNDERSTAND: understands_one_badly})
        clock.forward(seconds=31)

    for receipt in receipts:
        bad = case_of(house, receipt.reference).id == culprit
        assert ("understood" in kinds(house, receipt.reference)) is not bad
        assert ("work_parked" in kinds(house, receipt.reference)) is bad
    with house.database.reading() as store:
        [parked] = [one for one in store.work.waiting() if one.parked_because]
        assert (parked.stream, parked.attempts) == (culprit, house.settings.attempts)
        assert store.verify_all() == []


def test_a_database_that_stays_away_in_the_middle_of_work_parks_nothing(house: House, clock: Clock) -> None:
    receipt = by_form(house)

    def cut_off(batch: Sequence[Item], there: House) -> list[Outcome]:
        raise DatabaseAway(Trouble.UNREACHABLE)

    for _ in range(2 * house.settings.attempts):
        advance(house, stages={Stage.READ: cut_off})
        clock.forward(seconds=31)
    advance(house, stages={Stage.READ: STAGES[Stage.READ]})

    assert "message_added" in kinds(house, receipt.reference)
    assert "work_parked" not in kinds(house, receipt.reference)


def test_where_the_blob_store_is_away_a_batch_is_not_tried_piece_by_piece(house: House, clock: Clock) -> None:
    """A store that hangs is given up after half a minute: 15 tries of 8 pieces would outlast a worker's time limit."""
    receipts = [by_form(house, f"Bericht {n} over mijn voorruit") for n in range(8)]
    sizes: list[int] = []

    def cut_off(batch: Sequence[Item], there: House) -> list[Outcome]:
        sizes.append(len(batch))
        raise BlobsAway("it hangs")

    assert advance(house, stages={Stage.READ: cut_off}) == 8

    assert sizes == [8, 4, 4]
    with house.database.reading() as store:
        assert [one.attempts for one in store.work.waiting() if one.stage == Stage.READ] == [1] * 8
    clock.forward(seconds=31)
    advance(house, stages={Stage.READ: STAGES[Stage.READ]})
    assert all("message_added" in kinds(house, receipt.reference) for receipt in receipts)


def test_one_file_that_cannot_be_read_holds_up_its_own_message_alone(house: House) -> None:
    receipts = [by_form(house, f"Bericht {n} over mijn voorruit") for n in range(8)]
    bad = case_of(house, receipts[5].reference).id

    def reads_all_but_one(batch: Sequence[Item], there: House) -> list[Outcome]:
        if any(received(item).case_id == bad for item in batch):
            raise BlobsAway("input/output error")
        return STAGES[Stage.READ](batch, there)

    advance(house, stages={Stage.READ: reads_all_but_one})

    read = ["message_added" in kinds(house, receipt.reference) for receipt in receipts]
    assert read == [case_of(house, receipt.reference).id != bad for receipt in receipts]


@pytest.mark.skipif("not config.getoption('--database') == 'postgresql'", reason="SQLite has one writer")
def test_parking_in_a_batch_with_photos_never_waits_in_a_circle_with_who_adds_a_photo_to_that_case(
    house: House, clock: Clock
) -> None:
    receipts = [by_form(house, files=[("ruit.jpg", photo(n))]) for n in range(3)]
    good, bad, last = (case_of(house, receipt.reference) for receipt in receipts)
    for _ in range(house.settings.attempts - 1):
        advance(house, stages={Stage.READ: all_but(bad.id, last.id)})
        clock.forward(seconds=31)
    parking = threading.Thread(target=advance, args=(house,), kwargs={"stages": {Stage.READ: all_but(bad.id)}})

    with house.database.writing() as store:
        store.hold(bad.id)
        parking.start()
        until_somebody_waits(house)
        store.likeness.add_photos([PhotoHash("f", bad.id, bad.reference, "b" * 64, "p" * 64, ())])
    parking.join()

    assert [len(case_of(house, case.reference).parked) for case in (good, bad, last)] == [0, 1, 0]
    with house.database.reading() as store:
        assert {one.case_id for one in store.likeness.photos_since(0)} == {good.id, bad.id, last.id}
        assert store.verify_all() == []


def all_but(*case_ids: str) -> Work:
    def reads(batch: Sequence[Item], house: House) -> list[Outcome]:
        if any(received(item).case_id in case_ids for item in batch):
            raise ValueError
        return STAGES[Stage.READ](batch, house)

    return reads


def until_somebody_waits(house: House) -> None:
    asked = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(500):
        with house.database.reading() as store:
            if store._connection.exec_driver_sql(asked).first():
                return
        threading.Event().wait(0.02)
    raise AssertionError("nobody waits")


def test_one_death_after_long_trouble_of_others_parks_nothing(house: House, clock: Clock) -> None:
    """Attempts that a part's absence cost say nothing of whether the work kills whoever takes it up."""
    receipt = by_form(house)

    def cut_off(batch: Sequence[Item], there: House) -> list[Outcome]:
        raise BlobsAway("it is away")

    for _ in range(house.settings.attempts + 2):
        advance(house, stages={Stage.READ: cut_off})
        clock.forward(seconds=31)
    with house.database.writing() as store:
        [claim] = store.work.claim([Stage.READ], limit=1, now=clock(), lease=timedelta(seconds=30))
    clock.forward(seconds=31)  # whoever held it has vanished
    advance(house, stages={Stage.READ: STAGES[Stage.READ]})

    assert claim.attempts == house.settings.attempts + 3
    assert "message_added" in kinds(house, receipt.reference)
    assert "work_parked" not in kinds(house, receipt.reference)
