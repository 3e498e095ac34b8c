"""An approximate index (HNSW, by usearch) beside an exact one: it names candidates, and the exact rows score them.

One file beside the exact files, `<name>.<digest of the keys>.<rows>.graph`, mapped, never changed: it covers the first
rows, and names by its digest which. Optional: without usearch there is none, and everything is compared with all rows.
"""

import glob
import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 256  # rows added in one call, 0.1 s: other threads get their turn in between
_LINKS = 16
_ADD_BREADTH = 128
_LEAST_BREADTH = 256  # of a search; 1.00 of 5 nearest found among 20,000 clustered rows, .57 among as many at random
DRAFT = ".graph-draft"


def available() -> bool:
    return importlib.util.find_spec("usearch") is not None


@dataclass(frozen=True, slots=True)
class Graph:
    """covers: rows of the exact index, from the first on."""

    file: Path
    covers: int
    index: Any

    def candidates(self, queries: NDArray[np.float32], n: int) -> NDArray[np.int64]:
        """Row numbers near each query, shape (queries, n); -1 where fewer were found."""
        self.index.expansion_search = max(_LEAST_BREADTH, n)
        candidates = np.full((len(queries), n), -1, dtype=np.int64)
        for i, query in enumerate(queries):
            found = self.index.search(query, n, threads=1).keys
            candidates[i, : len(found)] = found
        return candidates


def digest(keys: NDArray[np.int64]) -> str:
    return hashlib.sha256(np.ascontiguousarray(keys).tobytes()).hexdigest()[:16]


def files_of(path: Path) -> list[Path]:
    """The graphs of this index, and drafts of them."""
    return sorted(path.parent.glob(f"{glob.escape(path.name)}.*.graph*"))


def find(path: Path) -> Path | None:
    """The graph of this index that covers most rows; None without any, or without usearch to read it."""
    complete = [file for file in files_of(path) if file.suffix == ".graph"]
    return max(complete, key=_covered, default=None) if complete and available() else None


def open_graph(file: Path, keys: NDArray[np.int64]) -> Graph | None:
    """The graph, mapped; None when it was built over other rows than those with these keys, or is damaged."""
    from usearch.index import Index  # noqa: PLC0415  # an optional part, and 0.1 s

    covers = _covered(file)
    if covers > len(keys) or digest(keys[:covers]) != file.name.split(".")[-3]:
        return None
    try:
        return Graph(file, covers, Index.restore(file, view=True))
    except (ValueError, RuntimeError, OSError):
        return None


def build(path: Path, keys: NDArray[np.int64], vectors: NDArray[np.int16]) -> Path:
    """A draft over these rows without the removed ones (key 0): 0.3 to 1 ms of CPU and 0.7 KB a row of 512."""
    from usearch.index import Index  # noqa: PLC0415  # as above

    index = Index(
        ndim=vectors.shape[1],
        metric="cos",
        dtype="i8",
        connectivity=_LINKS,
        expansion_add=_ADD_BREADTH,
        expansion_search=_LEAST_BREADTH,
    )
    held = np.flatnonzero(keys != 0)
    for start in range(0, len(held), _AT_ONCE):
        rows = held[start : start + _AT_ONCE]
        index.add(rows, vectors[rows].astype(np.float32), threads=1)
    draft = path.with_name(f"{path.name}.{digest(keys)}.{len(keys)}{DRAFT}")
    index.save(draft)
    with draft.open("rb") as saved:
        os.fsync(saved.fileno())  # it is mapped later on: half of it would end the process
    return draft


def _covered(file: Path) -> int:
    return int(file.name.split(".")[-2])
