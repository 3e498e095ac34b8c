"""How long lists are told to be: exactly while they are short; a long one is counted again after a minute."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event
from store_builders import NOW, on, opened

from cases.store.counting import COUNTED, STAYS_LONG, Count
from cases.store.database import Database
from cases.store.narrowing import Filters
from cases.store.rows import Base
from cases.store.views import Question
from cases.vocabulary import View

MANY = Count(COUNTED, exact=False)


@pytest.fixture
def one(database: Database) -> Database:
    with database.writing() as store:
        store.append("case-1", [opened("C-1", "c1@example.org")], at=NOW)
    return database


def copy(database: Database, copies: int) -> None:
    names = [column.name for column in Base.metadata.tables["cases"].columns]
    own = {"id": "id || '-' || n", "reference": "reference || '-' || n"}
    with database.writing() as store:
        store._connection.exec_driver_sql(
            f"INSERT INTO cases ({', '.join(names)}) "
            f"WITH RECURSIVE times (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM times WHERE n < {copies}) "
            f"SELECT {', '.join(own.get(name, name) for name in names)} FROM cases, times WHERE id = 'case-1'"
        )


def close_all_but_one(database: Database) -> None:
    with database.writing() as store:
        store._connection.exec_driver_sql("DELETE FROM cases WHERE id <> 'case-1'")


def all_cases(database: Database, now: datetime = NOW, lines: tuple[str, ...] | None = None) -> Count:
    with database.reading() as store:
        return store.queue.counts([View.ALL, View.MINE], who="hanna", now=now, lines=lines)[View.ALL]


def test_ten_thousand_cases_are_counted_exactly_and_one_more_is_not(one: Database) -> None:
    copy(one, COUNTED - 1)
    full = all_cases(one)
    with one.writing() as store:
        store.append("case-2", [opened("C-2", "c2@example.org")], at=NOW)

    assert full == Count(COUNTED, exact=True)
    assert all_cases(one) == MANY


@on("sqlite")
def test_a_long_list_that_became_short_is_told_exactly_after_a_minute(one: Database) -> None:
    copy(one, COUNTED)
    assert all_cases(one) == MANY
    close_all_but_one(one)

    assert all_cases(one, NOW + STAYS_LONG - timedelta(seconds=1)) == MANY
    assert all_cases(one, NOW + STAYS_LONG) == Count(1, exact=True)


@on("sqlite")
def test_that_one_list_is_long_says_nothing_of_the_lists_of_others(one: Database) -> None:
    copy(one, COUNTED)
    assert all_cases(one) == MANY

    assert all_cases(one, lines=("travel",)) == Count(0, exact=True)
    with one.reading() as store:
        narrowed = Question(View.ALL, "hanna", NOW, filters=Filters(channel="pigeon"))
        assert store.queue.counts_of([narrowed, Question(View.MINE, "hanna", NOW)]) == [Count(0, exact=True)] * 2


def test_a_list_and_all_counts_beside_it_are_told_alike_and_counted_once(one: Database) -> None:
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with one.reading() as store:
            page = store.queue.page(View.ALL, who="hanna", now=NOW)
            alone = len(asked)
            counts = store.queue.counts([View.ALL], who="hanna", now=NOW)
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    assert (page.total, counts[View.ALL]) == (Count(1, exact=True),) * 2
    assert len(asked) == alone
