"""Examples that a language model is shown of a journey's topics: those that the organisation wrote for the journey.

Never cases of customers, however well they were confirmed: a prompt holds no other customer's text.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from models.examples import OUT_OF_SCOPE, read_rows
from pipelines.journeys import Journeys

CLEAR = 40  # characters: shorter ones often say what is wanted and not what is the matter
MOST = 300  # characters of one


@dataclass(frozen=True, slots=True)
class Example:
    """language: as the file says it."""

    text: str
    topic: str
    language: str


def examples_of(journeys: Journeys, journey: str) -> tuple[Example, ...]:
    """All that lie in the journey's folder, in the order of its files; () for a journey without."""
    paths = journeys.examples(journey) if journey in journeys.paths else []
    return tuple(one for path in paths for one in _read(path, path.stat().st_mtime_ns))


def one_a_topic(examples: Sequence[Example], topics: Collection[str], *, language: str) -> tuple[Example, ...]:
    """For each topic, in their order, the shortest one that is clear, in this language; nothing for one without."""
    chosen = []
    for topic in topics:
        fits = [
            one for one in examples if one.topic == topic and one.language == language and len(one.text) <= MOST
        ]  # fmt: skip
        chosen += [min(fits, key=lambda one: (len(one.text) < CLEAR, len(one.text), one.text))] if fits else []
    return tuple(chosen)


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int) -> tuple[Example, ...]:
    return tuple(
        Example(row.text, row.label, row.language or path.stem)
        for row in read_rows(path) if row.label != OUT_OF_SCOPE
    )  # fmt: skip
