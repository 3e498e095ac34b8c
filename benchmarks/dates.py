"""Ranges told to customers, held against what then happened, in simulated histories; one JSON line a world and method.

    python -m benchmarks.dates [--histories 40]

In each history a range is made every ten working days, from what is known on that day, and held against the cases that
begin until the next one. coverage: of all these cases, the share that ended within the range (aim: 0.8). told: share of
the cases at whose beginning a range was told at all; coverage_told: among those, what a customer lives through.
fails: less than 0.75 of what was told held, or more than 0.85. Beside ours what is often done: the tenth and ninetieth
percentile of all closed cases, and their mean with 1.28 standard deviations to either side.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.duration import COVERAGE, LEAST, Span, learn

Numbers = NDArray[np.float64]
Told = tuple[float, float] | None
DAY = 10.0  # hours of opening time
A_DAY = 4  # cases
DAYS, FIRST, EVERY = 480, 120, 10  # two years; the first range is made after so many working days
_AT = DAYS / 2 * DAY  # when a world changes

#: How many times as long a case takes that begins at these hours.
WORLDS: dict[str, Callable[[Numbers], Numbers]] = {
    "nothing changes": np.ones_like,
    "twice as long from one day on": lambda at: np.where(at >= _AT, 2.0, 1.0),
    "half as long from one day on": lambda at: np.where(at >= _AT, 0.5, 1.0),
    "half as long again within a year": lambda at: 1 + 0.5 * np.clip((at - _AT) / (240 * DAY), 0, 1),
    "a busy season each year": lambda at: 1 + 0.6 * (np.sin(2 * np.pi * at / (250 * DAY)) > 0.7),
}


@dataclass(frozen=True, slots=True)
class History:
    """In hours of opening time."""

    began: Numbers
    took: Numbers


def ours(spans: list[Span], now: float) -> tuple[Told, bool]:
    found = learn(spans, now=now)
    return (found.range.low, found.range.high) if found.range else None, found.is_told


def percentiles(spans: list[Span], _: float) -> tuple[Told, bool]:
    closed = [one.lasted for one in spans if one.lasted is not None]
    low, high = np.quantile(closed, [0.1, 0.9])
    return (float(low), float(high)), True


def deviations(spans: list[Span], _: float) -> tuple[Told, bool]:
    closed = [one.lasted for one in spans if one.lasted is not None]
    mean, spread = float(np.mean(closed)), 1.28 * float(np.std(closed))
    return (max(0.0, mean - spread), mean + spread), True


METHODS: dict[str, Callable[[list[Span], float], tuple[Told, bool]]] = {
    "ours": ours, "peer: 10-90 % of closed cases": percentiles, "peer: mean and 1.28 deviations": deviations,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=40)
    chosen = parser.parse_args()
    for world in WORLDS:
        for method in METHODS:
            print(json.dumps(measure(world, method, histories=chosen.histories)), flush=True)


def measure(world: str, method: str, *, histories: int) -> dict[str, Any]:
    started = time.process_time()
    made = [one for seed in range(histories) for one in _looks(simulate(world, seed), METHODS[method])]
    cases = sum(n for n, _, _, _ in made)
    told = [one for one in made if one[3]]
    n_told = sum(n for n, _, _, _ in told)
    told_share = sum(inside for _, inside, _, _ in told) / n_told if n_told else None
    return {
        "world": world,
        "method": method,
        "histories": histories,
        "cases": cases,
        "aim": COVERAGE,
        "coverage": round(sum(inside for _, inside, _, _ in made) / cases, 4),
        "told": round(n_told / cases, 4),
        "coverage_told": None if told_share is None else round(told_share, 4),
        "width_days_told": round(float(np.average([w for *_, w, _ in told], weights=[n for n, *_ in told])), 2)
        if n_told
        else None,
        "fails": told_share is not None and not 0.75 <= told_share <= 0.85,
        "cpu_seconds": round(time.process_time() - started, 1),
    }


def simulate(world: str, seed: int) -> History:
    """Cases come one by one; a case takes three working days in the median, one of ten more than six."""
    random = np.random.default_rng(seed)
    began = np.cumsum(random.exponential(DAY / A_DAY, DAYS * A_DAY))
    began = began[began < DAYS * DAY]
    return History(began, random.lognormal(np.log(3 * DAY), 0.6, len(began)) * WORLDS[world](began))


def _looks(
    history: History, method: Callable[[list[Span], float], tuple[Told, bool]]
) -> Iterator[tuple[int, int, float, bool]]:
    """For each range: cases that began while it stood, how many ended within it, its width in days, whether told."""
    for day in range(FIRST, DAYS, EVERY):
        now, until = day * DAY, (day + EVERY) * DAY
        began, took = history.began[history.began <= now], history.took[history.began <= now]
        spans = [Span(float(a), float(b) if a + b <= now else None) for a, b in zip(began, took, strict=True)]
        if len(spans) < LEAST:
            continue
        told, is_told = method(spans, now)
        next_ones = history.took[(history.began > now) & (history.began <= until)]
        low, high = told or (0.0, 0.0)
        inside = int(np.count_nonzero((next_ones >= low) & (next_ones <= high))) if told else 0
        yield len(next_ones), inside, (high - low) / DAY, is_told and told is not None


if __name__ == "__main__":
    main()
