"""Watching a certificate by blind audits: evidence that its topic errs more than promised. Pure statistics.

Two readings of the same audits. The *e-process* reads them in the order in which they were drawn and answers to a
promise: while every audited case is wrong with a chance of at most alpha, it ever reaches 1/delta' with a chance of at
most delta' (Ville). The *Shiryaev-Roberts detector* reads them as their verdicts come in, never rests, and finds a
rise soon; a false alarm takes at least as many audits, on average, as its limit.

Sources: Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting (2024); Shin, Ramdas & Rinaldo,
E-detectors (2023).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.certify import LARGEST_ALPHA

BETS = (1.5, 2.0, 3.0, 5.0, 10.0, 20.0)  # times alpha, equal weights
LARGEST_BET = 0.5  # no bet on a rate above it
LIMIT = 2_000.0  # of the detector: audits to a false alarm, on average, at least
RAISED = 4.0  # at this part of the limit more is audited
FACTORS = (2, 3, 5, 10)  # rises of the error rate for which the delay is told
_RUNS, _MOST = 2_001, 20_000  # of the simulated delays
_WATCHED, _USUAL = 1_500, 0.6  # audits before the rise, and their rate in parts of alpha
Wealth = NDArray[np.float64]


class Control(StrEnum):
    """What the evidence asks for, mildest first."""

    NOTHING = auto()
    RAISE_SHARE = auto()
    SHUT = auto()  # the detector's alarm: the rate has risen
    BROKEN = auto()  # the e-process: it is not true that every rate was at most alpha


@dataclass(frozen=True, slots=True)
class AuditState:
    """Where the evidence against one certificate stands; it starts anew with each certificate.

    audits: how many the e-process has read. starts: its wealth by bet, over all starts so far. peak: the largest e
    since the beginning. detected: the detector's wealth by bet.
    """

    alpha: float
    audits: int = 0
    starts: tuple[float, ...] = ()
    peak: float = 1.0
    detected: tuple[float, ...] = ()

    @property
    def e(self) -> float:
        """The e-process: evidence that some rate was above alpha; 1.0 without any, never negative."""
        return sum(self.starts) + 1 / (self.audits + 1)

    @property
    def detector(self) -> float:
        return sum(self.detected)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one audited case. late: nobody had decided in time; it counts as wrong whatever comes later."""

    case: str
    wrong: bool
    late: bool = False


def bets(alpha: float) -> tuple[float, ...]:
    """The error rates that are bet on; ValueError for an alpha outside (0, 0.2]."""
    if not 0 < alpha <= LARGEST_ALPHA:
        raise ValueError(f"alpha is {alpha}; it must lie above 0 and not above {LARGEST_ALPHA}")
    return tuple(bet * alpha for bet in BETS if bet * alpha <= LARGEST_BET)


def fresh(alpha: float) -> AuditState:
    """Before the first audit under a certificate."""
    nothing = (0.0,) * len(bets(alpha))
    return AuditState(alpha, starts=nothing, detected=nothing)


def observe_audit(state: AuditState, wrong: bool) -> AuditState:  # noqa: FBT001  # what was observed
    """After one more audit whose verdict came in as it was drawn, with none left open before it."""
    return observe_arrived(observe_drawn(state, wrong=wrong), wrong=wrong)


def observe_drawn(state: AuditState, *, wrong: bool) -> AuditState:
    """The e-process alone, after the next audit in the order of the draws."""
    number, weight = state.audits + 1, 1 / len(state.starts)
    begun = weight / (number * (number + 1))
    factors = _factors(state.alpha, wrong=wrong)
    starts = tuple((one + begun) * factor for one, factor in zip(state.starts, factors, strict=True))
    after = replace(state, audits=number, starts=starts)
    return replace(after, peak=max(state.peak, after.e))


def observe_arrived(state: AuditState, *, wrong: bool) -> AuditState:
    """The detector alone, after the next verdict in the order in which they come in."""
    weight = 1 / len(state.detected)
    factors = _factors(state.alpha, wrong=wrong)
    return replace(
        state, detected=tuple((one + weight) * factor for one, factor in zip(state.detected, factors, strict=True))
    )


@lru_cache(maxsize=64)
def _factors(alpha: float, *, wrong: bool) -> tuple[float, ...]:
    """What each bet makes of 1 by one audit."""
    return tuple(p / alpha if wrong else (1 - p) / (1 - alpha) for p in bets(alpha))


def state_of(alpha: float, drawn: Sequence[str], verdicts: Iterable[Verdict]) -> AuditState:
    """The state after these verdicts, in the order in which they came, on the cases drawn in that order.

    The e-process reads on until a drawn case without any verdict. A case that was late stays wrong in it; the
    detector reads each person's verdict, however late, and nothing else.
    """
    state, first = fresh(alpha), dict[str, bool]()
    for verdict in verdicts:
        first.setdefault(verdict.case, verdict.wrong)
        if not verdict.late:
            state = observe_arrived(state, wrong=verdict.wrong)
    return _read_on(state, drawn, first)


def _read_on(state: AuditState, drawn: Sequence[str], verdicts: Mapping[str, bool]) -> AuditState:
    for case in drawn:
        if case not in verdicts:
            return state
        state = observe_drawn(state, wrong=verdicts[case])
    return state


def control(state: AuditState, *, delta_prime: float, limit: float = LIMIT) -> Control:
    """What the state asks for; delta_prime: the journey's delta shared among its topics."""
    if state.peak >= 1 / delta_prime:
        return Control.BROKEN
    if state.detector >= limit:
        return Control.SHUT
    return Control.RAISE_SHARE if state.detector >= limit / RAISED else Control.NOTHING


@lru_cache(maxsize=256)
def median_delay(alpha: float, factor: float, limit: float = LIMIT) -> int | None:
    """Audits until the detector finds a rise to factor times alpha, in the median; None when it takes over 20,000.

    Simulated with a fixed seed: each detector has watched a rate of 0.6 alpha for 1,500 audits without an alarm, and
    then the rate rises. Right after a certificate was issued it takes up to a third longer.
    """
    rng = np.random.default_rng(0)
    wealth, _ = _watched(rng, np.zeros((_RUNS, len(bets(alpha)))), alpha=alpha, limit=limit)
    alarmed = np.zeros(len(wealth), dtype=np.bool_)
    for number in range(1, _MOST + 1):
        wealth = _stepped(wealth, rng, alpha=alpha, rate=min(1.0, factor * alpha))
        alarmed |= wealth.sum(axis=1) >= limit
        if 2 * int(alarmed.sum()) > len(wealth):
            return number
    return None


def false_alarms(alpha: float, limit: float = LIMIT) -> float:
    """The share of detectors that sound within 1,500 audits at a rate of 0.6 alpha; simulated as above."""
    start = np.zeros((_RUNS, len(bets(alpha))))
    return _watched(np.random.default_rng(0), start, alpha=alpha, limit=limit)[1]


def _watched(rng: np.random.Generator, wealth: Wealth, *, alpha: float, limit: float) -> tuple[Wealth, float]:
    """The detectors that stayed silent while the rate was as it should be, and the share of those that did not."""
    silent = np.ones(len(wealth), dtype=np.bool_)
    for _ in range(_WATCHED):
        wealth = _stepped(wealth, rng, alpha=alpha, rate=_USUAL * alpha)
        silent &= wealth.sum(axis=1) < limit
    return wealth[silent], 1 - float(silent.mean())


def _stepped(wealth: Wealth, rng: np.random.Generator, *, alpha: float, rate: float) -> Wealth:
    """Every detector after one more audit; shape (runs, bets)."""
    right, wrong = (np.array(_factors(alpha, wrong=one)) for one in (False, True))
    seen = np.where((rng.random(len(wealth)) < rate)[:, None], wrong, right)
    after: Wealth = (wealth + 1 / wealth.shape[1]) * seen
    return after
