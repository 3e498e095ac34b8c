"""What reading returns: a value and the exact characters it was read from."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A normalised value and where it stands; `message[start:end] == text` always. Certainty lies in 0..1."""

    kind: str
    value: str
    text: str
    start: int
    end: int
    certainty: float


def found_at(message: str, span: tuple[int, int], *, kind: str, value: str, certainty: float) -> Found:
    start, end = span
    return Found(kind, value, message[start:end], start, end, certainty)


def without_overlap(found: Iterable[Found]) -> list[Found]:
    """In reading order; of overlapping finds the earliest stays, of those the longest, then the surest."""
    kept: list[Found] = []
    for candidate in sorted(found, key=lambda one: (one.start, -one.end, -one.certainty)):
        if not kept or candidate.start >= kept[-1].end:
            kept.append(candidate)
    return kept
