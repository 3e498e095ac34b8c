"""Fitting the head of a photo model. What suits the photos at hand is chosen by grouped cross-validation on them."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import structlog
from numpy.typing import NDArray

from models.errors import ModelError, NotConverged
from models.heads import Floats, Linear, deal, fit_temperature
from models.later import Later
from models.photo_head import Head, Kernel, Parts, View, blend, log_softmax, radial, squared_distances
from models.threads import one_thread

log = structlog.get_logger()
linear_model, linalg = Later("sklearn.linear_model"), Later("scipy.linalg")
FOLDS = 4
MOST_IN_KERNEL = 3_000  # photos the kernel member knows: its cost grows with their cube
_COMPONENTS = 384  # of the rows' principal axes: the linear member is fitted along these
_MAX_ITER = 2_000
_CS = (0.3, 1.0, 3.0, 10.0)  # of the logistic regression, for rows of length about 1
_GAMMAS = (0.4, 0.8, 1.6)  # in units of one over the median squared distance
_RIDGES = (0.01, 0.03, 0.1, 0.3)
_FIRST = (0.8, 0.1)  # gamma and ridge that views are compared at
_SHARES = (1.0, 0.7, 0.5, 0.3, 0.0)
_UNSEEN = -1e3


class AlwaysTheSame(ModelError):
    def __init__(self, label: str) -> None:
        super().__init__(
            f"the photo head says {label!r} for every training photo; check that the photos of the labels differ"
            " and that no label owns nearly all of them"
        )


@dataclass(frozen=True)
class PhotoRows:
    """Photos to fit on: features (n, dim), label and group of each (a group never stands on both sides of a split)."""

    features: Floats
    labels: tuple[str, ...]
    groups: tuple[str, ...]

    def take(self, rows: NDArray[np.intp]) -> "PhotoRows":
        picked = rows.tolist()
        return PhotoRows(
            self.features[rows], tuple(self.labels[i] for i in picked), tuple(self.groups[i] for i in picked)
        )


@dataclass(frozen=True)
class Fitted:
    """A head fitted on all rows, and what heads fitted without a row's group made of that row.

    scores: (n, labels), to take a softmax of at `temperature`. likeness: (n,), as `Head.scores` gives. judged: which
    rows have a label that the head without their group knew. outsiders: likeness of photos known to be out of scope.
    chosen: how it was fitted, for the card.
    """

    head: Head
    labels: tuple[str, ...]
    scores: Floats
    likeness: Floats
    judged: NDArray[np.bool_]
    outsiders: Floats
    temperature: float
    chosen: dict[str, float]


def fit_head(rows: PhotoRows, *, parts: Parts, outsiders: Floats, seed: int = 0) -> Fitted:
    """Choose view, strengths and blend, then fit on everything. Deterministic for the same rows and seed.

    outsiders: features (m, dim) of photos out of scope. Needs two labels of two groups in each training fold.
    Raises NotConverged and AlwaysTheSame.
    """
    with one_thread():
        return _Bench(rows, parts, seed).fit(outsiders)


@dataclass(frozen=True)
class _Seen:
    """All rows in one view, (n, width), and their squared distances, (n, n)."""

    view: View
    rows: Floats
    distances: Floats

    def near(self, gamma: float) -> Floats:
        return radial(self.distances, self.width(gamma))

    def width(self, gamma: float) -> float:
        return gamma / max(float(np.median(self.distances)), 1e-6)


class _Bench:
    """What the steps of one fit share. Matrices are over all rows: a fold reads its part of them."""

    def __init__(self, rows: PhotoRows, parts: Parts, seed: int) -> None:
        self.rows, self.parts, self.seed = rows, parts, seed
        self.labels = tuple(sorted(set(rows.labels)))
        self.truth = np.array([self.labels.index(label) for label in rows.labels], dtype=np.int64)
        self.folds = deal(rows.labels, rows.groups, FOLDS, seed)
        self.kept = [np.flatnonzero(self.folds != fold) for fold in range(FOLDS)]
        self.held = [np.flatnonzero(self.folds == fold) for fold in range(FOLDS)]
        self.judged = np.zeros(len(self.truth), dtype=bool)
        for kept, held in zip(self.kept, self.held, strict=True):
            self.judged[held] = np.isin(self.truth[held], self.truth[kept])

    def fit(self, outsiders: Floats) -> Fitted:
        if (self.rows.features == self.rows.features[0]).all():
            raise AlwaysTheSame(self.labels[0])
        seen, (gamma, ridge), near = self._choose_kernel()
        c, linear = self._choose_linear(seen.rows)
        temperatures = self._temperature(linear), self._temperature(near)
        logs = log_softmax(linear, temperatures[0]), log_softmax(near, temperatures[1])
        share = min(_SHARES, key=lambda one: self._loss(blend(*logs, one)))
        scores = blend(*logs, share)
        chosen = {"c": c, "gamma": gamma, "ridge": ridge, "linear_share": share}
        chosen |= {"columns": seen.view.width, "roots": seen.view.is_rooted}
        log.info("photo_head.fitted", photos=len(self.truth), labels=len(self.labels), **chosen)
        everyone = np.arange(len(self.truth))
        kernel = self._kernel(seen, everyone, gamma, ridge)
        head = Head(seen.view, self._linear(seen.rows, c), kernel, *temperatures, share)
        self._check(head)
        strange = [self._kernel(seen, kept, gamma, ridge) for kept in self.kept] if len(outsiders) else []
        return Fitted(
            head,
            self.labels,
            scores,
            near.max(axis=1),
            self.judged,
            _mean_best(strange, seen.view.rows(outsiders)),
            self._temperature(scores),
            chosen,
        )

    def _check(self, head: Head) -> None:
        said = np.unique(head.scores(self.rows.features)[0].argmax(axis=1))
        if len(said) == 1:
            raise AlwaysTheSame(self.labels[said[0]])

    def _choose_kernel(self) -> tuple[_Seen, tuple[float, float], Floats]:
        """View, then width and ridge, by the loss of the kernel member, which is cheap to fit: one linear system."""
        views: list[tuple[float, int, _Seen]] = []
        for count, is_rooted in product(range(1, len(self.parts) + 1), (False, True)):
            view = View.fit(self.rows.features, blocks=sum(self.parts[:count], ()), is_rooted=is_rooted)
            rows = view.rows(self.rows.features)
            seen = _Seen(view, rows, squared_distances(rows, rows))
            views.append((self._loss(self._near(seen, *_FIRST)), len(views), seen))
        best = min(views, key=lambda one: one[:2])[2]
        tried: list[tuple[float, int, tuple[float, float], Floats]] = []
        for gamma, ridge in product(_GAMMAS, _RIDGES):
            near = self._near(best, gamma, ridge)
            tried.append((self._loss(near), len(tried), (gamma, ridge), near))
        _, _, chosen, near = min(tried, key=lambda one: one[:2])
        return best, chosen, near

    def _near(self, seen: _Seen, gamma: float, ridge: float) -> Floats:
        """Held-out scores of the kernel member, (n, labels)."""
        near = seen.near(gamma)
        scores = np.zeros((len(self.truth), len(self.labels)), dtype=np.float32)
        for kept, held in zip(self.kept, self.held, strict=True):
            known = self._in_kernel(kept)
            scores[held] = near[np.ix_(held, known)] @ self._dual(near[np.ix_(known, known)], known, ridge)
        return scores

    def _dual(self, near: Floats, rows: NDArray[np.intp], ridge: float) -> Floats:
        """Weights (m, labels) of least squares on one-hot labels, in which all labels weigh the same."""
        counts = np.bincount(self.truth[rows], minlength=len(self.labels))
        weights = len(rows) / (np.count_nonzero(counts) * counts[self.truth[rows]])
        system = near.astype(np.float64)
        system[np.diag_indices_from(system)] += ridge / weights
        wanted = np.eye(len(self.labels))[self.truth[rows]]
        solved = linalg.solve(system, wanted, assume_a="pos", overwrite_a=True, check_finite=False)
        return np.asarray(solved, dtype=np.float32)

    def _kernel(self, seen: _Seen, rows: NDArray[np.intp], gamma: float, ridge: float) -> Kernel:
        known = self._in_kernel(rows)
        weights = self._dual(radial(seen.distances[np.ix_(known, known)], seen.width(gamma)), known, ridge)
        return Kernel(seen.rows[known].astype(np.float16), weights, seen.width(gamma))

    def _in_kernel(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """All of them, or as many as the kernel takes, the labels in turn."""
        if len(rows) <= MOST_IN_KERNEL:
            return rows
        shuffled = np.random.default_rng(self.seed).permutation(rows)
        turn = np.zeros(len(shuffled), dtype=np.int64)
        for label in range(len(self.labels)):
            mine = np.flatnonzero(self.truth[shuffled] == label)
            turn[mine] = np.arange(len(mine))
        return np.sort(shuffled[np.argsort(turn, kind="stable")[:MOST_IN_KERNEL]])

    def _choose_linear(self, seen: Floats) -> tuple[float, Floats]:
        """The strength of the logistic regression, and its held-out scores."""
        axes = _axes(seen)
        along = seen @ axes
        best: tuple[float, float, Floats] | None = None
        for c in _CS:
            scores = np.zeros((len(self.truth), len(self.labels)), dtype=np.float32)
            for kept, held in zip(self.kept, self.held, strict=True):
                scores[held] = self._logistic(along, kept, c).scores(along[held])
            loss = self._loss(scores)
            if best is not None and loss >= best[0]:
                break  # the loss has one valley along C
            best = (loss, c, scores)
        assert best is not None, "there is at least one strength"
        return best[1], best[2]

    def _linear(self, seen: Floats, c: float) -> Linear:
        """Fitted along the principal axes, told in the view's own columns."""
        axes = _axes(seen)
        along = self._logistic(seen @ axes, np.arange(len(seen)), c)
        return Linear(np.ascontiguousarray(axes @ along.coef), along.intercept)

    def _logistic(self, along: Floats, rows: NDArray[np.intp], c: float) -> Linear:
        head = linear_model.LogisticRegression(C=c, class_weight="balanced", max_iter=_MAX_ITER)
        head.fit(along[rows].astype(np.float64), self.truth[rows])
        rounds = int(np.max(head.n_iter_))
        if rounds >= _MAX_ITER:
            raise NotConverged("photo head", rounds)
        coef, intercept = head.coef_, head.intercept_
        if len(coef) == 1:  # sklearn keeps only the second of two
            coef, intercept = np.vstack([-coef, coef]) / 2, np.concatenate([-intercept, intercept]) / 2
        wide = Linear(
            np.zeros((along.shape[1], len(self.labels)), dtype=np.float32),
            np.full(len(self.labels), _UNSEEN, dtype=np.float32),
        )
        wide.coef[:, head.classes_], wide.intercept[head.classes_] = coef.T, intercept
        return wide

    def _temperature(self, scores: Floats) -> float:
        return fit_temperature(scores[self.judged], self.truth[self.judged])

    def _loss(self, scores: Floats) -> float:
        """Mean log loss of held-out scores at their best temperature."""
        logs = log_softmax(scores, self._temperature(scores))
        return float(-logs[np.arange(len(self.truth)), self.truth][self.judged].mean())


def _mean_best(kernels: list[Kernel], rows: Floats) -> Floats:
    """Likeness of outsiders by the folds' members, averaged: comparable with held-out likeness."""
    best = [kernel.scores(rows).max(axis=1) for kernel in kernels]
    return np.asarray(np.mean(best, axis=0) if best else np.zeros(0), dtype=np.float32)


def _axes(seen: Floats) -> Floats:
    """The strongest principal axes of centred rows, (width, k): what is left out hardly varies."""
    gram = (seen @ seen.T).astype(np.float64)
    first = max(0, len(gram) - _COMPONENTS)
    strengths, sides = linalg.eigh(gram, subset_by_index=(first, len(gram) - 1), driver="evr", check_finite=False)
    strong = strengths > 1e-8 * max(1e-12, float(strengths.max()))
    axes = seen.T @ (sides[:, strong] / np.sqrt(strengths[strong])).astype(np.float32)
    return np.asarray(axes, dtype=np.float32)
