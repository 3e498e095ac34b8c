"""What makes cases and photos findable by likeness: embeddings of closed cases, fingerprints of photos.

Both are read once into memory and then kept up from the last id seen. So ids must become visible in their order:
whoever adds holds a lock until the commit, or a reader could see 8, note it, and never see 7, whose transaction took
longer. A generation that rises with every removal tells a reader to start anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select

from cases.store import dialect
from cases.store.counters import count_up, counted
from cases.store.side_rows import PhotoHashRow, VectorRow

_REMOVED_VECTORS, _REMOVED_HASHES = "generation vectors", "generation photo_hashes"


@dataclass(frozen=True, slots=True)
class NewVector:
    """vector: float16, little-endian, one row of the space's width. space: digest of the model that made it."""

    case_id: str
    space: str
    closed_at: datetime
    vector: bytes


@dataclass(frozen=True, slots=True)
class StoredVector:
    id: int
    case_id: str
    closed_at: datetime
    vector: bytes


@dataclass(frozen=True, slots=True)
class PhotoHash:
    """Fingerprints of one photo. hashes: perceptual ones in hexadecimal. id: 0 before it is stored."""

    file_id: str
    case_id: str
    reference: str
    sha256: str
    pixels_sha256: str
    hashes: tuple[str, ...]
    id: int = 0


class Likeness:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- embeddings of closed cases ---------------------------------------------------------------------------------

    def add_vectors(self, vectors: Sequence[NewVector]) -> None:
        """Add them; a case that has one in that space (it was closed before) gets the new one instead."""
        if not vectors:
            return
        dialect.one_at_a_time(self._connection, "vectors")
        known = self._connection.execute(
            select(VectorRow.id, VectorRow.case_id, VectorRow.space).where(
                VectorRow.case_id.in_([vector.case_id for vector in vectors])
            )
        )
        new = {(vector.case_id, vector.space): vector for vector in vectors}
        replaced = [row.id for row in known if (row.case_id, row.space) in new]
        if replaced:
            self._remove(VectorRow, VectorRow.id.in_(replaced), _REMOVED_VECTORS)
        rows = [
            {
                "case_id": vector.case_id,
                "space": vector.space,
                "closed_at": vector.closed_at,
                "vector": vector.vector,
            }
            for vector in new.values()
        ]
        self._connection.execute(insert(VectorRow.__table__), rows)

    def vectors_since(self, last_id: int, *, space: str, limit: int = 100_000) -> list[StoredVector]:
        """Vectors of one space with a higher id, by id; from 0 on for all of them."""
        rows = self._connection.execute(
            select(VectorRow.id, VectorRow.case_id, VectorRow.closed_at, VectorRow.vector)
            .where(VectorRow.id > last_id, VectorRow.space == space)
            .order_by(VectorRow.id)
            .limit(limit)
        )
        return [StoredVector(*row) for row in rows]

    def vector_keys(self, space: str, *, after: str = "", limit: int = 10_000) -> list[tuple[int, str]]:
        """(id, case) of the vectors of one space, by case and for later cases than `after`: to hold a copy to them.

        Read from the index on (case, space) alone: the vectors themselves are a hundred times as much.
        """
        rows = self._connection.execute(
            select(VectorRow.id, VectorRow.case_id)
            .where(VectorRow.case_id > after, VectorRow.space == space)
            .order_by(VectorRow.case_id)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in rows]

    def vectors_generation(self) -> int:
        """Rises whenever a vector was removed: start anew from id 0 then."""
        return counted(self._connection, _REMOVED_VECTORS)

    # --- fingerprints of photos -------------------------------------------------------------------------------------

    def add_photos(self, photos: Iterable[PhotoHash]) -> None:
        """Add them; a file that its case has already is left as it is."""
        new = {(photo.case_id, photo.file_id): photo for photo in photos}
        if not new:
            return
        dialect.one_at_a_time(self._connection, "photo_hashes")
        known = self._connection.execute(
            select(PhotoHashRow.case_id, PhotoHashRow.file_id).where(
                PhotoHashRow.case_id.in_({case_id for case_id, _ in new})
            )
        )
        for case_id, file_id in known:
            new.pop((case_id, file_id), None)
        if new:
            self._connection.execute(insert(PhotoHashRow.__table__), [_columns(photo) for photo in new.values()])

    def photos_since(self, last_id: int, *, limit: int = 100_000) -> list[PhotoHash]:
        """Fingerprints with a higher id, by id; from 0 on for all of them."""
        return self._photos(PhotoHashRow.id > last_id, limit=limit)

    def same_photos(self, *, sha256: str, pixels_sha256: str, besides: str) -> list[PhotoHash]:
        """Photos of other cases than `besides` with the same bytes or the same pixels."""
        same = or_(PhotoHashRow.sha256 == sha256, PhotoHashRow.pixels_sha256 == pixels_sha256)
        return self._photos(same, PhotoHashRow.case_id != besides, limit=100)

    def photos_generation(self) -> int:
        """As vectors_generation, for photos."""
        return counted(self._connection, _REMOVED_HASHES)

    def _photos(self, *conditions: Any, limit: int) -> list[PhotoHash]:
        rows = self._connection.execute(
            select(
                PhotoHashRow.file_id,
                PhotoHashRow.case_id,
                PhotoHashRow.reference,
                PhotoHashRow.sha256,
                PhotoHashRow.pixels_sha256,
                PhotoHashRow.hashes,
                PhotoHashRow.id,
            )
            .where(*conditions)
            .order_by(PhotoHashRow.id)
            .limit(limit)
        )
        return [PhotoHash(*row[:5], tuple(row.hashes.split()), row.id) for row in rows]

    # --- forgetting -------------------------------------------------------------------------------------------------

    def forget(self, case_id: str) -> None:
        """Remove everything of one case."""
        self._remove(VectorRow, VectorRow.case_id == case_id, _REMOVED_VECTORS)
        self._remove(PhotoHashRow, PhotoHashRow.case_id == case_id, _REMOVED_HASHES)

    def _remove(self, row: type[VectorRow | PhotoHashRow], condition: Any, generation: str) -> None:
        if self._connection.execute(delete(row).where(condition)).rowcount:
            count_up(self._connection, generation)


def _columns(photo: PhotoHash) -> dict[str, str]:
    return {
        "file_id": photo.file_id,
        "case_id": photo.case_id,
        "reference": photo.reference,
        "sha256": photo.sha256,
        "pixels_sha256": photo.pixels_sha256,
        "hashes": " ".join(photo.hashes),
    }
