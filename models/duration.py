"""How long something takes, learned from how long it took: a range that holds for 8 of 10, or none. Pure.

Everything lies on one axis, hours of opening time since any fixed moment. A range is made as of a moment, from what
could be known then, in three steps:

1. What still goes on is not left out: without it the quick ones speak for all. Kaplan and Meier's estimate, which
   counts it for as long as it lasts, gives the time in which nearly all are over; only what began longer ago than that
   is learned from, so that of each it is known whether it took longer.
2. The older two thirds of these give the tenth and the ninetieth percentile.
3. The newer third widens or narrows both ends alike, until 8 of 10 of them lie inside: split conformal prediction,
   which holds for the next one too if it is like them, whatever the distribution.

Whether the next ones are like them is measured and not assumed: what began last is held against the range that was made
before it began (`check`). A range is told only while that share may be 8 of 10 by chance.

Sources: Kaplan & Meier, Nonparametric estimation from incomplete observations (1958); Romano, Patterson & Candès,
Conformalized quantile regression (2019).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.paired import share

Numbers = NDArray[np.float64]

COVERAGE = 0.8  # share of what begins that is to end within its range
LEAST = 60  # to learn from; and as many more to check on
MOST = 400  # the newest that are learned from: what is older says less of what comes
MOST_CHECKED = 200
_NEARLY_ALL = 0.95
_LEARN = 2 / 3
_BLOCK = 20  # checked against one range: it is made anew for each so many


@dataclass(frozen=True, slots=True)
class Span:
    """began: hours of opening time since any fixed moment. lasted: hours of opening time; None while it goes on."""

    began: float
    lasted: float | None


@dataclass(frozen=True, slots=True)
class Range:
    """In hours of opening time after the beginning. n: what it was learned from and calibrated on."""

    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Checked:
    """Of n that began last, how many ended within the range that was made before each of them began.

    low, high: of the share behind it, as models.paired.share has it: COVERAGE lies between while a range is told.
    """

    n: int
    inside: int
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Enough of them, and what was measured may be COVERAGE by chance: neither too few inside nor too many."""
        return self.n >= LEAST and self.low <= COVERAGE <= self.high


@dataclass(frozen=True, slots=True)
class Learned:
    """range: None while too few are known, or too many last too long to say when nearly all are over."""

    range: Range | None
    checked: Checked

    @property
    def is_told(self) -> bool:
        return self.range is not None and self.checked.holds


def learn(spans: Sequence[Span], *, now: float) -> Learned:
    """The range for what begins now, and how well such ranges held until now. In any order; [] is known to be few."""
    began, lasted = _ordered(spans, now)
    return Learned(_range(began, lasted, now), _check(began, lasted, now))


def _ordered(spans: Sequence[Span], now: float) -> tuple[Numbers, Numbers]:
    """By beginning; what goes on lasts for ever. What begins later is not known yet."""
    known = sorted((one for one in spans if one.began <= now), key=lambda one: one.began)
    began = np.array([one.began for one in known], float)
    lasted = np.array([np.inf if one.lasted is None else one.lasted for one in known], float)
    return began, lasted


def _range(began: Numbers, lasted: Numbers, now: float) -> Range | None:
    """As of now: what ended later went on then."""
    known = int(np.searchsorted(began, now, side="right"))
    age = now - began[:known]
    then = np.where(lasted[:known] <= age, lasted[:known], np.inf)
    # Twice as many as are learned from: what is too young for it still says how long nearly all take.
    horizon = _nearly_all(then[-2 * MOST :], age[-2 * MOST :])
    if horizon is None:
        return None
    old = then[age >= horizon][-MOST:]
    return _calibrated(np.where(old <= horizon, old, np.inf)) if len(old) >= LEAST else None


def _nearly_all(lasted: Numbers, age: Numbers) -> float | None:
    """Within how many hours nearly all are over, by Kaplan and Meier; None when that cannot be seen yet."""
    over = np.isfinite(lasted)
    ends, counts = np.unique(lasted[over], return_counts=True)
    if not len(ends):
        return None
    seen = np.sort(np.where(over, lasted, age))  # for how long each was watched
    at_risk = len(seen) - np.searchsorted(seen, ends, side="left")
    lasts = np.cumprod(1 - counts / at_risk)
    reached = np.flatnonzero(lasts <= 1 - _NEARLY_ALL + 1e-12)
    return float(ends[reached[0]]) if len(reached) else None


def _calibrated(lasted: Numbers) -> Range | None:
    """lasted: in order of beginning; infinite where it is longer than what can be told."""
    cut = int(len(lasted) * _LEARN)
    older, newer = np.sort(lasted[:cut]), lasted[cut:]
    tail = (1 - COVERAGE) / 2
    low, high = (float(older[round((cut - 1) * share)]) for share in (tail, 1 - tail))
    place = math.ceil((len(newer) + 1) * COVERAGE)
    if not math.isfinite(high) or place > len(newer):
        return None
    outside = np.sort(np.maximum(low - newer, newer - high))  # below zero: inside by so much
    wider = float(outside[place - 1])
    if not math.isfinite(wider):
        return None
    low, high = max(0.0, low - wider), high + wider
    return Range(min(low, high), max(low, high), len(lasted))


def _check(began: Numbers, lasted: Numbers, now: float) -> Checked:
    """Newest first, in blocks. Only those old enough to be known inside or outside, whether they ended or not."""
    n = inside = 0
    end = len(began)
    while end > 0 and n < MOST_CHECKED:
        start = max(0, end - _BLOCK)
        told = _range(began, lasted, float(began[start]))
        if told is not None:
            old = now - began[start:end] >= told.high
            took = lasted[start:end][old]
            n += len(took)
            inside += int(np.count_nonzero((took >= told.low) & (took <= told.high)))
        end = start
    return measured(n, inside)


def measured(n: int, inside: int) -> Checked:
    """With the interval of its share."""
    found = share(inside, n)
    return Checked(n, inside, found.low, found.high)
