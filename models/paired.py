"""Two readers of the same cases held against each other: shares with their intervals, and who is right more often.

Sources: Clopper & Pearson, The use of confidence or fiducial limits (1934); McNemar, Note on the sampling error of the
difference between correlated proportions (1947), in its exact form.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb

from models.later import Later

stats = Later("scipy.stats")
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """k of n. low, high: of the share behind it, with CONFIDENCE, for trials that do not hang together."""

    k: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """None of none."""
        return self.k / self.n if self.n else None


def share(k: int, n: int) -> Share:
    """With its Clopper-Pearson interval; (0, 1) of none. Raises ValueError unless 0 <= k <= n."""
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no share; count each trial once")
    rest = (1 - CONFIDENCE) / 2
    low = float(stats.beta.ppf(rest, k, n - k + 1)) if k else 0.0
    high = float(stats.beta.ppf(1 - rest, k + 1, n - k)) if k < n else 1.0
    return Share(k, n, low, high)


@dataclass(frozen=True, slots=True)
class Paired:
    """How often both, only one, only the other and neither of two readers were right of the same cases."""

    both: int = 0
    only_one: int = 0
    only_other: int = 0
    neither: int = 0

    @property
    def n(self) -> int:
        return self.both + self.only_one + self.only_other + self.neither

    @property
    def one(self) -> Share:
        return share(self.both + self.only_one, self.n)

    @property
    def other(self) -> Share:
        return share(self.both + self.only_other, self.n)

    @property
    def p(self) -> float:
        """How likely such a difference is by chance if both are right as often: exact McNemar, two-sided."""
        differing = self.only_one + self.only_other
        tail = sum(comb(differing, k) for k in range(min(self.only_one, self.only_other) + 1))
        return float(min(1.0, 2 * tail / (1 << differing)))


def paired(right: Iterable[tuple[bool, bool]]) -> Paired:
    """right: of each case, whether the one and whether the other was."""
    counted = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for case in right:
        counted[case] += 1
    return Paired(*counted.values())
