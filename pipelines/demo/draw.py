"""Photos drawn by code, as the phones of customers would send them: JPEG, HEIC or MPO, with what a camera records.

The same spec gives the same bytes. Every picture says on itself that it is a drawing.
"""

import random
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Literal

import pillow_heif
from PIL import ExifTags, Image, ImageFilter, TiffImagePlugin

from pipelines.demo.canvas import HEIGHT, WIDTH, Canvas, finished
from pipelines.demo.scenes import SCENES

FileFormat = Literal["jpeg", "heic", "mpo", "truncated"]
Flaw = Literal["none", "blurred", "dark", "recropped"]

QUALITY = 82
PLACE = ((52, 42, 0), (5, 24, 0))  # open water: nobody lives there
_TURNS = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw and how it was photographed.

    flaw: "recropped" is the same picture cut by a twentieth and compressed again, as sent on by somebody else.
    taken: EXIF time "2026:11:18 08:41:10", "" for none. turned: EXIF orientation 1, 3, 6 or 8.
    """

    scene: str
    seed: int
    format: FileFormat = "jpeg"
    flaw: Flaw = "none"
    taken: str = ""
    place: bool = False
    turned: int = 1


class NoSuchScene(Exception):
    def __init__(self, scene: str) -> None:
        super().__init__(f"there is no scene {scene!r}; choose one of: {', '.join(SCENES)}")


@lru_cache(maxsize=8)
def draw(scene: str, seed: int) -> Image.Image:
    """An RGB picture of 1600 by 1200; the same seed draws the same. Raises NoSuchScene. Not to be changed in place."""
    if scene not in SCENES:
        raise NoSuchScene(scene)
    canvas = Canvas(random.Random(f"{scene}/{seed}"))  # noqa: S311  # pictures, not secrets
    SCENES[scene](canvas)
    return finished(canvas, seed=seed)


def photograph(drawing: Drawing) -> bytes:
    """The file as attached; a "truncated" one is a JPEG that broke off on its way."""
    photo = _flawed(draw(drawing.scene, drawing.seed), drawing.flaw)
    exif = _exif(drawing)
    shown = photo.transpose(_TURNS[drawing.turned]) if drawing.turned in _TURNS else photo
    match drawing.format:
        case "heic":
            return _heic(shown, exif)
        case "mpo":
            out = BytesIO()
            shown.save(out, "MPO", save_all=True, append_images=[shown.resize((400, 300))], quality=QUALITY, exif=exif)
            return out.getvalue()
        case "truncated":
            whole = _jpeg(shown, exif, QUALITY)
            return whole[: len(whole) * 2 // 5]
        case "jpeg":
            return _jpeg(shown, exif, 64 if drawing.flaw == "recropped" else QUALITY)


def _flawed(photo: Image.Image, flaw: Flaw) -> Image.Image:
    match flaw:
        case "blurred":
            return photo.filter(ImageFilter.GaussianBlur(14))
        case "dark":
            return photo.point(lambda level: level * 0.13)
        case "recropped":
            left, upper = round(WIDTH * 0.025), round(HEIGHT * 0.025)
            return photo.crop((left, upper, WIDTH - left, HEIGHT - upper)).resize((1280, 960), Image.Resampling.LANCZOS)
        case "none":
            return photo


def _jpeg(photo: Image.Image, exif: Image.Exif, quality: int) -> bytes:
    out = BytesIO()
    photo.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def _heic(photo: Image.Image, exif: Image.Exif) -> bytes:
    out = BytesIO()
    heif = pillow_heif.from_pillow(photo)
    heif.save(out, quality=70, exif=exif.tobytes())
    return out.getvalue()


def _exif(drawing: Drawing) -> Image.Exif:
    exif = Image.Exif()
    if drawing.turned != 1:
        exif[ExifTags.Base.Orientation] = drawing.turned
    if drawing.taken:
        exif[ExifTags.Base.Make] = "Voorbeeld"
        exif[ExifTags.Base.Model] = "Tekentelefoon 2"
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = drawing.taken
    if drawing.place:
        north, east = (tuple(TiffImagePlugin.IFDRational(part) for part in parts) for parts in PLACE)
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", north
        gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", east
    return exif
