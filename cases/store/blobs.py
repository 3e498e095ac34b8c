"""Bytes that came in, as files: found by owner and SHA-256, durable before anything refers to them."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from cases.errors import NotFound

_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Blobs(Protocol):
    """Address of a blob = owner/sha256: equal files of two owners are two blobs, so erasing one leaves the other."""

    def put(self, owner: str, data: bytes) -> str: ...
    def put_many(self, owner: str, blobs: Sequence[bytes]) -> list[str]: ...
    def get(self, owner: str, sha256: str) -> bytes: ...
    def has(self, owner: str, sha256: str) -> bool: ...
    def erase(self, owner: str) -> int: ...


class FileBlobs:
    """Blobs below one folder. A file has its name only when its bytes are on the disk."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def put(self, owner: str, data: bytes) -> str:
        """Store the bytes durably and return their SHA-256 in hexadecimal; storing twice is storing once."""
        return self.put_many(owner, [data])[0]

    def put_many(self, owner: str, blobs: Sequence[bytes]) -> list[str]:
        """As put, for several blobs of one owner; answers in order."""
        folder = self._folder(owner)
        digests = [hashlib.sha256(data).hexdigest() for data in blobs]
        new = {name: data for name, data in zip(digests, blobs, strict=True) if not (folder / name).exists()}
        if not new:
            return digests
        self._make(folder)
        for name, data in new.items():
            _write(folder / name, data)
        _sync(folder)
        return digests

    def get(self, owner: str, sha256: str) -> bytes:
        """NotFound when there is none."""
        try:
            return self.path(owner, sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound("file", f"{owner}/{sha256}") from None

    def has(self, owner: str, sha256: str) -> bool:
        return self.path(owner, sha256).exists()

    def path(self, owner: str, sha256: str) -> Path:
        """Where the blob lies or would lie, for programs that read files. ValueError for a name that is no digest."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256[:80]!r} is no SHA-256 in hexadecimal")
        return self._folder(owner) / sha256

    def digests(self, owner: str) -> list[str]:
        """What the owner has, in order."""
        folder = self._folder(owner)
        return sorted(f.name for f in folder.iterdir() if _SHA256.fullmatch(f.name)) if folder.exists() else []

    def damaged(self, owner: str) -> list[str]:
        """Blobs whose bytes are no longer those of their name."""
        return [name for name in self.digests(owner) if hashlib.sha256(self.get(owner, name)).hexdigest() != name]

    def owners(self) -> Iterator[str]:
        """Everybody who has a folder, in no order."""
        for shelf in self._root.iterdir():
            if shelf.is_dir():
                yield from (folder.name for folder in shelf.iterdir() if folder.is_dir())

    def erase(self, owner: str) -> int:
        """Remove all blobs of the owner, also halves left by a crash; returns how many blobs there were."""
        folder = self._folder(owner)
        if not folder.exists():
            return 0
        blobs = len(self.digests(owner))
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
        _sync(folder.parent)
        return blobs

    def _folder(self, owner: str) -> Path:
        """Folders are spread over 256 shelves: a million names in one folder are slow to list."""
        if not _OWNER.fullmatch(owner):
            raise ValueError(f"{owner[:80]!r} cannot own files: use letters, digits, - and _, at most 128")
        return self._root / hashlib.sha256(owner.encode()).hexdigest()[:2] / owner

    def _make(self, folder: Path) -> None:
        for new, parent in ((folder.parent, self._root), (folder, folder.parent)):
            if not new.exists():
                new.mkdir(exist_ok=True)
                _sync(parent)


def _write(path: Path, data: bytes) -> None:
    """Write beside, flush to the disk, then give it its name: nobody ever reads a half."""
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    """Make names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
