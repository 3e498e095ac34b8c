"""Similar past cases and photos seen before: indexes over rows of the store, kept up from the last id."""

import fcntl
import threading
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote

import numpy as np
import structlog
from numpy.typing import NDArray

from cases.store.database import Database
from cases.store.likeness import PhotoHash
from cases.store.store import Store
from models import graph
from models.reuse import REUSED_WITHIN, ReuseLedger
from models.similar import NAME, VectorIndex

log = structlog.get_logger()
Vectors = NDArray[np.float32]
FRESH = 1024  # photos of one batch and more
AT_ONCE = 4096  # vectors read from the database: 4 MB


@dataclass(frozen=True, slots=True)
class Near:
    case_id: str
    similarity: float


class SimilarCases:
    """Embeddings of closed cases of each journey, mapped from files that all processes of a machine share.

    A query sees only cases closed before its moment. The files are a copy: they are held to the database whenever they
    are opened and whenever something was removed there, and hold no more than what it holds. exact_up_to: a journey
    with more of them is searched through a graph, which is built beside everything else; 0: never.
    """

    def __init__(self, database: Database, *, dim: int, folder: Path, exact_up_to: int = 0) -> None:
        self._database = database
        self._exact_up_to = exact_up_to
        self._building: threading.Thread | None = None
        self._told_of_lack = self._gave_up = False
        self._dim = dim
        self._folder = folder
        self._lock = threading.Lock()
        self._indexes: dict[str, VectorIndex] = {}
        self._generations: dict[str, int] = {}

    def query(self, space: str, vectors: Vectors, *, before: Sequence[datetime], k: int) -> list[list[Near]]:
        """The k nearest of each vector in its journey's space, nearest first, closed before its own moment."""
        with self._lock:
            index = self._kept_up(space)
            stamps = [moment.timestamp() for moment in before]
            found = index.query(vectors, before=stamps, k=k)
            self._see_to_graph(space, index)
        return [[Near(case_id, score) for case_id, score in near] for near in found]

    def forget(self) -> None:
        """Leave nothing in the files that is not in the database any more: something was erased there."""
        with self._lock:
            for file in self._folder.glob("*.rows"):
                self._kept_up(unquote(file.stem))

    def settle(self) -> None:
        """Wait for a graph that is being built by this process."""
        if self._building is not None:
            self._building.join()

    def _see_to_graph(self, space: str, index: VectorIndex) -> None:
        if 0 < self._exact_up_to < len(index) and not graph.available():
            if not self._told_of_lack:
                log.warning("similar.compared_one_by_one", cases=len(index), mend="install casewright[ann]")
            self._told_of_lack = True
            return
        is_building = self._building is not None and self._building.is_alive()
        if not is_building and not self._gave_up and index.wants_graph:
            self._building = threading.Thread(target=self._build_graph, args=(space,), daemon=True, name="graph")
            self._building.start()

    def _build_graph(self, space: str) -> None:
        """On files of its own, so that queries go on meanwhile; one process of a machine at a time."""
        path = self._path(space)
        with path.with_name(path.name + ".building").open("w") as turn:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            index = VectorIndex(path, self._dim, exact_up_to=self._exact_up_to)
            try:
                if index.wants_graph:
                    log.info("similar.graph_built", space=space, cases=len(index), stands=index.build_graph())
            except Exception:
                # A thread's edge: whatever the library of the graph or the disk does.
                self._gave_up = True  # or every query would begin anew; exact answers go on
                log.exception("similar.graph_failed", space=space)

    def _path(self, space: str) -> Path:
        return self._folder / quote(space, safe="")

    def _kept_up(self, space: str) -> VectorIndex:
        index = self._opened(space)
        with self._database.reading() as store:
            is_same = store.likeness.vectors_generation() == self._generations.get(space)
            if is_same and not store.likeness.vectors_since(index.last, space=space, limit=1):
                return index
        with index.locked(), self._database.reading() as store:  # what is read now is newer than all that is written
            self._catch_up(index, space, store)
        return index

    def _opened(self, space: str) -> VectorIndex:
        if space not in self._indexes:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._indexes[space] = VectorIndex(self._path(space), self._dim, exact_up_to=self._exact_up_to)
        return self._indexes[space]

    def _catch_up(self, index: VectorIndex, space: str, store: Store) -> None:
        generation = store.likeness.vectors_generation()
        last = index.last
        if generation != self._generations.get(space):
            missing = index.hold_to(*_keys(store, space))
            last = min(index.last, int(missing.min()) - 1 if len(missing) else index.last)
            self._generations[space] = generation
        while rows := store.likeness.vectors_since(last, space=space, limit=AT_ONCE):
            index.append(
                [row.id for row in rows],
                [row.case_id for row in rows],
                np.stack([np.frombuffer(row.vector, dtype="<f2") for row in rows]),
                stamps=[row.closed_at.timestamp() for row in rows],
            )
            last = rows[-1].id


def _keys(store: Store, space: str) -> tuple[NDArray[np.int64], NDArray[np.bytes_]]:
    """Every id of the space, rising, and its case; as arrays, for lists so long would stay in the process's memory."""
    ids, names, last = [np.zeros(0, np.int64)], [np.zeros(0, NAME)], ""
    while found := store.likeness.vector_keys(space, after=last):
        ids.append(np.array([id_ for id_, _ in found], dtype=np.int64))
        names.append(np.array([name.encode() for _, name in found], dtype=NAME))
        last = found[-1][1]
    keys = np.concatenate(ids)
    order = np.argsort(keys)
    return keys[order], np.concatenate(names)[order]


class SeenPhotos:
    """The reuse ledger: which other case holds the same picture. Always a question to a person, never a refusal."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._ledger = ReuseLedger()
        self._photos: dict[str, tuple[str, str]] = {}  # case and its reference; the hashes are in the ledger
        self._fresh: deque[PhotoHash] = deque(maxlen=FRESH)
        self._last = 0
        self._generation = -1

    def find(self, hashes: Sequence[str], *, sha256: str, pixels_sha256: str, case_id: str) -> tuple[str, int] | None:
        """(reference of another case, differing bits) of the nearest such photo within reach; else None."""
        with self._lock:
            self._keep_up()
            with self._database.reading() as store:
                same = store.likeness.same_photos(sha256=sha256, pixels_sha256=pixels_sha256, besides=case_id)
            same += [
                photo
                for photo in self._fresh
                if photo.case_id != case_id and (photo.sha256 == sha256 or photo.pixels_sha256 == pixels_sha256)
            ]
            if same:
                return same[0].reference, 0
            near = self._ledger.find(hashes) if hashes else None
        if near is None or near.distance > REUSED_WITHIN:
            return None
        owner, reference = self._photos.get(near.file_id, (case_id, ""))
        return (reference, near.distance) if owner != case_id else None

    def note(self, photos: Iterable[PhotoHash]) -> None:
        """Photos that were seen and will be written: the next ones of the same batch are held against them already."""
        with self._lock:
            for photo in photos:
                self._fresh.append(photo)
                self._add(photo)

    def _add(self, photo: PhotoHash) -> None:
        key = f"{photo.case_id}/{photo.file_id}"
        if key not in self._photos:
            self._ledger.add(key, photo.hashes)
        self._photos[key] = photo.case_id, photo.reference

    def _keep_up(self) -> None:
        with self._database.reading() as store:
            generation = store.likeness.photos_generation()
            if generation != self._generation:
                self._ledger, self._photos, self._last, self._generation = ReuseLedger(), {}, 0, generation
                self._fresh.clear()
            rows = store.likeness.photos_since(self._last)
        for row in rows:
            self._add(row)
            self._last = row.id


class EmbeddingCache:
    """Embeddings of texts that are used by several stages within a short time; at most `size` of them."""

    def __init__(self, size: int = 4096) -> None:
        self._size = size
        self._kept: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> NDArray[np.float32] | None:
        with self._lock:
            vector = self._kept.get(text)
            if vector is not None:
                self._kept.move_to_end(text)
            return vector

    def put(self, text: str, vector: NDArray[np.float32]) -> None:
        with self._lock:
            self._kept[text] = vector
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
