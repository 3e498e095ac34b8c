"""Files of a case as pages show them: photos with what was found in them and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from api.pages.case_described import Described, photos_described
from api.pages.case_view import FileReader, Json, Picture
from cases.case import Case
from cases.events import PhotoFindings


@dataclass(frozen=True, slots=True)
class Region:
    """Left and top edge, width and height, in pixels of the photo."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture with its size in pixels (0: nobody measured it). caption: what the model saw; facts: all the rest.

    told: in the words of a language model.
    """

    picture: Picture
    view: str
    caption: str
    regions: Sequence[Region]
    facts: Sequence[str]
    width: int = 0
    height: int = 0
    blurred: bool = False
    dark: bool = False
    camera: str = ""
    told: Described | None = None

    @property
    def id(self) -> str:
        return self.picture.id

    @property
    def label(self) -> str:
        return self.picture.label


def shots_of(reader: FileReader, case: Case, *, photos_shown: bool) -> tuple[Shot, ...]:
    measured = {file.id: file.findings for file in case.files}
    pictures = reader.pictures(photos_shown=photos_shown)
    told = photos_described(reader.file, {file.id: file.sha256 for file in case.files}) if photos_shown else {}
    return tuple(
        _told(reader, _shot(reader, picture, measured.get(picture.id)), told.get(picture.id)) for picture in pictures
    )


def _told(reader: FileReader, shot: Shot, told: Described | None) -> Shot:
    """With the description where it helps who cannot see the photo, as well."""
    if told is None:
        return shot
    alt = reader.say("assistant.photo.alt", label=shot.label, text=told.text) if told.text else shot.picture.alt
    return replace(shot, told=told, picture=replace(shot.picture, alt=alt))


def _shot(reader: FileReader, picture: Picture, found: PhotoFindings | None) -> Shot:
    seen = [one for one in picture.findings if _by_model(one)]
    view = f"/cases/{reader.file['reference']}/photos/{picture.id}/view" if picture.src else ""
    facts = [one["text"] for one in picture.findings if not _by_model(one)]
    if found is None:
        return Shot(picture, view, _caption(seen), (), facts)
    boxes = [source["box"] for one in seen for source in one["sources"] if source.get("box")]
    return Shot(
        picture,
        view,
        _caption(seen),
        tuple(Region(left, top, right - left, bottom - top) for left, top, right, bottom in boxes),
        facts,
        found.width,
        found.height,
        found.blurred,
        found.dark,
        found.camera or "",
    )


def _by_model(finding: Json) -> bool:
    sources: Sequence[Mapping[str, object]] = finding["sources"]
    return any(source["type"] == "model" for source in sources)


def _caption(seen: Sequence[Json]) -> str:
    return "; ".join(one["text"] for one in seen)
