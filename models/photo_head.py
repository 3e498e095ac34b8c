"""The head of a photo model: a linear and a kernel member on one view of the features, blended. Plain arrays only."""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from models.heads import Floats, Linear

Doubles = NDArray[np.float64]
Parts = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class View:
    """How features are looked at before a member weighs them.

    blocks: widths of the leading blocks of columns that are read. is_rooted: square roots (with sign) of the columns,
    and each block then brought to length 1. After that columns are centred and scaled: rows have length 1 on average.
    """

    blocks: tuple[int, ...]
    is_rooted: bool
    mean: Floats
    scale: Floats

    @property
    def width(self) -> int:
        return sum(self.blocks)

    @classmethod
    def fit(cls, features: Floats, *, blocks: tuple[int, ...], is_rooted: bool) -> "View":
        """Centre and scale by these rows; a column that never varies is left out of all sums."""
        plain = _plain(features, blocks, is_rooted=is_rooted)
        deviation = plain.std(axis=0)
        scale = np.where(deviation > 1e-6 * max(1e-12, float(deviation.max(initial=0.0))), deviation, np.inf)
        return cls(blocks, is_rooted, plain.mean(axis=0), np.asarray(scale * np.sqrt(len(scale)), dtype=np.float32))

    def rows(self, features: Floats) -> Floats:
        """Shape (n, width), of features of shape (n, any number of blocks)."""
        return (_plain(features, self.blocks, is_rooted=self.is_rooted) - self.mean) / self.scale


def _slices(blocks: tuple[int, ...]) -> list[slice]:
    ends = list(accumulate(blocks))
    return [slice(end - width, end) for end, width in zip(ends, blocks, strict=True)]


def _plain(features: Floats, blocks: tuple[int, ...], *, is_rooted: bool) -> Floats:
    kept = np.asarray(features[:, : sum(blocks)], dtype=np.float32)
    if not is_rooted:
        return kept
    rooted = np.sign(kept) * np.sqrt(np.abs(kept))
    for block in _slices(blocks):
        part = rooted[:, block]
        part /= np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-12)
    return rooted


@dataclass(frozen=True)
class Kernel:
    """Radial kernel regression on one-hot labels: near which training photos does a photo lie?

    vectors: their views, (m, width) in half precision. weights: (m, labels). gamma multiplies squared distances.
    """

    vectors: NDArray[np.float16]
    weights: Floats
    gamma: float

    def scores(self, rows: Floats) -> Floats:
        """Shape (n, labels): about 1 near photos of a label, about 0 far from all."""
        vectors = self.vectors.astype(np.float32)
        near = radial(squared_distances(rows, vectors), self.gamma)
        return np.asarray(near @ self.weights, dtype=np.float32)


def squared_distances(one: Floats, other: Floats) -> Floats:
    """Shape (n, m)."""
    lengths = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None, :]
    return np.asarray(np.maximum(lengths - 2 * (one @ other.T), 0.0))


def radial(distances: Floats, gamma: float) -> Floats:
    return np.asarray(np.exp(-gamma * distances))


@dataclass(frozen=True)
class Head:
    """Two members, each at a temperature of its own, blended as logarithms of probabilities.

    share: weight of the linear member in [0, 1].
    """

    view: View
    linear: Linear
    kernel: Kernel
    linear_temperature: float
    kernel_temperature: float
    share: float

    def scores(self, features: Floats) -> tuple[Floats, Floats]:
        """Scores (n, labels) to take a softmax of, and how much each row is like the training photos (n,)."""
        rows = self.view.rows(features)
        near = self.kernel.scores(rows)
        logs = (
            log_softmax(self.linear.scores(rows), self.linear_temperature),
            log_softmax(near, self.kernel_temperature),
        )
        return blend(*logs, self.share), near.max(axis=1)


def blend(linear: Doubles, kernel: Doubles, share: float) -> Floats:
    return np.asarray(share * linear + (1 - share) * kernel, dtype=np.float32)


def log_softmax(scores: Floats, temperature: float) -> Doubles:
    scaled = scores.astype(np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    return np.asarray(scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True)))
