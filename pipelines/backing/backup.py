"""Backing up: a checkpoint, a dump of one moment, then the files that it names, while everybody goes on working."""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import orjson

from cases import events as e
from cases.errors import NotFound
from cases.store.blobs import place_of
from cases.store.database import Store
from cases.store.dumps import Counts
from models.registry import list_models
from pipelines.backing.layout import (
    BLOBS,
    FILES,
    FORMAT,
    MANIFEST,
    SECRET,
    BackupRefused,
    Manifest,
    Part,
    alone,
    key_name,
    part_of,
    read_manifest,
    sync_below,
)
from pipelines.files import write_whole
from pipelines.house import House

CHECKPOINTS = "checkpoints"
AT_ONCE = 8  # owners whose files are fetched together: an object store answers late, and a disk in its own order
KEPT_OF_HOME = ("outbox", "handover")
_POINTERS = ("current", "history.jsonl", "settled", "challenger")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """blobs: all that the backup holds; copied: those that it did not hold before.

    erased: gone before they were copied, because their case was erased. lost: named by the dump, nowhere to be found.
    """

    folder: Path
    at: datetime
    counts: Counts
    blobs: int
    bytes: int
    copied: int
    erased: int
    lost: tuple[str, ...]
    files: int


@dataclass(frozen=True, slots=True)
class _Dumped:
    part: Part
    at: datetime
    counts: Counts
    revision: str
    checkpoint: str | None
    owners: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Blob:
    """As a line of the list has it; sha256 None: it was not found."""

    owner: str
    name: str
    sha256: str | None = None
    bytes: int = 0
    is_new: bool = False


def back_up(house: House, folder: Path, *, secret: bytes | None = None) -> BackedUp:
    """Write a whole backup into the folder, in the place of the one that it holds; a backup cut off leaves that one.

    secret: kept in it too, for those who lock up the backup itself. Every message acknowledged before the call is in
    it. Raises BackupRefused, ToolMissing, ToolFailed, BlobsAway, DatabaseAway.
    """
    with alone(folder):
        before = _lines_before(folder, house)
        run = uuid4().hex[:12]
        with house.database.writing() as store:
            store.seal(house.now())
        dumped = _dump(house, folder / f"database-{run}")
        listed = _copy_blobs(house, folder, dumped.owners, before)
        gone = [one for one in listed if one.sha256 is None]
        kept = [one for one in listed if one.sha256 is not None]
        blobs = _list(folder / f"blobs-{run}.jsonl", [[one.owner, one.name, one.sha256, one.bytes] for one in kept])
        of_home = list(_copy_files(house, folder))
        files = _list(folder / f"files-{run}.jsonl", [[path, part.sha256, part.bytes] for path, part in of_home])
        _keep_secret(folder, secret)
        manifest = Manifest(
            format=FORMAT, program=version("casewright"), revision=dumped.revision, backend=house.database.backend,
            at=dumped.at, key=key_name(house.keys), checkpoint=dumped.checkpoint, counts=dumped.counts,
            dump=dumped.part, blobs=blobs, files=files,
        )  # fmt: skip
        sync_below(folder)
        write_whole(folder / MANIFEST, manifest.sealed(house.keys).model_dump_json(indent=1).encode())
        sync_below(folder)
        _prune(folder, manifest, kept, of_home)
    buried = {stone.id for stone in house.tombstones.read()}
    lost = tuple(f"{one.owner}/{one.name}" for one in gone if one.owner not in buried)
    return BackedUp(
        folder=folder, at=dumped.at, counts=dumped.counts, blobs=len(kept), bytes=sum(one.bytes for one in kept),
        copied=sum(one.is_new for one in kept), erased=len(gone) - len(lost), lost=lost, files=len(of_home),
    )  # fmt: skip


def read_blobs(folder: Path, manifest: Manifest) -> Iterator[tuple[str, str, str, int]]:
    """Owner, name, SHA-256 and length of what is stored, of each blob."""
    with (folder / manifest.blobs.name).open("rb") as lines:
        for line in lines:
            owner, name, sha256, length = orjson.loads(line)
            yield owner, name, sha256, length


def _lines_before(folder: Path, house: House) -> dict[tuple[str, str], tuple[str, int]]:
    """What the folder's last whole backup holds. BackupRefused for one of another installation."""
    if not (folder / MANIFEST).exists():
        return {}
    manifest = read_manifest(folder, house.keys)
    if part_of(folder / manifest.blobs.name) != manifest.blobs:
        raise BackupRefused(f"{folder / manifest.blobs.name} is not as it was written; name an empty folder")
    return {(owner, name): (sha256, length) for owner, name, sha256, length in read_blobs(folder, manifest)}


def _dump(house: House, path: Path) -> _Dumped:
    with house.database.reading() as store:
        at, counts, owners = house.now(), store.dumps.counts(), store.dumps.owners()
        revision, checkpoint = store.watch.revision() or "", _checkpoint(store)
        store.dumps.write(path, seconds=house.settings.backup_seconds)
    return _Dumped(part_of(path), at, counts, revision, checkpoint, owners)


def _checkpoint(store: Store) -> str | None:
    made = [x.event.root for x in store.history(CHECKPOINTS) if isinstance(x.event, e.CheckpointMade)]
    return made[-1] if made else None


def _copy_blobs(
    house: House, folder: Path, owners: dict[str, list[str]], before: dict[tuple[str, str], tuple[str, int]]
) -> list[_Blob]:
    """All that these owners have. What they wrote after the dump may be among it."""

    def of_owner(owner: str) -> list[_Blob]:
        names = sorted({*house.blobs.stored.digests(owner), *owners[owner]})
        return [_copy_blob(house, folder, _Blob(owner, name), before.get((owner, name))) for name in names]

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="backup") as pool:
        return [one for some in pool.map(of_owner, sorted(owners)) for one in some]


def _copy_blob(house: House, folder: Path, blob: _Blob, before: tuple[str, int] | None) -> _Blob:
    place = folder / BLOBS / place_of(blob.owner)
    copy = place / blob.name
    if before is not None and copy.exists() and copy.stat().st_size == before[1]:
        return _Blob(blob.owner, blob.name, *before)
    try:
        data = house.blobs.stored.get(blob.owner, blob.name)
    except NotFound:
        return blob
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(copy, data)
    return _Blob(blob.owner, blob.name, hashlib.sha256(data).hexdigest(), len(data), is_new=True)


def _copy_files(house: House, folder: Path) -> Iterator[tuple[str, Part]]:
    """Models, and letters and orders that nobody has taken away yet; what goes meanwhile is passed over."""
    (folder / FILES).mkdir(mode=0o700, exist_ok=True)
    for path, source in _of_home(house):
        with suppress(FileNotFoundError):
            data = source.read_bytes()
            part = Part(name=source.name, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
            if not (folder / FILES / part.sha256).exists():
                write_whole(folder / FILES / part.sha256, data)
            yield path, part


def _of_home(house: House) -> Iterator[tuple[str, Path]]:
    root = house.settings.model_root
    models = list_models(root)
    pointers = [path for name in {one.path.parent for one in models} for path in map(name.joinpath, _POINTERS)]
    for path in sorted([*pointers, *(path for one in models for path in one.path.rglob("*") if path.is_file())]):
        yield f"models/{path.relative_to(root)}", path
    for kept in KEPT_OF_HOME:
        for path in sorted((house.settings.home / kept).rglob("*")):
            if path.is_file() and not path.name.startswith("."):  # a draft
                yield str(path.relative_to(house.settings.home)), path


def _list(path: Path, lines: Sequence[object]) -> Part:
    write_whole(path, b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return part_of(path)


def _keep_secret(folder: Path, secret: bytes | None) -> None:
    """A secret that an earlier backup kept does not stay behind unasked."""
    if secret is None:
        (folder / SECRET).unlink(missing_ok=True)
    else:
        write_whole(folder / SECRET, secret)


def _prune(folder: Path, manifest: Manifest, kept: Sequence[_Blob], of_home: Sequence[tuple[str, Part]]) -> None:
    """Remove what this backup does not name: earlier dumps, what was erased since, halves of runs that were cut off."""
    blobs = {folder / BLOBS / place_of(one.owner) / one.name for one in kept}
    files = {folder / FILES / part.sha256 for _, part in of_home}
    parts = {folder / part.name for part in (manifest.dump, manifest.blobs, manifest.files)}
    for path in sorted((folder / BLOBS).rglob("*"), reverse=True):  # what a folder holds comes before it
        if path.is_file() and path not in blobs:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    for path in (folder / FILES).iterdir():
        if path not in files:
            path.unlink()
    for pattern in ("database-*", "blobs-*", "files-*", ".*.arriving"):
        for path in folder.glob(pattern):
            if path not in parts:
                path.unlink()
