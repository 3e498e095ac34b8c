"""Simulated past cases for the demo: composed from written building blocks, always named as simulated.

They let the demo show similar cases and a certificate. What a certificate on them says about real customers is nothing.
"""

import csv
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from configs.settings import HERE
from pipelines.history import HistoryLine
from pipelines.journeys import Journeys
from pipelines.yaml_lines import read_yaml

BLOCKS = HERE / "demo" / "simulated.yaml"
REGISTERS = HERE / "demo" / "registers"
DECIDED_BY = "simulation"
FIRST = datetime(2024, 7, 1, 8, 0, tzinfo=UTC)
LAST = datetime(2026, 6, 30, tzinfo=UTC)  # every case was decided before this moment
LONGEST = timedelta(days=9)  # from receipt to decision
_DUTCH_SHARE = 0.6
_DETAIL_SHARE = 0.85


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FactsFrom(_Part):
    """One column of those rows of a register that read as `where` says, as a fact of the case."""

    source: str
    column: str
    fact: str
    where: Mapping[str, str]


class TopicBlocks(_Part):
    """How the past cases of one topic are made; what the keys mean stands at the top of simulated.yaml."""

    lines: int = Field(ge=1)
    blind: int = Field(ge=0)
    wrong: int = Field(default=0, ge=0)
    photos: int = 0
    outcomes: Mapping[str, int]
    otherwise: tuple[str, ...] = ()
    amount: tuple[int, int] | None = None
    facts_from: FactsFrom | None = None
    what: Mapping[str, tuple[str, ...]]
    detail: Mapping[str, tuple[str, ...]] = {}


class Blocks(_Part):
    openings: Mapping[str, tuple[str, ...]]
    closings: Mapping[str, tuple[str, ...]]
    journeys: Mapping[str, Mapping[str, TopicBlocks]]


class NoSuchEntry(Exception):
    def __init__(self, wanted: FactsFrom) -> None:
        super().__init__(f"no row of register {wanted.source!r} reads {dict(wanted.where)}; mend simulated.yaml")


def read_blocks(path: Path = BLOCKS) -> Blocks:
    return Blocks.model_validate(read_yaml(path, name=path.name).data)


def simulated_history(journeys: Journeys, *, seed: int, registers: Path = REGISTERS) -> Iterator[HistoryLine]:
    """Closed cases of the shipped journeys in use, one customer a case; the same seed gives the same lines.

    Raises NoSuchEntry when the registers know nobody that a closing row would serve.
    """
    blocks = read_blocks()
    for journey in (name for name in blocks.journeys if name in journeys.folders):
        for topic in blocks.journeys[journey]:
            chance = random.Random(f"{seed}/{journey}/{topic}")  # noqa: S311  # a simulation, not a secret
            yield from _lines(journey, topic, blocks=blocks, chance=chance, registers=registers)


def _lines(
    journey: str, topic: str, *, blocks: Blocks, chance: random.Random, registers: Path
) -> Iterator[HistoryLine]:
    spec = blocks.journeys[journey][topic]
    entries = _entries(spec.facts_from, registers) if spec.facts_from else []
    outcomes = _outcomes(spec, chance)
    blind = set(chance.sample(range(spec.lines), spec.blind))
    wrong = set(chance.sample(sorted(blind), spec.wrong))
    for number, outcome in enumerate(outcomes):
        language = "nl" if chance.random() < _DUTCH_SHARE else "en"
        received = FIRST + (LAST - LONGEST - FIRST) * chance.random()
        name = f"{topic}-{number + 1:04}"
        yield HistoryLine(
            id=f"simulated-{name}",
            received_at=received.replace(microsecond=0),
            journey=journey,
            text=_text(spec, blocks, language, chance),
            photos=[f"{name}-{i + 1}.jpg" for i in range(spec.photos)],
            facts={spec.facts_from.fact: chance.choice(entries)} if spec.facts_from else {},
            outcome=chance.choice(spec.otherwise) if number in wrong else outcome,
            amount=f"{chance.uniform(*spec.amount):.2f}" if spec.amount else None,
            decided_at=(received + LONGEST * chance.uniform(0.02, 1)).replace(microsecond=0),
            decided_by=DECIDED_BY,
            blind=number in blind,
            customer=f"{name}@{journey.replace('_', '-')}.simulated.example",
            topic=topic,
            language=language,
            simulated=True,
        )


def _outcomes(spec: TopicBlocks, chance: random.Random) -> list[str]:
    """As many as lines, in the proportions asked for, each outcome at least once."""
    whole = sum(spec.outcomes.values())
    outcomes = [key for key, weight in spec.outcomes.items() for _ in range(max(1, round(spec.lines * weight / whole)))]
    usual = max(spec.outcomes, key=lambda key: spec.outcomes[key])
    outcomes = (outcomes + [usual] * spec.lines)[: spec.lines]
    chance.shuffle(outcomes)
    return outcomes


def _text(spec: TopicBlocks, blocks: Blocks, language: str, chance: random.Random) -> str:
    detail = spec.detail.get(language, ())
    parts = [
        chance.choice(blocks.openings[language]),
        chance.choice(spec.what[language]),
        chance.choice(detail) if detail and chance.random() < _DETAIL_SHARE else "",
        chance.choice(blocks.closings[language]),
    ]
    between = chance.choice((" ", "\n"))
    return between.join(part for part in parts if part)


def _entries(wanted: FactsFrom, registers: Path) -> list[str]:
    """Numbers as a message's facts are kept: upper case, and plates without their dashes."""
    with (registers / f"{wanted.source}.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row[key] == value for key, value in wanted.where.items())]
    if not rows:
        raise NoSuchEntry(wanted)
    values = [row[wanted.column].upper() for row in rows]
    return [value.replace("-", "") if wanted.fact == "licence_plate" else value for value in values]
