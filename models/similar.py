"""Exact nearest neighbours among past messages: filtered by space, time and rights before ranking.

Vectors are stored as 16-bit fixed point (component times 32,767): as small and as precise as float16 for unit vectors,
and fourteen times cheaper to turn into float32 for the matrix product. The index is a cache of what the store holds
and has one writer; after `remove` the vector's bytes and its line are overwritten in the file.
"""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.threads import one_thread

Vectors = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]
_SCALE = 32_767.0
_BLOCK = 1_024  # rows turned to float32 at once: 2 MB at 512 dimensions, so they stay in the cache
_MOST_QUERIES = 64  # at once; bounds the score matrix to 26 MB at 100,000 rows
_FIRST_ROOM = 1_024


class WrongShape(ModelError):
    def __init__(self, what: str, found: tuple[int, ...], expected: tuple[int, ...]) -> None:
        super().__init__(f"{what} has shape {found}; it must be {expected}")


class VectorIndex:
    """In memory by default; `VectorIndex.open` keeps the vectors in a memory-mapped file."""

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._count = 0
        self._rows: NDArray[np.int16] = np.zeros((_FIRST_ROOM, dim), dtype=np.int16)
        self._ids: NDArray[np.object_] = np.full(_FIRST_ROOM, None, dtype=object)
        self._stamps = np.zeros(_FIRST_ROOM, dtype=np.float64)
        self._spaces = np.zeros(_FIRST_ROOM, dtype=np.int32)  # 0: removed
        self._space_codes: dict[str, int] = {}
        self._row_of: dict[str, int] = {}
        self._file: _IndexFile | None = None

    @classmethod
    def open(cls, path: Path, dim: int) -> "VectorIndex":
        """An index in two files, `path` (vectors) and `path` + ".rows" (ids, stamps, spaces), made when absent.

        A tail that was half written when a process died is cut off.
        """
        index = cls(dim)
        index._file = _IndexFile(path, dim)
        for line in index._file.read():
            index._place(line)
        index._rows = index._file.mapped()
        return index

    def __len__(self) -> int:
        return len(self._row_of)

    def append(self, ids: Sequence[str], vectors: Vectors, *, stamps: Sequence[float], spaces: Sequence[str]) -> None:
        """Add rows: vectors of shape (n, dim), normalised here; stamps in epoch seconds; a space per row.

        An id that is there already is replaced. Raises WrongShape.
        """
        if vectors.shape != (len(ids), self.dim):
            raise WrongShape("vectors", vectors.shape, (len(ids), self.dim))
        self.remove([name for name in ids if name in self._row_of])
        last = {name: i for i, name in enumerate(ids)}  # an id given twice: the later one
        kept = sorted(last.values())
        if not kept:
            return
        fixed = _fixed_point(vectors[kept])
        lines = [{"id": ids[i], "stamp": float(stamps[i]), "space": spaces[i]} for i in kept]
        start = self._count
        if self._file is not None:
            self._file.append(fixed, lines)
        for line in lines:
            self._place(line)
        if self._file is not None:
            self._rows = self._file.mapped()
        else:
            self._rows[start : self._count] = fixed

    def remove(self, ids: Sequence[str]) -> None:
        """Overwrite the bytes of these rows, in memory and in the file; unknown ids are ignored."""
        rows = [self._row_of.pop(name) for name in dict.fromkeys(ids) if name in self._row_of]
        if not rows:
            return
        self._rows[rows] = 0
        self._ids[rows] = None
        self._stamps[rows] = 0.0
        self._spaces[rows] = 0
        if self._file is not None:
            self._file.erase(rows)

    def query(
        self,
        vectors: Vectors,
        *,
        space: str,
        before: Sequence[float],
        k: int,
        allowed: Callable[[list[str]], Mask] | None = None,
    ) -> list[list[tuple[str, float]]]:
        """For each vector of shape (n, dim) up to k rows, the most similar first: (id, cosine).

        Only rows of `space`, with a stamp under that query's `before` (never from the future), and for which `allowed`
        (given ids, returning a mask) says yes are ranked at all; ties go to the earlier row.
        """
        if vectors.shape != (len(before), self.dim):
            raise WrongShape("query vectors", vectors.shape, (len(before), self.dim))
        rows = self._eligible(space, max(before, default=0.0), allowed)
        if not len(rows) or k < 1:
            return [[] for _ in before]
        found: list[list[tuple[str, float]]] = []
        with one_thread():
            for start in range(0, len(before), _MOST_QUERIES):
                part = slice(start, start + _MOST_QUERIES)
                found += self._ranked(_unit(vectors[part]), rows, np.asarray(before[part], dtype=np.float64), k)
        return found

    def _eligible(self, space: str, latest: float, allowed: Callable[[list[str]], Mask] | None) -> NDArray[np.int64]:
        code = self._space_codes.get(space)
        if code is None:
            return np.zeros(0, dtype=np.int64)
        n = self._count
        rows = np.flatnonzero((self._spaces[:n] == code) & (self._stamps[:n] < latest))
        if allowed is not None and len(rows):
            rows = rows[np.asarray(allowed(self._ids[rows].tolist()), dtype=bool)]
        return rows

    def _ranked(
        self, queries: NDArray[np.float32], rows: NDArray[np.int64], before: NDArray[np.float64], k: int
    ) -> list[list[tuple[str, float]]]:
        scores = self._scores(queries, rows)
        stamps = self._stamps[rows]
        found = []
        for i in range(len(queries)):
            if stamps.max() >= before[i]:
                scores[i, stamps >= before[i]] = -np.inf
            best = _top(scores[i], k)
            found.append([(str(self._ids[rows[j]]), round(float(scores[i, j]), 6)) for j in best])
        return found

    def _scores(self, queries: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosines, shape (queries, rows); rows that follow each other are read without a copy."""
        scores = np.empty((len(queries), len(rows)), dtype=np.float32)
        room = np.empty((min(_BLOCK, len(rows)), self.dim), dtype=np.float32)
        is_whole = len(rows) == int(rows[-1]) - int(rows[0]) + 1
        for start in range(0, len(rows), _BLOCK):
            end = min(start + _BLOCK, len(rows))
            block = room[: end - start]
            block[:] = self._rows[rows[0] + start : rows[0] + end] if is_whole else self._rows[rows[start:end]]
            scores[:, start:end] = queries @ block.T
        scores /= _SCALE
        return np.asarray(scores.clip(-1.0, 1.0), dtype=np.float32)

    def _place(self, line: dict[str, Any] | None) -> None:
        """Take up the next row; None is one that was erased."""
        if self._count == len(self._ids):
            self._grow()
        row = self._count
        self._count += 1
        if line is None:
            return
        self._ids[row] = line["id"]
        self._stamps[row] = line["stamp"]
        self._spaces[row] = self._space_codes.setdefault(line["space"], len(self._space_codes) + 1)
        self._row_of[line["id"]] = row

    def _grow(self) -> None:
        room = len(self._ids)
        self._ids = np.concatenate([self._ids, np.full(room, None, dtype=object)])
        self._stamps = np.concatenate([self._stamps, np.zeros(room)])
        self._spaces = np.concatenate([self._spaces, np.zeros(room, dtype=np.int32)])
        if self._file is None:
            self._rows = np.concatenate([self._rows, np.zeros((room, self.dim), dtype=np.int16)])


class _IndexFile:
    """Raw int16 vectors, and one JSON line per vector; blank lines are erased rows."""

    def __init__(self, path: Path, dim: int) -> None:
        self.path, self.lines_path = path, path.with_name(path.name + ".rows")
        self.width = 2 * dim
        self.dim = dim
        self.starts: list[int] = []  # byte at which each line begins
        self.end = 0
        for file in (self.path, self.lines_path):
            file.touch()

    def read(self) -> list[dict[str, Any] | None]:
        whole = self.lines_path.read_bytes()
        vectors = self.path.stat().st_size // self.width
        found: list[dict[str, Any] | None] = []
        for line in whole.splitlines(keepends=True)[:vectors]:
            if not line.endswith(b"\n"):
                break
            self.starts.append(self.end)
            self.end += len(line)
            found.append(json.loads(line) if line.strip() else None)
        os.truncate(self.lines_path, self.end)
        os.truncate(self.path, len(found) * self.width)
        return found

    def mapped(self) -> NDArray[np.int16]:
        shape = (len(self.starts), self.dim)
        if not self.starts:
            return np.zeros(shape, dtype=np.int16)  # an empty file cannot be mapped
        return np.memmap(self.path, dtype=np.int16, mode="r+", shape=shape)

    def append(self, fixed: NDArray[np.int16], lines: list[dict[str, Any]]) -> None:
        """Vectors first: a line without a vector must not be."""
        with self.path.open("ab") as file:
            _write_through(file, fixed.tobytes())
        encoded = [json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines]
        with self.lines_path.open("ab") as file:
            _write_through(file, b"".join(encoded))
        for line in encoded:
            self.starts.append(self.end)
            self.end += len(line)

    def erase(self, rows: list[int]) -> None:
        """Zeros over the vectors and blanks over the lines, through to the disk."""
        with self.path.open("r+b") as vectors, self.lines_path.open("r+b") as lines:
            for row in rows:
                vectors.seek(row * self.width)
                vectors.write(bytes(self.width))
                end = self.starts[row + 1] if row + 1 < len(self.starts) else self.end
                lines.seek(self.starts[row])
                lines.write(b" " * (end - self.starts[row] - 1))
            for file in (vectors, lines):
                _write_through(file, b"")


def _write_through(file: BinaryIO, body: bytes) -> None:
    file.write(body)
    file.flush()
    os.fsync(file.fileno())


def _unit(vectors: Vectors) -> NDArray[np.float32]:
    """Unit length; a zero vector stays zero."""
    as_float = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(as_float, axis=1, keepdims=True)
    return np.asarray(as_float / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def _fixed_point(vectors: Vectors) -> NDArray[np.int16]:
    return np.asarray(np.rint(_unit(vectors) * _SCALE), dtype=np.int16)


def _top(scores: NDArray[np.float32], k: int) -> list[int]:
    """Positions of the k best, best first, without those at minus infinity.

    The k-th best of the blocks' maxima is a bound that at least k scores reach, so only a handful need sorting.
    """
    blocks = np.maximum.reduceat(scores, np.arange(0, len(scores), 256))
    bound = np.partition(blocks, len(blocks) - k)[len(blocks) - k] if len(blocks) > k else -np.inf
    near = np.flatnonzero((scores >= bound) & (scores > -np.inf))
    return [int(j) for j in near[np.lexsort((near, -scores[near]))][:k]]
