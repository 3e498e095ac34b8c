"""What the photo model of a journey makes of a case's photos, and what that says together with the text."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cases import events as e
from cases.case import Case
from cases.contradictions import topics_of
from cases.journey_folder import JourneyFolder
from cases.vocabulary import FileKind, FileStatus, Scope
from models.later import Later
from models.photo_model import PhotoModel, PhotoPrediction
from models.region import region
from models.squeezenet import SqueezeNet
from models.verdict import WEIGHT, combine, evidence
from pipelines.decoding import Look
from pipelines.house import House

if TYPE_CHECKING:
    from PIL.Image import Image

pillow = Later("PIL.Image")
MODEL = "photo"
MOST_SEEN = 12  # photos of one case; who sends more sends the same again


def with_photos(read: e.Understood, case: Case, folder: JourneyFolder, house: House) -> e.Understood:
    """The reading with what was seen; as it is where the journey has no photo model or the case no usable photo."""
    usable = [file for file in case.files if file.kind is FileKind.PHOTO and file.status is FileStatus.RECEIVED]
    model = house.photos.of(folder.name) if usable else None
    if model is None:
        return read
    seen = _seen(usable[:MOST_SEEN], case, model, house)
    return replace(read, photos=seen, combined=_combined(read, seen, folder))


def _seen(files: Sequence[e.FileSeen], case: Case, model: PhotoModel, house: House) -> tuple[e.PhotoSeen, ...]:
    """What this version of the model saw before is not looked at again."""
    known = {one.file_id: one for one in (case.understood.photos if case.understood else ())}
    known = {file_id: one for file_id, one in known.items() if one.model_version == model.version}
    new = [file for file in files if file.id not in known]
    looks = house.decoder.look_closely([house.blobs.get(case.id, file.sha256) for file in new])
    decoded = [(file, look) for file, look in zip(new, looks, strict=True) if look.pixels is not None]
    images = [pillow.fromarray(look.pixels) for _, look in decoded if look.pixels is not None]
    for (file, look), image, found in zip(decoded, images, model.predict(images), strict=True):
        known[file.id] = _photo(file.id, found, model, _box(model, image, found, look))
    return tuple(known[file.id] for file in files if file.id in known)


def _photo(
    file_id: str, found: PhotoPrediction, model: PhotoModel, box: tuple[int, int, int, int] | None
) -> e.PhotoSeen:
    return e.PhotoSeen(
        file_id=file_id,
        label=found.label,
        confidence=found.confidence,
        abstains=found.abstains,
        scope=Scope(found.scope),
        model=f"{MODEL}/{model.name}",
        model_version=model.version,
        top=tuple(e.Shown(label, chance) for label, chance in found.top),
        box=box,
    )


def _box(model: PhotoModel, image: "Image", found: PhotoPrediction, look: Look) -> tuple[int, int, int, int] | None:
    """What speaks for the label, by an activation map, in pixels of the photo; other encoders would cost 26 passes."""
    if found.abstains or not isinstance(model.embedder, SqueezeNet):
        return None
    part = region(model, image, found.label)
    if part is None:
        return None
    wide, high = look.findings.width, look.findings.height
    return round(part.left * wide), round(part.top * high), round(part.right * wide), round(part.bottom * high)


def _combined(read: e.Understood, seen: Sequence[e.PhotoSeen], folder: JourneyFolder) -> e.Combined | None:
    """Only photos that the model is sure about speak, and only about topics."""
    sure = [one for one in seen if not one.abstains and one.scope is Scope.IN]
    if not sure:
        return None
    text = {one.topic: one.probability for one in read.top} or {read.topic: read.confidence}
    text[read.topic] = read.confidence
    said = [evidence(_chances(one), _topics(one, folder), tuple(text)) for one in sure]
    verdict = combine(text, said, topic=read.topic)
    return e.Combined(verdict.topic, verdict.probability, WEIGHT)


def _chances(seen: e.PhotoSeen) -> Mapping[str, float]:
    return {one.label: one.probability for one in seen.top} or {seen.label: seen.confidence}


def _topics(seen: e.PhotoSeen, folder: JourneyFolder) -> Mapping[str, Sequence[str]]:
    return {label: topics_of(label, folder.journey) for label in _chances(seen)}
