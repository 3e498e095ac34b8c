"""A scan, page by page: what a PDF holds as text is taken as it is, and pictures of pages are read."""

import time
from collections.abc import Callable

from pipelines.attachments import FileUnusable
from pipelines.channels.parsed import clean_text
from pipelines.channels.post.splitting import ReadPage
from pipelines.channels.post.tesseract import NotRead, Tesseract
from pipelines.decoding import Decoder, ScanPage

SECONDS = 1200.0  # for one scan: 200 pages take about ten minutes
NOT_INSTALLED = "tesseract is not installed"


def read_scan(
    scan: bytes, *, decoder: Decoder, reader: Tesseract | None, clock: Callable[[], float] = time.monotonic
) -> list[ReadPage]:
    """Its pages in order. reader: None where pictures cannot be read; they are then only shown.

    Raises FileUnusable and DecoderDied.
    """
    ends = clock() + SECONDS
    page = decoder.read_page(scan, 1)
    pages = [_read(scan, 1, page, decoder, reader)]
    for number in range(2, page.pages + 1):
        if clock() > ends:
            raise FileUnusable("timeout")
        pages.append(_read(scan, number, decoder.read_page(scan, number), decoder, reader))
    return pages


def _read(scan: bytes, number: int, page: ScanPage, decoder: Decoder, reader: Tesseract | None) -> ReadPage:
    if not page.readable:
        return ReadPage(number, page.text, page.blank, page.shown)
    if reader is None:
        return ReadPage(number, page.text, page.blank, page.shown, NOT_INSTALLED)
    turn = reader.turn(page.readable)
    upright = decoder.read_page(scan, number, turn=turn) if turn else page
    try:
        read, note = clean_text(reader.read(upright.readable)).strip(), ""
    except NotRead as why:
        read, note = "", str(why)
    text = max(page.text, read, key=_letters)
    return ReadPage(number, text, upright.blank, upright.shown, note)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
