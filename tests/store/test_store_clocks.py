"""The clock of a case in its row: shown and ordered by without reading what happened."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from store_builders import HANDLER, MACHINE, NOW, decided, open_database, opened, run, said, understood

from cases.case import Case
from cases.clocks import Clock, Pause, Which, clocks_of, next_clock
from cases.events import CaseErased, LetterSent, LetterWritten, RequestItem, RequestMade, Written
from cases.store.database import Database
from cases.store.queue import CaseLine
from cases.vocabulary import Actor, Effect, RequestKind, Step, View
from pipelines.journeys import SHIPPED, read_folder

TOLD = NOW + timedelta(days=30)
HOUR = timedelta(hours=1)


def pressing(case: Case) -> Clock | None:
    folder, _ = read_folder(SHIPPED / "home_repair")
    assert folder is not None
    return next_clock(clocks_of(case, folder.journey))


@pytest.fixture
def clocked(url: str) -> Iterator[Database]:
    database = open_database(url, pressing=pressing)
    yield database
    database.close()


def answered() -> list[tuple[Written, Actor]]:
    letter = LetterWritten("letter-1", "received", Effect.INFORM, "nl", "iris@example.org", "Ontvangen", "Dank u")
    return [(letter, MACHINE), (LetterSent("letter-1", "<1@example.org>", "mail"), MACHINE)]


def asked() -> list[tuple[Written, Actor]]:
    made = RequestMade((RequestItem("damage_photos", RequestKind.PHOTO),), TOLD.date())
    return [understood(), decided(Step.REQUEST_INFO, update_by=TOLD), (made, MACHINE)]


def grow(database: Database, number: int, *events: tuple[Written, Actor]) -> None:
    with database.writing() as store:
        store.append(f"case-{number}", events, at=NOW + number * HOUR)


def line(database: Database, number: int) -> CaseLine:
    with database.reading() as store:
        return store.queue.lines([f"case-{number}"])[f"case-{number}"]


def problems(database: Database) -> list[str]:
    with database.reading() as store:
        return store.verify_all()


def test_a_row_tells_when_its_clock_is_due_and_verifies(clocked: Database) -> None:
    grow(clocked, 1, opened(), said())

    clock = line(clocked, 1).pressing

    assert clock is not None
    assert clock.which is Which.FIRST_RESPONSE
    assert clock.due is not None
    assert problems(clocked) == []


def test_a_row_tells_how_much_was_left_when_its_clock_stopped_and_for_whom(clocked: Database) -> None:
    grow(clocked, 1, opened(), said(), *answered(), *asked())

    clock = line(clocked, 1).pressing

    assert clock is not None
    assert (clock.which, clock.due, clock.pause) == (Which.DECISION, None, Pause.CUSTOMER)
    assert clock.held == timedelta(hours=50)  # five working days
    assert problems(clocked) == []


def test_lists_are_in_order_of_the_clocks_and_what_stands_still_goes_by_the_promised_date(clocked: Database) -> None:
    grow(clocked, 1, opened("C-1"), said(), *answered(), *asked())
    grow(clocked, 2, opened("C-2"), said(), *answered(), decided(update_by=TOLD))
    grow(clocked, 3, opened("C-3"), said())

    with clocked.reading() as store:
        page = store.queue.page(View.ALL, who="hanna", now=NOW)

    assert [one.reference for one in page.items] == ["C-3", "C-2", "C-1"]


def test_a_row_of_before_shows_no_clock_until_something_happens_in_its_case(clocked: Database, url: str) -> None:
    older = open_database(url)
    grow(older, 1, opened(), said(), decided(update_by=TOLD))
    older.close()
    before = line(clocked, 1)

    grow(clocked, 1, *answered())

    assert before.pressing is None
    assert line(clocked, 1).pressing is not None
    assert problems(clocked) == []


def test_a_clock_is_not_shown_once_a_program_that_knows_none_has_changed_the_row(clocked: Database, url: str) -> None:
    grow(clocked, 1, opened(), said(), decided(update_by=TOLD))
    row = "version = 1, pressing_at = update_by"  # as code of the version before leaves it

    run(url, f"UPDATE cases SET {row} WHERE id = 'case-1'")

    assert line(clocked, 1).clock == "first_response"
    assert line(clocked, 1).pressing is None


def test_a_row_that_stands_in_another_place_than_its_clock_gives_it_is_found(clocked: Database, url: str) -> None:
    grow(clocked, 1, opened(), said())

    run(url, "UPDATE cases SET pressing_at = opened_at WHERE id = 'case-1'")

    assert problems(clocked) == ["case-1: its row differs from its events in pressing_at"]


def test_an_erased_case_has_no_clock_in_its_row(clocked: Database) -> None:
    grow(clocked, 1, opened(), said(), *answered(), *asked())

    grow(clocked, 1, (CaseErased("hanna", "asked"), HANDLER))

    assert (line(clocked, 1).clock, line(clocked, 1).clock_left) == (None, None)
    assert problems(clocked) == []
