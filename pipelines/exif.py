"""What a camera wrote into a photo. Damaged or absurd values read as absent, never as an error."""

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image

from pipelines.channels.parsed import clean_line

_STAMP = re.compile(r"\s*(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class Recorded:
    """Orientation 1 to 8, local time as ISO 8601, degrees north and east, and free text."""

    orientation: int = 1
    taken_at: str | None = None
    gps: tuple[float, float] | None = None
    camera: str | None = None
    software: str | None = None


def read_exif(photo: Image.Image) -> Recorded:
    """EXIF of an opened photo, before it is decoded."""
    try:
        exif = photo.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        orientation = exif.get(ExifTags.Base.Orientation, 1)
        names = [_text(exif.get(tag)) for tag in (ExifTags.Base.Make, ExifTags.Base.Model)]
        stamp = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
        return Recorded(
            orientation=orientation if isinstance(orientation, int) and orientation in range(1, 9) else 1,
            taken_at=_moment(stamp),
            gps=_position(place),
            camera=_camera(*names),
            software=_text(exif.get(ExifTags.Base.Software)) or None,
        )
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # Pillow raises anything from struct.error to SyntaxError on damaged EXIF
        return Recorded()


def _text(value: object) -> str:
    return clean_line(value.replace("\0", " "), _MAX_NAME) if isinstance(value, str) else ""


def _camera(make: str, model: str) -> str | None:
    return (model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()) or None


def _moment(value: object) -> str | None:
    match = _STAMP.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    try:
        return datetime(*(int(part) for part in match.groups())).isoformat()  # type: ignore[arg-type]  # noqa: DTZ001  # cameras write local time
    except ValueError:
        return None


def _position(place: dict[int, Any]) -> tuple[float, float] | None:
    latitude = _degrees(place.get(ExifTags.GPS.GPSLatitude), place.get(ExifTags.GPS.GPSLatitudeRef), "S", 90)
    longitude = _degrees(place.get(ExifTags.GPS.GPSLongitude), place.get(ExifTags.GPS.GPSLongitudeRef), "W", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None  # phones without a fix write zeros
    return latitude, longitude


def _degrees(parts: object, reference: object, negative: str, limit: int) -> float | None:
    if not isinstance(parts, tuple) or len(parts) != 3:  # noqa: PLR2004  # degrees, minutes, seconds
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= limit:
        return None
    return round(-value if _text(reference).upper().startswith(negative) else value, 6)
