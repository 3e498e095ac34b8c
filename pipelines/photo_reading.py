"""Photos decoded under bounds: runs only in the decoder's child process, on bytes that may be hostile."""

import hashlib
from collections.abc import Callable
from io import BytesIO
from typing import TypeVar

import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from cases.vocabulary import FileKind
from models.photo import PhotoTooSmall, measure_quality, perceptual_hashes
from pipelines.attachments import MAX_PHOTO_BYTES, MAX_PHOTO_PIXELS, FileUnusable, Findings, Reason, sniff
from pipelines.exif import read_exif

WORKING_SIDE = 1024
MODEL_SIDE = 512
DISPLAY_QUALITY = 85

_DRAFT_SIDE = 512  # JPEG decodes at a half, quarter or eighth, at least this large: 18 ms for 12 MP, not 127
_PLUGINS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}
T = TypeVar("T")

_DEEP_MODES = ("I;16", "I;16L", "I;16B", "I")

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # the header is checked against our own limit before anything is decoded


def look(data: bytes, *, blurred_below: float, dark_below: float) -> tuple[Findings, Image.Image]:
    """Findings and an upright RGB copy of at most 1,024 pixels a side. Raises FileUnusable."""
    return guarded(data, lambda: _look(data, blurred_below, dark_below))


def for_model(shown: Image.Image) -> Image.Image:
    """At most 512 pixels a side."""
    small = shown.reduce(max(1, max(shown.size) // MODEL_SIDE))
    small.thumbnail((MODEL_SIDE, MODEL_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return small


def derive(data: bytes, max_side: int) -> bytes:
    """An upright sRGB JPEG of at most `max_side` pixels, without any metadata. Raises FileUnusable."""
    return guarded(data, lambda: _derive(data, max_side))


def _look(data: bytes, blurred_below: float, dark_below: float) -> tuple[Findings, Image.Image]:
    photo, media = _open(data)
    shown = photo.size
    recorded = read_exif(photo)
    photo.draft("RGB", (_DRAFT_SIDE, _DRAFT_SIDE))
    photo.load()
    working = as_rgb(photo)
    working.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    digest = hashlib.sha256(f"{working.width}x{working.height}:".encode())
    digest.update(working.tobytes())
    upright = _upright(working, recorded.orientation)
    grey = upright.convert("L")
    quality = measure_quality(grey, blurred_below=blurred_below, dark_below=dark_below)
    hashes = perceptual_hashes(grey)
    turned = recorded.orientation in (5, 6, 7, 8)
    findings = Findings(
        usable=True,
        width=shown[1] if turned else shown[0],
        height=shown[0] if turned else shown[1],
        format=media.removeprefix("image/"),
        blurred=quality.blurred,
        dark=quality.dark,
        sharpness=round(quality.sharpness, 2),
        luminance=round(quality.luminance, 2),
        taken_at=recorded.taken_at,
        gps=recorded.gps,
        camera=recorded.camera,
        software=recorded.software,
        sha256_pixels=digest.hexdigest(),
        hashes=hashes.stored,
        variants=hashes.variants,
    )
    return findings, upright


def _derive(data: bytes, max_side: int) -> bytes:
    photo, _ = _open(data)
    orientation = read_exif(photo).orientation
    profile = photo.info.get("icc_profile")
    scale = max_side / max(photo.size)
    photo.draft("RGB", (round(photo.width * scale), round(photo.height * scale)))
    photo.load()
    shown = as_rgb(_in_srgb(photo, profile))
    shown.thumbnail((max_side, max_side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    shown = _upright(shown, orientation)
    shown.info = {}  # Pillow writes a comment found here
    out = BytesIO()
    shown.save(out, "JPEG", quality=DISPLAY_QUALITY)
    return out.getvalue()


def _open(data: bytes) -> tuple[Image.Image, str]:
    """The photo with only its header read, by the one plugin its first bytes name."""
    if not data:
        raise FileUnusable("empty")
    kind, media = sniff(data)
    if kind != FileKind.PHOTO:
        raise FileUnusable("not_a_photo")
    if len(data) > MAX_PHOTO_BYTES:
        raise FileUnusable("too_large")
    photo = Image.open(BytesIO(data), formats=[_PLUGINS[media]])
    if photo.width * photo.height > MAX_PHOTO_PIXELS:
        raise FileUnusable("too_many_pixels")
    return photo, media


def guarded(data: bytes, work: Callable[[], T]) -> T:
    """What a decoder makes of these bytes. Raises FileUnusable for whatever it raises."""
    try:
        return work()
    except FileUnusable:
        raise
    except PhotoTooSmall:
        raise FileUnusable("too_small") from None
    except MemoryError:
        raise FileUnusable("memory") from None
    except Exception as error:  # noqa: BLE001  # decoders raise anything on hostile bytes; this is the edge
        raise FileUnusable(_reason(data, error)) from None


def _reason(data: bytes, error: Exception) -> Reason:
    text = str(error).lower()
    if "memory" in text:
        return "memory"
    if "truncated" in text:
        return "truncated"
    return "truncated" if _is_cut_off(data, opened=not isinstance(error, UnidentifiedImageError)) else "unreadable"


def _is_cut_off(data: bytes, *, opened: bool) -> bool:
    """Whether the container announces more than there is, or a photo that could be opened lacks its end mark."""
    _, media = sniff(data)
    if media == "image/jpeg":
        return opened and b"\xff\xd9" not in data[-64:]
    if media == "image/png":
        return opened and b"IEND" not in data[-64:]
    if media == "image/webp":
        return int.from_bytes(data[4:8], "little") + 8 > len(data)
    position = 0
    while 0 <= position < len(data):
        size = int.from_bytes(data[position : position + 4])
        if size < 8:  # noqa: PLR2004  # a box has a head of 8 bytes; 0 and 1 are rare forms, read as complete
            return False
        position += size
    return position > len(data)


def as_rgb(photo: Image.Image) -> Image.Image:
    """8-bit RGB; transparency over white, as a page shows it; 16-bit grey by its high byte."""
    if photo.mode in _DEEP_MODES:
        return photo.convert("I").point(lambda level: level * (1 / 256)).convert("L").convert("RGB")
    if photo.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in photo.info:
        layer = photo.convert("RGBA")
        paper = Image.new("RGB", layer.size, "white")
        paper.paste(layer, mask=layer.getchannel("A"))
        return paper
    return photo if photo.mode == "RGB" else photo.convert("RGB")


def _in_srgb(photo: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as meant; a damaged profile is left out."""
    if not profile or photo.mode not in ("RGB", "CMYK", "L"):
        return photo
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return photo
        return ImageCms.profileToProfile(photo, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or photo
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return photo


def _upright(photo: Image.Image, orientation: int) -> Image.Image:
    if orientation == 1:
        return photo
    marked = photo.copy()
    marked.getexif()[0x0112] = orientation
    return ImageOps.exif_transpose(marked)
