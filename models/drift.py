"""Whether what comes in has changed: a recent window of cases held against the first ones a model read. Pure.

Every p-value is exact at any size if nothing has changed: the cases of both windows are then exchangeable, whatever
their distribution. Shares are held by Fisher's test, scores and photos by Kolmogorov and Smirnov's (exact; ties make it
cautious), meaning by the same along a direction that other cases chose, topics by permutation with a sequential stop.

One alarm in error is paid for by a budget a year: Bonferroni over measures and daily looks, valid however much the
looks overlap. With many cases trifles become certain, so an alarm also asks for a difference that matters (`FLOORS`).

Sources: Besag & Clifford, Sequential Monte Carlo p-values (1991); Hodges, The significance probability of the Smirnov
two-sample test (1958); Phipson & Smyth, Permutation p-values should never be zero (2010).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from models.later import Later

stats = Later("scipy.stats")
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Embedded = NDArray[np.float32]


class Measure(StrEnum):
    """What is watched; each is a test of its own."""

    TOPICS = auto()
    SCORES = auto()
    OUT_OF_SCOPE = auto()
    MEANING = auto()
    PHOTO_LIGHT = auto()
    PHOTO_SHARPNESS = auto()
    PHOTO_UNUSABLE = auto()


BUDGET = 0.05  # chance of any alarm in error within a year, over all measures of one journey
LOOKS = 366  # a year: one a day
LEVEL = BUDGET / (LOOKS * len(Measure))  # of a single test
LEAST = 50  # cases (or photos) in each window; under that nothing is said
MOST_REFERENCE, MOST_RECENT = 500, 300
#: Differences that matter: total variation of topics, Kolmogorov distance, difference of shares, and for meaning the
#: distance of the means in units of how far a message lies from its mean.
FLOORS = {
    Measure.TOPICS: 0.10,
    Measure.SCORES: 0.10,
    Measure.OUT_OF_SCOPE: 0.05,
    Measure.MEANING: 0.10,
    Measure.PHOTO_LIGHT: 0.10,
    Measure.PHOTO_SHARPNESS: 0.10,
    Measure.PHOTO_UNUSABLE: 0.05,
}
_ENOUGH = 20  # permutations as extreme as what was seen: then it is plainly nothing
_BATCH = 500
_NONE: Numbers = np.zeros(0)


@dataclass(frozen=True)
class Window:
    """What was read of some cases, independent of each other: at most one case a customer, one photo a case.

    topics and scores (0..1) of those in scope; outside, one flag a case; meaning, one embedding a case, (n, d);
    light 0..255 and sharpness in grey levels squared of usable photos; unusable, one flag a photo.
    """

    topics: tuple[str, ...] = ()
    scores: Numbers = field(default_factory=_NONE.copy)
    outside: Flags = field(default_factory=lambda: np.zeros(0, bool))
    meaning: Embedded = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    light: Numbers = field(default_factory=_NONE.copy)
    sharpness: Numbers = field(default_factory=_NONE.copy)
    unusable: Flags = field(default_factory=lambda: np.zeros(0, bool))


@dataclass(frozen=True, slots=True)
class Finding:
    """One measure at one look.

    value: the difference, in the unit of `FLOORS`; usual: what chance alone gives on average at these sizes; p: chance
    of at least this difference if nothing changed. All three are None under `LEAST`; needs: cases still missing then.
    """

    measure: Measure
    reference_n: int
    recent_n: int
    level: float
    value: float | None = None
    usual: float | None = None
    p: float | None = None
    needs: int = 0

    @property
    def drifts(self) -> bool:
        """Certain enough for the budget, and large enough to matter."""
        if self.value is None or self.p is None:
            return False
        return self.p <= self.level and self.value >= FLOORS[self.measure]


def sizes(n: int) -> tuple[int, int]:
    """How many of n cases in order of arrival are the reference (the first) and how many the recent ones (the last)."""
    reference = min(MOST_REFERENCE, n // 2)
    return reference, min(MOST_RECENT, n - reference)


def compare(reference: Window, recent: Window, *, seed: int, level: float = LEVEL) -> list[Finding]:
    """One finding a measure, in their order. The same windows and seed give the same findings."""
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    random = np.random.default_rng(seed)
    findings = []
    for measure, name in _FIELDS.items():
        a, b = getattr(reference, name), getattr(recent, name)
        needs = max(0, LEAST - len(a)) + max(0, LEAST - len(b))
        nothing = Finding(measure, len(a), len(b), level, needs=needs)
        if needs:
            findings.append(nothing)
            continue
        found = _test(measure, a, b, level, random)
        findings.append(replace(nothing, value=found.value, usual=found.usual, p=min(1.0, found.p)))
    return findings


_FIELDS = {
    Measure.TOPICS: "topics",
    Measure.SCORES: "scores",
    Measure.OUT_OF_SCOPE: "outside",
    Measure.MEANING: "meaning",
    Measure.PHOTO_LIGHT: "light",
    Measure.PHOTO_SHARPNESS: "sharpness",
    Measure.PHOTO_UNUSABLE: "unusable",
}


@dataclass(frozen=True, slots=True)
class _Test:
    value: float
    usual: float
    p: float


def _test(measure: Measure, a: Any, b: Any, level: float, random: np.random.Generator) -> _Test:
    match measure:
        case Measure.TOPICS:
            return _of_topics(a, b, level, random)
        case Measure.MEANING:
            return _of_means(a, b)
        case Measure.OUT_OF_SCOPE | Measure.PHOTO_UNUSABLE:
            return _of_shares(a, b)
        case Measure.SCORES | Measure.PHOTO_LIGHT | Measure.PHOTO_SHARPNESS:
            return _of_numbers(a, b)
        case _:
            assert_never(measure)


def _spread(n: int, m: int) -> float:
    return math.sqrt(1 / n + 1 / m)


def _of_numbers(a: Numbers, b: Numbers) -> _Test:
    found = stats.ks_2samp(a, b, method="exact")
    mean_of_kolmogorov = math.sqrt(math.pi / 2) * math.log(2)
    return _Test(float(found.statistic), mean_of_kolmogorov * _spread(len(a), len(b)), float(found.pvalue))


def _of_shares(a: Flags, b: Flags) -> _Test:
    k, n, j, m = int(a.sum()), len(a), int(b.sum()), len(b)
    pooled = (k + j) / (n + m)
    usual = math.sqrt(2 / math.pi * pooled * (1 - pooled)) * _spread(n, m)
    p = stats.fisher_exact([[k, n - k], [j, m - j]]).pvalue
    return _Test(abs(k / n - j / m), usual, float(p))


def _of_topics(a: Sequence[str], b: Sequence[str], level: float, random: np.random.Generator) -> _Test:
    """Statistic: chi-square of both windows' topics; drawn anew by dealing all of them out again."""
    names, found = np.unique(np.array([*a, *b]), return_inverse=True)
    every = np.bincount(found, minlength=len(names))
    n, m = len(a), len(b)

    def apart(recent: NDArray[np.int64]) -> Numbers:
        difference = (every - recent) / n - recent / m
        return np.asarray(difference)

    seen = apart(np.bincount(found[n:], minlength=len(names)))

    def draw(times: int) -> tuple[Numbers, Numbers]:
        dealt = apart(random.multivariate_hypergeometric(every, m, size=times))
        return (dealt**2 / every).sum(axis=1), np.abs(dealt).sum(axis=1) / 2

    p, usual = _by_chance(float((seen**2 / every).sum()), draw, level)
    return _Test(float(np.abs(seen).sum() / 2), usual, p)


def _of_means(a: Embedded, b: Embedded) -> _Test:
    """How far apart the means lie. Every second case chooses a direction, in which the others are compared.

    So the test is exact whatever the vectors are, and needs no permutations; it pays with half of the cases.
    """
    together = np.concatenate([a, b]).astype(np.float64)
    unit = math.sqrt(float(((together - together.mean(axis=0)) ** 2).sum()) / len(together)) or 1.0
    direction = b[::2].mean(axis=0) - a[::2].mean(axis=0)
    p = _of_numbers(a[1::2] @ direction, b[1::2] @ direction).p
    apart = float(np.linalg.norm(b.mean(axis=0) - a.mean(axis=0))) / unit
    return _Test(apart, _spread(len(a), len(b)), p)


def _by_chance(seen: float, draw: Callable[[int], tuple[Numbers, Numbers]], level: float) -> tuple[float, float]:
    """Chance of such a statistic by permutation, and the mean difference among the permutations.

    draw(times) gives the statistic and the difference of that many permutations. It stops at the 20th that is as
    extreme (p is 20 / drawn), else after 1 / level of them (p is (extreme + 1) / (drawn + 1)): exact both ways.
    """
    most = math.ceil(1 / level)
    drawn, extreme, total = 0, 0, 0.0
    almost = seen * (1 - 1e-6)  # the same deal summed in another order is as extreme
    while drawn < most:
        statistics, differences = draw(min(_BATCH, most - drawn))
        hits = np.flatnonzero(statistics >= almost)
        total += float(differences.sum())
        if extreme + len(hits) >= _ENOUGH:
            stopped = drawn + int(hits[_ENOUGH - extreme - 1]) + 1
            return _ENOUGH / stopped, total / (drawn + len(differences))
        extreme += len(hits)
        drawn += len(differences)
    return (extreme + 1) / (drawn + 1), total / drawn
