"""How often a certificate is wrong, in worlds whose true error is known; one JSON line per world, size and method.

    python -m benchmarks.guarantee [--trials 500] [--cases 3000] [--cases 10000] [--audits 6000]

Every trial goes through the product's own `certify` (bets, for watching) and `certify_once` (one look). `fails` is true
above the 99.9 % quantile of violations that the promised delta allows (41 in 500 at 5 %). Then the audits: false alarms
of the e-process at exactly alpha, through `draw_audit` and `observe_audit`, and the detector's delays. The baseline in
the same run is the threshold at which a validation set shows 1 % of errors.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom

from models.audit import FACTORS, Control, control, false_alarms, fresh, median_delay, observe_audit
from models.certify import Certificate, ScoredCase, certify, certify_once, draw_audit

ALPHA, DELTA = 0.01, 0.05
_A, _B = 4.0, 1.6  # scores ~ Beta(4, 1.6)
_GRID = np.linspace(0, 1, 200_001)

Rate = Callable[[NDArray[np.float64]], NDArray[np.float64]]
WORLDS: dict[str, Rate] = {
    "clean": lambda s: 2 * np.exp(-9 * s) + 0.0005,
    "clean with a bad top": lambda s: 2 * np.exp(-9 * s) + 0.0005 + 0.02 * (s > 0.97),
    "noisy": lambda s: 0.8 * np.exp(-5.2 * s) + 0.001,
    "noisy with a bad top": lambda s: 0.8 * np.exp(-5.6 * s) + 0.001 + 0.03 * (s > 0.96),
    "worst case": lambda s: np.full_like(s, 0.01001),
}
KEY = b"simulated"
SHARE = 0.5  # of closed cases that is audited


def at_one_percent(rows: Sequence[ScoredCase], *, alpha: float, **_: object) -> list[Certificate]:
    """What is often done: the laxest threshold at which the labelled cases show alpha of errors, or fewer."""
    ranked = sorted(rows, key=lambda row: -row.score)
    wrong = np.cumsum([row.wrong for row in ranked])
    fits = np.flatnonzero(wrong <= alpha * np.arange(1, len(ranked) + 1))
    if not len(fits):
        return [Certificate("topic", len(rows), None, 0, 0, 1.0, certified=False, needs=0, delta=DELTA)]
    last = int(fits[-1])
    tau = ranked[last].score
    return [Certificate("topic", len(rows), tau, int(wrong[last]), last + 1, 1.0, certified=True, needs=0, delta=DELTA)]


METHODS: dict[str, Callable[..., list[Certificate]]] = {
    "bets": certify, "one look": certify_once, "baseline: threshold at 1 % error on validation": at_one_percent,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--cases", type=int, action="append", help="labelled cases per trial; may be repeated")
    parser.add_argument("--audits", type=int, default=6_000, help="closed cases that are audited in a trial")
    chosen = parser.parse_args()
    for cases in chosen.cases or [3_000, 10_000]:
        for name in WORLDS:
            for method in METHODS:
                line = simulate(name, method, trials=chosen.trials, cases=cases)
                print(json.dumps(line), flush=True)
    print(json.dumps(false_breaks(trials=chosen.trials, audits=chosen.audits)), flush=True)
    for line in delays():
        print(json.dumps(line), flush=True)


def false_breaks(*, trials: int, audits: int) -> dict[str, Any]:
    """How often the e-process calls a guarantee broken that holds exactly: every audited case errs with alpha."""
    started, rng = time.process_time(), np.random.default_rng(0)
    broken = sum(_breaks(rng, trial, audits) for trial in range(trials))
    return {
        "what": "e-process at exactly alpha",
        "trials": trials,
        "audits": audits,
        "alpha": ALPHA,
        "delta": DELTA,
        "false_alarms": round(broken / trials, 4),
        "fails": broken > int(binom.ppf(0.999, trials, DELTA)),
        "cpu_seconds": round(time.process_time() - started, 1),
    }


def _breaks(rng: np.random.Generator, trial: int, audits: int) -> bool:
    state, number = fresh(ALPHA), 0
    while state.audits < audits:
        number += 1
        if not draw_audit(KEY, f"{trial}-{number}", SHARE):
            continue
        state = observe_audit(state, bool(rng.random() < ALPHA))
        if control(state, delta_prime=DELTA, limit=float("inf")) is Control.BROKEN:
            return True
    return False


def delays() -> Iterator[dict[str, Any]]:
    """Audits until the detector finds a rise, in the median, for its two limits."""
    for limit in (2_000.0, 20_000.0):
        yield {
            "what": "detector",
            "limit": limit,
            "alpha": ALPHA,
            "median_delay": {f"{factor} x": median_delay(ALPHA, factor, limit) for factor in FACTORS},
            "false_alarms_in_1500_audits_at_0.6_alpha": round(false_alarms(ALPHA, limit), 4),
        }


def simulate(name: str, method: str, *, trials: int, cases: int) -> dict[str, Any]:
    """Violations = certificates whose true error above the threshold exceeds alpha."""
    rate = WORLDS[name]
    rng = np.random.default_rng(0)
    started = time.process_time()
    violations, certified, coverage = 0, 0, 0.0
    for trial in range(trials):
        scores = rng.beta(_A, _B, cases)
        wrong = rng.random(cases) < np.minimum(1, rate(scores))
        rows = [
            ScoredCase("topic", float(s), bool(e), f"{trial}-{i}")
            for i, (s, e) in enumerate(zip(scores, wrong, strict=True))
        ]
        [certificate] = METHODS[method](rows, alpha=ALPHA, delta=DELTA, key=KEY)
        if certificate.certified and certificate.tau is not None:
            certified += 1
            coverage += float(beta.sf(certificate.tau, _A, _B))
            violations += true_error(rate, certificate.tau) > ALPHA
    return {
        "world": name,
        "method": method,
        "cases": cases,
        "trials": trials,
        "alpha": ALPHA,
        "delta": DELTA,
        "violations": violations,
        "fails": violations > int(binom.ppf(0.999, trials, DELTA)),
        "certified": certified,
        "mean_coverage": round(coverage / trials, 4),
        "cpu_seconds": round(time.process_time() - started, 1),
    }


def true_error(rate: Rate, tau: float) -> float:
    """P(wrong | score >= tau), by integration over the known density."""
    above = _GRID[tau <= _GRID]
    density = beta.pdf(above, _A, _B)
    return float((np.minimum(1, rate(above)) * density).sum() / density.sum())


if __name__ == "__main__":
    main()
