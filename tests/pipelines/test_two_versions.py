"""A worker of the previous version of the events' language beside a new one: none is parked, none misread."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from cases import events as e
from cases.store.database import Database
from cases.store.work import Waiting
from cases.vocabulary import Actor
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.recent import RecentStreams
from pipelines.runner import advance, drain
from pipelines.stages import STAGES
from pipelines.stages.work import Item, Outcome
from pipelines.wiring import _follow
from tests.pipelines.given import Clock, by_form, case_of, kinds, until_quiet

ADA = Actor("person", "ada")
LEASE = timedelta(seconds=30)


@pytest.fixture
def newer(house: House) -> Iterator[House]:
    """The same home, opened by a program in whose language notes have a new form."""
    database = Database(
        house.settings.database, keys=house.keys, follow=_follow,
        language=e.LANGUAGE + 1, since=lambda kind: e.LANGUAGE + 1 if kind == "note_added" else e.since(kind),
    )  # fmt: skip
    yield replace(house, database=database, recent=RecentStreams())
    database.close()


def read_only(house: House) -> None:
    """Messages are read, and their cases wait to be understood."""
    while advance(house, stages={Stage.READ: STAGES[Stage.READ]}):
        pass


def waiting(house: House, stream: str) -> list[Waiting]:
    with house.database.reading() as store:
        return store.work.waiting(stream)


def a_kind_we_do_not_know(house: House, stream: str) -> None:
    """As a newer program would have written it, but without a word about who may do the work of the stream."""
    with create_engine(house.settings.database).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO events (stream, seq, kind, schema, at, actor, body, salt, digest, chain) "
                "SELECT stream, seq + 1, 'weather_seen', 1, at, actor, '{}', salt, digest, chain "
                "FROM events WHERE stream = :stream ORDER BY seq DESC LIMIT 1"
            ),
            {"stream": stream},
        )
        connection.execute(
            text("UPDATE streams SET last_seq = last_seq + 1 WHERE stream = :stream"), {"stream": stream}
        )


def test_a_case_that_a_newer_program_wrote_to_is_left_to_newer_workers_and_all_others_are_decided(
    house: House, newer: House, clock: Clock
) -> None:
    receipts = [by_form(house, f"Bericht {n} over mijn voorruit") for n in range(4)]
    read_only(house)
    theirs = case_of(house, receipts[1].reference)
    with newer.database.writing() as store:
        store.append(theirs.id, [(e.NoteAdded("in a new form", "ada"), ADA)], at=clock())

    until_rest(house, clock)
    for receipt in receipts:
        assert ("step_decided" in kinds(house, receipt.reference)) is (receipt is not receipts[1])
    [left] = waiting(house, theirs.id)
    assert (left.stage, left.attempts, left.parked_because) == ("understand", 0, None)

    until_quiet(newer, clock)
    assert kinds(newer, receipts[1].reference).count("step_decided") == 1
    assert "work_parked" not in kinds(newer, receipts[1].reference)
    with newer.database.reading() as store:
        assert store.work.waiting() == []
        assert store.verify_all() == []


def until_rest(house: House, clock: Clock) -> None:
    """Again and again over ten minutes: whatever is retried, charged or parked would have been by then."""
    for _ in range(20):
        drain(house)
        clock.forward(seconds=30)


def test_an_event_of_a_kind_that_we_do_not_know_is_never_decided_on_nor_packaged_nor_parked(
    house: House, clock: Clock
) -> None:
    receipts = [by_form(house, f"Bericht {n} over mijn voorruit") for n in range(4)]
    read_only(house)
    strange = case_of(house, receipts[2].reference)
    a_kind_we_do_not_know(house, strange.id)
    seen: list[str] = []

    def watched(stage: Stage) -> None:
        real = STAGES[stage]

        def work(batch: list[Item], there: House) -> list[Outcome]:
            seen.extend(item.claim.stream for item in batch)
            return real(batch, there)

        stages[stage] = work

    stages = dict(STAGES)
    for stage in Stage:
        watched(stage)
    for _ in range(20):
        while advance(house, stages=stages):
            pass
        clock.forward(seconds=30)

    assert strange.id not in seen
    [left] = waiting(house, strange.id)
    assert (left.stage, left.attempts, left.parked_because) == ("understand", 0, None)
    for receipt in (receipts[0], receipts[1], receipts[3]):
        assert kinds(house, receipt.reference).count("step_decided") == 1


def test_a_newer_worker_died_over_it_and_still_an_older_one_does_not_park_it(
    house: House, newer: House, clock: Clock
) -> None:
    receipt = by_form(house)
    read_only(house)
    case = case_of(house, receipt.reference)
    for _ in range(house.settings.attempts + 2):
        with newer.database.writing() as store:
            store.work.claim([Stage.UNDERSTAND], limit=1, now=clock(), lease=LEASE)
        clock.time += LEASE
    a_kind_we_do_not_know(house, case.id)

    until_rest(house, clock)

    [left] = waiting(house, case.id)
    assert left.parked_because is None
    assert "work_parked" not in kinds(house, receipt.reference)
