"""Events and databases for the tests of the store."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, NullPool, Select, create_engine, text

from cases.events import CaseOpened, Event, MessageAdded, StepDecided, Understood, Written
from cases.facts import Fact, MessageSpan
from cases.store.database import Database, Due, Follow, Keys
from cases.store.store import Store
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Scope, Step, Why

__all__ = [
    "CUSTOMER", "HANDLER", "KEYS", "LEASE", "MACHINE", "NOW", "connected", "decided", "follow", "on", "open_database",
    "opened", "place_at", "plan_of", "run", "said", "understood",
]  # fmt: skip

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
KEYS = Keys.from_secret(b"a secret of the tests, thirty-two bytes or more")
HANDLER = Actor("person", "hanna")


def follow(event: Event, at: datetime) -> Sequence[Due]:
    """A small flow: enough to see that work comes with its event."""
    match event.kind:
        case "message_added":
            return [Due("classify")]
        case "understood":
            return [Due("decide"), Due("remind", at + timedelta(days=3))]
        case _:
            return []


def on(backend: str) -> pytest.MarkDecorator:
    """This test is about one database alone."""
    marks = [pytest.mark.postgres] if backend == "postgresql" else []
    return pytest.mark.parametrize("backend", [pytest.param(backend, marks=marks)], indirect=True)


def place_at(file: Path) -> str:
    return f"sqlite:///{file}"


def open_database(url: str, follow: Follow = follow, **more: Any) -> Database:
    return Database(url, keys=KEYS, follow=follow, **more)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """As somebody with the database in hand and none of our code, committed at the end."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def plan_of(store: Store, statement: Select[Any]) -> list[str]:
    """How it would be read. PostgreSQL reads small tables whole, so it is told what it cannot know yet."""
    connection = store._connection
    sql = str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
    if connection.dialect.name == "sqlite":
        return [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
    for way in ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin"):
        connection.execute(text(f"SET LOCAL enable_{way} = off"))
    return [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql.replace('%', '%%')}")]


def run(url: str, *statements: str) -> None:
    """Each must change something."""
    with connected(url) as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount != 0


def opened(reference: str = "C-2026-000001", sender: str = "iris@example.org") -> tuple[Written, Actor]:
    return CaseOpened(reference, "message-1", "email", sender, "Iris de Boer"), MACHINE


def said(text: str = "Er lekt water", subject: str = "Lekkage") -> tuple[Written, Actor]:
    return MessageAdded("message-1", "email", "iris@example.org", subject, text, NOW), CUSTOMER


def understood(amount: str = "120.50", topic: str = "leak") -> tuple[Written, Actor]:
    fact = Fact("amount", amount, 0.9, (MessageSpan("message-1", 0, 2),))
    event = Understood("message-1", "nl", "home", "d" * 64, topic, 0.93, Scope.IN, 0.5, "text", "1", facts=(fact,))
    return event, MACHINE


def decided(
    step: Step = Step.EXPERT, *, update_by: datetime | None = None, shadow: bool = False
) -> tuple[Written, Actor]:
    event = StepDecided(step, (Why.ROW,), "home", "d" * 64, "leak", update_by=update_by, shadow=shadow)
    return event, MACHINE
