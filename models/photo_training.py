"""Training a photo model, and reporting what it is worth on groups of photos that it has not seen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import TooFewExamples
from models.evaluate import Report, report
from models.heads import Floats, choose_gate, deal, probabilities
from models.labels import alike
from models.photo_embedder import PhotoEmbedder
from models.photo_fitting import FOLDS, Fitted, PhotoRows, fit_head
from models.photo_model import NEVER, PhotoModel, PhotoPrediction

OUT_OF_SCOPE = "oos"
SMALL = 2_000  # photos under which every one is judged once, by cross-validation: a hold-out would be too small
PRECISION = 0.9
_FEWEST = FOLDS  # groups of two labels: so every fold of a fold has both
_ENOUGH = 5  # predictions that a threshold must be seen to hold for
_FOLDS = 5


@dataclass(frozen=True)
class PhotoSet:
    """Labelled photos as features (n, dim), with groups; label `oos` is out of scope: for the gate, never a class."""

    features: Floats
    labels: tuple[str, ...]
    groups: tuple[str, ...]
    digest: str = ""

    def inside(self) -> PhotoRows:
        rows = np.flatnonzero(np.array(self.labels) != OUT_OF_SCOPE)
        return PhotoRows(self.features, self.labels, self.groups).take(rows)

    def outside(self) -> PhotoRows:
        rows = np.flatnonzero(np.array(self.labels) == OUT_OF_SCOPE)
        return PhotoRows(self.features, self.labels, self.groups).take(rows)


def train_photos(
    photos: PhotoSet, *, name: str, embedder: PhotoEmbedder, precision: float = PRECISION, seed: int = 0
) -> tuple[PhotoModel, Report]:
    """The model to deliver, fitted on everything, and a report by models that had not seen what they were judged on.

    Under 2,000 photos five-fold cross-validation, each photo judged once; from there on a fifth of each label's groups
    is held out. All choices are made anew inside the rows each model is fitted on. precision: what a label's threshold
    of abstention is set to reach. Raises TooFewExamples, NotConverged, AlwaysTheSame.
    """
    check_photos(photos.inside())
    judged = _judged(photos, name=name, embedder=embedder, precision=precision, seed=seed)
    model = fit_photo_model(photos, name=name, embedder=embedder, precision=precision, seed=seed)
    return model, judged


def check_photos(rows: PhotoRows) -> None:
    """Raises TooFewExamples unless two labels have four groups each: near duplicates and incidents count once."""
    spread = Counter(label for label, _ in set(zip(rows.labels, rows.groups, strict=True)))
    if sum(n >= _FEWEST for n in spread.values()) < 2:  # noqa: PLR2004  # a choice needs two
        most = sorted(spread.items(), key=lambda one: (-one[1], one[0]))[:3]
        found = ", ".join(f"{label}: {n}" for label, n in most) or "none"
        raise TooFewExamples(
            f"different photos per label are {found}",
            mend=f"give at least {_FEWEST} of each of two labels or more; near duplicates and photos of one group"
            " count once",
        )


def fit_photo_model(
    photos: PhotoSet, *, name: str, embedder: PhotoEmbedder, precision: float = PRECISION, seed: int = 0
) -> PhotoModel:
    """Fit on all rows; temperature, thresholds and gate come from scores of photos whose group was not seen."""
    rows, outsiders = photos.inside(), photos.outside()
    fitted = fit_head(rows, parts=embedder.parts, outsiders=outsiders.features, seed=seed)
    inside = fitted.likeness[fitted.judged]
    truth = np.array(rows.labels)
    return PhotoModel(
        name=name,
        labels=fitted.labels,
        head=fitted.head,
        temperature=fitted.temperature,
        thresholds=thresholds(fitted, truth, precision),
        gate=choose_gate(inside, fitted.outsiders),
        settings={
            "chosen": fitted.chosen,
            "embedder": f"{embedder.name} {embedder.version}",
            "photos": len(truth),
            "groups": len(set(rows.groups)),
            "out_of_scope_examples": len(outsiders.labels),
            "precision": precision,
            "calibrated_on": f"{int(fitted.judged.sum())} of {len(truth)} photos by heads without their groups",
            "seed": seed,
            "data_digest": photos.digest,
        },
        embedder=embedder,
    )


def thresholds(fitted: Fitted, truth: NDArray[np.str_], precision: float) -> dict[str, float]:
    """Per label the lowest confidence from which on its predictions were right often enough; `NEVER` where none is.

    Judged on scores of heads without the photo's group; at least five predictions must lie at or above it.
    """
    chances = probabilities(fitted.scores, fitted.temperature)
    said = np.array(fitted.labels)[chances.argmax(axis=1)]
    confidence = np.round(chances.max(axis=1), 6)
    found = {}
    for label in fitted.labels:
        mine = fitted.judged & (said == label)
        found[label] = _threshold(confidence[mine], truth[mine] == label, precision)
    return found


def _threshold(confidence: NDArray[np.float64], right: NDArray[np.bool_], precision: float) -> float:
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(right) + 1)
    is_cut = np.append(np.diff(confidence[order]) != 0, True)[: len(right)]
    allowed = np.flatnonzero(is_cut & (share >= precision) & (np.arange(1, len(right) + 1) >= _ENOUGH))
    return float(confidence[order][allowed[-1]]) if len(allowed) else NEVER


def evaluate_photos(model: PhotoModel, photos: PhotoSet) -> Report:
    """The model held against labelled photos; a label it does not know is named in the report and counted wrong."""
    inside, outside = photos.inside(), photos.outside()
    spelled: Mapping[str, str] = alike(inside.labels, model.labels)
    return report(
        [one.as_text() for one in model.predict_features(inside.features)],
        [spelled[label] for label in inside.labels],
        [one.as_text() for one in model.predict_features(outside.features)],
        name=model.name,
        version=model.version,
        known=model.labels,
        method="evaluated on the given file",
    )


def _judged(photos: PhotoSet, *, name: str, embedder: PhotoEmbedder, precision: float, seed: int) -> Report:
    """Out-of-scope photos are dealt into folds of their own."""
    is_inside = np.array(photos.labels) != OUT_OF_SCOPE
    folds = np.zeros(len(photos.labels), dtype=np.int64)
    for part, rows in ((is_inside, photos.inside()), (~is_inside, photos.outside())):
        folds[part] = deal(rows.labels, rows.groups, _FOLDS, seed)
    everything = PhotoRows(photos.features, photos.labels, photos.groups)
    held_folds = range(_FOLDS) if is_inside.sum() < SMALL else range(1)
    judged: list[tuple[str, PhotoPrediction]] = []
    for fold in held_folds:
        kept, held = (everything.take(np.flatnonzero(one)) for one in (folds != fold, folds == fold))
        seen = PhotoSet(kept.features, kept.labels, kept.groups)
        if len(held.labels):
            model = fit_photo_model(seen, name=name, embedder=embedder, precision=precision, seed=seed)
            judged += zip(held.labels, model.predict_features(held.features), strict=True)
    inside = [(label, one) for label, one in judged if label != OUT_OF_SCOPE]
    method = (
        f"{_FOLDS}-fold cross-validation over groups, every photo judged once"
        if len(held_folds) > 1
        else f"held out: {len(inside)} of {int(is_inside.sum())} photos, whole groups"
    )
    return _report(
        inside, [one for label, one in judged if label == OUT_OF_SCOPE], name=name, photos=photos, method=method
    )


def _report(
    inside: Sequence[tuple[str, PhotoPrediction]],
    outside: Sequence[PhotoPrediction],
    *,
    name: str,
    photos: PhotoSet,
    method: str,
) -> Report:
    return report(
        [one.as_text() for _, one in inside],
        [label for label, _ in inside],
        [one.as_text() for one in outside],
        name=name,
        version="",
        known=sorted(set(photos.labels) - {OUT_OF_SCOPE}),
        method=method,
    )
