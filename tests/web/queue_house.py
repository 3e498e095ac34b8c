"""A house whose queue is filled by events alone: no model reads anything here."""

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from web_house import PASSWORD_HASH, Clock, signed_in

from cases.events import CaseOpened, DangerSign, MessageAdded, StepDecided, Understood, Written
from cases.facts import Fact, MessageSpan
from cases.journey_spec import Oversight
from cases.vocabulary import CUSTOMER, MACHINE, Actor, Danger, Role, Scope, Step, Why
from pipelines.house import House
from pipelines.journeys import Journeys, load_journeys
from pipelines.wiring import furnish
from tests.homes import HOMES, POSTGRESQL, settings

__all__ = ["BOTH", "HOUR", "PEOPLE", "add_case", "clock", "filled_house", "house", "one_house", "signed_in"]

HOUR = timedelta(hours=1)
#: Each test runs on both, wherever the others of the run do.
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
PEOPLE = (
    ("anouk", Role.EXPERT, ("motor", "general")),
    ("bram", Role.HANDLER, ("motor", "general")),
    ("noor", Role.LEAD, ("motor", "general")),
    ("sam", Role.EXPERT, ("housing",)),
    ("ada", Role.DATA_SCIENTIST, ("motor", "general")),
)
DIGEST = "d" * 64


def overseen(journeys: Journeys, spec: Oversight) -> Journeys:
    folder = journeys.get("motor_claim")
    watched = dataclasses.replace(folder, journey=folder.journey.model_copy(update={"oversight": spec}))
    return dataclasses.replace(journeys, folders={**journeys.folders, "motor_claim": watched})


def add_case(
    house: House,
    number: int,
    *more: tuple[Written, Actor],
    topic: str = "windscreen",
    amount: str = "",
    due: timedelta | None = timedelta(days=2),
    step: Step = Step.EXPERT,
    danger: bool = False,
    **read: Any,
) -> str:
    """Append a case that was read and decided upon; returns its reference. due: from now."""
    now, reference, case_id = house.now(), f"C-2026-{number:06d}", f"case-{number:06d}"
    message = f"message-{number}"
    span = MessageSpan(message, 0, 2)
    facts = (Fact("amount", amount, 0.9, (span,)),) if amount else ()
    signs = (DangerSign(Danger.INJURY, "gewond", span),) if danger else ()
    told: dict[str, Any] = {"language": "nl", "confidence": 0.93, "line_of_business": "motor", **read}
    subject, name = told.pop("subject", f"Ster in ruit {number}"), told.pop("name", f"Klant {number}")
    shadow, channel = told.pop("shadow", False), told.pop("channel", "email")
    understood = Understood(
        message, told["language"], "motor_claim", DIGEST, topic, told["confidence"], Scope.IN, 0.5, "text", "1",
        facts=facts, dangers=signs, line_of_business=told["line_of_business"],
    )  # fmt: skip
    update_by = None if due is None else now + due
    events: Sequence[tuple[Written, Actor]] = (
        (CaseOpened(reference, message, channel, f"k{number}@example.org", name), MACHINE),
        (MessageAdded(message, channel, f"k{number}@example.org", subject, "Er is schade.", now), CUSTOMER),
        (understood, MACHINE),
        (StepDecided(step, (Why.ROW,), "home", DIGEST, "leak", update_by=update_by, shadow=shadow), MACHINE),
        *more,
    )
    with house.database.writing() as store:
        store.append(case_id, events, at=now)
    return reference


@contextmanager
def filled_house(
    home: Path, *, clock: Clock | None = None, backend: str = "", blind_share: float = 0
) -> Iterator[House]:
    """backend: postgresql for a database there, whatever the others of this run live on. blind_share: of motor claims
    that are decided without advice.
    """
    chosen = settings(home, public_url="http://testserver", anonymous_per_minute=100_000)
    if backend == POSTGRESQL:
        chosen = chosen.model_copy(update={"database_url": HOMES.databases.url(home)})
    journeys = load_journeys(chosen)
    built = furnish(chosen, overseen(journeys, Oversight(blind_share=blind_share)) if blind_share else journeys)
    if clock is not None:
        built = dataclasses.replace(built, now=clock)
    with built.database.writing() as store:
        for name, role, lines in PEOPLE:
            store.people.add_user(name, (role,), PASSWORD_HASH, at=datetime.now(UTC), lines=lines)
    yield built
    built.decoder.close()
    built.database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=BOTH)
def house(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[House]:
    with filled_house(tmp_path, clock=clock, backend=request.param) as built:
        yield built


@pytest.fixture
def one_house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    with filled_house(tmp_path, clock=clock) as built:
        yield built
