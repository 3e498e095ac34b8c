"""What narrows a list tells nothing that its rows hide, and today ends where the organisation is."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from store_builders import HANDLER, MACHINE, NOW, decided, open_database, opened, run, said, understood

from cases.events import CaseClosed, HumanDecided, Written
from cases.store.database import Database
from cases.store.narrowing import Band, Filters
from cases.store.queue import Question
from cases.vocabulary import Actor, Step, View

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def add(database: Database, number: int, *more: tuple[Written, Actor]) -> None:
    with database.writing() as store:
        store.append(f"case-{number}", [opened(f"C-{number}"), said(), understood(), *more], at=NOW)


def found(database: Database, **filters: Band) -> list[str]:
    """By the list, its count and a search, which all say the same."""
    narrowed = Filters(**filters)
    with database.reading() as store:
        page = store.queue.page(View.ALL, who="hanna", now=NOW, filters=narrowed)
        searched = store.queue.page(View.ALL, who="hanna", now=NOW, filters=narrowed, q="lekkage")
        assert store.queue.count(Question(View.ALL, "hanna", NOW, filters=narrowed)).value == len(page.items)
    references = [line.reference for line in page.items]
    assert sorted(line.reference for line in searched.items) == references
    return references


def test_a_case_drawn_for_a_judgement_without_advice_is_in_no_band_until_it_is_decided(url: str) -> None:
    database = open_database(url, drawn=lambda case: case.reference in ("C-1", "C-2", "C-4"))
    decision = (HumanDecided("pay", "hanna", "covered"), HANDLER), (CaseClosed("pay"), MACHINE)
    add(database, 1, decided())
    add(database, 2, decided(), *decision)
    add(database, 3, decided())
    add(database, 4, decided(Step.REQUEST_INFO))  # no person judges it now

    told = found(database, band=Band.HIGH)

    assert told == ["C-2", "C-3", "C-4"]
    assert found(database) == ["C-1", "C-2", "C-3", "C-4"]
    with database.reading() as store:
        assert store.verify_all() == []
    database.close()


def test_a_row_that_does_not_say_whether_it_is_drawn_counts_as_drawn(database: Database, url: str) -> None:
    add(database, 1, decided())
    add(database, 2, decided())

    run(url, "UPDATE cases SET drawn = NULL WHERE id = 'case-1'")  # as code of before 0013 leaves it

    assert found(database, band=Band.HIGH) == ["C-2"]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 3, 28, 23, 30, tzinfo=AMSTERDAM), ["C-0"]),
        (datetime(2026, 3, 29, 0, 30, tzinfo=AMSTERDAM), ["C-0", "C-1", "C-2"]),  # the clocks skip an hour: 23 hours
        (datetime(2026, 3, 29, 23, 59, tzinfo=AMSTERDAM), ["C-0", "C-1", "C-2"]),
        (datetime(2026, 3, 30, 0, 0, tzinfo=AMSTERDAM), ["C-0", "C-1", "C-2", "C-3"]),
        (datetime(2026, 10, 25, 23, 0, tzinfo=AMSTERDAM), ["C-0", "C-1", "C-2", "C-3", "C-4"]),  # 25 hours
        (datetime(2026, 10, 25, 22, 59, tzinfo=ZoneInfo("UTC")), ["C-0", "C-1", "C-2", "C-3", "C-4", "C-5"]),
    ],
)
def test_today_ends_at_midnight_where_the_organisation_is(database: Database, now: datetime, due: list[str]) -> None:
    moments = (
        "2026-03-28T22:59:59+00:00",
        "2026-03-28T23:00:00+00:00",  # midnight in Amsterdam
        "2026-03-29T21:59:59+00:00",
        "2026-03-29T22:00:00+00:00",
        "2026-10-25T22:59:59+00:00",
        "2026-10-25T23:00:00+00:00",
    )
    for number, moment in enumerate(moments):
        add(database, number, decided(update_by=datetime.fromisoformat(moment)))

    with database.reading() as store:
        page = store.queue.page(View.DUE_TODAY, who="hanna", now=now)
        counts = store.queue.counts([View.DUE_TODAY, View.ALL], who="hanna", now=now)

    assert [line.reference for line in page.items] == due
    assert counts[View.DUE_TODAY].value == len(due)
