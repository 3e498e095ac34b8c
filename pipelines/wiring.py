"""Puts the house together from settings: the only place that knows which adapter stands behind which port."""

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cases import events as e
from cases.journey_folder import JourneyFolder
from cases.store.blobs import Blobs, FileBlobs
from cases.store.database import Database, Due
from cases.store.keys import Keys
from cases.store.s3 import open_s3
from cases.store.tombstones import FileTombstones, Tombstones
from cases.store.vault import Vault
from cases.store.store import Store
from cases.vocabulary import SYSTEM
from configs.settings import Settings
from models.sentence import Embedder
from pipelines.alarm import Alarm
from pipelines.counters import Counters
from pipelines.decoding import Decoder
from pipelines.flow import stages_after
from pipelines.handover import FileHandover
from pipelines.house import House
from pipelines.journeys import Journeys, load_journeys
from pipelines.likeness import SeenPhotos, SimilarCases
from pipelines.post import EmlOutbox, SmtpPost
from pipelines.recent import RecentStreams
from pipelines.registers import CsvRegisters
from pipelines.text_models import TextModels

JOURNEYS = "journeys"


@contextmanager
def opened(settings: Settings, *, bell: threading.Event | None = None) -> Iterator[House]:
    """The house, with its tables up to date and its journeys noted; closed at the end."""
    house = build(settings, bell=bell)
    try:
        yield house
    finally:
        house.counters.close()
        house.decoder.close()
        house.database.close()


def build(settings: Settings, *, bell: threading.Event | None = None) -> House:
    """Raises JourneyRefused for a folder with problems. `bell` is rung whenever there may be work."""
    return furnish(settings, load_journeys(settings), bell=bell)


def furnish(settings: Settings, journeys: Journeys, *, bell: threading.Event | None = None) -> House:
    """As build, with journeys that were read already."""
    settings.home.mkdir(parents=True, exist_ok=True)
    keys = Keys.from_secret(_secret(settings))
    database = Database(settings.database, keys=keys, follow=_follow)
    database.migrate()
    _note_journeys(database, journeys)
    stored, tombstones = _places(settings)
    return House(
        settings=settings,
        keys=keys,
        database=database,
        blobs=Vault(stored, database, keys.vault, now=lambda: datetime.now(UTC)),
        tombstones=tombstones,
        journeys=journeys,
        texts=TextModels(settings.model_root, journeys),
        alarm=Alarm(settings.model_root, journeys),
        decoder=Decoder(seconds=settings.decode_seconds),
        similar=SimilarCases(database, dim=Embedder.dim, folder=settings.home / "similar"),
        seen=SeenPhotos(database),
        recent=RecentStreams(),
        registers=CsvRegisters(settings.registers),
        handover=FileHandover(settings.home / "handover"),
        post=SmtpPost(settings.smtp_url) if settings.smtp_url else EmlOutbox(settings.home / "outbox"),
        counters=Counters(database),
        now=lambda: datetime.now(UTC),
        ring=bell.set if bell else lambda: None,
    )


def _places(settings: Settings) -> tuple[Blobs, Tombstones]:
    if settings.blob_url is not None:
        return open_s3(settings.blob_url)
    return FileBlobs(settings.home / "blobs"), FileTombstones(settings.home / "tombstones.jsonl")


def _follow(event: e.Event, at: datetime) -> tuple[Due, ...]:  # noqa: ARG001  # timers will count from it
    return tuple(Due(stage) for stage in stages_after(event))


def _note_journeys(database: Database, journeys: Journeys) -> None:
    """Keep each journey as it stands in the log, once a version: decision files are re-derived from it."""
    with database.reading() as store:
        if not _unnoted(store, journeys):
            return
    with database.writing() as store:  # asked again under the lock: another process may be starting too
        loaded = [(e.JourneyLoaded(f.name, f.digest, f.snapshot), SYSTEM) for f in _unnoted(store, journeys)]
        if loaded:
            store.append(JOURNEYS, loaded, at=datetime.now(UTC))


def _unnoted(store: Store, journeys: Journeys) -> list[JourneyFolder]:
    known = {entry.event.digest for entry in store.history(JOURNEYS) if isinstance(entry.event, e.JourneyLoaded)}
    return [folder for folder in journeys.folders.values() if folder.digest not in known]


def _secret(settings: Settings) -> bytes:
    """From CASEWRIGHT_SECRET, else made once and kept beside the database, readable by its owner only."""
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    path = settings.home / "secret.key"
    if not path.exists():
        _write_secret(path, secrets.token_bytes(32))
    return path.read_bytes()


def _write_secret(path: Path, secret: bytes) -> None:
    """Whoever links first wins, so that two processes starting at once agree."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
