"""Whether what comes in still is what the serving model began with: one look a day at each journey.

A look is a day: windows end at midnight UTC and chance is seeded by their cases, so looking again on the same day gives
the same answer and spends nothing of the budget of false alarms. Only the first reading of each case counts, since
cases grow with replies, and one case a customer in each window, since a busy one is no change of the world.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import structlog

from cases import events as e
from cases.case import Case, Entry, fold
from cases.store.store import Store
from cases.vocabulary import SYSTEM, FileKind, FileStatus, Scope
from models import registry
from models.drift import Finding, Window, compare, sizes
from models.errors import UnknownModel
from pipelines.house import House
from pipelines.model_log import STREAM
from pipelines.stages.understand import text_of
from pipelines.text_models import KIND

log = structlog.get_logger()
PASSED = 0.01  # a chance above this, or a difference too small to matter, ends an episode
_AT_ONCE = 100  # histories in memory


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a journey found; no findings while no model serves it. since: of the oldest recent case."""

    journey: str
    until: datetime
    model_version: str = ""
    findings: tuple[Finding, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """A measure that drifts, from the look that saw it on."""

    seen: e.DriftSeen
    at: datetime


def look(house: House, journey: str) -> Look:
    """Hold the latest cases against the first ones that the serving version read. Writes nothing."""
    until = day_of(house)
    version = serving_version(house, journey)
    if version is None:
        return Look(journey, until)
    with house.database.reading() as store:
        ids = store.watch.arrived(journey, before=until)
        ids = ids[_first_read_by(store, ids, version) :]
        first, last = sizes(len(ids))
        reference = _readings(store, ids[:first], version)
        recent = _readings(store, ids[len(ids) - last :], version)
    seed = int.from_bytes(hashlib.sha256(" ".join((version, *ids)).encode()).digest()[:8])
    findings = compare(_window(house, reference), _window(house, recent), seed=seed)
    return Look(journey, until, version, tuple(findings), min((one.at for one in recent), default=None))


def day_of(house: House) -> datetime:
    """The last midnight, in UTC: until then cases count in a look."""
    return house.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def watch_for_drift(house: House) -> None:
    """Look at every journey and note what begins to drift, and what does no more."""
    for journey in house.journeys.names():
        note(house, look(house, journey))


def note(house: House, looked: Look) -> list[e.DriftSeen | e.DriftPassed]:
    """Write down what changed since the last look: one event an episode begun, and one when it is over."""
    with house.database.writing() as store:
        history = store.history(STREAM)
        events = _changes(looked, _episodes(history))
        if events:
            seq = history[-1].seq if history else 0
            store.append(STREAM, [(event, SYSTEM) for event in events], at=house.now(), expected=seq)
    for event in events:
        log.warning(
            event.kind.replace("_", "."), journey=event.journey, measure=event.measure, value=round(event.value, 3)
        )
    return events


def drifting(store: Store, journey: str, *, version: str | None) -> dict[str, Episode]:
    """Measure -> the episode that goes on in what this version reads."""
    return {
        measure: episode
        for (of, measure), episode in _episodes(store.history(STREAM)).items()
        if of == journey and episode.seen.model_version == version
    }


def serving_version(house: House, journey: str) -> str | None:
    """As `understood` events name it; None while there is no model of that journey."""
    try:
        path = registry.current(house.settings.model_root, KIND, journey)
    except UnknownModel:
        return None
    return str(registry.read_card(path)["sha256"])[:12]


def _changes(looked: Look, episodes: dict[tuple[str, str], Episode]) -> list[e.DriftSeen | e.DriftPassed]:
    events: list[e.DriftSeen | e.DriftPassed] = []
    for found in looked.findings:
        if found.value is None or found.p is None:
            continue
        episode = episodes.get((looked.journey, found.measure))
        goes_on = episode is not None and episode.seen.model_version == looked.model_version
        if found.drifts and not goes_on:
            events.append(_seen(looked, found, value=found.value, p=found.p))
        if goes_on and not found.drifts and found.p > PASSED:
            events.append(e.DriftPassed(looked.journey, found.measure, found.value, found.p, looked.model_version))
    return events


def _seen(looked: Look, found: Finding, *, value: float, p: float) -> e.DriftSeen:
    return e.DriftSeen(
        journey=looked.journey,
        measure=found.measure,
        value=value,
        p=p,
        level=found.level,
        reference_n=found.reference_n,
        recent_n=found.recent_n,
        model_version=looked.model_version,
        since=looked.since,
    )


def _episodes(history: Sequence[Entry]) -> dict[tuple[str, str], Episode]:
    episodes: dict[tuple[str, str], Episode] = {}
    for entry in history:
        match entry.event:
            case e.DriftSeen() as seen:
                episodes[seen.journey, seen.measure] = Episode(seen, entry.at)
            case e.DriftPassed() as passed:
                episodes.pop((passed.journey, passed.measure), None)
            case _:
                pass
    return episodes


@dataclass(frozen=True, slots=True)
class Reading:
    """A case as it was first read: `case` stood so just before."""

    case: Case
    read: e.Understood
    at: datetime


def _first_read_by(store: Store, ids: Sequence[str], version: str) -> int:
    """Where the cases begin that the serving version read: found by halving, since it read all from then on."""
    low, high = 0, len(ids)
    while low < high:
        middle = (low + high) // 2
        reading = first_reading(ids[middle], store.history(ids[middle]))
        if reading is None or reading.read.model_version == version:
            high = middle
        else:
            low = middle + 1
    return low


def _readings(store: Store, ids: Sequence[str], version: str) -> list[Reading]:
    """First readings by that version, in order of arrival, the first of each customer."""
    found: dict[str, Reading] = {}
    for start in range(0, len(ids), _AT_ONCE):
        for case_id, entries in store.histories(ids[start : start + _AT_ONCE]).items():
            reading = first_reading(case_id, entries)
            if reading is not None and reading.read.model_version == version:
                found.setdefault(reading.case.sender or case_id, reading)
    return list(found.values())


def first_reading(case_id: str, entries: Sequence[Entry]) -> Reading | None:
    """How a case was first read; None when it was not yet."""
    for i, entry in enumerate(entries):
        if isinstance(entry.event, e.Understood):
            return Reading(fold(case_id, entries[:i]), entry.event, entry.at)
    return None


def _window(house: House, readings: Sequence[Reading]) -> Window:
    inside = [one.read for one in readings if one.read.scope is Scope.IN]
    photos = [photo for one in readings if (photo := _first_photo(one.case)) is not None]
    findings = [photo.findings for photo in photos if photo.findings is not None]
    embedded = house.texts.embed([text_of(one.case).text for one in readings])
    return Window(
        topics=tuple(read.topic for read in inside),
        scores=np.array([read.confidence for read in inside], float),
        outside=np.array([one.read.scope is Scope.OUT for one in readings], bool),
        meaning=np.zeros((0, 0), np.float32) if embedded is None else embedded,
        light=np.array([found.luminance for found in findings], float),
        sharpness=np.array([found.sharpness for found in findings], float),
        unusable=np.array([photo.status is FileStatus.UNUSABLE for photo in photos], bool),
    )


def _first_photo(case: Case) -> e.FileSeen | None:
    return next((file for one in case.messages for file in one.files if file.kind is FileKind.PHOTO), None)
