"""What a backup looks like: a folder whose sealed manifest is written last, so that a half is never taken for a whole.

manifest.json           version, tables, counts, digest of each file below; sealed by a key of the installation
database-<run>          the dump
blobs-<run>.jsonl       one line a blob: owner, name, SHA-256 and length of the stored (encrypted) bytes
files-<run>.jsonl       one line a file of home: path, SHA-256, length
blobs/<shelf>/<owner>/<name>, files/<sha256>, secret.key (only where asked for)
"""

import fcntl
import hashlib
import hmac
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from cases.errors import CaseError
from cases.store.blobs import sync_folder
from cases.store.dumps import Counts
from cases.store.keys import Keys
from pipelines.files import write_whole

FORMAT = 1
MANIFEST, README, LOCK, SECRET = "manifest.json", "README.txt", ".lock", "secret.key"
BLOBS, FILES = "blobs", "files"
_PIECE = 1024 * 1024  # bytes
_NAME = re.compile(r"[a-z]+-[0-9a-f]{12}(\.jsonl)?")
ABOUT = """A backup of Casewright. It is whole when manifest.json is here; that is written last.
casewright restore THIS_FOLDER puts it back. It holds personal data; keep it as the database is kept.
"""


class BackupRefused(CaseError):
    """A folder that is no backup to be written to, or to be put back."""


class Part(BaseModel):
    """One file of the backup."""

    model_config = ConfigDict(frozen=True)

    name: str
    sha256: str
    bytes: int


class Manifest(BaseModel):
    """key: tells which installation's secret sealed it, and nothing about that secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    program: str
    revision: str
    backend: str
    at: datetime
    key: str
    checkpoint: str | None  # Merkle root of the log's latest checkpoint
    counts: Counts
    dump: Part
    blobs: Part
    files: Part
    seal: str = ""

    def sealed(self, keys: Keys) -> "Manifest":
        return self.model_copy(update={"seal": self._seal(keys)})

    def is_sealed_by(self, keys: Keys) -> bool:
        return hmac.compare_digest(self.seal.encode(), self._seal(keys).encode())

    def _seal(self, keys: Keys) -> str:
        told = orjson.dumps(self.model_dump(mode="json", exclude={"seal"}), option=orjson.OPT_SORT_KEYS)
        return hmac.digest(keys.backup, b"manifest " + told, "sha256").hex()


def key_name(keys: Keys) -> str:
    return hmac.digest(keys.backup, b"name", "sha256").hex()[:16]


def read_manifest(folder: Path, keys: Keys) -> Manifest:
    """Raises BackupRefused when there is none, when another secret sealed it, and when it was changed."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise BackupRefused(
            f"{folder} is no whole backup: it has no {MANIFEST}; name the folder that casewright backup filled to its "
            "end"
        ) from None
    except ValidationError:
        raise BackupRefused(f"{folder / MANIFEST} cannot be read by this version; it is damaged or newer") from None
    if manifest.key != key_name(keys):
        raise BackupRefused(
            f"{folder} was made under another secret: put the secret.key of that installation into CASEWRIGHT_HOME, or "
            "set CASEWRIGHT_SECRET to what it was; without it neither files nor chains can be read"
        )
    names = (manifest.dump.name, manifest.blobs.name, manifest.files.name)
    if not manifest.is_sealed_by(keys) or not all(map(_NAME.fullmatch, names)):
        raise BackupRefused(f"{folder / MANIFEST} is not as it was written; use another backup")
    return manifest


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """The folder, made where there is none, for this process only. BackupRefused for a folder of others."""
    if folder.exists() and not folder.is_dir():
        raise BackupRefused(f"{folder} is a file; name a folder")
    if folder.exists() and any(folder.iterdir()) and not (folder / README).is_file():
        raise BackupRefused(f"{folder} holds something else than a backup; name an empty folder or a new one")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(folder / README, ABOUT.encode())
    (folder / LOCK).touch(mode=0o600)
    with (folder / LOCK).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRefused(f"another backup is being written to {folder}; wait until it is done") from None
        yield


def part_of(path: Path) -> Part:
    """What a file is; sealed later, so that it can be compared."""
    sha256, length = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            sha256.update(piece)
            length += len(piece)
    return Part(name=path.name, sha256=sha256.hexdigest(), bytes=length)


def sync_below(folder: Path) -> None:
    """Make all names below durable, the deepest first."""
    for place, _, _ in os.walk(folder, topdown=False):
        sync_folder(Path(place))
