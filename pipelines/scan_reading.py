"""Pages of a scan as pictures and text: runs only in the decoder's child, on bytes that may be hostile."""

import math
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter, ImageOps, ImageSequence

from pipelines.attachments import MAX_DOCUMENT_BYTES, MAX_DOCUMENT_PAGES, MAX_PHOTO_PIXELS, FileUnusable, sniff
from pipelines.channels.parsed import MAX_TEXT_CHARS, clean_text
from pipelines.photo_reading import as_rgb, guarded

READ_SIDE = 2600  # pixels: an A4 page at 222 dots an inch, which is what reading wants
SHOWN_SIDE = 1754  # the same page at 150 dots an inch
SHOWN_QUALITY = 80
FEWEST_LETTERS = 40  # a PDF page with fewer is a picture with, at most, a stamp of the scanner on it

# Measured on drawn letters: without it speckled pages cannot be read at all, in ten times the time. Stretching the
# contrast makes them worse, and coarse pages lose by both.
_BLUR = 1.2
_BLUR_FROM = 1600  # pixels

_MARGIN = 0.04  # of each side: shadows of the scanner's edge
_DARKER = 40  # grey levels below the paper
_BLANK_BELOW = 0.00005  # share of dark pixels: a few specks, less than one written word

_PLUGINS = {"image/tiff": "TIFF", "image/jpeg": "JPEG", "image/png": "PNG"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page. text: what the PDF holds as text. shown: a JPEG for people. readable: grey pixels (PGM) for reading,
    b"" where the page is blank or the text is not only that of a stamp.
    """

    pages: int
    text: str
    blank: bool
    shown: bytes
    readable: bytes


def read_page(data: bytes, number: int, turn: int) -> Page:
    """Page `number` (from 1) turned clockwise by so many degrees. Raises FileUnusable."""
    if not data or len(data) > MAX_DOCUMENT_BYTES:
        raise FileUnusable("too_large" if data else "empty")
    media = sniff(data)[1]
    if media == "application/pdf":
        return guarded(data, lambda: _of_pdf(data, number, turn))
    if media not in _PLUGINS:
        raise FileUnusable("not_a_document")
    return guarded(data, lambda: _of_image(data, _PLUGINS[media], number, turn))


def _of_pdf(data: bytes, number: int, turn: int) -> Page:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = any(word in str(error).lower() for word in ("password", "security"))
        raise FileUnusable("encrypted" if locked else "unreadable") from None
    try:
        pages = _checked(len(document), number)
        page = document[number - 1]
        text = clean_text(page.get_textpage().get_text_range()[:MAX_TEXT_CHARS]).strip()
        image = page.render(scale=_scale(*page.get_size())).to_pil()
        return _page(image, pages, text, turn)
    finally:
        document.close()


def _scale(wide: float, high: float) -> float:
    """Pixels a point. Pages may be as large as a wall."""
    if not (wide > 0 and high > 0):
        raise FileUnusable("unreadable")
    return min(READ_SIDE / max(wide, high), math.sqrt(MAX_PHOTO_PIXELS / (wide * high)))


def _of_image(data: bytes, plugin: str, number: int, turn: int) -> Page:
    with Image.open(BytesIO(data), formats=[plugin]) as image:
        pages = _checked(getattr(image, "n_frames", 1) if plugin == "TIFF" else 1, number)
        frame = next(one for at, one in enumerate(ImageSequence.Iterator(image), 1) if at == number)
        if frame.width * frame.height > MAX_PHOTO_PIXELS:
            raise FileUnusable("too_many_pixels")
        upright = ImageOps.exif_transpose(frame)
        return _page(upright, pages, "", turn)


def _checked(pages: int, number: int) -> int:
    if pages > MAX_DOCUMENT_PAGES:
        raise FileUnusable("too_many_pages")
    if not 1 <= number <= pages:
        raise FileUnusable("unreadable")
    return pages


def _page(image: Image.Image, pages: int, text: str, turn: int) -> Page:
    rgb = as_rgb(image)
    rgb.thumbnail((READ_SIDE, READ_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    rgb = rgb.rotate(-turn, expand=True) if turn else rgb
    grey = rgb.convert("L")
    soft = grey.filter(ImageFilter.GaussianBlur(_BLUR)) if max(grey.size) >= _BLUR_FROM else grey
    is_blank = not text and _is_blank(np.asarray(soft))
    is_read = is_blank or sum(map(str.isalnum, text)) >= FEWEST_LETTERS
    readable = b"" if is_read else f"P5 {soft.width} {soft.height} 255\n".encode() + soft.tobytes()
    rgb.thumbnail((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    rgb.info = {}  # Pillow writes a comment found here
    out = BytesIO()
    rgb.save(out, "JPEG", quality=SHOWN_QUALITY)
    return Page(pages, text, is_blank, out.getvalue(), readable)


def _is_blank(grey: "np.typing.NDArray[np.uint8]") -> bool:
    high, wide = grey.shape
    top, left = round(_MARGIN * high), round(_MARGIN * wide)
    inside = grey[top : high - top or None, left : wide - left or None]
    paper = float(np.median(inside))
    return bool((inside < paper - _DARKER).mean() < _BLANK_BELOW and (inside > paper + _DARKER).mean() < _BLANK_BELOW)
