"""How often a certificate is wrong, in worlds whose true error is known; one JSON line per world, size and method.

    python -m benchmarks.guarantee [--trials 500] [--cases 3000] [--cases 10000]

Every trial goes through the product's own `certify` (bets, for watching) and `certify_once` (one look). `fails` is true
above the 99.9 % quantile of violations that the promised delta allows (41 in 500 at 5 %).
"""

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom

from models.certify import Certificate, ScoredCase, certify, certify_once

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
METHODS: dict[str, Callable[..., list[Certificate]]] = {"bets": certify, "one look": certify_once}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--cases", type=int, action="append", help="labelled cases per trial; may be repeated")
    chosen = parser.parse_args()
    for cases in chosen.cases or [3_000, 10_000]:
        for name in WORLDS:
            for method in METHODS:
                line = simulate(name, method, trials=chosen.trials, cases=cases)
                print(json.dumps(line), flush=True)


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
        [certificate] = METHODS[method](rows, alpha=ALPHA, delta=DELTA, key=b"simulated")
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
