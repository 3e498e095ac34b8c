"""The second wall: on PostgreSQL, whoever reads for a person sees only that person's lines of business."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from store_builders import NOW, on, opened, said, understood
from test_store_side import MESSAGE

from cases.events import Understood
from cases.store import dialect
from cases.store.database import Database
from cases.store.links import Link
from cases.store.store import Store

pytestmark = on("postgresql")


@pytest.fixture
def filled(database: Database) -> Database:
    event, actor = understood()
    assert isinstance(event, Understood)
    with database.writing() as store:
        for number, line in enumerate(["general", "travel", 'odd, "line"']):
            case_id = f"case-{number}"
            read = replace(event, line_of_business=line)
            store.append(case_id, [opened(f"C-{number}"), said(), (read, actor)], at=NOW)
            store.links.add(Link(f"link-{number}", case_id, "customer", "case", NOW + timedelta(days=1)))
            store.messages.add(replace(MESSAGE, id=f"message-{number}", idempotency_key=None, case_id=case_id))
        store.messages.add(replace(MESSAGE, id="message-9", idempotency_key=None))
    return database


def all_of(store: Store, table: str) -> list[str]:
    return [row[0] for row in store._connection.execute(text(f"SELECT id FROM {table} ORDER BY id"))]


def test_the_role_of_these_tests_is_nobody_special(database: Database) -> None:
    with database.reading() as store:
        row = store._connection.execute(text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = user"))
        assert row.scalar_one() is False


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        (None, ["case-0", "case-1", "case-2"]),
        (["general"], ["case-0"]),
        (["general", "travel"], ["case-0", "case-1"]),
        (['odd, "line"', "unheard"], ["case-2"]),
        (["{general}"], []),
        ([], []),
    ],
)
def test_a_query_without_any_condition_shows_only_those_lines(
    filled: Database, lines: Collection[str] | None, seen: list[str]
) -> None:
    with filled.reading(lines) as store:
        assert all_of(store, "cases") == seen
        assert all_of(store, "links") == [case_id.replace("case", "link") for case_id in seen]
        messages = [case_id.replace("case", "message") for case_id in seen]
        assert all_of(store, "messages") == (messages if lines is not None else [*messages, "message-9"])


def test_a_transaction_after_one_that_was_walled_in_sees_everything_again(filled: Database) -> None:
    for _ in range(3):
        with filled.reading(["travel"]) as store:
            assert len(all_of(store, "cases")) == 1
        with filled.reading() as store:
            assert len(all_of(store, "cases")) == 3
        with filled.writing() as store:
            assert len(all_of(store, "cases")) == 3


def test_a_case_of_a_foreign_line_cannot_be_found_by_its_reference(filled: Database) -> None:
    with filled.reading(["general"]) as store:
        assert store.queue.line("C-0") is not None
        assert store.queue.line("C-1") is None
        assert store.links.get("link-1") is None


def test_nothing_is_written_behind_the_wall(filled: Database) -> None:
    with filled.writing() as store:
        dialect.see_only(store._connection, ["general"])
        assert store._connection.execute(text("UPDATE cases SET subject = 'x' WHERE id = 'case-1'")).rowcount == 0
        with pytest.raises(DBAPIError, match="row-level security"):
            store._connection.execute(text("UPDATE cases SET line_of_business = 'travel' WHERE id = 'case-0'"))
