"""Challenger against champion on the same held-out messages: pure statistics, no model and no case.

The unit is the customer, since messages of one are alike: whole groups are drawn again and again (paired bootstrap),
and the interval is that of the difference in accuracy. Source: Efron & Tibshirani, An Introduction to the Bootstrap.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FEWEST_GROUPS = 30  # customers under which nothing is decided
FEWEST_MOVED = 6  # customers for whom the two differ; 6 of 6 one way come by chance in 1 of 64 cases
RESAMPLES = 2_000
_OUTER = (2.5, 97.5)  # per cent
_AT_ONCE = 2_000_000  # drawn groups held in memory
Verdict = Literal["better", "worse", "no_better"]
Sums = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slice:
    """One value of a protected property, for example language nl. low, high: of the difference in accuracy."""

    name: str
    value: str
    n: int
    groups: int
    champion: float
    challenger: float
    low: float
    high: float
    worse: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """champion, challenger: shares right of the n messages. low, high: 95 % interval of challenger minus champion."""

    n: int
    groups: int
    champion: float
    challenger: float
    low: float
    high: float
    slices: tuple[Slice, ...]
    verdict: Verdict
    because: str


def compare(
    champion_right: Sequence[bool],
    challenger_right: Sequence[bool],
    groups: Sequence[str],
    slices: Mapping[str, Sequence[str]],
    *,
    seed: int = 0,
) -> Comparison:
    """Whether the challenger is better on the whole, and worse on no slice, beyond what chance explains.

    Parallel sequences over messages; `slices` holds for each property its value at every message ("" = not known, not
    looked at). Raises ValueError when their lengths differ. Deterministic for a seed.
    """
    lengths = {len(champion_right), len(challenger_right), len(groups), *map(len, slices.values())}
    if len(lengths) != 1:
        raise ValueError(f"the sequences have lengths {sorted(lengths)}; give one value a message in each")
    old, new = np.asarray(champion_right, dtype=float), np.asarray(challenger_right, dtype=float)
    _, of_group = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    low, high, moved = _interval(new - old, of_group, seed)
    found = tuple(_slices(old, new, of_group, slices, seed))
    n_groups = int(of_group.max(initial=-1)) + 1
    verdict, because = _verdict(n_groups, moved, (low, high), [one for one in found if one.worse])
    return Comparison(len(old), n_groups, _share(old), _share(new), low, high, found, verdict, because)


def _verdict(groups: int, moved: int, interval: tuple[float, float], worse: Sequence[Slice]) -> tuple[Verdict, str]:
    low, high = interval
    if groups < FEWEST_GROUPS:
        return "no_better", f"{groups} held-out customers are too few to tell; {FEWEST_GROUPS} are needed"
    if worse:
        return "worse", f"worse on {', '.join(f'{one.name} {one.value}' for one in worse)}"
    if high < 0 and moved >= FEWEST_MOVED:
        return "worse", "worse on the whole"
    if low > 0 and moved >= FEWEST_MOVED:
        return "better", "better on the whole and worse on no slice"
    return "no_better", "what it does better can be chance"


def _slices(
    old: Sums, new: Sums, of_group: NDArray[np.int64], slices: Mapping[str, Sequence[str]], seed: int
) -> Iterable[Slice]:
    for name, values in slices.items():
        column = np.asarray(values, dtype=str)
        for value in sorted(set(values) - {""}):
            here = column == value
            _, inside = np.unique(of_group[here], return_inverse=True)
            low, high, moved = _interval(new[here] - old[here], inside, seed)
            yield Slice(
                name, value, int(here.sum()), int(inside.max(initial=-1)) + 1, _share(old[here]), _share(new[here]),
                low, high, worse=high < 0 and moved >= FEWEST_MOVED,
            )  # fmt: skip


def _interval(difference: Sums, of_group: NDArray[np.int64], seed: int) -> tuple[float, float, int]:
    """95 % interval of the mean difference over redrawn groups, and how many groups differ at all."""
    if not len(difference):
        return 0.0, 0.0, 0
    sums, sizes = np.bincount(of_group, weights=difference), np.bincount(of_group).astype(float)
    dice, means, n = np.random.default_rng(seed), [], len(sums)
    for rounds in _portions(max(1, _AT_ONCE // n)):
        drawn = dice.integers(0, n, size=(rounds, n))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    low, high = np.percentile(np.concatenate(means), _OUTER)
    return round(float(low), 6), round(float(high), 6), int(np.count_nonzero(sums))


def _portions(most: int) -> Iterable[int]:
    whole, rest = divmod(RESAMPLES, most)
    return [most] * whole + ([rest] if rest else [])


def _share(right: Sums) -> float:
    return round(float(right.mean()), 6) if len(right) else 0.0
