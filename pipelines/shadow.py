"""Shadow mode: what a version that waits to be promoted would have read in live cases, beside what was read.

It runs apart from the work on cases, minutes later and by one process: it can neither slow nor change a decision. What
it found lies in a stream of the version's own, without a word of any message.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from cases import events as e
from cases.store.store import Store
from cases.vocabulary import SYSTEM, Scope
from models import registry
from models.errors import ModelError
from models.text import TextModel
from pipelines.drift import Reading, first_reading
from pipelines.house import House
from pipelines.model_log import STREAM
from pipelines.stages.understand import text_of
from pipelines.text_models import KIND, serving_model

log = structlog.get_logger()
SETTLED = timedelta(minutes=10)  # after which a case that came in was read
AT_ONCE = 250  # cases read and noted at a time
SLICES = ("topic", "language", "channel")


def shadow_of(version: str) -> str:
    """The stream of what a version read in shadow."""
    return f"shadow.{version}"


def read_in_shadow(house: House) -> int:
    """Let each journey's waiting version read what came in since it last did; how many cases. Safe to run twice."""
    cases = 0
    for journey in house.journeys.names():
        try:
            path = registry.challenger(house.settings.model_root, KIND, journey)
            cases += 0 if path is None else _read(house, journey, path)
        except ModelError as error:  # one journey's trouble is not another's
            log.error("shadow.failed", journey=journey, error=type(error).__name__)  # noqa: TRY400  # may hold words
    return cases


def _read(house: House, journey: str, path: Path) -> int:
    until = house.now() - SETTLED
    with house.database.reading() as store:
        since, seq = _last(store, journey, path.name)
        ids = [] if since is None or since >= until else store.watch.arrived(journey, before=until, since=since)
    if not ids:
        return 0
    model, read = serving_model(path), 0
    for start in range(0, len(ids), AT_ONCE):
        portion, is_last = ids[start : start + AT_ONCE], start + AT_ONCE >= len(ids)
        with house.database.reading() as store:
            found = [first_reading(case_id, entries) for case_id, entries in store.histories(portion).items()]
            opened = store.queue.lines(portion[-1:])
        readings = list(_readings(house, model, [one for one in found if one is not None]))
        through = until if is_last else opened[portion[-1]].opened_at
        event = e.ShadowRead(journey, path.name, _champion(found), through, tuple(readings))
        with house.database.writing() as store:
            store.append(shadow_of(path.name), [(event, SYSTEM)], at=house.now(), expected=seq)
        seq, read = seq + 1, read + len(readings)
    return read


def _last(store: Store, journey: str, version: str) -> tuple[datetime | None, int]:
    """From which moment on cases are to be read, and the seq of the version's stream."""
    history = store.history(shadow_of(version))
    for entry in reversed(history):
        if isinstance(entry.event, e.ShadowRead) and entry.event.journey == journey:
            return entry.event.through, history[-1].seq
    compared = [
        entry.at
        for entry in store.history(STREAM)
        if isinstance(entry.event, e.ModelCompared)
        and (entry.event.model, entry.event.challenger) == (f"{KIND}/{journey}", version)
    ]
    return (compared[-1] if compared else None), (history[-1].seq if history else 0)


def _champion(found: Sequence[Reading | None]) -> str:
    """The version that read the newest of them."""
    return next((one.read.model_version for one in reversed(found) if one is not None), "")


def _readings(house: House, model: TextModel, found: Sequence[Reading]) -> Iterator[e.ShadowReading]:
    texts = [text_of(one.case).text for one in found]
    for one, prediction in zip(found, model.predict(texts, house.texts.embed(texts)), strict=True):
        yield e.ShadowReading(
            case=one.case.id,
            language=one.read.language,
            channel=one.case.channel,
            topic=one.read.topic,
            scope=one.read.scope,
            confidence=one.read.confidence,
            shadow_topic=prediction.label,
            shadow_scope=Scope(prediction.scope),
            shadow_confidence=prediction.confidence,
        )


# --- what it comes to ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slice:
    """Cases of one value of a property, and in how many both versions read the same."""

    name: str
    value: str
    n: int
    same: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """A version that waits beside the one that serves, on live cases. version: "" when none waits.

    same: both in scope with the same topic, or both out of scope. slices: those where they differ most first.
    differing: (as read, as read in shadow, how many), the most frequent first; "" is out of scope.
    """

    journey: str
    version: str = ""
    n: int = 0
    same: int = 0
    slices: tuple[Slice, ...] = ()
    differing: tuple[tuple[str, str, int], ...] = ()

    @property
    def share(self) -> float | None:
        """Of cases read the same, in [0, 1]; None before the first."""
        return self.same / self.n if self.n else None


def agreement(house: House, journey: str) -> Agreement:
    """What shadow mode has found so far of the version that waits; empty when none does."""
    path = registry.challenger(house.settings.model_root, KIND, journey)
    if path is None:
        return Agreement(journey)
    with house.database.reading() as store:
        history = store.history(shadow_of(path.name))
    by_case = {  # one that was read again after a process died counts once
        reading.case: reading for entry in history
        if isinstance(entry.event, e.ShadowRead) and entry.event.journey == journey
        for reading in entry.event.readings
    }  # fmt: skip
    readings = list(by_case.values())
    pairs = [(_as_read(one.topic, one.scope), _as_read(one.shadow_topic, one.shadow_scope)) for one in readings]
    differing = Counter(pair for pair in pairs if pair[0] != pair[1]).most_common()
    return Agreement(
        journey, path.name, len(pairs), sum(one == other for one, other in pairs),
        tuple(sorted(_slices(readings, pairs), key=lambda one: (one.same / one.n, one.name, one.value))),
        tuple((one, other, count) for (one, other), count in differing),
    )  # fmt: skip


def _as_read(topic: str, scope: Scope) -> str:
    return topic if scope is Scope.IN else ""


def _slices(readings: Sequence[e.ShadowReading], pairs: Sequence[tuple[str, str]]) -> Iterator[Slice]:
    for name in SLICES:
        total, same = Counter[str](), Counter[str]()
        for reading, (one, other) in zip(readings, pairs, strict=True):
            value = one if name == "topic" else str(getattr(reading, name))
            total[value] += 1
            same[value] += one == other
        yield from (Slice(name, value, n, same[value]) for value, n in total.items())
