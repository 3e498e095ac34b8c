"""What a text model is worth on labelled messages, with every figure defined."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.examples import Examples
from models.labels import alike
from models.later import Later
from models.text import Prediction, TextModel

metrics = Later("sklearn.metrics")
ALPHAS = (0.005, 0.01, 0.02, 0.05, 0.1)
COVERAGES = (0.3, 0.4, 0.5, 0.7, 0.9)
_BINS = 15


@dataclass(frozen=True)
class Report:
    """Figures over the n in-scope rows; what is out of scope counts in `oos_auroc` only.

    accuracy: share of rows whose label was predicted, whatever the gate said; a label the model does not know is wrong.
    macro_f1: mean F1 over the labels that occur in the rows. ece: expected calibration error, 15 equal-width bins of
    confidence. oos_auroc: chance that an in-scope row gets a higher scope score than an out-of-scope one; None without
    either. coverage_at[alpha]: largest share of rows, surest first, of which at most alpha is wrong (an observed
    share, not a guarantee). accuracy_at_coverage[c]: accuracy of the surest ceil(c n) rows. per_class: n, precision,
    recall, f1 of each label in the rows.
    """

    name: str
    version: str
    n: int
    accuracy: float
    macro_f1: float
    ece: float
    oos_auroc: float | None
    coverage_at: dict[str, float]
    accuracy_at_coverage: dict[str, float]
    per_class: dict[str, dict[str, float]]
    unknown_labels: tuple[str, ...] = ()
    method: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data; without `oos_auroc` when nothing was out of scope."""
        plain = asdict(self) | {"unknown_labels": list(self.unknown_labels)}
        return plain if self.oos_auroc is not None else {k: v for k, v in plain.items() if k != "oos_auroc"}

    def __str__(self) -> str:
        return json.dumps(self.as_json(), ensure_ascii=False)


def evaluate_text(model: TextModel, examples: Examples) -> Report:
    """Measure on any labelled file, in the model's spelling of its labels (`Card-lost` is its `card_lost`).

    Labels that the model does not know are named in the report and counted wrong.
    """
    inside = model.predict(examples.texts)
    outside = model.predict(examples.outsiders)
    spelled = alike(examples.labels, model.labels)
    return report(
        inside,
        [spelled[label] for label in examples.labels],
        outside,
        name=model.name,
        version=model.digest[:12],
        known=model.labels,
        method="evaluated on the given file",
    )


def report(
    inside: Sequence[Prediction],
    labels: Sequence[str],
    outside: Sequence[Prediction],
    *,
    name: str,
    version: str,
    known: Sequence[str],
    method: str,
) -> Report:
    """The figures of predictions against labels; all zero when there is no in-scope row."""
    right = np.array([p.label == label for p, label in zip(inside, labels, strict=True)], dtype=bool)
    confidence = np.array([p.confidence for p in inside], dtype=np.float64)
    per_class = _per_class([p.label for p in inside], labels)
    return Report(
        name=name,
        version=version,
        n=len(labels),
        accuracy=_share(right),
        macro_f1=round(float(np.mean([c["f1"] for c in per_class.values()])), 6) if per_class else 0.0,
        ece=expected_calibration_error(confidence, right),
        oos_auroc=_auroc(inside, outside),
        coverage_at={str(alpha): coverage_at(confidence, right, alpha) for alpha in ALPHAS},
        accuracy_at_coverage={str(c): _accuracy_at(confidence, right, c) for c in COVERAGES},
        per_class=per_class,
        unknown_labels=tuple(sorted(set(labels) - set(known))),
        method=method,
    )


def expected_calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean distance between confidence and accuracy over 15 bins, weighted by rows; in [0, 1]. Guo et al. (2017)."""
    if not len(right):
        return 0.0
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=confidence, minlength=_BINS) - np.bincount(bins, weights=right, minlength=_BINS)
    return round(float(np.abs(gaps).sum() / len(right)), 6)


def coverage_at(confidence: NDArray[np.float64], right: NDArray[np.bool_], alpha: float) -> float:
    """Largest share of rows at or above some confidence of which at most alpha is wrong; rows that tie go together."""
    if not len(right):
        return 0.0
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order]) / np.arange(1, len(right) + 1)
    is_cut = np.append(np.diff(confidence[order]) != 0, True)
    allowed = np.flatnonzero(is_cut & (wrong <= alpha))
    return round(float((allowed[-1] + 1) / len(right)), 6) if len(allowed) else 0.0


def _accuracy_at(confidence: NDArray[np.float64], right: NDArray[np.bool_], coverage: float) -> float:
    surest = np.argsort(-confidence, kind="stable")[: int(np.ceil(coverage * len(right)))]
    return _share(right[surest])


def _share(right: NDArray[np.bool_]) -> float:
    return round(float(right.mean()), 6) if len(right) else 0.0


def _auroc(inside: Sequence[Prediction], outside: Sequence[Prediction]) -> float | None:
    if not inside or not outside:
        return None
    scores = [p.scope_score for p in (*inside, *outside)]
    return round(float(metrics.roc_auc_score([1] * len(inside) + [0] * len(outside), scores)), 6)


def _per_class(predicted: Sequence[str], labels: Sequence[str]) -> dict[str, dict[str, float]]:
    truth, guess = np.array(labels, dtype=str), np.array(predicted, dtype=str)
    figures = {}
    for label in sorted(set(labels)):
        n, said = int((truth == label).sum()), int((guess == label).sum())
        hit = int(((truth == label) & (guess == label)).sum())
        precision, recall = hit / said if said else 0.0, hit / n
        figures[label] = {
            "n": n,
            "precision": round(precision, 6),
            "recall": round(recall, 6),
            "f1": round(2 * hit / (n + said), 6),
        }
    return figures
