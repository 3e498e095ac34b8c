"""Photos seen before: a ledger of perceptual hashes that finds near duplicates among a million photos.

Exact within its reach: a code within 10 bits of a query shares, in one of four bands of 16 bits, all but 2
of its bits (all but 1 in the last), so probing those neighbours misses nothing. Source: multi-index hashing,
Norouzi et al. (2012).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.photo import codes_of

REUSED_WITHIN = 6
CANDIDATE_WITHIN = 10

_BANDS = 4
_BAND_BITS = 16
_TAIL_CODES = 16_384  # scanned one by one; sorted into the index when full
_ONE_FLIP = 1 + _BAND_BITS
_FLIPS = np.array(
    [0]
    + [1 << bit for bit in range(_BAND_BITS)]
    + [1 << one | 1 << other for one, other in combinations(range(_BAND_BITS), 2)],
    dtype=np.uint16,
)


@dataclass(frozen=True, slots=True)
class Reuse:
    """The nearest photo in the ledger. `candidate` must be confirmed; both are a question to a person."""

    file_id: str
    distance: int

    @property
    def verdict(self) -> Literal["reused", "candidate"]:
        return "reused" if self.distance <= REUSED_WITHIN else "candidate"


class ReuseLedger:
    """Stored hashes of every photo, in memory: about 48 bytes a hash, 8 hashes a photo. Not thread-safe."""

    def __init__(self) -> None:
        self._files: list[str] = []
        self._segments: list[_Segment] = []
        self._tail_codes = np.empty(_TAIL_CODES, dtype=np.uint64)
        self._tail_owners = np.empty(_TAIL_CODES, dtype=np.int32)
        self._tail = 0

    def __len__(self) -> int:
        """How many photos were added."""
        return len(self._files)

    def add(self, file_id: str, hashes: Sequence[str]) -> None:
        """Store the hashes (`PhotoHashes.stored`) of one photo; none for a photo too plain to compare."""
        self.add_codes([file_id], codes_of(hashes), np.zeros(len(hashes), dtype=np.int32))

    def add_codes(self, file_ids: Sequence[str], codes: NDArray[np.uint64], owners: NDArray[np.int32]) -> None:
        """Store many at once: `codes` (n,), and for each the position in `file_ids` of its photo."""
        owners = owners + np.int32(len(self._files))
        self._files.extend(file_ids)
        if self._tail + len(codes) > _TAIL_CODES:
            tail = slice(0, self._tail)
            codes = np.concatenate([self._tail_codes[tail], codes])
            owners = np.concatenate([self._tail_owners[tail], owners])
            self._tail = 0
            self._sort_in(codes, owners)
            return
        self._tail_codes[self._tail : self._tail + len(codes)] = codes
        self._tail_owners[self._tail : self._tail + len(codes)] = owners
        self._tail += len(codes)

    def find(self, hashes: Sequence[str]) -> Reuse | None:
        """The photo nearest to any of the hashes (`PhotoHashes.queries`), None when all differ in over 10 bits.

        Of equally near photos the one added first.
        """
        queries = codes_of(hashes)
        if not len(queries):
            return None
        found = [segment.nearest(queries) for segment in self._segments]
        codes, owners = self._tail_codes[: self._tail], self._tail_owners[: self._tail]
        found.append(_nearest(np.bitwise_count(codes[None, :] ^ queries[:, None]), owners[None, :]))
        distance, owner = min(found)
        return Reuse(self._files[owner], distance) if distance <= CANDIDATE_WITHIN else None

    def _sort_in(self, codes: NDArray[np.uint64], owners: NDArray[np.int32]) -> None:
        """Segments double in size, so each code is sorted a logarithmic number of times."""
        while self._segments and len(self._segments[-1].codes[0]) <= 2 * len(codes):
            older = self._segments.pop()
            codes = np.concatenate([older.codes[0], codes])
            owners = np.concatenate([older.owners[0], owners])
        self._segments.append(_Segment(codes, owners))


class _Segment:
    """Codes that do not change any more, once per band, sorted by it: near codes lie near in memory."""

    def __init__(self, codes: NDArray[np.uint64], owners: NDArray[np.int32]) -> None:
        self.codes = []
        self.owners = []
        self.starts = []
        for band in range(_BANDS):
            keys = _band(codes, band)
            order = np.argsort(keys, kind="stable")
            self.codes.append(codes[order])
            self.owners.append(owners[order])
            counts = np.bincount(keys, minlength=1 << _BAND_BITS)
            self.starts.append(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))

    def nearest(self, queries: NDArray[np.uint64]) -> tuple[int, int]:
        """(distance, owner) of the nearest code that is within reach; (65, 0) when none is."""
        return min(self._nearest_in(band, queries) for band in range(_BANDS))

    def _nearest_in(self, band: int, queries: NDArray[np.uint64]) -> tuple[int, int]:
        flips = _FLIPS if band < _BANDS - 1 else _FLIPS[:_ONE_FLIP]
        probes = (_band(queries, band)[:, None] ^ flips[None, :]).ravel()
        starts = self.starts[band]
        first = starts[probes]
        counts = starts[probes.astype(np.int32) + 1] - first
        ends = np.cumsum(counts)
        if not len(ends) or not ends[-1]:
            return 65, 0
        places = np.arange(int(ends[-1]), dtype=np.intp)
        places += np.repeat(first - (ends - counts), counts)
        asked = np.repeat(np.repeat(queries, len(flips)), counts)
        distances = np.bitwise_count(self.codes[band].take(places) ^ asked)
        least = int(distances.min())
        return least, int(self.owners[band][places[distances == least]].min())


def _band(codes: NDArray[np.uint64], band: int) -> NDArray[np.uint16]:
    return (codes >> np.uint64(_BAND_BITS * band)).astype(np.uint16)


def _nearest(distances: NDArray[np.uint8], owners: NDArray[np.int32]) -> tuple[int, int]:
    """The least distance, and the first added among its owners; (65, 0) when there is none."""
    if not distances.size:
        return 65, 0
    least = int(distances.min())
    return least, int(np.broadcast_to(owners, distances.shape)[distances == least].min())
