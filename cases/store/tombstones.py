"""Tombstones: what was erased, kept outside the database and outside its backups, so that no restore brings it back."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import orjson

from cases.store.blobs import BlobsAway, disk, sync_folder


@dataclass(frozen=True, slots=True)
class Tombstone:
    """id: of a case or a message, and nothing else about it."""

    id: str
    at: datetime


class Tombstones(Protocol):
    def add(self, ids: Sequence[str], at: datetime) -> None: ...
    def read(self) -> list[Tombstone]: ...


class FileTombstones:
    """One JSON object a line, only ever added to. Several processes of one machine may write it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, ids: Sequence[str], at: datetime) -> None:
        """Durable when it returns. BlobsAway when it could not be written."""
        lines = b"".join(orjson.dumps({"id": name, "at": at}) + b"\n" for name in ids)
        with disk():
            self._add(lines)

    def _add(self, lines: bytes) -> None:
        new = not self._path.exists()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # In one write, so that two processes do not mix. The first newline ends a line that a crash cut off.
            if os.write(descriptor, b"\n" + lines) != len(lines) + 1:
                raise BlobsAway("a tombstone was not written whole")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if new:
            sync_folder(self._path.parent)

    def read(self) -> list[Tombstone]:
        """All of them, oldest first. A line that a crash cut off was never acknowledged, and is passed over."""
        return sorted(self._read(), key=lambda one: (one.at, one.id)) if self._path.exists() else []

    def _read(self) -> Iterator[Tombstone]:
        for line in self._path.read_bytes().splitlines():
            if line.endswith(b"}"):
                told = orjson.loads(line)
                yield Tombstone(told["id"], datetime.fromisoformat(told["at"]))
