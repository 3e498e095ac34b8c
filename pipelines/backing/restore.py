"""Restoring into an empty home: everything is checked before anything is written, and what was erased stays erased."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

import orjson

from cases import events as e
from cases.errors import CaseError, NotFound
from cases.store import dialect, dumps
from cases.store.blobs import Blobs, place_of, sync_folder
from cases.store.database import Database
from cases.store.dumps import Counts
from cases.store.keys import Keys
from cases.store.tombstones import FileTombstones, Tombstone, Tombstones
from cases.store.vault import BlobDamaged
from configs.settings import Settings
from pipelines.audit import verify_all
from pipelines.backing.backup import KEPT_OF_HOME, read_blobs
from pipelines.backing.layout import BLOBS, FILES, SECRET, BackupRefused, Manifest, Part, part_of, read_manifest
from pipelines.erasing import replay_tombstones
from pipelines.files import write_whole
from pipelines.house import House
from pipelines.journeys import load_journeys
from pipelines.wiring import RESTORING, close, furnish, places, secret_of

#: What a home in use holds; the secret and the tombstones may be there before anything else is.
USED = ("casewright.db", "casewright.db-wal", "blobs", "models", "outbox", "handover", "similar")
AT_ONCE = 200  # cases whose files are looked at in one query


class HomeInUse(CaseError):
    def __init__(self, what: str) -> None:
        super().__init__(f"{what}; restore into an empty CASEWRIGHT_HOME, database and blob store, never over cases")


class SecretMissing(CaseError):
    def __init__(self, home: Path) -> None:
        super().__init__(
            f"the backup does not hold the secret: put secret.key of the installation into {home}, or set "
            "CASEWRIGHT_SECRET to what it was"
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup whose every byte is as it was written."""

    folder: Path
    manifest: Manifest
    blobs: int
    files: tuple[tuple[str, str], ...]  # where it lay below home, and its SHA-256


@dataclass(frozen=True, slots=True)
class Restored:
    """tombstones: how many were known; 0 tells that what was erased after the backup may be back."""

    at: datetime
    counts: Counts
    blobs: int
    checked_files: int  # named by cases, read and found to be what they were
    decision_files: int
    tombstones: int
    erased_again: int
    differences: tuple[str, ...]


def check_backup(folder: Path, keys: Keys) -> Checked:
    """Read all of it. Raises BackupRefused, naming the first thing that is not as it was written."""
    manifest = read_manifest(folder, keys)
    for part in (manifest.dump, manifest.blobs, manifest.files):
        _same(folder / part.name, part.sha256, part.bytes)
    blobs = 0
    for owner, name, sha256, length in read_blobs(folder, manifest):
        _same(folder / BLOBS / place_of(owner) / name, sha256, length)
        blobs += 1
    files = []
    for line in (folder / manifest.files.name).read_bytes().splitlines():
        path, sha256, length = orjson.loads(line)
        first, *rest = PurePosixPath(path).parts
        if first not in ("models", *KEPT_OF_HOME) or not rest or ".." in rest:
            raise BackupRefused(f"the backup names {path}, which leads elsewhere")
        _same(folder / FILES / sha256, sha256, length)
        files.append((path, sha256))
    return Checked(folder, manifest, blobs, tuple(files))


def restore(settings: Settings, folder: Path, *, tombstones: Path | None = None) -> Restored:
    """Put a backup back, erase again what was erased after it, let go of what was held, and verify all of it.

    tombstones: the list of the lost installation, where it does not lie in the home or the blob store already. Start
    nothing else before it returns; cut off, it may be run again. Raises BackupRefused, HomeInUse, SecretMissing,
    ToolMissing, ToolFailed, JourneyRefused.
    """
    secret = secret_for(settings, folder)
    checked = check_backup(folder, Keys.from_secret(secret))
    _fits(settings, checked.manifest)
    journeys, buried = load_journeys(settings), _read_tombstones(tombstones)
    _begin(settings, checked.manifest, secret)
    stored, graves = places(settings)
    _bury_known(graves, buried)
    _put_files(settings, checked)
    _put_blobs(stored, checked)
    _put_database(settings, checked, secret)
    house = furnish(settings, journeys)
    try:
        with house.database.writing() as store:
            store.dumps.settle()
        again = replay_tombstones(house)
        restored = _verified(house, checked, again)
    finally:
        close(house)
    (settings.home / RESTORING).unlink()
    return restored


def secret_for(settings: Settings, folder: Path) -> bytes:
    if settings.secret is not None or (settings.home / SECRET).exists():
        return secret_of(settings)
    if not (folder / SECRET).exists():
        raise SecretMissing(settings.home)
    return (folder / SECRET).read_bytes()


def _same(path: Path, sha256: str, length: int) -> None:
    try:
        found = part_of(path)
    except FileNotFoundError:
        raise BackupRefused(f"{path} is not there any more; use another backup") from None
    if found != Part(name=path.name, sha256=sha256, bytes=length):
        raise BackupRefused(f"{path} is not as it was written; use another backup")


def _fits(settings: Settings, manifest: Manifest) -> None:
    """Raises BackupRefused or HomeInUse. A restore that was cut off may go on where this same backup was begun."""
    kind = dialect.kind_of(settings.database)
    if kind != manifest.backend:
        raise BackupRefused(f"the backup is of {manifest.backend} and CASEWRIGHT_DATABASE_URL names {kind}; name a "
                            f"database of {manifest.backend}")  # fmt: skip
    if not dumps.is_known(manifest.revision):
        raise BackupRefused(f"its tables are of revision {manifest.revision}, which this version does not know; "
                            f"restore with version {manifest.program} or later")  # fmt: skip
    if _is_begun(settings, manifest):
        return
    home, models = settings.home, settings.model_root
    used = [str(place) for place in (*(home / name for name in USED), models) if _holds_something(place)]
    if used:
        raise HomeInUse(f"there is something in {', '.join(sorted(set(used)))}")
    if not dumps.is_empty(settings.database):
        raise HomeInUse("the database has tables")
    if settings.blob_url is not None and next(places(settings)[0].owners(), None) is not None:
        raise HomeInUse("the blob store holds files")


def _holds_something(place: Path) -> bool:
    if place.is_dir():
        return any(path.is_file() for path in place.rglob("*"))
    return place.exists()


def _is_begun(settings: Settings, manifest: Manifest) -> bool:
    marker = settings.home / RESTORING
    return marker.exists() and marker.read_text() == manifest.seal


def _begin(settings: Settings, manifest: Manifest, secret: bytes) -> None:
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.secret is None and not (settings.home / SECRET).exists():
        write_whole(settings.home / SECRET, secret)
    write_whole(settings.home / RESTORING, manifest.seal.encode())
    sync_folder(settings.home)


def _read_tombstones(path: Path | None) -> list[Tombstone]:
    if path is None:
        return []
    try:
        found = FileTombstones(path).read()
    except (ValueError, KeyError, TypeError, OSError):
        found = []
    if not found:
        raise BackupRefused(f"{path} is no list of tombstones; name the tombstones.jsonl of the lost installation")
    return found


def _bury_known(graves: Tombstones, buried: Sequence[Tombstone]) -> None:
    """Take the list of the lost installation over, so that the next restore knows it too."""
    known = {stone.id for stone in graves.read()}
    for stone in buried:
        if stone.id not in known:
            graves.add([stone.id], stone.at)


def _put_files(settings: Settings, checked: Checked) -> None:
    for path, sha256 in checked.files:
        first, _, rest = path.partition("/")
        place = (settings.model_root if first == "models" else settings.home / first) / rest
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, (checked.folder / FILES / sha256).read_bytes())
        sync_folder(place.parent)


def _put_blobs(stored: Blobs, checked: Checked) -> None:
    """As they were stored: whoever copies them needs no key."""
    for owner, some in _by_owner(checked):
        place = checked.folder / BLOBS / place_of(owner)
        for name in sorted(set(some) - set(stored.digests(owner))):
            stored.put_many(owner, [(place / name).read_bytes()], digests=[name])


def _by_owner(checked: Checked) -> Iterator[tuple[str, list[str]]]:
    """The lines of one owner follow each other."""
    owner, names = "", list[str]()
    for of, name, _, _ in read_blobs(checked.folder, checked.manifest):
        if of != owner and names:
            yield owner, names
            names = []
        owner = of
        names.append(name)
    if names:
        yield owner, names


def _put_database(settings: Settings, checked: Checked, secret: bytes) -> None:
    """Last of all, so that there is no database before there are its files."""
    if dumps.is_empty(settings.database):
        free = shutil.disk_usage(settings.home).free
        if dialect.kind_of(settings.database) == "sqlite" and free < checked.manifest.dump.bytes:
            raise BackupRefused(f"the database needs {checked.manifest.dump.bytes} bytes and {free} are free")
        dumps.put_back(settings.database, checked.folder / checked.manifest.dump.name, seconds=settings.backup_seconds)
    database = Database(settings.database, keys=Keys.from_secret(secret), follow=lambda *_: ())
    try:
        with database.reading() as store:
            counts = store.dumps.counts()
    finally:
        database.close()
    if (counts.cases, counts.messages) < (checked.manifest.counts.cases, checked.manifest.counts.messages):
        raise HomeInUse("the database was begun by somebody else while this restore was cut off")


def _verified(house: House, checked: Checked, again: int) -> Restored:
    found = verify_all(house)
    files, problems = _verify_files(house)
    return Restored(
        at=checked.manifest.at, counts=checked.manifest.counts, blobs=checked.blobs, checked_files=files,
        decision_files=found.files + found.retired, tombstones=len(house.tombstones.read()), erased_again=again,
        differences=(*found.differences, *problems),
    )  # fmt: skip


def _verify_files(house: House) -> tuple[int, list[str]]:
    """Every raw message and every file that a message brought, read and held against the digest that names it."""
    good, problems = 0, []
    for owner, name in _named_files(house):
        try:
            house.blobs.get(owner, name)
        except NotFound:
            problems.append(f"{owner}: file {name[:12]} is not there")
        except BlobDamaged as damaged:
            problems.append(str(damaged))
        else:
            good += 1
    return good, problems


def _named_files(house: House) -> Iterator[tuple[str, str]]:
    with house.database.reading() as store:
        owners, cases = store.dumps.owners(), store.case_ids()
    yield from ((owner, digest) for owner, digests in sorted(owners.items()) for digest in digests)
    for start in range(0, len(cases), AT_ONCE):
        with house.database.reading() as store:
            histories = store.histories(cases[start : start + AT_ONCE])
            messages = {one.id: one.owner for case_id in histories for one in store.messages.of_case(case_id)}
        for case_id, entries in histories.items():
            for entry in entries:
                if isinstance(entry.event, e.MessageAdded):
                    owner = messages.get(entry.event.message_id, case_id)
                    yield from ((owner, file.sha256) for file in entry.event.files)
