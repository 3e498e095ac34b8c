"""Linear heads as plain arrays: fitting with checks, one temperature, the out-of-scope gate, and fair splits."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ConstantPredictor, NotConverged
from models.later import Later

sparse, csgraph = Later("scipy.sparse"), Later("scipy.sparse.csgraph")
optimize, special = Later("scipy.optimize"), Later("scipy.special")
linear_model, svm = Later("sklearn.linear_model"), Later("sklearn.svm")
Floats = NDArray[np.float32]
_MAX_ITER = {"svc": 2_000, "logistic": 3_000}
IN_SCOPE_LOST = 0.03  # share of in-scope messages the gate may turn away when no out-of-scope examples are known
_MOST_LOST = 0.05  # and the most when they are
UNSEEN = -1e3  # score of a label that was not among those a head was fitted on
_NOT_WORD = re.compile(r"\W+")


@dataclass(frozen=True)
class Linear:
    """One score per label: features @ coef + intercept; coef has shape (features, labels)."""

    coef: Floats
    intercept: Floats

    def scores(self, features: Any) -> Floats:
        """Shape (n, labels), float32; dense or sparse features of shape (n, features)."""
        return np.asarray(features @ self.coef, dtype=np.float32) + self.intercept


def fit_linear(kind: str, features: Any, labels: NDArray[np.str_], *, known: Sequence[str], c: float) -> Linear:
    """Fit "svc" (one against the rest) or "logistic"; a known label that is not in `labels` scores lowest everywhere.

    Raises NotConverged and ConstantPredictor: solvers that stop early do not always warn.
    """
    limit = _MAX_ITER[kind]
    if kind == "svc":
        head = svm.LinearSVC(C=c, max_iter=limit, random_state=0)
    else:
        head = linear_model.LogisticRegression(C=c, max_iter=limit)
    head.fit(features, labels)
    rounds = int(np.max(head.n_iter_))
    if rounds >= limit:
        raise NotConverged(kind, rounds)
    coef, intercept = head.coef_, head.intercept_
    if coef.shape[0] == 1:  # sklearn keeps only the second of two
        coef, intercept = np.vstack([-coef, coef]), np.concatenate([-intercept, intercept])
    linear = Linear(np.ascontiguousarray(coef.T, dtype=np.float32), intercept.astype(np.float32))
    predicted = linear.scores(features).argmax(axis=1)
    if len(labels) and (predicted == predicted[0]).all():
        raise ConstantPredictor(kind, str(head.classes_[predicted[0]]))
    return _widen(linear, list(head.classes_), known)


def _widen(linear: Linear, fitted: list[str], known: Sequence[str]) -> Linear:
    """The same head with a column for each known label."""
    if fitted == list(known):
        return linear
    coef = np.zeros((linear.coef.shape[0], len(known)), dtype=np.float32)
    intercept = np.full(len(known), UNSEEN, dtype=np.float32)
    where = [list(known).index(label) for label in fitted]
    coef[:, where], intercept[where] = linear.coef, linear.intercept
    return Linear(coef, intercept)


def fit_temperature(scores: Floats, truth: NDArray[np.int64]) -> float:
    """The T for which softmax(scores / T) fits held-out truth best (label indices).

    The truth is softened to (n + 1)/(n + 2), after Platt (1999): without it a faultless hold-out would claim certainty.
    """
    possible = scores[np.arange(len(truth)), truth] > UNSEEN / 2
    scores, truth = scores[possible], truth[possible]  # what a head had never seen says nothing of its confidence
    n, labels = scores.shape
    soft = np.full(scores.shape, 1 / ((n + 2) * max(1, labels - 1)))
    soft[np.arange(n), truth] = (n + 1) / (n + 2)
    capped = np.maximum(scores, -50.0)

    def loss(log_t: float) -> float:
        return -float((soft * special.log_softmax(capped / np.exp(log_t), axis=1)).sum())

    return float(np.exp(optimize.minimize_scalar(loss, bounds=(np.log(0.02), np.log(50)), method="bounded").x))


def probabilities(scores: Floats, temperature: float) -> NDArray[np.float64]:
    """Softmax of the scores at a temperature, row by row."""
    scaled = scores.astype(np.float64) / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def scope_of(scores: Floats, labels: int) -> Floats:
    """How much each text is one of these labels: the best one's score, less the outsiders' where they have a column."""
    best: Floats = scores[:, :labels].max(axis=1)
    return best - scores[:, labels] if scores.shape[1] > labels else best


def choose_gate(inside: Floats, outside: Floats) -> float:
    """The score below which a message is out of scope, from held-out scores of messages in and out of scope.

    Without known outsiders the 3 % quantile of the insiders; with them the best balanced accuracy among thresholds
    that turn away at most 5 % of the insiders, and from there halfway down to the next outsider: insiders in words of
    their own score lower than those that were seen.
    """
    if not len(outside):
        return float(np.quantile(inside, IN_SCOPE_LOST))
    lost = np.linspace(0.0, _MOST_LOST, 21)
    thresholds = np.quantile(inside, lost)
    balanced = [(inside >= t).mean() + (outside < t).mean() for t in thresholds]
    best = thresholds[int(np.argmax(balanced))]
    below = outside[outside < best]
    return float((best + below.max()) / 2 if len(below) else best)


def normalised(text: str) -> str:
    """What makes two texts the same message: case, punctuation and spacing do not."""
    return _NOT_WORD.sub(" ", text.casefold()).strip()


def joined_groups(texts: Sequence[str], groups: Sequence[str]) -> list[str]:
    """Groups for splitting: rows of one customer ("" = alone) and rows with the same normalised text are one."""
    of_text = _numbered([normalised(text) for text in texts])
    of_group = _numbered([group or f"\x1f{i}" for i, group in enumerate(groups)]) + of_text.max(initial=-1) + 1
    width = int(of_group.max(initial=-1)) + 1
    links = sparse.coo_matrix((np.ones(len(texts)), (of_text, of_group)), shape=(width, width))
    _, component = csgraph.connected_components(links, directed=False)
    return [str(component[i]) for i in of_text]


def _numbered(names: Sequence[str]) -> NDArray[np.int64]:
    """Each name's place among the different ones, in alphabetical order; numpy would pad all to the longest."""
    place = {name: i for i, name in enumerate(sorted(set(names)))}
    return np.array([place[name] for name in names], dtype=np.int64)


def deal(labels: Sequence[str], groups: Sequence[str], folds: int, seed: int) -> NDArray[np.int64]:
    """A fold (0 .. folds-1) per row: whole groups, dealt out label by label, the last fold first.

    So a label with fewer groups than folds is never in fold 0: what is held out could have been learned.
    """
    of_label: dict[str, dict[str, None]] = defaultdict(dict)
    placed: set[str] = set()
    for label, group in zip(labels, groups, strict=True):
        if group not in placed:
            placed.add(group)
            of_label[label][group] = None
    fold_of: dict[str, int] = {}
    for label in sorted(of_label):
        members = sorted(of_label[label])
        order = np.random.default_rng([seed, len(fold_of)]).permutation(len(members))
        for turn, member in enumerate(order):
            fold_of[members[member]] = folds - 1 - turn % folds
    return np.array([fold_of[group] for group in groups], dtype=np.int64)
