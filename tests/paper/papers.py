"""Decision files set as documents, and what a reader's program finds in them."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pypdfium2
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader

from pipelines.paper.press import set_document
from pipelines.paper.sheet import Frame, sheet
from pipelines.paper.spoken import Spoken

AT = datetime(2026, 11, 20, 17, 12, tzinfo=UTC)


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 150)).save(out, "JPEG")
    return out.getvalue()


def printed(file: Mapping[str, Any], *, pictures: Mapping[str, str] | None = None, seconds: float = 60) -> bytes:
    """The document of a file, before its seal. pictures: file id -> name."""
    data = orjson.dumps(file, option=orjson.OPT_SORT_KEYS)
    named = dict(pictures or {})
    frame = Frame("Voorbeeld", AT, hashlib.sha256(data).hexdigest(), "Sealed by nobody", named, "nl")
    laid = sheet(dict(file), frame, Spoken(str(file["language"]), ZoneInfo("Europe/Amsterdam")))
    return set_document(laid, attached=data, pictures=dict.fromkeys(named.values(), picture()), at=AT, seconds=seconds)


def text_of(document: bytes) -> str:
    """All words, with each run of blanks and line ends as one blank."""
    pages = pypdfium2.PdfDocument(document)
    try:
        said = " ".join(page.get_textpage().get_text_range() for page in pages)
    finally:
        pages.close()
    return " ".join(said.split())


def attached_to(document: bytes) -> dict[str, bytes]:
    """Attachments by name."""
    pages = pypdfium2.PdfDocument(document)
    try:
        found = (pages.get_attachment(n) for n in range(pages.count_attachments()))
        return {one.get_name(): bytes(one.get_data()) for one in found}
    finally:
        pages.close()


def catalogue(document: bytes) -> Any:
    """The root that tells a program how to read the document."""
    return PdfFileReader(BytesIO(document)).root


def metadata(document: bytes) -> str:
    """The XMP packet."""
    return str(catalogue(document)["/Metadata"].data.decode())
