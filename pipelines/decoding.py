"""The decoder: one child process that opens strangers' photos, scans and PDFs, so that no worker does.

A time-out or a memory limit is a finding about the file. A child that dies by itself is an error that names
the file, so that the caller can single it out and park it.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.photo import BLURRED_BELOW, DARK_BELOW
from pipelines.attachments import MAX_PHOTO_BYTES, FileUnusable, Findings, PdfText
from pipelines.frames import ConnectionEnded, receive_frame, send_frame

DISPLAY_SIDE = 1600
THUMBNAIL_SIDE = 320
START_SECONDS = 60.0

_PROJECT = Path(__file__).resolve().parent.parent


class DecoderDied(Exception):
    """The child ended by itself while it worked on item `index`; the next call starts a new one."""

    def __init__(self, index: int, exit_code: int | None) -> None:
        super().__init__(f"the decoder died on item {index} (exit code {exit_code}); try the items singly, park it")
        self.index = index
        self.exit_code = exit_code


class DecoderDidNotStart(Exception):
    def __init__(self, exit_code: int | None) -> None:
        super().__init__(
            f"the decoder's child did not start (exit code {exit_code}); its standard error says why, "
            "and more memory_mb may be needed"
        )


class Look(NamedTuple):
    """Findings, and for a usable photo its pixels for a model: uint8 (height, width, 3), at most 512 a side."""

    findings: Findings
    pixels: NDArray[np.uint8] | None


class ScanPage(NamedTuple):
    """One of `pages` pages. text: of a PDF that holds it. shown: a JPEG. readable: grey pixels (PGM) where it has to be
    read from its picture, since it holds no text or only a few words; else b"".
    """

    pages: int
    text: str
    blank: bool
    shown: bytes
    readable: bytes


class _TimedOut(Exception):
    pass


class _ChildEnded(Exception):
    def __init__(self, exit_code: int | None) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class Decoder:
    """One long-lived child, started at the first job and again after a time-out. Safe to share by threads.

    `seconds` bounds one file, in elapsed and in CPU time; `memory_mb` what the child may allocate.
    """

    def __init__(
        self,
        *,
        seconds: float = 10.0,
        memory_mb: int = 1024,
        blurred_below: float = BLURRED_BELOW,
        dark_below: float = DARK_BELOW,
    ) -> None:
        self._seconds = seconds
        self._memory_bytes = memory_mb << 20
        self._quality = {"blurred_below": blurred_below, "dark_below": dark_below}
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._owner = os.getpid()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def child_pid(self) -> int | None:
        """Process id of the child, None while there is none."""
        return self._child.pid if self._child else None

    def look(self, photos: Sequence[bytes | Path]) -> list[Findings]:
        """Findings per photo, in order; [] for []. Raises DecoderDied, and OSError for a path that is not there."""
        return [self._look(index, photo, pixels=False).findings for index, photo in enumerate(photos)]

    def look_closely(self, photos: Sequence[bytes | Path]) -> list[Look]:
        """Like `look`, with the pixels a model needs, from the same decode."""
        return [self._look(index, photo, pixels=True) for index, photo in enumerate(photos)]

    def derive(self, photo: bytes | Path, max_side: int = DISPLAY_SIDE) -> bytes:
        """A JPEG to show: upright, sRGB, no metadata. Raises FileUnusable and DecoderDied."""
        try:
            answer, body = self._ask(0, {"do": "derive", "max_side": max_side}, _read(photo))
        except _TimedOut:
            raise FileUnusable("timeout") from None
        if answer["reason"]:
            raise FileUnusable(answer["reason"])
        return body

    def thumbnail(self, photo: bytes | Path) -> bytes:
        """`derive` at 320 pixels."""
        return self.derive(photo, THUMBNAIL_SIDE)

    def read_pdf(self, document: bytes | Path) -> PdfText:
        """Pages and text of a PDF; unusable with the reason when locked, broken or too slow. Raises DecoderDied."""
        data = document if isinstance(document, bytes) else document.read_bytes()
        try:
            return PdfText(**self._ask(0, {"do": "read_pdf"}, data)[0])
        except _TimedOut:
            return PdfText(usable=False, reason="timeout")

    def read_page(self, scan: bytes, number: int, *, turn: int = 0) -> ScanPage:
        """Page `number` (from 1) of a PDF, TIFF, JPEG or PNG, turned clockwise by `turn` degrees.

        Raises FileUnusable and DecoderDied.
        """
        try:
            answer, body = self._ask(0, {"do": "read_page", "number": number, "turn": turn}, scan)
        except _TimedOut:
            raise FileUnusable("timeout") from None
        if answer["reason"]:
            raise FileUnusable(answer["reason"])
        shown = answer["shown"]
        return ScanPage(answer["pages"], answer["text"], answer["blank"], body[:shown], body[shown:])

    def close(self) -> None:
        """End the child. A later call starts a new one."""
        with self._lock:
            self._end()

    def _look(self, index: int, photo: bytes | Path, *, pixels: bool) -> Look:
        job = {"do": "look", "pixels": pixels, **self._quality}
        try:
            answer, body = self._ask(index, job, _read(photo))
        except _TimedOut:
            return Look(Findings(usable=False, reason="timeout"), None)
        found = _findings(answer["findings"])
        if not pixels or not found.usable:
            return Look(found, None)
        width, height = answer["size"]
        return Look(found, np.frombuffer(body, dtype=np.uint8).reshape(height, width, 3))

    def _ask(self, index: int, job: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        with self._lock:
            connection = self._connected()
            deadline = time.monotonic() + self._seconds
            try:
                connection.settimeout(self._seconds)
                send_frame(connection, {**job, "cpu_seconds": int(self._seconds) + 1}, data)
                connection.settimeout(max(0.01, deadline - time.monotonic()))
                return receive_frame(connection)
            except TimeoutError:
                self._end()
                raise _TimedOut from None
            except ConnectionEnded:
                exit_code = self._end()
                if exit_code == -signal.SIGXCPU:
                    raise _TimedOut from None
                raise DecoderDied(index, exit_code) from None

    def _connected(self) -> socket.socket:
        """The socket of a living child; a child that ended between two jobs is no file's fault."""
        if self._owner != os.getpid():  # after a fork the child belongs to the parent
            self._child = self._connection = None
            self._owner = os.getpid()
        if self._child and self._child.poll() is not None:
            self._end()
        if self._connection is None:
            self._start()
        assert self._connection is not None
        return self._connection

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [sys.executable, "-P", "-B", "-m", "pipelines.decoder", str(self._memory_bytes)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_bare_environment(),
            )
        self._connection = ours
        ours.settimeout(START_SECONDS)
        try:
            receive_frame(ours)
        except (ConnectionEnded, TimeoutError):
            raise DecoderDidNotStart(self._end()) from None

    def _end(self) -> int | None:
        """Close the socket and wait for the child, killed when it is still alive; its exit code."""
        child, connection = self._child, self._connection
        self._child = self._connection = None
        if connection is not None:
            connection.close()
        if child is None or self._owner != os.getpid():
            return None
        try:
            return child.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()


def _bare_environment() -> dict[str, str]:
    """No secrets for a process that reads strangers' files; one thread for each numeric library."""
    paths = [str(_PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"), "1")
    return {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(paths), **threads}


def _read(photo: bytes | Path) -> bytes:
    """The photo's bytes; of a file over the limit one byte too many, which the child refuses as too large."""
    if isinstance(photo, Path):
        with photo.open("rb") as file:
            return file.read(MAX_PHOTO_BYTES + 1)
    return photo[: MAX_PHOTO_BYTES + 1]


def _findings(answer: dict[str, Any]) -> Findings:
    gps = answer["gps"]
    lists = {name: tuple(answer[name]) for name in ("hashes", "variants")}
    return Findings(**{**answer, **lists, "gps": tuple(gps) if gps else None})
