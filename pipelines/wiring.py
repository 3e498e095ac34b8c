"""Puts the house together from settings: the only place that knows which adapter stands behind which port."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog

from cases import events as e
from cases.case import Case
from cases.clocks import Clock, clocks_of, next_clock
from cases.errors import CaseError
from cases.store.blobs import Blobs, FileBlobs
from cases.store.database import Database, DatabaseAway, Due
from cases.store.keys import Keys
from cases.store.tombstones import FileTombstones, Tombstones
from cases.store.vault import Vault
from configs.settings import Settings
from models.sentence import Embedder
from pipelines.alarm import Alarm
from pipelines.assistant.provider import Provider
from pipelines.channels.email.outbox import EmlOutbox
from pipelines.counters import BELLS, Counters
from pipelines.decoding import Decoder
from pipelines.doorbell import Bells
from pipelines.files import write_first
from pipelines.flow import Stage, stages_after
from pipelines.handover import FileHandover, HandoverUnset
from pipelines.house import House, Ring
from pipelines.journeys import Journeys, load_journeys
from pipelines.likeness import SeenPhotos, SimilarCases
from pipelines.llm import open_llm
from pipelines.oversight.drawing import is_drawn_blind
from pipelines.photo_models import PhotoModels
from pipelines.ports import Handover, Post
from pipelines.recent import RecentStreams
from pipelines.registers import CsvRegisters
from pipelines.rulebook import in_force
from pipelines.text_models import TextModels
from pipelines.usable import make_home, refuse_unusable
from pipelines.watching.tracing import open_traces

log = structlog.get_logger()
JOURNEYS = in_force.JOURNEYS
AWAY_SECONDS = 0.5  # between two tries to reach a database that is away
RESTORING = "restoring"  # a file in the home from the beginning of a restore to its end


class RestoreUnfinished(CaseError):
    """Erased cases may be back, and files may be missing: nobody is let in."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"a restore into {home} was not finished; run the same casewright restore again to its end")


@contextmanager
def opened(settings: Settings, *, bell: threading.Event | None = None, patience: float = 0.0) -> Iterator[House]:
    """The house, with its tables up to date and its journeys noted; closed at the end.

    patience: seconds to wait for a database that is away, for processes that start beside it.
    """
    house = _built_within(patience, settings, bell)
    try:
        yield house
    finally:
        close(house)


def close(house: House) -> None:
    if isinstance(house.ring, Bells):
        house.ring.close()
    house.counters.close()
    if house.traces is not None:
        house.traces.close()
    house.decoder.close()
    house.post.close()
    house.database.close()


def _built_within(patience: float, settings: Settings, bell: threading.Event | None) -> House:
    until = time.monotonic() + patience
    while True:
        try:
            return build(settings, bell=bell)
        except DatabaseAway as away:
            if time.monotonic() >= until:
                raise
            log.warning("database.awaited", trouble=away.trouble)
            time.sleep(AWAY_SECONDS)


def build(settings: Settings, *, bell: threading.Event | None = None) -> House:
    """Raises SettingsRefused, or JourneyRefused for a folder. `bell` is rung whenever there may be work."""
    if (settings.home / RESTORING).exists():
        raise RestoreUnfinished(settings.home)
    return furnish(settings, load_journeys(settings), bell=bell)


def furnish(settings: Settings, journeys: Journeys, *, bell: threading.Event | None = None) -> House:
    """As build, with journeys that were read already."""
    refuse_unusable(settings)
    make_home(settings.home)
    Embedder.map_in(settings.model_root / "encoder")
    keys = Keys.from_secret(secret_of(settings))
    database = Database(
        settings.database,
        keys=keys,
        follow=partial(_follow, helped=settings.llm_url is not None),
        pressing=partial(_pressing, journeys),
        drawn=partial(is_drawn_blind, journeys, keys.reserve),
    )
    database.migrate()
    journeys = in_force.journeys_in_force(database, journeys, now=datetime.now(UTC))
    stored, tombstones = places(settings)
    counters = Counters(database)
    return House(
        settings=settings,
        keys=keys,
        database=database,
        blobs=Vault(stored, database, keys.vault, now=lambda: datetime.now(UTC)),
        tombstones=tombstones,
        journeys=journeys,
        texts=TextModels(settings.model_root, journeys, encoders=settings.text_encoders),
        alarm=Alarm(settings.model_root, journeys),
        decoder=Decoder(seconds=settings.decode_seconds),
        similar=SimilarCases(
            database, dim=Embedder.dim, folder=settings.home / "similar", exact_up_to=settings.similar_exact_up_to
        ),
        seen=SeenPhotos(database),
        photos=PhotoModels(settings.model_root, encoder=settings.photo_encoder, style=settings.photo_encoder_style),
        recent=RecentStreams(),
        registers=CsvRegisters(settings.registers),
        handover=handover_of(settings),
        post=post_of(settings),
        counters=counters,
        traces=open_traces(settings),
        assistant=assistant_of(settings, database),
        now=lambda: datetime.now(UTC),
        ring=_ring(settings, bell, counters),
    )


def _ring(settings: Settings, bell: threading.Event | None, counters: Counters) -> Ring:
    """The bell of this process, else the broker's, else none: then somebody drains."""
    if bell is not None:
        return lambda *_: bell.set()
    if settings.broker_url is None:
        return lambda *_: None
    from pipelines.broker import Publisher  # noqa: PLC0415  # Celery costs 0.2 s, which the embedded default saves

    return Bells(Publisher(settings), on_missed=lambda: counters.add(BELLS))


def places(settings: Settings) -> tuple[Blobs, Tombstones]:
    if settings.blob_url is not None:
        from cases.store.s3 import open_s3  # noqa: PLC0415  # 0.03 s, which the embedded default saves

        return open_s3(settings.blob_url)
    return FileBlobs(settings.home / "blobs"), FileTombstones(settings.home / "tombstones.jsonl")


def handover_of(settings: Settings) -> Handover:
    if settings.handover_url is None:
        return FileHandover(settings.home / "handover")
    if settings.handover_secret is None:
        raise HandoverUnset("orders must be signed: set CASEWRIGHT_HANDOVER_SECRET beside CASEWRIGHT_HANDOVER_URL")
    from pipelines.webhook import WebhookHandover  # noqa: PLC0415  # httpx costs 0.1 s, as above

    return WebhookHandover(settings.handover_url, settings.handover_secret.get_secret_value())


def post_of(settings: Settings) -> Post:
    if settings.smtp_url is None:
        return EmlOutbox(settings.home / "outbox")
    from pipelines.channels.email.smtp import SmtpPost  # noqa: PLC0415  # asyncio costs 0.2 s, as above

    return SmtpPost(settings.smtp_url)


def assistant_of(settings: Settings, database: Database) -> Provider | None:
    """Nothing of a language model is loaded before one is asked."""
    model = open_llm(settings)
    return None if model is None else Provider(settings, model, database)


def _follow(
    event: e.Event,
    at: datetime,  # noqa: ARG001  # timers may count from it
    *,
    helped: bool = True,
) -> tuple[Due, ...]:
    """helped: by a language model; without one there is no work for it."""
    match event:
        case e.DecisionHeld(leaves_at=due_at) | e.LetterHeld(leaves_at=due_at) | e.LetterBounced(again_at=due_at):
            pass
        case e.LetterDelayed(until=due_at):
            pass
        case _:
            due_at = None
    return tuple(Due(stage, due_at) for stage in stages_after(event) if helped or stage is not Stage.ASSIST)


def _pressing(journeys: Journeys, case: Case) -> Clock | None:
    """By the journey of the case; by the first one while it is not known."""
    names = journeys.names()
    return next_clock(clocks_of(case, journeys.get(case.journey if case.journey in names else names[0]).journey))


def secret_of(settings: Settings) -> bytes:
    """From CASEWRIGHT_SECRET, else made once and kept beside the database, readable by its owner only."""
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    path = settings.home / "secret.key"
    if not path.exists():
        write_first(path, secrets.token_bytes(32))
    return path.read_bytes()
