"""Decided cases from before: they feed similar cases, certificates (blind ones only) and date ranges."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cases import events as e
from cases.store.log import Append
from cases.vocabulary import SYSTEM
from pipelines.house import House

BATCH = 256


class HistoryLine(BaseModel):
    """One line of the file. outcome: key of the option that was carried out; blind: decided without any advice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=200)
    received_at: datetime
    journey: str
    text: str
    photos: list[str] = []
    facts: dict[str, str] = {}
    outcome: str = Field(min_length=1)
    amount: str | None = None
    decided_at: datetime
    decided_by: str
    blind: bool
    customer: str
    topic: str | None = None
    language: str | None = None
    simulated: bool = False


class LineRefused(Exception):
    def __init__(self, line: int, field: str, what: str) -> None:
        super().__init__(f"line {line}, {field}: {what}")
        self.line, self.field = line, field


@dataclass(frozen=True, slots=True)
class Imported:
    new: int
    known: int


def read_history(path: Path, house: House) -> Iterator[HistoryLine]:
    """The lines of a JSONL file; raises LineRefused naming line, field and mend."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            if raw.strip():
                yield _line(number, raw, house)


def import_history(house: House, lines: Iterator[HistoryLine]) -> Imported:
    """Write closed cases, named as imported. The same id twice is one case."""
    new = known = 0
    batch: list[HistoryLine] = []
    for line in lines:
        batch.append(line)
        if len(batch) == BATCH:
            new, known = _sum(new, known, _import(house, batch))
            batch = []
    if batch:
        new, known = _sum(new, known, _import(house, batch))
    house.ring()
    return Imported(new, known)


def _sum(new: int, known: int, more: Imported) -> tuple[int, int]:
    return new + more.new, known + more.known


def _import(house: House, lines: list[HistoryLine]) -> Imported:
    by_id = {case_id_of(line): line for line in lines}
    with house.database.writing() as store:
        there = store.queue.lines(by_id)
        fresh = {case_id: line for case_id, line in by_id.items() if case_id not in there}
        store.append_many(
            [
                Append(
                    case_id, ((_event(line, store.open_reference(line.received_at.year), house), SYSTEM),), house.now()
                )
                for case_id, line in fresh.items()
            ]
        )
    return Imported(len(fresh), len(lines) - len(fresh))


def case_id_of(line: HistoryLine) -> str:
    """The same line gives the same case, so that an import can be repeated."""
    name = f"{line.journey}\x1f{line.id}"
    return f"case-{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def _event(line: HistoryLine, reference: str, house: House) -> e.CaseImported:
    return e.CaseImported(
        reference=reference,
        journey=line.journey,
        received_at=line.received_at,
        decided_at=line.decided_at,
        text=line.text,
        outcome=line.outcome,
        decided_by=line.decided_by,
        blind=line.blind,
        customer=line.customer,
        simulated=line.simulated,
        amount=line.amount,
        topic=line.topic,
        language=line.language,
        facts=tuple(sorted(line.facts.items())),
        photos=len(line.photos),
        line_of_business=house.journeys.get(line.journey).journey.line_of_business,
    )


def _line(number: int, raw: bytes, house: House) -> HistoryLine:
    try:
        data: Any = orjson.loads(raw)
        line = HistoryLine.model_validate(data)
    except orjson.JSONDecodeError as error:
        raise LineRefused(number, "the line", f"is not JSON ({error}); write one object a line") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise LineRefused(number, ".".join(map(str, first["loc"])) or "the line", first["msg"]) from error
    if line.journey not in house.journeys.folders:
        known = ", ".join(house.journeys.names())
        raise LineRefused(number, "journey", f"there is no {line.journey!r}; choose one of: {known}")
    folder = house.journeys.get(line.journey)
    if line.outcome not in folder.journey.options:
        known = ", ".join(folder.journey.options)
        raise LineRefused(number, "outcome", f"there is no option {line.outcome!r}; choose one of: {known}")
    for moment in ("received_at", "decided_at"):
        if getattr(line, moment).tzinfo is None:
            raise LineRefused(number, moment, "has no time zone; add one, for example +01:00 or Z")
    return line
