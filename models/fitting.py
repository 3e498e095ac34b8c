"""Fitting the text classifier: head, temperature and gate, the last two on examples their models had not seen."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from models.errors import TooFewExamples
from models.heads import Floats, Linear, choose_gate, deal, fit_linear, fit_temperature, joined_groups
from models.later import Later
from models.ngrams import FEWEST_GROUPS, Ngrams
from models.sentence import Embedder, cores
from models.text import EMBEDDING_WEIGHT, ExampleVectors, Gate, TextModel, join_features
from models.threads import one_thread

log = structlog.get_logger()

joblib = Later("joblib")
FEW = 20  # labels of the rarest class under which logistic regression takes the place of the support vector machine
_C = {"svc": 0.3, "logistic": 10.0}  # chosen by cross-validation on public training data
_GATE_C = 10.0
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
    for the same rows and seed. Raises TooFewExamples, NotConverged, ConstantPredictor.
    """
    together = joined_groups(rows.texts, rows.groups)
    known = check_labels(rows.labels, together, fewest=3)
    if embedder is not None:
        vectors = embedder.embed_many(rows.texts) if vectors is None else vectors
        outsider_vectors = embedder.embed(outsiders) if outsider_vectors is None else outsider_vectors
    else:
        vectors = outsider_vectors = None
    customers = [group or f"\x1f{i}" for i, group in enumerate(rows.groups)]
    ngrams = Ngrams.fit(rows.texts, customers)
    if embedder is None and not ngrams.width:
        raise TooFewExamples("no word occurs in five of them", mend="add examples or install the sentence embedder")
    features = join_features(ngrams.transform(rows.texts), vectors)
    kind = "logistic" if min(Counter(rows.labels).values()) < FEW else "svc"
    folds = _calibration_folds(rows.labels, together, seed)
    with one_thread():
        heads = _fit_all(kind, features, rows.labels, known, folds=folds)
        gates = None if vectors is None else _fit_all("gate", vectors, rows.labels, known, folds=folds)
        out_features = join_features(ngrams.transform(list(outsiders)), outsider_vectors)
        held = _held_out(heads, features, folds)
        truth = np.array([known.index(rows.labels[i]) for i in np.flatnonzero(folds >= 0).tolist()])
        threshold = (
            choose_gate(held.max(axis=1), _mean_best(heads, out_features))
            if gates is None
            else choose_gate(_held_out(gates, vectors, folds).max(axis=1), _mean_best(gates, outsider_vectors))
        )
    model = TextModel(
        name=name,
        labels=tuple(known),
        ngrams=ngrams,
        head=heads[-1],
        temperature=fit_temperature(held, truth),
        gate=Gate(threshold, None if gates is None else gates[-1]),
        examples=ExampleVectors() if vectors is None else ExampleVectors(tuple(rows.ids), vectors.astype(np.float16)),
        settings={
            **_settings(kind, embedder, folds, seed, len(outsiders)),
            "cross_fit_accuracy": round(float((held.argmax(axis=1) == truth).mean()), 4),
        },
        embedder=embedder,
    )
    log.info("text_model.fitted", name=name, examples=len(rows.texts), labels=len(known), head=kind)
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


def _settings(
    kind: str, embedder: Embedder | None, folds: NDArray[np.int64], seed: int, outsiders: int
) -> dict[str, Any]:
    return {
        "head": kind,
        "c": _C[kind],
        "embedder": f"{embedder.name} {embedder.version}" if embedder else None,
        "embedding_weight": EMBEDDING_WEIGHT if embedder else None,
        "note": None if embedder else "sentence embedder absent: TF-IDF only",
        "fewest_groups_per_ngram": FEWEST_GROUPS,
        "calibrated_on": f"{int((folds >= 0).sum())} of {len(folds)} examples by models without their groups",
        "out_of_scope_examples": outsiders,
        "seed": seed,
    }


def _fit_all(
    kind: str, features: Any, labels: Sequence[str], known: list[str], *, folds: NDArray[np.int64]
) -> list[Linear]:
    """One head per fold (fitted without it), then the one fitted on everything."""
    truth = np.array(labels)
    solver, c = ("logistic", _GATE_C) if kind == "gate" else (kind, _C[kind])
    every = [np.flatnonzero(folds != fold) for fold in range(int(folds.max()) + 1)] + [np.arange(len(truth))]
    jobs = cores() if len(truth) * len(known) >= _PARALLEL_FROM else 1
    if jobs == 1:
        return [fit_linear(solver, features[rows], truth[rows], known=known, c=c) for rows in every]
    fits = (joblib.delayed(fit_linear)(solver, features[rows], truth[rows], known=known, c=c) for rows in every[::-1])
    return list(joblib.Parallel(n_jobs=jobs)(fits))[::-1]  # the largest first, so that no processor waits for it


def _held_out(heads: list[Linear], features: Any, folds: NDArray[np.int64]) -> Floats:
    """Scores of each row that was ever held out, by the head that had not seen its group."""
    scores = np.empty((features.shape[0], heads[-1].coef.shape[1]), dtype=np.float32)
    for fold, head in enumerate(heads[:-1]):
        rows = np.flatnonzero(folds == fold)
        scores[rows] = head.scores(features[rows])
    return scores[folds >= 0]


def _mean_best(heads: list[Linear], features: Any) -> Floats:
    """Highest score of each text by the fold heads, averaged: comparable with held-out scores."""
    if features is None or not features.shape[0]:
        return np.zeros(0, dtype=np.float32)
    best = [head.scores(features).max(axis=1) for head in heads[:-1]]
    return np.asarray(np.mean(best, axis=0), dtype=np.float32)
