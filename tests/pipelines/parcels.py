"""Parcels that came late, simulated in bulk: what the machine decided of each, and what people and customers did then.

What follows from a parcel is told here by its own numbers, without the engine: a planted change of the rules moves
exactly the parcels that `Parcel` says it moves.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cases import events as e
from cases.case import Case, Entry, apply
from cases.facts import Fact, MessageSpan
from cases.journey_folder import JourneyFolder
from cases.rules import FORBIDDEN_ELSE, Table, read_table
from cases.steps import next_step
from cases.store.log import Append
from cases.vocabulary import CUSTOMER, MACHINE, SYSTEM, Actor, Danger, RequestKind, Scope
from pipelines.house import House

JOURNEY, TOPIC = "complaint", "late_or_missing"
ANNA = Actor("person", "anna")
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Parcel:
    """cents: what the order cost. chosen: option a person chose afterwards, "" when nobody did."""

    number: int
    cents: int
    days_late: int
    language: str = "nl"
    channel: str = "webform"
    money_back: bool = False
    danger: bool = False
    contradicts: bool = False
    chosen: str = ""
    blind: bool = False
    reopened: bool = False

    @property
    def reference(self) -> str:
        return f"C-2026-{self.number:06d}"

    @property
    def case_id(self) -> str:
        return f"case-{self.number:06d}"

    @property
    def decision(self) -> str:
        """As reports call it: the step is the fourth event of each case here."""
        return f"{self.reference}#4"

    @property
    def asks_the_table(self) -> bool:
        return not (self.danger or self.money_back or self.contradicts) and self.days_late > 2

    def closes(self, *, up_to: int = 5_000) -> bool:
        """By R-150, while it sends again what costs at most so many cents."""
        return self.asks_the_table and self.cents <= up_to


def parcels(count: int, *, seed: int = 1) -> list[Parcel]:
    dice = random.Random(seed)
    found = []
    for number in range(1, count + 1):
        parcel = Parcel(
            number,
            cents=dice.choice((3_999, 4_000, 4_001, 5_000, 5_001, dice.randrange(500, 9_000))),
            days_late=dice.choice((0, 2, 3, 3, 4, 9)),
            language=dice.choice(("nl", "nl", "en")),
            channel=dice.choice(("webform", "email")),
            money_back=dice.random() < 0.05,
            danger=dice.random() < 0.02,
            contradicts=dice.random() < 0.03,
        )
        if dice.random() < 0.3:
            chosen = "send_again" if dice.random() < 0.9 else "ask_carrier"
            parcel = replace(parcel, chosen=chosen, blind=parcel.closes() and dice.random() < 0.8)
        found.append(parcel)
    return found


def decide(
    house: House, told: Sequence[Parcel], *, table: Table | None = None,
    noted: Callable[[e.StepDecided], e.StepDecided] = lambda step: step, asked: Sequence[str] = (),
) -> None:  # fmt: skip
    """Written through the store's own append, with the step that the journey's rules (or this table) give.

    noted: what is written of it instead. asked: what customers were asked for before.
    """
    folder = with_table(house.journeys.get(JOURNEY), table)
    for start in range(0, len(told), AT_ONCE):
        appends = [_case(house, parcel, folder, noted, asked) for parcel in told[start : start + AT_ONCE]]
        with house.database.writing() as store:
            store.append_many(appends)


def with_table(folder: JourneyFolder, table: Table | None) -> JourneyFolder:
    return folder if table is None else replace(folder, tables={**folder.tables, table.id: table})


def changed(table: Table, rows: Mapping[str, Mapping[str, Any] | None]) -> Table:
    """A version of the table with rows that say something else; None: gone."""
    said = [{**row, **(rows.get(row["id"]) or {})} for row in table.as_dict()["rows"]]
    return remade(table, rows=[row for row in said if rows.get(row["id"], {}) is not None])


def remade(table: Table, /, **keys: Any) -> Table:
    """A version of the table with other keys, and without its examples."""
    document = {**table.as_dict(), "examples": [], **keys}
    return read_table(document, file="draft", lines={}, forbidden_else=FORBIDDEN_ELSE)


def up_to(table: Table, euros: int) -> Table:
    """R-150 sends again what costs at most so much."""
    return changed(table, {"R-150": {"when": {"topic": TOPIC, "order_amount": f"<= {euros}"}}})


def _case(
    house: House, parcel: Parcel, folder: JourneyFolder, noted: Callable[[e.StepDecided], e.StepDecided],
    asked: Sequence[str],
) -> Append:  # fmt: skip
    at = house.now() - timedelta(days=parcel.number % 60)
    case, written = Case(parcel.case_id), list[tuple[e.Written, Actor]]()
    for event, actor in (*_before(parcel, folder), *_asked(asked, at)):
        written.append((event, actor))
        case = apply(case, Entry(len(written), at, actor, event))
    written.append((noted(next_step(case, folder, certificate=None, at=at)), MACHINE))
    written += _after(parcel)
    return Append(parcel.case_id, written, at, expected=0)


def _before(parcel: Parcel, folder: JourneyFolder) -> Iterator[tuple[e.Written, Actor]]:
    customer = f"klant{parcel.number}@example.org"
    yield e.CaseOpened(parcel.reference, "m", parcel.channel, customer, "", JOURNEY), SYSTEM
    span = (MessageSpan("m", 0, 4),)
    facts = [Fact("amount", str(Decimal(parcel.cents).scaleb(-2)), 0.9, span)]
    if parcel.contradicts:
        facts.append(Fact("amount", "1.00", 0.8, span))
    if parcel.money_back:
        facts.append(Fact("money_back", "GELD TERUG", 0.9, span))
    yield (
        e.Understood(
            "", parcel.language, JOURNEY, folder.digest, TOPIC, 0.93, Scope.IN, 0.4, "text/complaint", "v",
            facts=tuple(facts), dangers=(e.DangerSign(Danger.DISTRESS, "help", span[0]),) if parcel.danger else (),
        ),
        MACHINE,
    )  # fmt: skip
    order = {"order_number": "B-1", "shipped": "true", "days_late": str(parcel.days_late), "replaced": "false",
             "amount": str(Decimal(parcel.cents).scaleb(-2))}  # fmt: skip
    answer = e.RegisterAnswer("order", "sender", customer, found=True, fields=tuple(order.items()))
    yield e.Enriched((answer,)), MACHINE


def _asked(keys: Sequence[str], at: datetime) -> Iterator[tuple[e.Written, Actor]]:
    if keys:
        yield e.RequestMade(tuple(e.RequestItem(key, RequestKind.FACT) for key in keys), at.date()), ANNA


def _after(parcel: Parcel) -> Iterator[tuple[e.Written, Actor]]:
    if parcel.chosen:
        yield e.HumanDecided(parcel.chosen, ANNA.name, "as I see it", blind=parcel.blind), ANNA
    if parcel.reopened:
        yield e.CaseClosed(parcel.chosen), SYSTEM
        yield e.CaseReopened("m-2", "second_look"), CUSTOMER
