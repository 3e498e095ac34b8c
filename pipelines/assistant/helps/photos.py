"""What a photo shows, in words, for who cannot see it. Twin: the photo's label, by the journey's own photo model.

A model sees the photo small and without what the camera wrote into it. Words that stand in the picture were written by
strangers: they are copied as such, and are no order. Nothing is decided on any of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field, create_model

from cases import events as e
from cases.case import Case
from cases.facts import PhotoRegion
from cases.vocabulary import FileKind, FileStatus, Help
from pipelines.assistant.evidence import Evidence, View, backed
from pipelines.assistant.spec import HelpSpec, Shape, one_of, told_of
from pipelines.attachments import FileUnusable
from pipelines.decoding import DecoderDied

MOST_PHOTOS = 6  # the first ones, by itself
SIDES = (1_024, 768, 512, 320)  # pixels of the longer side: the first at which it is light enough
MOST_BYTES = 400_000
UNCLEAR = "unclear"
IN_PICTURE = "text in picture"  # what a line is about that copies it; no label is called so
_NAME = "[NAME_"


class PhotoTold(Shape):
    description: str = Field(max_length=400)
    text_in_picture: str = Field(max_length=600)
    shows: str


def _photos(case: Case) -> list[e.FileSeen]:
    """That can be looked at, each picture once."""
    usable = [one for one in case.files if one.kind is FileKind.PHOTO and one.status is FileStatus.RECEIVED]
    pictures: dict[str, e.FileSeen] = {}
    for one in usable:
        pictures.setdefault(one.sha256, one)
    return list(pictures.values())


def _file(view: View) -> e.FileSeen | None:
    return next((one for one in view.case.files if one.id == view.question and one.kind is FileKind.PHOTO), None)


def _labels(view: View) -> Mapping[str, str]:
    """With their titles."""
    journey, worded = view.folder.journey, view.folder.worded
    titles = {**{key: topic.title for key, topic in journey.topics.items()},
              **{key: label.title for key, label in journey.photo_labels.items()}}  # fmt: skip
    return {key: worded(title, view.language) for key, title in titles.items()}


def _shape(view: View) -> type[PhotoTold]:
    return create_model("PhotoTold", __base__=PhotoTold, shows=(one_of([*_labels(view), UNCLEAR]), ...))


def _asks(view: View, _: str) -> Mapping[str, Any] | None:
    if view.derive is None or _file(view) is None:
        return None
    return {"language": view.language, "labels": _labels(view)}


def _pictures(view: View, _: str) -> Sequence[bytes]:
    file = _file(view)
    if file is None or view.derive is None:
        return ()
    data = view.load(file)
    for side in SIDES:
        try:
            small = view.derive(data, side)
        except (FileUnusable, DecoderDied):
            return ()
        if len(small) <= MOST_BYTES:
            return (small,)
    return ()


def _keep(answer: PhotoTold, evidence: Evidence, view: View) -> list[e.SaidLine]:
    source = (PhotoRegion(view.question),)
    text, in_picture = answer.description.strip(), answer.text_in_picture.strip()
    lines = []
    if text and backed(text, [in_picture]) and _NAME not in evidence.mask.hide(text).text:
        lines.append(e.SaidLine(text, source, about=view.question))
    if in_picture:
        lines.append(e.SaidLine(in_picture, source, about=IN_PICTURE))
    if answer.shows != UNCLEAR:
        lines.append(e.SaidLine(_labels(view)[answer.shows], source, about=answer.shows))
    return lines


def _offered(answer: PhotoTold) -> int:
    return sum((bool(answer.description.strip()), bool(answer.text_in_picture.strip()), answer.shows != UNCLEAR))


def _twin(view: View) -> tuple[str, ...]:
    """Its label, where the journey's own model has one for it."""
    seen = view.case.understood.photos if view.case.understood else ()
    return tuple(one.label for one in seen if one.file_id == view.question and not one.abstains)


def _by_itself(view: View) -> Sequence[str]:
    """Photos that nothing was said of yet."""
    done = told_of(view, Help.PHOTOS)
    return [photo.id for photo in _photos(view.case)[:MOST_PHOTOS] if photo.id not in done]


SPEC = HelpSpec(
    task=Help.PHOTOS,
    sources=lambda _: (),
    shape=_shape,
    asks=_asks,
    keep=_keep,
    offered=_offered,
    twin=_twin,
    pictures=_pictures,
    by_itself=_by_itself,
)
