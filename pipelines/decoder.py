"""The decoder's child: decodes photos, scans and PDFs for its parent under hard limits, one at a time.

Runs as `python -m pipelines.decoder MEMORY_BYTES` with a socket as standard input, and ends with its parent.
"""

import resource
import socket
import sys
import warnings
from dataclasses import asdict
from typing import Any

import pypdfium2
from PIL import Image

from pipelines import photo_reading, scan_reading
from pipelines.attachments import (
    MAX_DOCUMENT_BYTES,
    MAX_DOCUMENT_PAGES,
    FileUnusable,
    Findings,
    PdfText,
    Reason,
)
from pipelines.channels.parsed import MAX_TEXT_CHARS, clean_text
from pipelines.frames import ConnectionEnded, receive_frame, send_frame

_PASSWORD_NEEDED = ("password", "security")
_OPEN_FILES = 64


def main(memory_bytes: int) -> None:
    """Answer jobs until the parent closes the socket."""
    warnings.simplefilter("ignore")
    connection = socket.socket(fileno=0)
    _limit(memory_bytes)
    send_frame(connection, {"ready": True})
    while True:
        try:
            job, data = receive_frame(connection)
        except ConnectionEnded:
            return
        _limit_cpu(int(job["cpu_seconds"]))
        answer, body = _answer(job, data)
        send_frame(connection, answer, body)


def _limit(memory_bytes: int) -> None:
    """Bound memory, and take away what a decoder does not need: files to write, core dumps, many handles."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    mapped = memory_bytes + _mapped_bytes()
    resource.setrlimit(resource.RLIMIT_AS, (mapped, mapped))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))


def _mapped_bytes() -> int:
    """Address space in use now: libraries map much that they never touch."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123  # no path to build
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 1 << 30


def _limit_cpu(seconds: int) -> None:
    """The limit counts since the start of the process, so each job moves it on."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds + 1, hard))


def _answer(job: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        match job["do"]:
            case "look":
                return _look(job, data)
            case "derive":
                return {"reason": None}, photo_reading.derive(data, int(job["max_side"]))
            case "read_pdf":
                return asdict(_read_pdf(data)), b""
            case "read_page":
                return _page(scan_reading.read_page(data, int(job["number"]), int(job["turn"])))
            case unknown:
                return {"error": f"unknown job {unknown!r}"}, b""
    except FileUnusable as unusable:
        return {"reason": unusable.reason}, b""


def _look(job: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    size, pixels = (0, 0), b""
    try:
        findings, copy = photo_reading.look(data, blurred_below=job["blurred_below"], dark_below=job["dark_below"])
        if job["pixels"]:
            small = photo_reading.for_model(copy)
            size, pixels = small.size, small.tobytes()
    except FileUnusable as unusable:
        findings = Findings(usable=False, reason=unusable.reason)
    return {"findings": asdict(findings), "size": size}, pixels


def _page(page: scan_reading.Page) -> tuple[dict[str, Any], bytes]:
    head = {"reason": None, "pages": page.pages, "text": page.text, "blank": page.blank, "shown": len(page.shown)}
    return head, page.shown + page.readable


def _read_pdf(data: bytes) -> PdfText:
    if not data or len(data) > MAX_DOCUMENT_BYTES:
        return PdfText(usable=False, reason="too_large" if data else "empty")
    try:
        return _pdf_text(data)
    except pypdfium2.PdfiumError as error:
        needs_password = any(word in str(error).lower() for word in _PASSWORD_NEEDED)
        reason: Reason = "encrypted" if needs_password else "unreadable"
        return PdfText(usable=False, reason=reason)
    except MemoryError:
        return PdfText(usable=False, reason="memory")
    except Exception:  # noqa: BLE001  # the binding raises anything on hostile bytes; this is the edge
        return PdfText(usable=False, reason="unreadable")


def _pdf_text(data: bytes) -> PdfText:
    document = pypdfium2.PdfDocument(data)
    try:
        pages = len(document)
        texts: list[str] = []
        for number in range(min(pages, MAX_DOCUMENT_PAGES)):
            page = document[number]
            texts.append(clean_text(page.get_textpage().get_text_range()[:MAX_TEXT_CHARS]))
            page.close()
        if pages == 0:
            return PdfText(usable=False, reason="unreadable")
        reason: Reason | None = "too_many_pages" if pages > MAX_DOCUMENT_PAGES else None
        return PdfText(usable=True, reason=reason, pages=pages, text="\f".join(texts)[:MAX_TEXT_CHARS])
    finally:
        document.close()


if __name__ == "__main__":
    Image.preinit()
    main(int(sys.argv[1]))
