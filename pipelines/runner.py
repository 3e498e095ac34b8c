"""The runner drains what waits: claim a batch of one stage, work outside any transaction, write all effects in one.

A failing batch is halved until the culprit stands alone; only it is charged. Work whose holder died is done singly.
After the last attempt work is parked and its case goes to a person. The same code runs in one process or in many.
"""

import gc
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType

import structlog

from cases import events as e
from cases.store.away import DatabaseAway
from cases.store.blobs import BlobsAway
from cases.store.store import Store
from cases.store.work import Claim
from pipelines import counters
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.loop.keeping import KEEPER
from pipelines.loop.pace import Pace
from pipelines.loop.writing import Failed, Result, write
from pipelines.stages import STAGES
from pipelines.stages.work import Item, Outcome
from pipelines.stages.work import Stage as Work
from pipelines.timers import Timers
from pipelines.watching.away import Part, part_away
from pipelines.watching.tracing import traced

log = structlog.get_logger()
IDLE_SECONDS = 0.5  # how long a missed doorbell can go unnoticed
Stages = Mapping[Stage, Work]
ALL: Stages = MappingProxyType(STAGES)


class WorkerDied(Exception):
    """Each process that took this work up has died over it."""


def advance(house: House, *, stages: Stages = ALL, pace: Pace | None = None) -> int:
    """Do one batch of waiting work. Returns how many pieces were claimed: 0 when nothing is due.

    Safe to run twice, or by two workers at once. pace: how many pieces a batch holds, and what is told how long it
    took; else as many as the settings allow.
    """
    now = house.now()
    house.journeys.look(now)
    lease = timedelta(seconds=house.settings.lease_seconds)
    limit = house.settings.batch if pace is None else pace.sizes
    with house.database.writing() as store:
        claims = store.work.claim(list(stages), limit=limit, now=now, lease=lease)
        held = _lost_ones_singly(store, claims, now)
    if not claims:
        return 0
    stage, begun = Stage(claims[0].stage), time.monotonic()
    for lost in (claim for claim in claims if claim.was_lost):
        house.counters.add(counters.LEASES_LOST, lost.stage)
    with KEEPER.keeping(partial(_renew, house, held, lease), lease):
        _do(stages[stage], held, house)
    took = time.monotonic() - begun
    house.counters.took(stage, took, items=len(held))
    if pace is not None and held == claims:
        pace.note(stage, len(held), took)
    return len(held)


def _do(work: Work, claims: Sequence[Claim], house: House) -> None:
    items, strange = _items(claims, house)
    if strange:
        # A newer version wrote something into these streams: what it means is for a worker of that version to say.
        with house.database.writing() as store:
            store.work.leave([item.claim for item in strange], house.now())
    if not items:
        return
    killer = claims[0].was_lost and claims[0].deaths >= house.settings.attempts
    with traced(items, house) as followed:
        write(followed, [Failed(WorkerDied())] * len(items) if killer else _results(work, followed, house), house)


def _renew(house: House, claims: Sequence[Claim], lease: timedelta) -> None:
    with house.database.writing() as store:
        store.work.renew(claims, house.now() + lease)


def _lost_ones_singly(store: Store, claims: list[Claim], now: datetime) -> list[Claim]:
    """When a worker died over some of these, hold only the first of those: whatever kills the next one is charged
    to nothing else, and parked in the end, so that it cannot take its neighbours with it for ever.
    """
    lost = [claim for claim in claims if claim.was_lost]
    if not lost:
        return claims
    store.work.let_go(lost[1:], now)
    for claim in claims:
        if not claim.was_lost:
            store.work.fail(claim, due_at=now, uncharged=True)
    return lost[:1]


def drain(house: House) -> int:
    """Work until nothing is due; returns how many pieces were done."""
    done, pace = 0, Pace(house.settings.batch)
    while batch := advance(house, pace=pace):
        done += batch
    return done


def drain_while(
    house: House, go_on: Callable[[], bool], *, stages: Stages, pace: Pace, after: Callable[[int], object]
) -> bool:
    """Work until nothing is due: True; or until we may not go on, which is asked between batches: False.

    after: told of each batch how many pieces it held.
    """
    while go_on():
        done = advance(house, stages=stages, pace=pace)
        if not done:
            return True
        after(done)
    return False


def warm(house: House, *, go_on: Callable[[], bool] = lambda: True) -> None:
    """Load every model, training those that are not there yet; asked before each whether to go on."""
    models: list[Callable[[], object]] = [
        house.texts.router,
        *(partial(house.texts.of, journey) for journey in house.journeys.names()),
        lambda: house.alarm.listen(["warm"], house.texts.embed(["warm"])),
    ]
    for load in models:
        if go_on():
            load()
    gc.freeze()  # models and modules stay: looking through them for garbage takes 0.2 s each time, and nobody else runs


def warm_or_log(house: House, *, go_on: Callable[[], bool] = lambda: True) -> None:
    """As warm, at a worker's edge: work that needs a broken model fails, is charged and parked; all other goes on.

    Done before the first claim: work that waited for models to load would be charged when the process is killed.
    """
    try:
        warm(house, go_on=go_on)
    except Exception:
        log.exception("runner.cold")


def note_failure(house: House, error: Exception) -> None:
    """At a worker's edge: the database may be away for a while; the leases run out by themselves."""
    log.error("runner.failed", exc_info=error)
    part = part_away(error)
    if part is Part.DATABASE:
        house.counters.add(counters.DATABASE_ERRORS)
    elif part is Part.BLOBS:
        house.counters.add(counters.BLOB_ERRORS)


class Runner:
    """Runs in a thread of its own until stopped; woken by the doorbell, or after half a second anyway."""

    def __init__(self, house: House, bell: threading.Event) -> None:
        self._house, self._bell = house, bell
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name="runner", daemon=True),
            threading.Thread(target=Timers(house).run, args=(self._stopping,), name="timers", daemon=True),
        ]
        if house.assistant is not None:
            self._threads.append(threading.Thread(target=self._assist, name="assistant", daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the batch at hand and end."""
        self._stopping.set()
        self._bell.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=self._house.settings.lease_seconds)

    def _run(self) -> None:
        warm_or_log(self._house, go_on=lambda: not self._stopping.is_set())
        self._work({stage: work for stage, work in ALL.items() if stage is not Stage.ASSIST}, self._bell)

    def _assist(self) -> None:
        """Apart, so that no message waits for a language model; nobody rings for it."""
        self._work({Stage.ASSIST: ALL[Stage.ASSIST]}, threading.Event())

    def _work(self, stages: Stages, bell: threading.Event) -> None:
        pace = Pace(self._house.settings.batch)
        while not self._stopping.is_set():
            bell.clear()
            busy = 0
            try:
                busy = advance(self._house, stages=stages, pace=pace)
            except Exception as error:  # noqa: BLE001  # the worker's edge; it is logged
                note_failure(self._house, error)
                self._stopping.wait(1)
            if not busy:
                bell.wait(IDLE_SECONDS)


def _items(claims: Sequence[Claim], house: House) -> tuple[list[Item], list[Item]]:
    """Each claim with its stream as it stands now, and apart those of streams that we do not fully understand.

    Work whose event is not there any more is left out.
    """
    with house.database.reading() as store:
        streams = house.recent.read(store, {claim.stream for claim in claims})
    items: list[Item] = []
    strange: list[Item] = []
    for claim in claims:
        known = streams.get(claim.stream)
        entry = next((entry for entry in known.entries if entry.seq == claim.seq), None) if known else None
        if known is not None and entry is not None:
            item = Item(claim, entry, known.entries, known.case, house.now())
            unknown = any(isinstance(entry.event, e.Unknown) for entry in known.entries)
            (strange if unknown else items).append(item)
    return items, strange


def _results(work: Work, items: Sequence[Item], house: House) -> list[Result]:
    """The outcome of each item, or the error of the one that failed even alone."""
    live = [item for item in items if item.case is None or not item.case.erased]
    if len(live) < len(items):
        done = iter(_results(work, live, house) if live else [])
        return [next(done) if item in live else Outcome() for item in items]
    found = _tried(work, items, house)
    return _halved(work, items, found, house) if isinstance(found, Exception) else found


def _tried(work: Work, items: Sequence[Item], house: House) -> list[Result] | Exception:
    try:
        return list(work(items, house))
    except Exception as error:  # noqa: BLE001  # the worker's edge: whatever a stage raises is charged to its item
        return error


def _halved(work: Work, items: Sequence[Item], error: Exception, house: House) -> list[Result]:
    """Of a batch that failed: down to the item that fails alone, but no further where both halves miss a part that is
    away, since each of 2n - 1 tries may wait for half a minute until an answer is given up.
    """
    half = len(items) // 2
    halves = (items[:half], items[half:]) if half else ()
    found = [_tried(work, some, house) for some in halves]
    if all(isinstance(one, DatabaseAway | BlobsAway) for one in found):  # or there is one item, and no half
        claim = items[0].claim
        log.warning(
            "work.failed", stage=claim.stage, stream=claim.stream, error=type(error).__name__, pieces=len(items)
        )
        return [Failed(error)] * len(items)
    return [
        result
        for some, one in zip(halves, found, strict=True)
        for result in (_halved(work, some, one, house) if isinstance(one, Exception) else one)
    ]
