"""Fitting the text classifier: head, temperature and gate, the last two on examples their models had not seen."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from models.errors import TooFewExamples
from models.heads import Floats, choose_gate, deal, fit_linear, fit_temperature, joined_groups, scope_of
from models.kernel import RIDGE, TERMS, WIDTH, Features, Head, fit_kernel
from models.later import Later
from models.ngrams import FEWEST_GROUPS, Ngrams
from models.sentence import Embedder, cores
from models.text import ExampleVectors, Gate, TextModel
from models.threads import one_thread

log = structlog.get_logger()

joblib, sparse = Later("joblib"), Later("scipy.sparse")
HEAD = 2  # raised when the same examples give another model, so that houses make their own anew
FEW = 20  # examples of the rarest label under which a model has few; words alone then take logistic regression
_C = {"svc": 0.3, "logistic": 10.0}  # of words alone; chosen by cross-validation on public training data
_MANY = 5_000  # examples from which one fold of five is enough to calibrate on
_PARALLEL_FROM = 200_000  # examples times labels


@dataclass(frozen=True)
class TrainingRows:
    """Parallel lists. `groups` names customers or incidents ("" = unknown, the row counts as its own)."""

    texts: Sequence[str]
    labels: Sequence[str]
    groups: Sequence[str]
    ids: Sequence[str]


def fit_text(
    rows: TrainingRows,
    *,
    name: str,
    embedder: Embedder | None,
    outsiders: Sequence[str] = (),
    vectors: Floats | None = None,
    outsider_vectors: Floats | None = None,
    seed: int = 0,
) -> TextModel:
    """Fit on all rows. Temperature and gate come from cross-fitting: every score they see is of an unseen group.

    `outsiders` are texts known to be out of scope. `vectors` spare embedding what was embedded before. Deterministic
    for the same rows and seed. Raises TooFewExamples, NotSolved, NotConverged, ConstantPredictor.
    """
    parts = _Parts()
    together = joined_groups(rows.texts, rows.groups)
    known = check_labels(rows.labels, together, fewest=3)
    parts.until("checking")
    vectors, outsider_vectors = _vectors(embedder, rows.texts, vectors), _vectors(embedder, outsiders, outsider_vectors)
    parts.until("embedding")
    ngrams = Ngrams.fit(rows.texts, [group or f"\x1f{i}" for i, group in enumerate(rows.groups)])
    if embedder is None and not ngrams.width:
        raise TooFewExamples("no word occurs in five of them", mend="add examples or install the sentence embedder")
    has_few = min(Counter(rows.labels).values()) < FEW
    kind = "kernel" if embedder is not None else "logistic" if has_few else "svc"
    folds = _calibration_folds(rows.labels, together, seed)
    terms, strange = ngrams.transform(rows.texts), ngrams.transform(list(outsiders))
    parts.until("features")
    with one_thread():
        if embedder is None or vectors is None or outsider_vectors is None:
            found = _by_words(kind, terms, rows.labels, known, folds=folds, strange=strange)
        else:
            vectors = np.concatenate([vectors, outsider_vectors])
            every = Features(sparse.vstack([terms, strange], format="csr"), vectors, embedder.widths)
            found = _by_kernel(every, rows.labels, known, folds=folds, strange=_outsiders_folds(outsiders, seed, folds))
    parts.until("solving")
    truth = np.searchsorted(known, rows.labels)[folds >= 0]
    model = TextModel(
        name=name,
        labels=tuple(known),
        ngrams=ngrams,
        head=found.head.terms,
        near=found.head.near,
        temperature=fit_temperature(found.held, truth),
        gate=Gate(choose_gate(found.inside, found.outside)),
        examples=ExampleVectors() if vectors is None else ExampleVectors(tuple(rows.ids), vectors.astype(np.float16)),
        settings=_settings(kind, embedder, folds, seed, len(outsiders))
        | {"few_labels": has_few, "cross_fit_accuracy": round(float((found.held.argmax(axis=1) == truth).mean()), 4)},
        embedder=embedder,
    )
    about = {"examples": len(rows.texts), "labels": len(known), "head": kind, "seconds": parts.until("calibration")}
    log.info("text_model.fitted", name=name, **about)
    return model


def check_labels(labels: Sequence[str], groups: Sequence[str], *, fewest: int) -> list[str]:
    """The labels in alphabetical order; raises TooFewExamples unless two labels have `fewest` groups each.

    A group is one customer, or one text that came in several times: those cannot stand on both sides of a split.
    """
    spread = Counter(label for label, _ in set(zip(labels, groups, strict=True)))
    if sum(n >= fewest for n in spread.values()) < 2:  # noqa: PLR2004  # a choice needs two
        found = ", ".join(f"{label}: {n}" for label, n in spread.most_common(3)) or "none"
        raise TooFewExamples(
            f"different messages per label are {found}", mend=f"give at least {fewest} of each of two labels or more"
        )
    return sorted(spread)


def _calibration_folds(labels: Sequence[str], groups: Sequence[str], seed: int) -> NDArray[np.int64]:
    """A fold per row, -1 for rows that are in every fit: five folds, of which large sets hold out only the first."""
    folds = deal(labels, groups, 5, seed)
    return np.where(folds == 0, 0, -1) if len(labels) >= _MANY else folds


def _vectors(embedder: Embedder | None, texts: Sequence[str], known: Floats | None) -> Floats | None:
    """Of the texts, unless they were computed before; None without an embedder."""
    if embedder is None:
        return None
    return embedder.whole(texts) if known is None else known


def _outsiders_folds(outsiders: Sequence[str], seed: int, folds: NDArray[np.int64]) -> NDArray[np.int64]:
    """As the rows: five folds, or only the first where only that is held out."""
    alone = [""] * len(outsiders)
    dealt = deal(alone, joined_groups(outsiders, alone), 5, seed) if alone else np.zeros(0, np.int64)
    return np.where(dealt <= folds.max(), dealt, -1)


def _settings(
    kind: str, embedder: Embedder | None, folds: NDArray[np.int64], seed: int, outsiders: int
) -> dict[str, Any]:
    return {
        "head": kind,
        **({"width": WIDTH, "terms": TERMS, "ridge": RIDGE} if embedder else {"c": _C[kind]}),
        "embedder": embedder.label if embedder else None,
        "note": None if embedder else "sentence embedder absent: TF-IDF only",
        "fewest_groups_per_ngram": FEWEST_GROUPS,
        "calibrated_on": f"{int((folds >= 0).sum())} of {len(folds)} examples by models without their groups",
        "out_of_scope_examples": outsiders,
        "seed": seed,
    }


class _Parts:
    """What the parts of a fit took, in seconds; for the log."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self._seconds: dict[str, float] = {}

    def until(self, part: str) -> dict[str, float]:
        now = time.perf_counter()
        self._seconds[part], self._last = round(now - self._last, 1), now
        return self._seconds


@dataclass(frozen=True, slots=True)
class _CrossFitted:
    """The head fitted on everything, and what heads that had not seen them say of the rows that were held out.

    held (n, labels): of rows in scope, in their order. inside, outside: scope scores of rows and of outsiders.
    """

    head: Head
    held: Floats
    inside: Floats
    outside: Floats


def _by_kernel(
    every: Features, labels: Sequence[str], known: list[str], *, folds: NDArray[np.int64], strange: NDArray[np.int64]
) -> _CrossFitted:
    """`every`: rows, then outsiders, who stand for one more label; `strange` are their folds."""
    truth = np.concatenate([np.searchsorted(known, labels), np.full(len(strange), len(known))])
    of_all = np.concatenate([folds, strange])
    heads = fit_kernel(every, truth, [*known, "out of scope"] if len(strange) else known, folds=of_all)
    scores = np.empty((len(truth), len(heads[-1].terms.intercept)), np.float32)
    for fold, head in enumerate(heads[:-1]):
        rows = np.flatnonzero(of_all == fold)
        scores[rows] = head.scores(every.take(rows))
    scope = scope_of(scores, len(known))
    n = len(labels)
    held = np.flatnonzero(folds >= 0)
    return _CrossFitted(heads[-1], scores[held, : len(known)], scope[held], scope[n:][strange >= 0])


def _by_words(
    kind: str, terms: Any, labels: Sequence[str], known: list[str], *, folds: NDArray[np.int64], strange: Any
) -> _CrossFitted:
    """Linear, without an embedder; outsiders are scored by every fold's head, and averaged."""
    truth = np.array(labels)
    every = [np.flatnonzero(folds != fold) for fold in range(int(folds.max()) + 1)] + [np.arange(len(truth))]
    jobs = cores() if len(truth) * len(known) >= _PARALLEL_FROM else 1
    if jobs == 1:
        heads = [fit_linear(kind, terms[rows], truth[rows], known=known, c=_C[kind]) for rows in every]
    else:  # the largest first, so that no processor waits for it
        fit = joblib.delayed(fit_linear)
        fits = (fit(kind, terms[rows], truth[rows], known=known, c=_C[kind]) for rows in every[::-1])
        heads = list(joblib.Parallel(n_jobs=jobs)(fits))[::-1]
    scores = np.empty((len(truth), len(known)), np.float32)
    for fold, head in enumerate(heads[:-1]):
        rows = np.flatnonzero(folds == fold)
        scores[rows] = head.scores(terms[rows])
    held = scores[folds >= 0]
    best = [head.scores(strange).max(axis=1) for head in heads[:-1]] if strange.shape[0] else [np.zeros(0, np.float32)]
    return _CrossFitted(Head(heads[-1]), held, held.max(axis=1), np.asarray(np.mean(best, axis=0), np.float32))
