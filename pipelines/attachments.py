"""Attached files: what kind they are by their first bytes, and what the decoder found in them.

Names and declared types are claims of a stranger; only bytes decide. Nothing here decodes a picture.
"""

from dataclasses import dataclass
from typing import Literal

from cases.errors import CaseError
from cases.vocabulary import FileKind
from pipelines.channels.email.mail_headers import decode_bytes
from pipelines.channels.parsed import MAX_TEXT_CHARS, clean_text

MAX_PHOTO_BYTES = 15_000_000
MAX_PHOTO_PIXELS = 50_000_000
MAX_DOCUMENT_BYTES = 25_000_000
MAX_DOCUMENT_PAGES = 200

Reason = Literal[
    "too_large",
    "too_many_pixels",
    "too_small",
    "too_many_pages",
    "unreadable",
    "truncated",
    "empty",
    "encrypted",
    "not_a_photo",
    "not_a_document",
    "timeout",
    "memory",
]

PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic")

_PREFIXES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"%!", "application/postscript"),
    (b"\xc5\xd0\xd3\xc6", "application/postscript"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!", "application/vnd.rar"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"{\\rtf", "application/rtf"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/x-executable"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif"))
_LOOKED_AT = 4096
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


@dataclass(frozen=True, slots=True)
class Findings:
    """What the decoder saw in one photo. Only `usable` photos have been decoded; the others say why not.

    `width` and `height` are pixels as shown, 0 when unknown. `sharpness` in grey levels squared, `luminance` 0-255.
    `taken_at` is ISO 8601 local time without an offset, `gps` degrees (latitude, longitude): personal data both.
    `sha256_pixels` covers the working copy (at most 1,024 pixels a side for large photos), not the metadata.
    `hashes` (8) are to be stored, `variants` (7) to be searched with; both empty for a photo too plain to compare.
    """

    usable: bool
    reason: Reason | None = None
    width: int = 0
    height: int = 0
    format: str = ""
    blurred: bool = False
    dark: bool = False
    sharpness: float = 0.0
    luminance: float = 0.0
    taken_at: str | None = None
    gps: tuple[float, float] | None = None
    camera: str | None = None
    software: str | None = None
    sha256_pixels: str = ""
    hashes: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()

    @property
    def queries(self) -> tuple[str, ...]:
        """What to search the reuse ledger with: the whole photo and its variants."""
        return self.hashes[:1] + self.variants


@dataclass(frozen=True, slots=True)
class PdfText:
    """Text of a PDF page by page, joined by form feeds; "" where only scans are. `pages` 0 when unreadable."""

    usable: bool
    reason: Reason | None = None
    pages: int = 0
    text: str = ""


class FileUnusable(CaseError):
    """No copy of this file can be made; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the file is unusable ({reason}); ask its sender for another")
        self.reason: Reason = reason


def sniff(data: bytes, name: str = "") -> tuple[FileKind, str]:
    """Kind and media type by the first bytes; the name only tells CSV from other text.

    The first signature decides, also for files that are two things at once. OTHER is never decoded.
    """
    media = _by_signature(data)
    if media in PHOTO_TYPES:
        return FileKind.PHOTO, media
    if media == "application/pdf":
        return FileKind.DOCUMENT, media
    if media:
        return FileKind.OTHER, media
    if not _is_text(data):
        return FileKind.OTHER, "application/octet-stream"
    return FileKind.TEXT, "text/csv" if name.lower().endswith(".csv") else "text/plain"


def read_text_file(data: bytes) -> str:
    """A text file as cleaned text, at most 200,000 characters; wrong bytes become U+FFFD."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "ascii"
    return clean_text(decode_bytes(data[: 4 * MAX_TEXT_CHARS], encoding)[:MAX_TEXT_CHARS])


def _by_signature(data: bytes) -> str:
    for prefix, media in _PREFIXES:
        if data.startswith(prefix):
            return media
    if data[:4] == b"RIFF":
        return "image/webp" if data[8:12] == b"WEBP" else "video/x-riff"
    if data[4:8] == b"ftyp":
        return _by_brand(data)
    head = data[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(b"%pdf-"):
        return "application/pdf"
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in head:
        return "image/svg+xml"
    if head.startswith((b"<!doctype html", b"<html", b"<script")):
        return "text/html"
    return ""


def _by_brand(data: bytes) -> str:
    size = min(int.from_bytes(data[:4]), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, size, 4))}
    if data[8:12] in (b"avif", b"avis") or (brands & {b"avif", b"avis"} and not brands & {b"heic", b"heix"}):
        return "image/avif"
    return "image/heic" if data[8:12] in _HEIC_BRANDS else "video/mp4"


def _is_text(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return bool(data) and not _CONTROLS & set(data[:_LOOKED_AT])
