"""Events and databases for the tests of the store."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cases.events import CaseOpened, Event, MessageAdded, StepDecided, Understood, Written
from cases.facts import Fact, MessageSpan
from cases.store.database import Database, Due, Follow, Keys
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Scope, Step, Why

__all__ = [
    "CUSTOMER", "HANDLER", "KEYS", "LEASE", "MACHINE", "NOW", "decided", "follow", "open_database", "opened", "said",
    "understood",
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


def open_database(file: Path, follow: Follow = follow) -> Database:
    return Database(f"sqlite:///{file}", keys=KEYS, follow=follow)


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
