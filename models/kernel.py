"""The head over sentence embeddings and n-grams: a message scores by its nearness to examples and by its words.

Kernel ridge regression, each label against the rest, on targets 1 and -1. Two messages are as near as
exp(2.5 (cosine - 1)) of their embeddings, where that of a second encoder counts twice, plus 0.15 times the product of
their TF-IDF rows. That last part is linear: it is kept as a weight for each n-gram and label, which explains. Up to
16,384 examples the solution is exact; beyond, it lies in the span of 2,560 landmarks, drawn evenly from the labels
(Nyström).
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ConstantPredictor, ModelError
from models.heads import UNSEEN, Floats, Linear
from models.later import Later
from models.sentence import cores

linalg = Later("scipy.linalg")
Rows = NDArray[np.intp]
Doubles = NDArray[np.float64]

WIDTH, TERMS, RIDGE = 2.5, 0.15, 0.1  # chosen together by cross-validation on public training data
COUNTS = (1.0, 2.0)  # of the encoders; so too
EXACT = 16_384  # examples: their kernel takes 1.1 GB, while training
LANDMARKS = 2_560
_NUGGET = 0.1  # on the landmarks' own kernel: products of single precision leave errors of a tenth of that
_AT_ONCE = 2_048  # rows compared with all landmarks at a time, for the memory's sake
_RESIDUAL = 1e-2  # of targets 1 and -1; single precision leaves less than a tenth of it
_CHECKED = 256  # rows whose residual is looked at
_NO_FOLD = -2


class NotSolved(ModelError):
    def __init__(self, problem: str) -> None:
        super().__init__(
            f"the kernel head's equations have no sound solution ({problem}); check that the embedder gives finite unit"
            " vectors on this machine, and train again"
        )


@dataclass(frozen=True, slots=True)
class Features:
    """What a head is fitted on. terms: sparse (n, n-grams). vectors (n, sum of widths): unit vectors, side by side."""

    terms: Any
    vectors: Floats
    widths: tuple[int, ...] = ()

    @property
    def n(self) -> int:
        return len(self.vectors)

    def take(self, rows: Rows) -> "Features":
        return Features(self.terms[rows], self.vectors[rows], self.widths)


@dataclass(frozen=True, slots=True)
class Near:
    """Nearness to landmarks, the embeddings' part of the scores. Made by `fit_kernel`.

    rows: which training examples are landmarks. landmarks (m, sum of widths): their vectors. pulls (m, labels). Both in
    double precision: else the sum over thousands of landmarks would show in what company a text was asked.
    """

    rows: Rows
    landmarks: Doubles
    pulls: Doubles
    widths: tuple[int, ...]

    @classmethod
    def of(cls, rows: Rows, vectors: NDArray[Any], pulls: Floats, widths: tuple[int, ...]) -> "Near":
        """From the rows' vectors and pulls as they are stored."""
        return cls(rows, rounded(vectors).astype(np.float64), pulls.astype(np.float64), widths)

    def scores(self, vectors: Floats) -> Floats:
        """Shape (n, labels), of unit vectors (n, sum of widths)."""
        starts = range(0, len(vectors), _AT_ONCE)
        parts = [self._of(vectors[first : first + _AT_ONCE]) for first in starts]
        return np.concatenate(parts) if parts else np.zeros((0, self.pulls.shape[1]), np.float32)

    def _of(self, vectors: Floats) -> Floats:
        return np.asarray(_nearness(vectors, self.landmarks, self.widths) @ self.pulls, np.float32)


@dataclass(frozen=True, slots=True)
class Head:
    """Scores of words and, with an embedder, of nearness."""

    terms: Linear
    near: Near | None = None

    def scores(self, features: Features) -> Floats:
        """Shape (n, labels)."""
        scores = self.terms.scores(features.terms)
        return scores if self.near is None else scores + self.near.scores(features.vectors)


def rounded(vectors: Floats) -> Floats:
    """As landmarks are stored: so that a head that was loaded scores as the one that was fitted."""
    return vectors.astype(np.float16).astype(np.float32)


def fit_kernel(
    features: Features,
    truth: NDArray[np.int64],
    labels: Sequence[str],
    *,
    folds: NDArray[np.int64],
    exact: int = EXACT,
    landmarks: int = LANDMARKS,
) -> list[Head]:
    """One head per fold (fitted without its rows), then the one fitted on everything.

    truth: places in `labels`. folds: -1 for rows in every fit. exact: rows up to which each is a landmark.
    Deterministic, however many processors there are. Raises NotSolved and ConstantPredictor.
    """
    if not np.isfinite(features.vectors).all():
        raise NotSolved("an embedding is not finite")
    if len(truth) <= exact:
        return list(_exact(features, truth, labels, folds))
    return list(_by_landmarks(features, truth, labels, folds, _drawn(truth, landmarks)))


def _exact(
    features: Features, truth: NDArray[np.int64], labels: Sequence[str], folds: NDArray[np.int64]
) -> Iterator[Head]:
    every = np.arange(len(truth))
    landmarks = rounded(features.vectors)
    whole = np.empty((len(truth), len(truth)), np.float32)
    for rows in _chunks(every):
        whole[rows[0] : rows[-1] + 1] = _kernel(features.take(rows), features, landmarks)
    for fold in range(int(folds.max()) + 1):
        kept = np.flatnonzero(folds != fold)
        yield _solved(whole[np.ix_(kept, kept)], features, truth, labels, kept)
    yield _solved(whole, features, truth, labels, every)


def _solved(kernel: Floats, features: Features, truth: NDArray[np.int64], labels: Sequence[str], rows: Rows) -> Head:
    """The head for these rows; `kernel` (theirs, with each other) is used up."""
    targets = _targets(truth[rows], len(labels))
    checked = np.linspace(0, len(rows) - 1, min(_CHECKED, len(rows))).astype(np.intp)
    equations = kernel[checked]
    kernel[np.diag_indices_from(kernel)] += RIDGE
    pulls = _solution(kernel, targets)
    left_over = targets - RIDGE * pulls  # what the head says of its own examples
    _check(np.abs(equations @ pulls - left_over[checked]).max(), left_over, labels)
    return _head(features.take(rows), rows, pulls, truth[rows])


def _by_landmarks(
    features: Features, truth: NDArray[np.int64], labels: Sequence[str], folds: NDArray[np.int64], rows: Rows
) -> Iterator[Head]:
    """Normal equations in the landmarks' pulls; those of a fold are taken away from those of everything."""
    among = features.take(rows)
    landmarks = rounded(among.vectors)
    own = _kernel(among, among, landmarks).astype(np.float64)
    penalty = RIDGE * ((own + own.T) / 2 + _NUGGET * np.eye(len(rows)))
    parts = {int(fold): np.flatnonzero(folds == fold) for fold in np.unique(folds)}
    sums = {fold: _sums(features, truth, len(labels), among, members) for fold, members in parts.items()}
    squares, sides = (np.add.reduce([each[i] for each in sums.values()]) for i in (0, 1))
    for fold in [*(fold for fold in sums if fold >= 0), _NO_FOLD]:
        left, right = (squares - sums[fold][0], sides - sums[fold][1]) if fold in sums else (squares, sides)
        pulls = _solution(left + penalty, right)
        residual = np.abs((left + penalty) @ pulls - right).max() / np.abs(right).max()
        _check(float(residual), own @ pulls, labels)
        yield _head(among, rows, pulls.astype(np.float32), truth[folds != fold])


def _sums(
    features: Features, truth: NDArray[np.int64], labels: int, among: Features, members: Rows
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Squares (m, m) and sides (m, labels) of the normal equations over these rows; summed in a fixed order."""
    landmarks = rounded(among.vectors)
    squares = np.zeros((len(landmarks), len(landmarks)))
    sides = np.zeros((len(landmarks), labels))

    def of_chunk(rows: Rows) -> tuple[Floats, Floats]:
        kernel = _kernel(features.take(rows), among, landmarks)
        return kernel.T @ kernel, kernel.T @ _targets(truth[rows], labels)

    chunks = _chunks(members)
    with ThreadPoolExecutor(cores()) as workers:
        while batch := list(islice(chunks, cores())):  # no more at once than are worked on: each result is 26 MB
            for square, side in workers.map(of_chunk, batch):
                squares += square
                sides += side
    return squares, sides


def _drawn(truth: NDArray[np.int64], landmarks: int) -> Rows:
    """Which rows are landmarks: one of each label, another of each, and so on; rising."""
    order = np.random.default_rng(0).permutation(len(truth))
    by_label = order[np.argsort(truth[order], kind="stable")]
    counts = np.bincount(truth)
    turn = np.arange(len(truth)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.sort(by_label[np.argsort(turn, kind="stable")][:landmarks])


def _chunks(rows: Rows) -> Iterator[Rows]:
    return (rows[first : first + _AT_ONCE] for first in range(0, len(rows), _AT_ONCE))


def _kernel(part: Features, among: Features, landmarks: Floats) -> Floats:
    """Shape (rows of part, landmarks). Both sides as they are stored, so that it is symmetric where they are one."""
    near = _nearness(rounded(part.vectors), landmarks, part.widths)
    near += TERMS * (part.terms @ among.terms.T).toarray()
    return near


def _nearness(vectors: Floats, landmarks: NDArray[Any], widths: Sequence[int]) -> NDArray[Any]:
    """Shape (n, landmarks), in the landmarks' precision."""
    near = np.zeros((len(vectors), len(landmarks)), landmarks.dtype)
    vectors = vectors.astype(landmarks.dtype, copy=False)
    first = 0
    for width, counts in zip(widths, COUNTS, strict=False):
        alike = vectors[:, first : first + width] @ landmarks[:, first : first + width].T
        alike -= 1.0
        alike *= WIDTH
        near += counts * np.exp(alike, out=alike)
        first += width
    return near


def _targets(truth: NDArray[np.int64], labels: int) -> Floats:
    targets = np.full((len(truth), labels), -1.0, np.float32)
    targets[np.arange(len(truth)), truth] = 1.0
    return targets


def _solution(equations: NDArray[Any], sides: NDArray[Any]) -> NDArray[Any]:
    """Of symmetric equations, which are used up: transposed they lie in memory as LAPACK wants them."""
    try:
        factor = linalg.cho_factor(equations.T, lower=True, overwrite_a=True, check_finite=False)
    except np.linalg.LinAlgError as error:
        raise NotSolved("they are not positive definite") from error
    return np.asarray(linalg.cho_solve(factor, sides, check_finite=False))


def _check(residual: float, said: NDArray[Any], labels: Sequence[str]) -> None:
    """`said`: the scores of its own examples."""
    if not residual < _RESIDUAL:  # also when it is no number
        raise NotSolved(f"residual {residual:.1e}")
    predicted = said.argmax(axis=1)
    if (predicted == predicted[0]).all():
        raise ConstantPredictor("kernel head", labels[int(predicted[0])])


def _head(among: Features, rows: Rows, pulls: Floats, truth: NDArray[np.int64]) -> Head:
    """`truth` of all rows it was fitted on: a label that is not among them scores lowest everywhere."""
    coef = np.asarray(TERMS * (among.terms.T @ pulls), np.float32)
    unseen = np.bincount(truth, minlength=coef.shape[1]) == 0
    near = Near.of(rows, among.vectors, np.asarray(pulls, np.float32), among.widths)
    return Head(Linear(coef, np.where(unseen, UNSEEN, 0.0).astype(np.float32)), near)
