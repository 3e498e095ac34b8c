"""What a photo model is worth on labelled photos, beside a plain colour histogram; one JSON line each.

    python -m benchmarks.photo_accuracy [--data FILE.csv]

FILE.csv has `path,label[,group]`. All figures are on groups of photos that the judging model had not seen. Without a
file photos drawn by code are used: that shows that it runs and what it costs, and measures no accuracy.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from configs.settings import Settings
from models.evaluate import Report, report
from models.heads import deal
from models.photo_embedder import PhotoEmbedder
from models.photo_training import OUT_OF_SCOPE, PhotoSet, train_photos
from models.text import Prediction
from pipelines.demo.draw import draw
from pipelines.photo_jobs import embedder_of, labelled_photos, read_photos

_DRAWN = ("windscreen_star", "windscreen_crack", "bumper_dent", "front_dent", "door_scratch", "side_window")
_EACH, _NOISE, _BINS, _FOLDS = 12, 40.0, 4, 5


class ColourHistogram:
    """The baseline: shares of pixels in 64 boxes of colour."""

    name, version, dim = "colour-histogram", "1", _BINS**3
    parts = ((_BINS**3,),)

    def embed(self, images: Sequence[Image.Image], /) -> NDArray[np.float32]:
        """Shape (n, 64)."""
        rows: list[NDArray[np.float32]] = [np.zeros((0, self.dim), dtype=np.float32)]
        for image in images:
            boxes = np.asarray(image.convert("RGB")).reshape(-1, 3) // (256 // _BINS)
            codes = boxes @ np.array([_BINS**2, _BINS, 1])
            counts = np.bincount(codes, minlength=self.dim)[None] / len(codes)
            rows.append(counts.astype(np.float32))
        return np.concatenate(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = chosen.data or _drawn(Path(folder))
        settings = Settings(home=Path(folder))
        about = {"dataset": data.stem} if chosen.data else {"dataset": "drawn", "note": "drawn: no measure of accuracy"}
        for line in (_ours(data, settings), _baseline(data, settings)):
            print(json.dumps(about | line), flush=True)


def _ours(data: Path, settings: Settings) -> dict[str, Any]:
    embedder = embedder_of(settings)
    photos, cost = _read(data, embedder, settings)
    cpu = time.process_time()
    _, judged = train_photos(photos, name="photos", embedder=embedder)
    return {"model": embedder.name, **_figures(judged), **cost, "fit_cpu_seconds": round(time.process_time() - cpu, 1)}


def _baseline(data: Path, settings: Settings) -> dict[str, Any]:
    """Standardised histograms and a logistic regression, on the same folds; not calibrated."""
    embedder = ColourHistogram()
    photos, cost = _read(data, embedder, settings)
    rows = photos.inside()
    labels = np.array(rows.labels)
    folds = deal(rows.labels, rows.groups, _FOLDS, 0)
    said: list[Prediction | None] = [None] * len(labels)
    for fold in range(_FOLDS):
        kept, held = folds != fold, np.flatnonzero(folds == fold)
        if len(held):
            head = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=5000))
            chances = head.fit(rows.features[kept], labels[kept]).predict_proba(rows.features[held])
            for i, one in zip(held.tolist(), chances, strict=True):
                label = str(head.classes_[one.argmax()])
                said[i] = Prediction(label, float(one.max()), "in", 0.0, (), ())
    told = [one for one in said if one is not None]
    known = sorted(set(rows.labels))
    judged = report(told, rows.labels, (), name="histogram", version="", known=known, method="cross-validation")
    return {"model": f"{embedder.name} + logistic regression", **_figures(judged), **cost}


def _read(data: Path, embedder: PhotoEmbedder, settings: Settings) -> tuple[PhotoSet, dict[str, float]]:
    """Also the CPU time that the encoder takes; photos are decoded in a child, whose time is not counted."""
    cpu = time.process_time()
    read = read_photos(data, embedder, settings, needs_labels=True)
    spent = (time.process_time() - cpu) / len(read.rows)
    return labelled_photos(read, data.name), {"encode_cpu_ms_a_photo": round(1000 * spent, 2)}


def _figures(judged: Report) -> dict[str, Any]:
    kept = {key: getattr(judged, key) for key in ("n", "accuracy", "macro_f1", "ece", "method")}
    surest = {share: judged.accuracy_at_coverage[share] for share in ("0.3", "0.4", "0.5")}
    strange = {} if judged.oos_auroc is None else {"oos_auroc": judged.oos_auroc}
    return {**kept, "accuracy_at_coverage": surest, **strange}


def _drawn(folder: Path) -> Path:
    chance = np.random.default_rng(0)
    lines = ["path,label"]
    for scene in (*_DRAWN, "mouse"):
        for seed in range(_EACH):
            pixels = np.asarray(draw(scene, seed).resize((400, 300)), dtype=np.float32)
            noisy = np.clip(pixels + chance.normal(0, _NOISE, pixels.shape), 0, 255).astype(np.uint8)
            Image.fromarray(noisy).save(folder / f"{scene}{seed}.jpg", quality=80)
            lines.append(f"{scene}{seed}.jpg,{scene if scene in _DRAWN else OUT_OF_SCOPE}")
    (folder / "drawn.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "drawn.csv"


if __name__ == "__main__":
    main()
