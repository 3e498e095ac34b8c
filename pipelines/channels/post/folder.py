"""The folder of scans: each file is taken in once it is complete, and then lies in `taken` or `aside`.

Complete: of the same size and age at two looks. Scanners write over the network and mostly do not rename; who does
rename, or writes beside it under a name that begins with a dot or ends in .part, is served by the same rule.
All that is remembered lies in the database and in the folder: a file that was taken in and not moved is known by its
digest. So whoever dies in between, or looks at the same folder too, takes the same scan again and nothing is doubled.
"""

import hashlib
import os
import stat
import threading
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from cases.store.away import DatabaseAway
from cases.store.blobs import BlobsAway, sync_folder
from pipelines.attachments import MAX_DOCUMENT_BYTES, MAX_DOCUMENT_PAGES, FileUnusable
from pipelines.channels.parsed import Refused, clean_name
from pipelines.channels.post.letter import LETTER, Letter, LetterPage, write_letter
from pipelines.channels.post.scanning import read_scan
from pipelines.channels.post.splitting import Bundle, bundles_of
from pipelines.channels.post.tesseract import Tesseract
from pipelines.decoding import DecoderDied
from pipelines.files import write_whole
from pipelines.house import House
from pipelines.intake import Incoming, accept, receipt_of

log = structlog.get_logger()
CALLER = "post"
TAKEN, ASIDE = "taken", "aside"
LOOK_SECONDS = 5.0
LONGEST_WAIT = 60.0  # seconds between two tries while the house is away
LOOKS, LOOKS_AT_EMPTY = 2, 12  # before a file is complete: many scanners make it empty and then think
TRIES = 3  # of a scan that breaks something here, before it is set aside
AWAY = (DatabaseAway, BlobsAway)
_ARRIVING = (".part", ".tmp", ".partial", ".filepart", ".crdownload")
_AGAIN = "scan it again, in colour or grey, 200 to 300 dots an inch, as PDF, TIFF, JPEG or PNG"
_WHY = {
    "empty": f"the file is empty; {_AGAIN}",
    "truncated": f"the end of the file is missing; {_AGAIN}",
    "unreadable": f"the file is damaged; {_AGAIN}",
    "encrypted": "the PDF has a password; save it without one and put it back",
    "too_large": f"it is over {MAX_DOCUMENT_BYTES // 1_000_000} MB; scan fewer pages at once, or fewer dots an inch",
    "too_many_pages": f"it has over {MAX_DOCUMENT_PAGES} pages; scan fewer at once",
    "too_many_pixels": "a page has too many dots; scan it with at most 600 dots an inch",
    "not_a_document": f"it is no PDF, TIFF, JPEG or PNG; {_AGAIN}",
    "timeout": "it takes too long to open or to read; scan fewer pages at once, or fewer dots an inch",
    "memory": "a page is too large to be opened; scan it with at most 600 dots an inch",
}


class ScanUnusable(Exception):
    """Nothing can be taken in from this file; says why, and what to do."""


class StillGrows(Exception):
    """Somebody writes to it."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a file looked like, and at how many looks."""

    size: int
    changed: int  # nanoseconds
    looks: int = 1

    def like(self, other: os.stat_result) -> bool:
        return (self.size, self.changed) == (other.st_size, other.st_mtime_ns)

    @property
    def is_complete(self) -> bool:
        return self.looks >= (LOOKS if self.size else LOOKS_AT_EMPTY)


class Folder:
    """One folder, watched by one thread. by_blank: whether a blank page ends a letter where there is no sheet."""

    def __init__(self, house: House, path: Path, *, reader: Tesseract | None, by_blank: bool) -> None:
        self._house, self._path, self._reader, self._by_blank = house, path, reader, by_blank
        self._seen: dict[str, _Seen] = {}
        self._broke: dict[str, int] = {}
        self._stuck: dict[str, _Seen] = {}  # cannot be moved: not looked at again until it changes

    def run(self, stopping: threading.Event) -> None:
        wait = LOOK_SECONDS
        while not stopping.is_set():
            try:
                self.look()
                wait = LOOK_SECONDS
            except (OSError, *AWAY) as error:
                log.warning("post.waits", reason=type(error).__name__)
                wait = min(2 * wait, LONGEST_WAIT)
            stopping.wait(wait)

    def look(self) -> int:
        """Take in what is complete; returns how many files. Raises one of AWAY, and OSError for the folder itself."""
        there = {entry.name: entry.stat(follow_symlinks=False) for entry in self._entries()}
        self._seen = {name: self._again(name, found) for name, found in there.items()}
        ripe = [name for name, seen in self._seen.items() if seen.is_complete and self._stuck.get(name) is None]
        return sum(self._one(name) for name in sorted(ripe, key=lambda name: (there[name].st_mtime_ns, name)))

    def _entries(self) -> list[os.DirEntry[str]]:
        """Also links and pipes, which are set aside; never a folder."""
        with os.scandir(self._path) as entries:
            return [
                entry for entry in entries if not _is_arriving(entry.name) and not entry.is_dir(follow_symlinks=False)
            ]

    def _again(self, name: str, found: os.stat_result) -> _Seen:
        before = self._seen.get(name)
        if before is not None and before.like(found):
            return replace(before, looks=before.looks + 1)
        self._stuck.pop(name, None)
        return _Seen(found.st_size, found.st_mtime_ns)

    def _one(self, name: str) -> bool:
        try:
            self._take(name)
        except FileNotFoundError:  # somebody else has moved it
            return False
        except StillGrows:
            self._seen.pop(name, None)
            return False
        except (ScanUnusable, Refused) as why:
            return self._set_aside(name, str(why))
        except AWAY:
            raise
        except Exception:  # the watcher's edge: one file stops no others
            log.exception("post.failed")
            self._broke[name] = self._broke.get(name, 0) + 1
            return self._broke[name] >= TRIES and self._set_aside(name, "it broke what reads it; see the log")
        return True

    def _take(self, name: str) -> None:
        data, before = self._read(name)
        digest = hashlib.sha256(data).hexdigest()
        known = receipt_of(CALLER, _key(digest, 1), house=self._house)
        if known is None:
            self._take_letters(name, data, digest)
        else:
            log.warning("post.again", scan=digest[:16], reference=known.reference)
        if not before.like(os.lstat(self._path / name)):
            raise StillGrows
        self._move(name, TAKEN, f"{digest[:16]} {_tidy(name)}")

    def _read(self, name: str) -> tuple[bytes, _Seen]:
        """Raises ScanUnusable for what is no plain file, too large or may not be read."""
        try:
            handle = os.open(self._path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            raise
        except OSError as error:
            why = "it is a link" if os.path.islink(self._path / name) else f"it cannot be opened ({error.strerror})"  # noqa: PTH114  # a name that may be odd
            raise ScanUnusable(f"{why}; put a plain file that casewright may read into the folder") from error
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise ScanUnusable("it is no plain file; put a plain file into the folder")
            if found.st_size > MAX_DOCUMENT_BYTES:
                raise ScanUnusable(_WHY["too_large"])
            data = file.read(MAX_DOCUMENT_BYTES + 1)
        if len(data) != found.st_size:
            raise StillGrows
        return data, _Seen(found.st_size, found.st_mtime_ns)

    def _take_letters(self, name: str, data: bytes, digest: str) -> None:
        """The first letter last: once it is known, all of them are."""
        bundles = self._bundles(data)
        if not bundles:
            raise ScanUnusable(f"every page is blank; {_AGAIN}, with the written side down")
        at = self._house.now()
        for number in range(len(bundles), 0, -1):
            key = _key(digest, number)
            if receipt_of(CALLER, key, house=self._house) is None:
                whole = data if len(bundles) == 1 else None
                accept(_incoming(bundles[number - 1], _tidy(name), digest, key, whole=whole, at=at), house=self._house)
        log.info("post.taken", scan=digest[:16], letters=len(bundles))

    def _bundles(self, data: bytes) -> list[Bundle]:
        try:
            pages = read_scan(data, decoder=self._house.decoder, reader=self._reader)
        except FileUnusable as unusable:
            raise ScanUnusable(_WHY.get(unusable.reason, _WHY["unreadable"])) from unusable
        except DecoderDied as died:
            raise ScanUnusable(f"it breaks what opens it; {_AGAIN}") from died
        return bundles_of(pages, by_blank=self._by_blank)

    def _set_aside(self, name: str, why: str) -> bool:
        """First the reason, then the file: what lies aside always says why."""
        log.error("post.set_aside", reason=why)
        self._broke.pop(name, None)
        found = os.lstat(self._path / name)
        mark = f"{name} {found.st_size} {found.st_mtime_ns}"  # scanners use their names again
        kept = f"{hashlib.sha256(os.fsencode(mark)).hexdigest()[:16]} {_tidy(name)}"
        try:
            (self._path / ASIDE).mkdir(exist_ok=True)
            write_whole(self._path / ASIDE / f"{kept}.txt", f"{_tidy(name)}: {why}\n".encode())
        except OSError as error:
            log.warning("post.no_reason_written", reason=error.strerror)
        self._move(name, ASIDE, kept)
        return False

    def _move(self, name: str, folder: str, kept: str) -> None:
        try:
            (self._path / folder).mkdir(exist_ok=True)
            os.replace(self._path / name, self._path / folder / kept)  # noqa: PTH105  # a name that may be odd
            sync_folder(self._path / folder)
        except FileNotFoundError:
            raise
        except OSError as error:
            log.error("post.stuck", folder=folder, reason=error.strerror)  # noqa: TRY400  # where it came from says nothing
            self._stuck[name] = self._seen.get(name, _Seen(0, 0))


def aside(folder: Path) -> int:
    """How many scans were set aside."""
    kept = (folder / ASIDE).iterdir() if (folder / ASIDE).is_dir() else ()
    return sum(not path.name.startswith(".") and path.suffix != ".txt" for path in kept)


def _incoming(bundle: Bundle, name: str, digest: str, key: str, *, whole: bytes | None, at: datetime) -> Incoming:
    """whole: the scan itself, where all of it is this letter; others' pages stay out of a case."""
    first, last = bundle.pages[0].number, bundle.pages[-1].number
    notes = [f"page {page.number}: {page.note}" for page in bundle.pages if page.note]
    if whole is None:
        notes.insert(0, f"pages {first} to {last} of a scan of several letters, sha256 {digest}")
    pages = tuple(LetterPage(page.number, page.text) for page in bundle.pages)
    letter = Letter(digest, name, pages, bundle.cover, tuple(notes))
    files = [(f"p. {page.number}.jpg", page.shown) for page in bundle.pages]
    if whole is not None:
        files.append((name, whole))
    return Incoming(LETTER, write_letter(letter), "post", CALLER, at, key, files=tuple(files))


def _key(digest: str, number: int) -> str:
    return f"scan {digest} {number}"


def _is_arriving(name: str) -> bool:
    return name.startswith(".") or name.lower().endswith(_ARRIVING)


def _tidy(name: str) -> str:
    """Without line ends and signs that turn the writing direction."""
    return clean_name(os.fsencode(name).decode(errors="replace"), "scan")
