"""Prepared statements store what the same statements store through SQLAlchemy, to the byte."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    LargeBinary,
    MetaData,
    Table,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from cases.store import dialect
from cases.store.columns import Cents, Moment, NaiveMoment, Words
from cases.store.prepared import Prepared

KEPT = Table(
    "kept",
    MetaData(),
    Column("name", Words(), primary_key=True),
    Column("at", Moment()),
    Column("amount", Cents()),
    Column("body", LargeBinary()),
    Column("number", BigInteger()),
    Column("share", Float()),
    Column("said", Boolean()),
    Column("words", Words()),
)
COLUMNS = tuple(column.name for column in KEPT.columns)
PREPARED = dialect.inserting(KEPT, *COLUMNS)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
ROWS = st.fixed_dictionaries({
    "name": st.just("one"),
    "at": st.none() | st.datetimes(datetime(1900, 1, 2), datetime(9999, 12, 30), timezones=ZONES),  # noqa: DTZ001  # the zone is drawn
    "amount": st.none() | st.decimals(-(10**9), 10**9, places=2),
    "body": st.none() | st.binary(max_size=40),
    "number": st.none() | st.integers(-(2**63), 2**63 - 1),
    "share": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    "said": st.none() | st.booleans(),
    "words": st.none() | st.text(st.characters(codec="utf-8")),
})  # fmt: skip


@pytest.fixture
def connection(new_url: str) -> Iterator[Connection]:
    engine = dialect.open_engine(new_url)
    with dialect.for_writing(engine).connect() as connection:
        KEPT.metadata.create_all(connection)
        connection.commit()
        yield connection
    engine.dispose()


def as_kept(connection: Connection) -> list[tuple[Any, ...]]:
    """As the driver reads it: on SQLite moments are the text that lies there."""
    rows = [tuple(row) for row in connection.execute(text("SELECT * FROM kept ORDER BY name"))]
    connection.rollback()
    return rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(row=ROWS)
def test_what_is_stored_is_what_sqlalchemy_would_store(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(insert(KEPT), row)
    usual = as_kept(connection)

    PREPARED.run(connection, row)
    alone = as_kept(connection)
    PREPARED.run_many(connection, [row, {**row, "name": "two"}])
    many = as_kept(connection)

    assert alone == usual
    assert many == [*usual, ("two", *usual[0][1:])]


def test_a_moment_without_a_zone_is_refused_here_too(connection: Connection) -> None:
    row = {**dict.fromkeys(COLUMNS), "name": "one", "at": datetime(2026, 11, 22)}  # noqa: DTZ001  # as it must not be

    with pytest.raises(NaiveMoment):
        PREPARED.run(connection, row)


def test_a_row_that_is_there_is_refused_as_it_is_by_sqlalchemy(connection: Connection) -> None:
    row = {**dict.fromkeys(COLUMNS), "name": "one"}
    PREPARED.run(connection, row)

    with pytest.raises(IntegrityError):
        PREPARED.run(connection, row)


def test_an_update_tells_how_many_rows_it_changed(connection: Connection) -> None:
    moved = Prepared(
        lambda _: (
            update(KEPT).where(KEPT.c.name == bindparam("of")).values(number=bindparam("more"), at=bindparam("when"))
        )
    )
    when = datetime(2026, 11, 22, 12, tzinfo=UTC)
    PREPARED.run(connection, {**dict.fromkeys(COLUMNS), "name": "one", "amount": Decimal("1.00")})

    changed = moved.run_many(connection, [{"of": name, "more": 7, "when": when} for name in ("one", "strange")])

    assert changed.rowcount == 1
    assert connection.execute(select(KEPT.c.number, KEPT.c.at)).all() == [(7, when)]
