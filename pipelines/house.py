"""Everything an entry point or a stage works with, in one frozen value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from cases.store.database import Database
from cases.store.keys import Keys
from cases.store.tombstones import Tombstones
from cases.store.vault import Vault
from configs.settings import Settings
from pipelines.alarm import Alarm
from pipelines.assistant.provider import Provider
from pipelines.counters import Counters
from pipelines.decoding import Decoder
from pipelines.doorbell import Bell
from pipelines.journeys import Journeys
from pipelines.likeness import SeenPhotos, SimilarCases
from pipelines.photo_models import PhotoModels
from pipelines.ports import Handover, Post, Registers, Traces
from pipelines.recent import RecentStreams
from pipelines.text_models import TextModels


class Ring(Protocol):
    """The doorbell: there is work. It never waits, and nothing is lost when nobody hears it."""

    def __call__(self, *bells: Bell) -> None:
        """bells: for these classes of work; without any: a message came in."""


@dataclass(frozen=True)
class House:
    settings: Settings
    keys: Keys
    database: Database
    blobs: Vault
    tombstones: Tombstones  # what was erased, outside the database and its backups
    journeys: Journeys
    texts: TextModels
    alarm: Alarm
    decoder: Decoder
    similar: SimilarCases
    seen: SeenPhotos
    photos: PhotoModels
    recent: RecentStreams
    registers: Registers
    handover: Handover
    post: Post
    counters: Counters
    traces: Traces | None  # None: nobody traces
    assistant: Provider | None  # None: no language model is asked
    now: Callable[[], datetime]
    ring: Ring

    @property
    def zone(self) -> ZoneInfo:
        """Of the organisation, as its first journey names it."""
        return ZoneInfo(self.journeys.get(self.journeys.names()[0]).journey.calendar.time_zone)

    def local_now(self) -> datetime:
        """Now, in the organisation's zone: for lists, whose today ends at its midnight."""
        return self.now().astimezone(self.zone)
