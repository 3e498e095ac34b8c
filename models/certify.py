"""The auto-close guarantee: pure statistics, no model and no case.

*When a topic is certified:* of the cases that close by themselves, at most a share alpha is wrong, with confidence
1 - delta. All functions are deterministic: whatever is drawn is drawn by HMAC under the organisation's key.

Rests on: pipeline and threshold frozen under a certificate; labelled cases exchangeable with the future; blind, correct
labels; one case per customer or incident. Sources: Angelopoulos et al., Learn then Test (2021); Clopper & Pearson
(1934); Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting (2024).
"""

import csv
import hmac
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import UnreadableRow
from models.later import Later

stats = Later("scipy.stats")
RESERVE_SHARE = 0.30  # of all groups: never trained on, only certified on
TUNING_SHARE = 0.30  # of the reserve: chooses the threshold; the rest certifies
LARGEST_ALPHA = 0.20
BETS = (0.0, 0.1, 0.25, 0.5)  # as parts of alpha, equal weights
_COVERAGES = np.linspace(0.05, 1.0, 40)
_WRONG = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


# --- what is drawn, by HMAC ------------------------------------------------------------------------------------------


def uniform(key: bytes, purpose: str, name: str) -> float:
    """A number in [0, 1) that only the key's holder can foresee; another purpose gives an unrelated one."""
    message = f"{purpose}\x1f{name}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hmac.digest(key, message, "sha256")[:8], "big") / 2**64


def in_reserve(key: bytes, group: str) -> bool:
    """Whether this customer or incident is kept out of training, calibration and choice of settings (30 %)."""
    return uniform(key, "reserve", group) < RESERVE_SHARE


def is_tuning(key: bytes, group: str) -> bool:
    """Whether a group of the reserve chooses the threshold (30 %) or certifies it (70 %)."""
    return uniform(key, "tuning", group) < TUNING_SHARE


def draw_audit(key: bytes, case_id: str, share: float) -> bool:
    """Whether an auto-closed case is audited; `share` in [0, 1]. Blind to its score, the same for every caller."""
    return uniform(key, "audit", case_id) < share


# --- exact bounds ----------------------------------------------------------------------------------------------------


def clopper_pearson_upper(k: int, n: int, delta: float) -> float:
    """The one-sided upper bound, at confidence 1 - delta, on a rate of which k in n were seen; 1.0 when k = n."""
    if not 0 <= k <= n:
        raise ValueError(f"{k} errors in {n} cases is impossible; k must lie in 0..n")
    return 1.0 if k == n else float(stats.beta.ppf(1 - delta, k + 1, n - k))


def needs(alpha: float, delta: float, errors: int = 0) -> int:
    """How many cases above the threshold certify alpha exactly when `errors` of them are wrong.

    The smallest n with P(Binomial(n, alpha) <= errors) <= delta: 299 for alpha 1 %, delta 5 %, no errors.
    """
    _check_levels(alpha, delta)
    low, high = errors, errors + 1
    while stats.binom.cdf(errors, high, alpha) > delta:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if stats.binom.cdf(errors, middle, alpha) > delta else (low, middle)
    return high


def delta_prime(delta: float, topics: int) -> float:
    """The level of each topic: a journey's delta shared among its topics that may close (0 counts as 1)."""
    return delta / max(1, topics)


def attempt_delta(level: float, attempt: int) -> float:
    """The level of the `attempt`-th look (1, 2, ...): delta' / (k (k + 1)), which sums to delta' over all looks.

    level: delta', as `delta_prime` gives it.
    """
    if attempt < 1:
        raise ValueError(f"attempt {attempt} does not exist; the first look is attempt 1")
    return level / (attempt * (attempt + 1))


def _check_levels(alpha: float, delta: float) -> None:
    if not 0 < alpha <= LARGEST_ALPHA:
        raise ValueError(f"alpha is {alpha}; it must lie above 0 and not above {LARGEST_ALPHA}")
    if not 0 < delta < 1:
        raise ValueError(f"delta is {delta}; it must lie between 0 and 1")


# --- the betting test of "the rate is alpha or more" at a fixed threshold --------------------------------------------


def log_wealth(n: int, k: int, alpha: float) -> float:
    """Log of what an equal mixture of the bets has made of 1 after k wrong among n; order does not matter.

    While the rate is alpha or more the wealth is a supermartingale: it ever reaches 1/delta with probability <= delta,
    so one may look after every label.
    """
    totals = []
    for part in BETS:
        if part == 0 and k:
            continue  # this bet is ruined by its first error
        won = (n - k) * (math.log1p(-part * alpha) - math.log1p(-alpha))
        totals.append(won + (k * math.log(part) if k else 0.0))
    top = max(totals)
    return top + math.log(sum(math.exp(t - top) for t in totals)) - math.log(len(BETS))


def more_clean_labels(n: int, k: int, alpha: float, delta: float) -> int:
    """How many more correct cases above the threshold the betting test needs to reach 1/delta; 0 when it has."""
    goal = -math.log(delta)
    if log_wealth(n, k, alpha) >= goal:
        return 0
    low, high = 0, 1
    while log_wealth(n + high, k, alpha) < goal:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if log_wealth(n + middle, k, alpha) >= goal else (middle, high)
    return high


# --- thresholds ------------------------------------------------------------------------------------------------------

Scores = NDArray[np.float64]
Wrong = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Ladder:
    """Thresholds from strict to lax, and where the tuning part says to begin."""

    taus: Scores
    start: int


def _ladder(scores: Scores, wrong: Wrong, alpha: float) -> _Ladder | None:
    """Quantile thresholds at coverage 5 to 100 %; start = the most convincing one on the tuning part."""
    if not len(scores):
        return None
    taus = np.unique(np.quantile(scores, 1 - _COVERAGES, method="lower"))[::-1]
    n, k = _counts(scores, wrong, taus)
    return _Ladder(taus, int(np.argmin(stats.binom.cdf(k, n, alpha))))


def _counts(scores: Scores, wrong: Wrong, taus: Scores) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cases at or above each threshold, and the wrong ones among them."""
    above = scores[None, :] >= taus[:, None]
    return above.sum(axis=1), (above & wrong[None, :]).sum(axis=1)


def choose_tau(scores: Scores, wrong: Wrong, alpha: float) -> float | None:
    """The threshold at which the tuning part speaks most strongly against a rate of alpha; None without cases."""
    ladder = _ladder(scores, wrong, alpha)
    return None if ladder is None else float(ladder.taus[ladder.start])


def split_tuned_ltt(scores: Scores, wrong: Wrong, tuning: Wrong, *, alpha: float, delta_star: float) -> float | None:
    """The laxest threshold that fixed-sequence testing certifies at level delta_star, or None (stay off).

    `tuning` marks the cases that only choose where the sequence starts. Then P(R(tau) > alpha) <= delta_star for
    one look; use `attempt_delta` for the k-th. Source: Angelopoulos et al. (2021), split-tuned.
    """
    _check_levels(alpha, delta_star)
    ladder = _ladder(scores[tuning], wrong[tuning], alpha)
    if ladder is None:
        return None
    taus = ladder.taus[ladder.start :]
    n, k = _counts(scores[~tuning], wrong[~tuning], taus)
    passed = np.where(n > 0, stats.binom.cdf(k, n, alpha), 1.0) <= delta_star
    last = len(taus) if passed.all() else int(np.argmin(passed))
    return float(taus[last - 1]) if last else None


# --- certificates ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScoredCase:
    """One blind-labelled case of the reserve; `group` is its customer or incident ("" = a group of its own)."""

    topic: str
    score: float
    wrong: bool
    group: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What may be said of one topic.

    n: cases that count (one per group) in both parts. n_above, k: cases of the certification part at or above tau, and
    the wrong ones among them. upper: their Clopper-Pearson bound at this single threshold; only "<= alpha" is
    certified. needs: correct cases still missing above tau in the certification part (about 70 % of new ones land
    there). delta: the level this topic was tested at.
    """

    topic: str
    n: int
    tau: float | None
    k: int
    n_above: int
    upper: float
    certified: bool
    needs: int
    delta: float


def certify_once(
    rows: Iterable[ScoredCase], *, alpha: float, delta: float, key: bytes, m: int | None = None, attempt: int = 1
) -> list[Certificate]:
    """One certificate per topic by split-tuned Learn-then-Test: for a single look at a finished set of labels.

    It certifies more of a topic than `certify` does, but each look is an attempt: the k-th is tested at
    delta/m / (k (k + 1)). `needs` counts correct cases missing above tau (the tuning part's choice when none passed).
    """
    _check_levels(alpha, delta)
    by_topic = _by_topic(rows)
    level = attempt_delta(delta_prime(delta, m or len(by_topic)), attempt)
    certificates = []
    for topic, cases in sorted(by_topic.items()):
        sample = _sample(cases, key)
        tau = split_tuned_ltt(sample.scores, sample.wrong, sample.tuning, alpha=alpha, delta_star=level)
        shown = tau if tau is not None else sample.choice(alpha)
        n_above, k = sample.above(shown)
        missing = 0 if tau is not None else max(1, needs(alpha, level, k) - n_above)
        certificates.append(_certificate(topic, sample, tau=shown, missing=missing, level=level))
    return certificates


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """What a threshold would mean: the share of cases at or above it, how many of those are wrong, and the bound."""

    coverage: float
    threshold: float
    observed: float
    upper: float


def risk_coverage(rows: Iterable[ScoredCase], *, delta: float, key: bytes, points: int = 20) -> list[RiskPoint]:
    """Risk at rising coverage for the cases of one topic, on the part that certifies; [] without any. Only to look at:
    each bound holds by itself, not all of them at once.
    """
    sample = _sample(list(rows), key)
    scores, wrong = sample.scores[~sample.tuning], sample.wrong[~sample.tuning]
    if not len(scores):
        return []
    taus = np.unique(np.quantile(scores, 1 - np.linspace(1 / points, 1, points), method="lower"))[::-1]
    counts = zip(taus, *_counts(scores, wrong, taus), strict=True)
    return [
        RiskPoint(int(n) / len(scores), float(tau), int(k) / int(n), clopper_pearson_upper(int(k), int(n), delta))
        for tau, n, k in counts
    ]


def certify(
    rows: Iterable[ScoredCase],
    *,
    alpha: float,
    delta: float,
    key: bytes,
    m: int | None = None,
    taus: Mapping[str, float] | None = None,
    attempts: Mapping[str, int] | None = None,
) -> list[Certificate]:
    """One certificate per topic, by name: the betting test at level delta/m (m = enabled topics; None: those in rows).

    A topic in `taus` keeps that threshold, and may then be looked at again after every new label. For the others a
    threshold is chosen on the tuning part: store it and give it back at the next look. Choosing afresh is a new
    attempt: count it in `attempts` (the k-th choice is tested at delta/m / (k (k + 1))).
    """
    _check_levels(alpha, delta)
    by_topic = _by_topic(rows)
    shared = delta_prime(delta, m or len(by_topic))
    certificates = []
    for topic, cases in sorted(by_topic.items()):
        attempt = (attempts or {}).get(topic)
        level = shared if attempt is None else attempt_delta(shared, attempt)
        tau = (taus or {}).get(topic)
        sample = _sample(cases, key)
        tau = sample.choice(alpha) if tau is None else tau
        missing = more_clean_labels(*sample.above(tau), alpha, level)
        certificates.append(_certificate(topic, sample, tau=tau, missing=missing, level=level))
    return certificates


@dataclass(frozen=True)
class _Sample:
    """The cases of one topic that count, one per group, and which of them only choose the threshold."""

    scores: Scores
    wrong: Wrong
    tuning: Wrong

    def choice(self, alpha: float) -> float | None:
        return choose_tau(self.scores[self.tuning], self.wrong[self.tuning], alpha)

    def above(self, tau: float | None) -> tuple[int, int]:
        """Cases of the certification part at or above tau, and the wrong ones among them."""
        above = ~self.tuning & (self.scores >= (math.inf if tau is None else tau))
        return int(above.sum()), int((above & self.wrong).sum())


def _by_topic(rows: Iterable[ScoredCase]) -> dict[str, list[ScoredCase]]:
    by_topic: dict[str, list[ScoredCase]] = defaultdict(list)
    for row in rows:
        by_topic[row.topic].append(row)
    return by_topic


def _sample(cases: Sequence[ScoredCase], key: bytes) -> _Sample:
    chosen = one_per_group(cases, key)
    return _Sample(
        scores=np.array([case.score for case, _ in chosen], dtype=np.float64),
        wrong=np.array([case.wrong for case, _ in chosen], dtype=np.bool_),
        tuning=np.array([is_tuning(key, group) for _, group in chosen], dtype=np.bool_),
    )


def _certificate(topic: str, sample: _Sample, *, tau: float | None, missing: int, level: float) -> Certificate:
    n_above, k = sample.above(tau)
    return Certificate(
        topic=topic,
        n=len(sample.scores),
        tau=tau,
        k=k,
        n_above=n_above,
        upper=clopper_pearson_upper(k, n_above, level),
        certified=tau is not None and missing == 0,
        needs=missing,
        delta=level,
    )


def one_per_group(cases: Sequence[ScoredCase], key: bytes) -> list[tuple[ScoredCase, str]]:
    """One case of each group, drawn by HMAC, with the group's name; a case without group is its own group.

    The rate is per incident and the exact binomial needs independence, so a talkative customer counts once.
    """
    best: dict[str, tuple[float, ScoredCase]] = {}
    seen: dict[str, int] = defaultdict(int)
    for position, case in enumerate(cases):
        group = case.group or f"\x1f{position}"
        draw = uniform(key, "one of group", f"{case.topic}\x1f{group}\x1f{seen[group]}")
        seen[group] += 1
        if group not in best or draw < best[group][0]:
            best[group] = (draw, case)
    return [(case, group) for group, (_, case) in best.items()]


def read_scores(path: Path) -> list[ScoredCase]:
    """Cases from a CSV with the columns topic, score, wrong (0/1) and, if there is one, group."""
    name = path.name
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"topic", "score", "wrong"} - set(reader.fieldnames or ())
        if missing:
            problem = f"column {', '.join(sorted(missing))} is missing"
            raise UnreadableRow(name, 1, problem, mend="the header must read topic,score,wrong,group")
        return [_scored_case(row, name, reader.line_num) for row in reader]


def _scored_case(row: dict[str, str | None], file: str, line: int) -> ScoredCase:
    topic, wrong = (row["topic"] or "").strip(), (row["wrong"] or "").strip().casefold()
    if not topic:
        raise UnreadableRow(file, line, "the topic is empty", mend="write the topic the case was predicted as")
    if wrong not in _WRONG:
        raise UnreadableRow(file, line, f"wrong is {wrong!r}", mend="write 1 for a wrong outcome and 0 for a right one")
    try:
        score = float(row["score"] or "")
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise UnreadableRow(file, line, f"score is {row['score']!r}", mend="write a finite number such as 0.93")
    return ScoredCase(topic, score, _WRONG[wrong], (row.get("group") or "").strip())
