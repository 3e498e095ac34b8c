"""Whether advice is still judged, or only agreed with: evidence that people change it less often than they say.

A journey states the share `rate` of advice that people change when they judge for themselves. Against "at least that
share is changed" a bet on half of it is laid: the wealth after each decision is the likelihood of half the rate over
that of the rate. Whenever at least the stated share is changed it ever reaches 1 / level with a chance of at most level
(Ville), however often somebody looks.

Source: Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting (2024).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

LEVEL = 0.05
POWER = 0.8
MOST = 4_000  # decisions that the power is worked out for


@dataclass(frozen=True, slots=True)
class Watched:
    """n decisions of which k changed the advice. evidence: the wealth now, peak: its largest; alarm: it reached
    1 / level.
    """

    n: int
    k: int
    evidence: float
    peak: float
    alarm: bool


def watch(changed: Iterable[bool], rate: float, *, level: float = LEVEL) -> Watched:
    """Read decisions in their order, each by whether it changed the advice. rate: in (0, 1)."""
    up, down = _steps(rate)
    n = k = 0
    wealth = peak = 0.0
    for one in changed:
        n, k = n + 1, k + one
        wealth += up if one else down
        peak = max(peak, wealth)
    return Watched(n, k, math.exp(min(wealth, 700)), math.exp(min(peak, 700)), peak >= -math.log(level))


def power(n: int, rate: float, true: float, *, level: float = LEVEL) -> float:
    """The chance that n decisions raise the alarm when a share `true` of the advice is changed. Exact to 4,000."""
    found = _found(rate, true, level)
    return float(found[min(n, MOST)])


def needed(rate: float, *, wanted: float = POWER, level: float = LEVEL) -> int | None:
    """After how many decisions half the stated rate is found with that chance; None when 4,000 are not enough."""
    enough = np.flatnonzero(_found(rate, rate / 2, level) >= wanted)
    return int(enough[0]) if len(enough) else None


def more_often_agreed(shown: tuple[int, int], blind: tuple[int, int]) -> float:
    """Chance of at least this difference if seeing advice changed nothing: one-sided, exact (Fisher).

    shown, blind: agreements and decisions, with the advice seen and not. 1.0 without decisions on both sides.
    """
    agreed, n = shown
    alone, m = blind
    if not n or not m:
        return 1.0
    return float(stats.hypergeom.sf(agreed - 1, n + m, agreed + alone, n))


def _steps(rate: float) -> tuple[float, float]:
    """What the logarithm of the wealth gains by a change, and by an agreement."""
    if not 0 < rate < 1:
        raise ValueError(f"the stated rate is {rate}; it must lie between 0 and 1")
    return math.log(0.5), math.log((1 - rate / 2) / (1 - rate))


@lru_cache(maxsize=64)
def _found(rate: float, true: float, level: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """By the number of decisions, the chance that the alarm was raised by then; by recursion over the changes."""
    up, down = _steps(rate)
    bar = -math.log(level)
    counts = np.arange(MOST + 1)
    alive = np.zeros(MOST + 1)
    alive[0] = 1.0
    found = np.zeros(MOST + 1)
    reach = 1  # changes that are possible so far, and one more
    for n in range(1, MOST + 1):
        reach = min(n + 1, MOST + 1)
        moved = alive[:reach] * (1 - true)
        moved[1:] += alive[: reach - 1] * true
        over = counts[:reach] * up + (n - counts[:reach]) * down >= bar
        found[n] = found[n - 1] + moved[over].sum()
        moved[over] = 0.0
        alive[:reach] = moved
        if found[n] > 1 - 1e-6:  # nothing is left to happen
            found[n:] = found[n]
            break
    return found
