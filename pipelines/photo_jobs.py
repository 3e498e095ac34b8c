"""Photo models by name or by journey: trained on a file of photos, measured and asked from the command line."""

import hashlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from PIL import Image

from configs.settings import Settings
from models import registry
from models.errors import UnreadableRow
from models.evaluate import Report
from models.heads import Floats
from models.photo import PhotoHashes
from models.photo_embedder import PhotoEmbedder, embedder_for
from models.photo_examples import Likeness, PhotoRow, check_one_label_each, read_photo_rows, together
from models.photo_model import PhotoModel, PhotoPrediction
from models.photo_training import PhotoSet, evaluate_photos, train_photos
from pipelines.attachments import Reason
from pipelines.decoding import Decoder, DecoderDied
from pipelines.house import House
from pipelines.model_log import note_training
from pipelines.named_models import Trained, UnknownJourney
from pipelines.photo_models import KIND, load_photo_model

_AT_ONCE = 16  # photos in memory
_RECIPE = "1"  # raised when the same photos would give another model
_MENDS: dict[Reason, str] = {
    "too_small": "give one of at least 64 by 64 pixels or remove the row",
    "not_a_photo": "give a JPEG, PNG, WebP or HEIC file or remove the row",
    "timeout": "give a smaller one, raise CASEWRIGHT_DECODE_SECONDS or remove the row",
}
_MEND = "replace the photo or remove the row"


@dataclass(frozen=True)
class ReadPhotos:
    """The photos of a file as a model sees them: rows in the order of the file, and features (n, dim)."""

    rows: tuple[PhotoRow, ...]
    looks: tuple[Likeness, ...]
    features: Floats


def train_photos_by_name(settings: Settings, name: str, data: Path) -> Trained:
    """Train on a file and let that version serve under this name. Needs no house."""
    embedder = embedder_of(settings)
    photos = labelled_photos(read_photos(data, embedder, settings, needs_labels=True), data.name)
    content = hashlib.sha256(
        orjson.dumps([_RECIPE, photos.digest, embedder.name, embedder.version, settings.photo_precision])
    ).hexdigest()

    def train(folder: Path) -> dict[str, Any]:
        model, judged = train_photos(photos, name=name, embedder=embedder, precision=settings.photo_precision)
        digest = model.save(folder)
        return {"sha256": digest, "data_digest": photos.digest, "report": asdict(judged), "settings": model.settings}

    path = registry.find_or_train(settings.model_root, KIND, name, content, train)
    if registry.current(settings.model_root, KIND, name) != path:
        registry.promote(settings.model_root, KIND, name, path.name)
    return Trained(path, replace(Report(**registry.read_card(path)["report"]), version=path.name))


def train_photos_for_journey(house: House, journey: str, data: Path) -> Trained:
    """The same under a journey's name, and noted in the log; its photo model is found by that name."""
    if journey not in house.journeys.folders:
        raise UnknownJourney(journey, house.journeys.names())
    trained = train_photos_by_name(house.settings, journey, data)
    note_training(house, f"{KIND}/{journey}", trained.path)
    return trained


def find_photo_model(settings: Settings, name: str) -> PhotoModel:
    """The version that serves under a name or for a journey. Raises UnknownModel."""
    path = registry.current(settings.model_root, KIND, name)
    return load_photo_model(path, embedder_of(settings))


def evaluate_photo_file(model: PhotoModel, data: Path, settings: Settings) -> Report:
    """The model held against a labelled file of photos."""
    read = read_photos(data, model.embedder, settings, needs_labels=True)
    return evaluate_photos(model, labelled_photos(read, data.name))


def predict_photo_file(model: PhotoModel, data: Path, settings: Settings) -> list[PhotoPrediction]:
    """One prediction per row, in the order of the file; labels are not needed."""
    return model.predict_features(read_photos(data, model.embedder, settings, needs_labels=False).features)


def embedder_of(settings: Settings) -> PhotoEmbedder:
    return embedder_for(settings.model_root, settings.photo_encoder, settings.photo_encoder_style)


def labelled_photos(read: ReadPhotos, file: str) -> PhotoSet:
    """With groups of photos that belong together. Raises UnreadableRow for one photo under two labels."""
    check_one_label_each(read.rows, read.looks, file)
    told = [(row.label, row.group, look.pixels) for row, look in zip(read.rows, read.looks, strict=True)]
    return PhotoSet(
        read.features,
        tuple(row.label for row in read.rows),
        together(read.looks, [row.group for row in read.rows]),
        hashlib.sha256(orjson.dumps(told)).hexdigest(),
    )


def read_photos(data: Path, embedder: PhotoEmbedder, settings: Settings, *, needs_labels: bool) -> ReadPhotos:
    """Every photo decoded as one that came in is: by a child process, within the same limits, at the same size.

    Raises UnreadableRow naming file, line and mend for the first photo that cannot be used.
    """
    rows = read_photo_rows(data, needs_labels=needs_labels)
    looks: list[Likeness] = []
    features: list[Floats] = []
    with Decoder(seconds=settings.decode_seconds) as decoder:
        for start in range(0, len(rows), _AT_ONCE):
            seen = [_look(decoder, row, data.name) for row in rows[start : start + _AT_ONCE]]
            looks += [look for look, _ in seen]
            features.append(embedder.embed([image for _, image in seen]))
    return ReadPhotos(tuple(rows), tuple(looks), np.concatenate(features))


def _look(decoder: Decoder, row: PhotoRow, file: str) -> tuple[Likeness, Image.Image]:
    try:
        (look,) = decoder.look_closely([row.path])
    except DecoderDied:
        problem = f"{row.path.name} ended the process that read it"
        raise UnreadableRow(file, row.line, problem, mend=_MEND) from None
    except OSError as error:
        problem = f"{row.path.name} cannot be opened ({error.strerror})"
        raise UnreadableRow(file, row.line, problem, mend="correct the path or the file's rights") from error
    found, pixels = look
    if pixels is None:
        reason = found.reason or "unreadable"
        problem = f"{row.path.name} cannot be used as a photo: {reason}"
        raise UnreadableRow(file, row.line, problem, mend=_MENDS.get(reason, _MEND))
    return Likeness(found.sha256_pixels or "", PhotoHashes(found.hashes, found.variants)), Image.fromarray(pixels)
