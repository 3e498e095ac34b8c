"""Bytes by owner and SHA-256, durable before anything refers to them; here as files, in s3.py as objects.

What lies here has been encrypted by the vault, except in homes that are older than the vault.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from cases.errors import CaseError, NotFound

_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: With less room than this nothing more is promised: the largest message, twice.
LEAST_ROOM = 50 * 1024 * 1024  # bytes
#: Files from this size on do not stay in the system's memory once they are on the disk: whoever works on them soon has
#: them at hand, and memory that is used again and again costs less than new (1 ms for 2.8 MB, not up to 7).
LARGE = 256 * 1024  # bytes

Bytes = bytes | bytearray


class BlobsAway(CaseError):
    """The place where bytes lie does not answer, takes no more, or refuses us. Nothing was promised to anybody."""

    def __init__(self, why: str) -> None:
        super().__init__(f"files can be neither stored nor read now ({why}); nothing was taken in, try again later")
        self.why = why


class Blobs(Protocol):
    """Address of a blob = owner/sha256: equal files of two owners are two blobs, so erasing one leaves the other.

    Every method may raise BlobsAway, and ValueError for an owner or a name that leads elsewhere.
    """

    def put_many(self, owner: str, blobs: Sequence[Bytes], *, digests: Sequence[str] | None = None) -> list[str]: ...
    def get(self, owner: str, sha256: str) -> bytes: ...
    def has(self, owner: str, sha256: str) -> bool: ...
    def digests(self, owner: str) -> list[str]: ...
    def owners(self) -> Iterator[str]: ...
    def changed_at(self, owner: str) -> datetime | None: ...
    def erase(self, owner: str) -> int: ...
    def tidy(self, before: datetime) -> int: ...
    def check(self) -> datetime: ...


def place_of(owner: str) -> str:
    """Where an owner's blobs lie, below a root. There are 256 shelves: a million names in one are slow to list."""
    if not _OWNER.fullmatch(owner):
        raise ValueError(f"{owner[:80]!r} cannot own files: use letters, digits, - and _, at most 128")
    return f"{hashlib.sha256(owner.encode()).hexdigest()[:2]}/{owner}"


def checked(sha256: str) -> str:
    if not is_digest(sha256):
        raise ValueError(f"{sha256[:80]!r} is no SHA-256 in hexadecimal")
    return sha256


def is_digest(name: str) -> bool:
    return _SHA256.fullmatch(name) is not None


def digests_of(blobs: Sequence[Bytes], known: Sequence[str] | None) -> list[str]:
    """Names of the blobs, in order. Known ones are not computed again."""
    if known is None:
        return [hashlib.sha256(data).hexdigest() for data in blobs]
    if len(known) != len(blobs):
        raise ValueError(f"there are {len(blobs)} blobs and {len(known)} digests; give one for each")
    return [checked(name) for name in known]


class FileBlobs:
    """Blobs below one folder. A file has its name only when its bytes are on the disk."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._arriving = root / "arriving"  # halves lie here; where it is missing another disk is mounted, or none
        self._arriving.mkdir(parents=True, exist_ok=True)

    def put(self, owner: str, data: Bytes) -> str:
        """Store the bytes durably and return their SHA-256 in hexadecimal; storing twice is storing once."""
        return self.put_many(owner, [data])[0]

    def put_many(self, owner: str, blobs: Sequence[Bytes], *, digests: Sequence[str] | None = None) -> list[str]:
        """As put, for several blobs of one owner; answers in order. Known digests are taken as they are."""
        folder = self._folder(owner)
        names = digests_of(blobs, digests)
        with disk():
            new = {name: data for name, data in zip(names, blobs, strict=True) if not (folder / name).exists()}
            if new:
                self._make(folder)
                for name, data in new.items():
                    self._write(folder / name, data)
                sync_folder(folder)
        return names

    def get(self, owner: str, sha256: str) -> bytes:
        """NotFound when there is none."""
        path = self.path(owner, sha256)
        with disk():
            try:
                return path.read_bytes()
            except FileNotFoundError:
                raise NotFound("file", f"{owner}/{sha256}") from None

    def has(self, owner: str, sha256: str) -> bool:
        return self.path(owner, sha256).exists()

    def path(self, owner: str, sha256: str) -> Path:
        """Where the blob lies or would lie. ValueError for a name that is no digest."""
        return self._folder(owner) / checked(sha256)

    def digests(self, owner: str) -> list[str]:
        """What the owner has, in order."""
        folder = self._folder(owner)
        with disk():
            return sorted(f.name for f in folder.iterdir() if is_digest(f.name)) if folder.exists() else []

    def owners(self) -> Iterator[str]:
        """Everybody who has a folder, in no order."""
        with disk():
            for shelf in self._root.iterdir():
                if shelf.is_dir() and shelf != self._arriving:
                    yield from (folder.name for folder in shelf.iterdir() if folder.is_dir())

    def changed_at(self, owner: str) -> datetime | None:
        """When the owner's newest blob was stored; None without a folder."""
        folder = self._folder(owner)
        with disk():
            try:
                newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
            except FileNotFoundError:
                return None
        return datetime.fromtimestamp(newest, UTC)

    def erase(self, owner: str) -> int:
        """Remove all blobs of the owner; returns how many there were."""
        folder = self._folder(owner)
        blobs = len(self.digests(owner))
        with disk():
            try:
                for file in folder.iterdir():
                    file.unlink(missing_ok=True)
                folder.rmdir()
            except FileNotFoundError:  # never there, or another one is erasing it too
                return blobs
            sync_folder(folder.parent)
        return blobs

    def tidy(self, before: datetime) -> int:
        """Remove halves that a crash left before that time; returns how many."""
        halves = 0
        with disk():
            for half in self._arriving.iterdir():
                if half.stat().st_mtime < before.timestamp():
                    half.unlink(missing_ok=True)
                    halves += 1
        return halves

    def check(self) -> datetime:
        """What time the store's own clock says. BlobsAway when nothing can be stored now."""
        with disk():
            if shutil.disk_usage(self._root).free < LEAST_ROOM:
                raise BlobsAway(f"less than {LEAST_ROOM // 2**20} MB are free on the disk")
            probe = self._arriving / f"check-{uuid4().hex}"
            self._write(probe, b"x")
            at = probe.stat().st_mtime
            probe.unlink()
        return datetime.fromtimestamp(at, UTC)

    def _folder(self, owner: str) -> Path:
        return self._root / place_of(owner)

    def _make(self, folder: Path) -> None:
        for new, parent in ((folder.parent, self._root), (folder, folder.parent)):
            if not new.exists():
                new.mkdir(exist_ok=True)
                sync_folder(parent)

    def _write(self, path: Path, data: Bytes) -> None:
        """Write apart, flush to the disk, then give it its name: nobody ever reads a half."""
        half = self._arriving / uuid4().hex
        try:
            with half.open("xb", buffering=0) as file:
                left = memoryview(data)
                while left:
                    left = left[file.write(left) :]
                os.fsync(file.fileno())
                if len(data) >= LARGE and hasattr(os, "posix_fadvise"):  # not everywhere
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            half.replace(path)
        except BaseException:
            half.unlink(missing_ok=True)
            raise


@contextmanager
def disk() -> Iterator[None]:
    """What the disk refuses is told without its paths: they may be shown to whoever sent the message."""
    try:
        yield
    except OSError as error:
        raise BlobsAway(error.strerror or type(error).__name__) from error


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
