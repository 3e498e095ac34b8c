"""Photo classifier: what a photo shows, how sure that is, and when it had better say nothing.

A frozen encoder, and a head kept as plain arrays. On disk a model is JSON and arrays with a digest that is checked
before anything is read. It holds features of its training photos, never the photos.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.digests import digest_of_files
from models.errors import DigestMismatch
from models.heads import Floats, Linear, probabilities
from models.photo_embedder import EncoderAbsent, PhotoEmbedder
from models.photo_head import Head, Kernel, View
from models.text import Prediction
from models.threads import one_thread

if TYPE_CHECKING:
    from PIL.Image import Image

TOP = 5
NEVER = 2.0  # a threshold that no confidence reaches
_FILES = ("model.json", "arrays.npz")


def short_digest(digest: str) -> str:
    """As events name a version."""
    return digest[:12]


@dataclass(frozen=True, slots=True)
class PhotoPrediction:
    """What the model makes of one photo.

    confidence: calibrated probability of the label, in [0, 1]. abstains: the model had better not be heard: out of
    scope, or the confidence lies under the label's own threshold. scope_score: raw, higher = more like the training
    photos. top: the five likeliest (label, probability).
    """

    label: str
    confidence: float
    abstains: bool
    scope: Literal["in", "out"]
    scope_score: float
    top: tuple[tuple[str, float], ...]

    def as_text(self) -> Prediction:
        """The same in the form that `models.evaluate.report` measures; no words weigh in."""
        return Prediction(self.label, self.confidence, self.scope, self.scope_score, self.top, ())


@dataclass
class PhotoModel:
    """Made by `models.photo_training`. Safe to share by threads.

    thresholds: per label the confidence under which a prediction of it abstains. gate: scope score under which a photo
    is out of scope.
    """

    name: str
    labels: tuple[str, ...]
    head: Head
    temperature: float
    thresholds: Mapping[str, float]
    gate: float
    settings: dict[str, Any]  # how it was fitted, for the card
    embedder: PhotoEmbedder
    digest: str = ""  # sha256 over its files; empty until saved

    @property
    def version(self) -> str:
        """Short digest; it names the exact files that answered."""
        return short_digest(self.digest)

    def predict(self, images: Sequence["Image"]) -> list[PhotoPrediction]:
        """One prediction per RGB image, in order; [] for []. As trained: upright, at most 512 pixels a side."""
        return self.predict_features(self.embedder.embed(images)) if images else []

    def predict_features(self, features: Floats) -> list[PhotoPrediction]:
        """The same of features of the model's own encoder, shape (n, dim), computed before."""
        if not len(features):
            return []
        with one_thread():
            scores, likeness = self.head.scores(features)
            chances = probabilities(scores, self.temperature)
        return [self._prediction(one, float(like)) for one, like in zip(chances, likeness, strict=True)]

    def _prediction(self, chances: NDArray[np.float64], likeness: float) -> PhotoPrediction:
        order = np.argsort(-chances, kind="stable")[:TOP]
        label, confidence = self.labels[order[0]], round(float(chances[order[0]]), 6)
        is_inside = likeness >= self.gate
        return PhotoPrediction(
            label=label,
            confidence=confidence,
            abstains=not is_inside or confidence < self.thresholds[label],
            scope="in" if is_inside else "out",
            scope_score=round(likeness, 5),
            top=tuple((self.labels[i], round(float(chances[i]), 6)) for i in order),
        )

    def save(self, folder: Path) -> str:
        """Write the model's two files into an existing folder; returns (and keeps) the digest over them."""
        head = self.head
        about = {
            "name": self.name,
            "labels": self.labels,
            "temperature": self.temperature,
            "thresholds": dict(self.thresholds),
            "gate": self.gate,
            "settings": self.settings,
            "embedder": {"name": self.embedder.name, "version": self.embedder.version},
            "blocks": head.view.blocks,
            "is_rooted": head.view.is_rooted,
            "gamma": head.kernel.gamma,
            "linear_temperature": head.linear_temperature,
            "kernel_temperature": head.kernel_temperature,
            "share": head.share,
        }
        (folder / "model.json").write_text(json.dumps(about, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        np.savez(
            folder / "arrays.npz",
            mean=head.view.mean,
            scale=head.view.scale,
            coef=head.linear.coef,
            intercept=head.linear.intercept,
            vectors=head.kernel.vectors,
            weights=head.kernel.weights,
        )
        self.digest = digest_of_files(folder, _FILES)
        return self.digest

    @classmethod
    def load(cls, folder: Path, *, sha256: str, embedder: PhotoEmbedder) -> "PhotoModel":
        """Read a saved model. Raises DigestMismatch, and EncoderAbsent when it was trained with another encoder."""
        found = digest_of_files(folder, _FILES)
        if found != sha256:
            raise DigestMismatch(f"photo model {folder.name}", expected=sha256, found=found)
        about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if about["embedder"] != {"name": embedder.name, "version": embedder.version}:
            raise EncoderAbsent(about["name"], f"{about['embedder']['name']} {about['embedder']['version'][:12]}")
        with np.load(folder / "arrays.npz", allow_pickle=False) as stored:
            arrays = dict(stored)
        return cls(
            name=about["name"],
            labels=tuple(about["labels"]),
            head=Head(
                View(tuple(about["blocks"]), about["is_rooted"], arrays["mean"], arrays["scale"]),
                Linear(arrays["coef"], arrays["intercept"]),
                Kernel(arrays["vectors"], arrays["weights"], about["gamma"]),
                about["linear_temperature"],
                about["kernel_temperature"],
                about["share"],
            ),
            temperature=about["temperature"],
            thresholds=about["thresholds"],
            gate=about["gate"],
            settings=about["settings"],
            embedder=embedder,
            digest=found,
        )
