"""Everything an entry point or a stage works with, in one frozen value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cases.store.blobs import Blobs
from cases.store.database import Database
from cases.store.keys import Keys
from configs.settings import Settings
from pipelines.alarm import Alarm
from pipelines.counters import Counters
from pipelines.decoding import Decoder
from pipelines.journeys import Journeys
from pipelines.likeness import SeenPhotos, SimilarCases
from pipelines.ports import Handover, Post, Registers
from pipelines.recent import RecentStreams
from pipelines.text_models import TextModels


@dataclass(frozen=True)
class House:
    settings: Settings
    keys: Keys
    database: Database
    blobs: Blobs
    journeys: Journeys
    texts: TextModels
    alarm: Alarm
    decoder: Decoder
    similar: SimilarCases
    seen: SeenPhotos
    recent: RecentStreams
    registers: Registers
    handover: Handover
    post: Post
    counters: Counters
    now: Callable[[], datetime]
    ring: Callable[[], None]  # the doorbell: there is work
