"""Nearest neighbours among past messages: filtered by time and rights before ranking, mapped from files.

Vectors are stored as 16-bit fixed point (component times 32,767): as small and as precise as float16 for unit vectors,
and fourteen times cheaper to turn into float32 for the matrix product. The files hold nothing but a copy of what the
store holds. All processes of a machine map the same ones and write under one lock; the bytes of a removed row are
overwritten in place.

Every query is compared with every row, unless there are more rows than asked for and a graph (models.graph) stands
beside the files: then it names candidates, which are filtered and scored exactly, and only rows younger than the graph
are compared one by one.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from models import graph
from models.errors import ModelError
from models.graph import Graph
from models.threads import one_thread

Vectors = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]
Found = list[tuple[str, float]]
Best = list[tuple[float, int]]  # score and row
_SCALE = 32_767.0
_BLOCK = 1_024  # rows turned to float32 at once: 2 MB at 512 dimensions, so they stay in the cache
_SPAN = 16 * _BLOCK  # rows ranked at once; bounds the score matrix to 4 MB
_MOST_QUERIES = 64  # at once
_CANDIDATES = 4  # for each one asked for: the graph compares coarser vectors, in another order
_LEAST_CANDIDATES, _MOST_CANDIDATES = 64, 4_096  # so many, and too few allowed ones among them: all rows are compared
_STALE_SHARE = 0.1  # of the rows younger than the graph: time to build another
NAME = np.dtype("S48")  # a row then is as long as a cache line
_ROW = np.dtype([("key", "<i8"), ("stamp", "<f8"), ("name", NAME)])
_REMOVED = np.array([(0, np.inf, b"")], dtype=_ROW)  # never before any moment


class WrongShape(ModelError):
    def __init__(self, what: str, found: tuple[int, ...], expected: tuple[int, ...]) -> None:
        super().__init__(f"{what} has shape {found}; it must be {expected}")


class NameTooLong(ModelError):
    def __init__(self, name: str) -> None:
        super().__init__(f"the name {name[:20]!r}… is longer than {NAME.itemsize} bytes; give rows shorter names")


class VectorIndex:
    """Rows in two files, `path` + ".vectors" and ".rows" (key, stamp, name), made when absent.

    A tail that was half written when a process died is cut off at the next `append`. exact_up_to: rows up to which
    every one is compared; above, a graph is used where there is one. 0: always every one.
    """

    def __init__(self, path: Path, dim: int, *, exact_up_to: int = 0) -> None:
        self.dim = dim
        self.exact_up_to = exact_up_to
        self._path = path
        self._graph: Graph | None = None
        self._graph_file: Path | None = None  # as last looked at
        self._width = 2 * dim
        self._vectors_file, self._rows_file, self._lock_file = (
            path.with_name(path.name + ending) for ending in (".vectors", ".rows", ".lock")
        )
        for file in (self._vectors_file, self._rows_file):
            file.touch()
        self.refresh()

    def __len__(self) -> int:
        return int(np.count_nonzero(self._rows["key"]))

    @property
    def last(self) -> int:
        """The highest key; 0 when empty. Rows beyond it are the ones to append."""
        return int(self._rows["key"].max(initial=0))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One writer at a time among all processes; take the lock before reading what is to be written."""
        with self._lock_file.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.refresh()
            yield

    def refresh(self) -> None:
        """See the files as they are now, with what other processes wrote."""
        count = self._complete_rows()
        self._rows = _mapped(self._rows_file, _ROW, (count,))
        self._vectors = _mapped(self._vectors_file, np.dtype("<i2"), (count, self.dim))
        self._stamps = np.ascontiguousarray(self._rows["stamp"])

    def append(self, keys: Sequence[int], names: Sequence[str], vectors: Vectors, *, stamps: Sequence[float]) -> None:
        """Add rows, under the lock: vectors of shape (n, dim), normalised here; stamps in epoch seconds.

        Keys that are there already are left as they are. Raises WrongShape and NameTooLong.
        """
        if vectors.shape != (len(keys), self.dim):
            raise WrongShape("vectors", vectors.shape, (len(keys), self.dim))
        rows = np.fromiter(zip(keys, stamps, map(_encoded, names), strict=True), dtype=_ROW, count=len(keys))
        new = ~np.isin(rows["key"], self._rows["key"])
        if not new.any():
            return
        count = self._complete_rows()
        os.truncate(self._vectors_file, count * self._width)
        os.truncate(self._rows_file, count * _ROW.itemsize)
        # Vectors first: a row without a vector must not be.
        _add(self._vectors_file, _fixed_point(vectors[new]).tobytes())
        _add(self._rows_file, rows[new].tobytes())
        self.refresh()

    def hold_to(self, keys: NDArray[np.int64], names: NDArray[np.bytes_]) -> NDArray[np.int64]:
        """Remove, under the lock, every row that is not among these (keys rise); returns the keys that are not here.

        Of what is removed the bytes are overwritten, through to the disk.
        """
        here = np.asarray(self._rows["key"])
        stays = np.zeros(len(here), dtype=bool)
        if len(keys):
            at = np.minimum(np.searchsorted(keys, here), len(keys) - 1)
            stays = (keys[at] == here) & (names[at] == self._rows["name"])
        self._erase(np.flatnonzero(~stays & (here != 0)))
        return np.setdiff1d(keys, here[stays])

    def query(
        self,
        vectors: Vectors,
        *,
        before: Sequence[float],
        k: int,
        allowed: Callable[[list[str]], Mask] | None = None,
    ) -> list[Found]:
        """For each vector of shape (n, dim) up to k rows, the most similar first: (name, cosine).

        Only rows with a stamp under that query's `before` (never from the future), and for which `allowed` (given
        names, returning a mask) says yes are ranked at all; ties go to the earlier row.
        """
        if vectors.shape != (len(before), self.dim):
            raise WrongShape("query vectors", vectors.shape, (len(before), self.dim))
        eligible = self._eligible(max(before, default=0.0), allowed)
        if k < 1 or not eligible.any():
            return [[] for _ in before]
        best: list[Best] = []
        near = self._opened_graph()
        with one_thread():
            for start in range(0, len(before), _MOST_QUERIES):
                part = slice(start, start + _MOST_QUERIES)
                queries, moments = _unit(vectors[part]), np.asarray(before[part], np.float64)
                if near is None:
                    best += self._ranked(queries, moments, eligible, k)
                else:
                    best += self._ranked_by_graph(near, queries, moments, eligible, k)
        names = self._rows["name"]
        return [[(names[row].decode(), round(score, 6)) for score, row in ranked] for ranked in best]

    @property
    def wants_graph(self) -> bool:
        """Whether there are so many rows that a graph pays, and none that covers most of them."""
        if not 0 < self.exact_up_to < len(self._rows) or not graph.available():
            return False
        near = self._opened_graph()
        return near is None or len(self._rows) - near.covers > _STALE_SHARE * len(self._rows)

    def build_graph(self) -> bool:
        """Build a graph over the rows as they are: minutes for a million. False when rows were removed meanwhile.

        Not under the lock, and on an index of its own: others go on asking and adding.
        """
        self.refresh()
        keys = np.array(self._rows["key"])
        draft = graph.build(self._path, keys, self._vectors)
        with self.locked():
            if not draft.exists() or graph.digest(self._rows["key"][: len(keys)]) != graph.digest(keys):
                draft.unlink(missing_ok=True)
                return False
            older = graph.files_of(self._path)
            built = draft.rename(draft.with_suffix(".graph"))
            for file in older:
                if file not in (draft, built):
                    file.unlink(missing_ok=True)
        return True

    def _opened_graph(self) -> Graph | None:
        if not 0 < self.exact_up_to < len(self._rows):
            return None
        file = graph.find(self._path)
        if file != self._graph_file:
            self._graph_file = file
            self._graph = graph.open_graph(file, self._rows["key"]) if file else None
        return self._graph

    def _eligible(self, latest: float, allowed: Callable[[list[str]], Mask] | None) -> Mask:
        eligible = self._stamps < latest
        if allowed is not None and eligible.any():
            asked = np.flatnonzero(eligible)
            names = [name.decode() for name in self._rows["name"][asked].tolist()]
            eligible[asked] = np.asarray(allowed(names), dtype=bool)
        return eligible

    def _ranked(
        self, queries: NDArray[np.float32], before: NDArray[np.float64], eligible: Mask, k: int, *, first: int = 0
    ) -> list[Best]:
        """Rows from `first` on, span by span: a later span only has to be looked at where it beats the k-th best."""
        best: list[Best] = [[] for _ in before]
        for start in range(first, len(eligible), _SPAN):
            inside = slice(start, min(start + _SPAN, len(eligible)))
            if not eligible[inside].any():
                continue
            scores = self._scores(queries, inside.start, inside.stop)
            scores[:, ~eligible[inside]] = -np.inf
            stamps = self._stamps[inside]
            for i, moment in enumerate(before):
                scores[i, stamps >= moment] = -np.inf
                bound = best[i][-1][0] if len(best[i]) == k else -np.inf
                near = _top(scores[i], k, above=bound)
                best[i] = _merged(best[i], scores[i][near], start + near, k)
        return best

    def _ranked_by_graph(
        self, near: Graph, queries: NDArray[np.float32], before: NDArray[np.float64], eligible: Mask, k: int
    ) -> list[Best]:
        """Rows younger than the graph one by one, the others among its candidates; all where those are too few."""
        best = self._ranked(queries, before, eligible, k, first=near.covers)
        waiting, n = np.arange(len(queries)), max(_CANDIDATES * k, _LEAST_CANDIDATES)
        while len(waiting) and n <= min(_MOST_CANDIDATES, near.covers):
            lacking = []
            for i, found in zip(waiting.tolist(), near.candidates(queries[waiting], n), strict=True):
                rows = np.sort(found[found >= 0])
                rows = rows[eligible[rows] & (self._stamps[rows] < before[i])]
                if len(rows) < k:
                    lacking.append(i)
                    continue
                scores = np.clip(self._vectors[rows].astype(np.float32) @ queries[i] / _SCALE, -1.0, 1.0)
                best[i] = _merged(best[i], scores, rows, k)
            waiting, n = np.array(lacking, dtype=np.int64), n * 4
        if len(waiting):
            compared = self._ranked(queries[waiting], before[waiting], eligible, k)
            for i, ranked in zip(waiting.tolist(), compared, strict=True):
                best[i] = ranked
        return best

    def _scores(self, queries: NDArray[np.float32], first: int, last: int) -> NDArray[np.float32]:
        """Cosines with the rows from first to last, shape (queries, rows)."""
        scores = np.empty((len(queries), last - first), dtype=np.float32)
        room = np.empty((min(_BLOCK, last - first), self.dim), dtype=np.float32)
        for start in range(first, last, _BLOCK):
            end = min(start + _BLOCK, last)
            block = room[: end - start]
            block[:] = self._vectors[start:end]
            scores[:, start - first : end - first] = queries @ block.T
        scores /= _SCALE
        return np.clip(scores, -1.0, 1.0, out=scores)

    def _complete_rows(self) -> int:
        """Rows of which both parts were written."""
        return min(self._vectors_file.stat().st_size // self._width, self._rows_file.stat().st_size // _ROW.itemsize)

    def _erase(self, rows: NDArray[np.int64]) -> None:
        if not len(rows):
            return
        for copied in graph.files_of(self._path):  # first: they hold a copy of every vector
            copied.unlink(missing_ok=True)
        with self._vectors_file.open("r+b") as vectors, self._rows_file.open("r+b") as lines:
            for row in rows.tolist():
                vectors.seek(row * self._width)
                vectors.write(bytes(self._width))
                lines.seek(row * _ROW.itemsize)
                lines.write(_REMOVED.tobytes())
            for file in (vectors, lines):
                _through(file)
        self.refresh()


def _mapped(file: Path, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    if not shape[0]:
        return np.zeros(shape, dtype=dtype)  # an empty file cannot be mapped
    return np.memmap(file, dtype=dtype, mode="r", shape=shape).view(np.ndarray)


def _add(file: Path, body: bytes) -> None:
    with file.open("ab") as opened:
        opened.write(body)
        _through(opened)


def _through(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _encoded(name: str) -> bytes:
    encoded = name.encode()
    if len(encoded) > NAME.itemsize:
        raise NameTooLong(name)
    return encoded


def _unit(vectors: Vectors) -> NDArray[np.float32]:
    """Unit length; a zero vector stays zero."""
    as_float = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(as_float, axis=1, keepdims=True)
    return np.asarray(as_float / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def _fixed_point(vectors: Vectors) -> NDArray[np.int16]:
    return np.asarray(np.rint(_unit(vectors) * _SCALE), dtype="<i2")


def _top(scores: NDArray[np.float32], k: int, *, above: float) -> NDArray[np.int64]:
    """Positions among which the k best over `above` are, in order, without those at minus infinity.

    The k-th best of the blocks' maxima is a bound that at least k scores reach, so only a handful need sorting.
    """
    blocks = np.maximum.reduceat(scores, np.arange(0, len(scores), 256))
    if blocks.max() <= above:
        return np.zeros(0, dtype=np.int64)
    if len(blocks) <= k:  # few rows: each is a block of its own, else all of them would be sorted
        blocks = scores
    bound = np.partition(blocks, len(blocks) - k)[len(blocks) - k] if len(blocks) > k else -np.inf
    return np.flatnonzero((scores >= bound) & (scores > above))


def _merged(best: Best, scores: NDArray[np.float32], rows: NDArray[np.int64], k: int) -> Best:
    """(score, row) of the k best, the best first and of equal ones the earlier row."""
    if not len(rows):
        return best
    new = [(float(score), int(row)) for score, row in zip(scores, rows, strict=True)]
    return sorted(best + new, key=lambda one: (-one[0], one[1]))[:k]
