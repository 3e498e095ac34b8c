"""The runner drains what waits: claim a batch of one stage, work outside any transaction, write all effects in one.

A failing batch is halved until the culprit stands alone; only it is charged. Work whose holder died is done singly.
After the last attempt work is parked and its case goes to a person. The same code runs in one process or in many.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import structlog

from cases import events as e
from cases.errors import NotAllowed, StreamMoved
from cases.store.log import Append, Appended
from cases.store.store import Store
from cases.store.work import Claim
from cases.vocabulary import MACHINE, Step
from pipelines.erasing import sweep
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.stages import STAGES
from pipelines.stages.work import Item, Outcome
from pipelines.stages.work import Stage as Work
from pipelines.standing import still_stands

log = structlog.get_logger()
OUTSIDE = frozenset({Stage.SEND, Stage.HAND_OVER})  # others' systems may be away for a while, or greylist (RFC 6647)
PATIENCE = 12  # times the usual attempts for those: about twenty minutes at the default four
LONGEST_BACK_OFF = timedelta(seconds=30)
SEAL_EVERY = timedelta(hours=1)
IDLE_SECONDS = 0.5  # how long a missed doorbell can go unnoticed


class WorkerDied(Exception):
    """Each process that took this work up has died over it."""


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


_Result = Outcome | _Failed


def advance(house: House, *, stages: Mapping[Stage, Work] = MappingProxyType(STAGES)) -> int:
    """Do one batch of waiting work. Returns how many pieces were claimed: 0 when nothing is due.

    Safe to run twice, or by two workers at once.
    """
    now = house.now()
    lease = timedelta(seconds=house.settings.lease_seconds)
    with house.database.writing() as store:
        claims = store.work.claim(list(stages), limit=house.settings.batch, now=now, lease=lease)
        claims = _lost_ones_singly(store, claims, now)
    if not claims:
        return 0
    work = stages[Stage(claims[0].stage)]
    with _renewed(house, claims, lease):
        items = _items(claims, house)
        killer = claims[0].was_lost and claims[0].attempts > house.settings.attempts
        _write(items, [_Failed(WorkerDied())] * len(items) if killer else _results(work, items, house), house)
    return len(claims)


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
    done = 0
    while batch := advance(house):
        done += batch
    return done


def warm(house: House) -> None:
    """Load every model, training those that are not there yet."""
    house.texts.router()
    for journey in house.journeys.names():
        house.texts.of(journey)
    house.alarm.listen(["warm"], house.texts.embed(["warm"]))


class Runner:
    """Runs in a thread of its own until stopped; woken by the doorbell, or after half a second anyway."""

    def __init__(self, house: House, bell: threading.Event) -> None:
        self._house, self._bell = house, bell
        self._stopping = threading.Event()
        self._sealed = datetime.min.replace(tzinfo=UTC)
        self._thread = threading.Thread(target=self._run, name="runner", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand and end."""
        self._stopping.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(timeout=self._house.settings.lease_seconds)

    def _run(self) -> None:
        # Before the first claim: work that waited for models to load would be charged when the process is killed.
        try:
            warm(self._house)
        except Exception:
            # The worker's edge: work that needs the broken model fails, is charged and parked; all other work goes on.
            log.exception("runner.cold")
        while not self._stopping.is_set():
            self._bell.clear()
            try:
                busy = advance(self._house)
            except Exception:
                # The worker's edge: the database may be away for a while; the leases run out by themselves.
                log.exception("runner.failed")
                busy = 0
                self._stopping.wait(1)
            if not busy:
                self._seal()
                self._bell.wait(IDLE_SECONDS)

    def _seal(self) -> None:
        """An hourly checkpoint while there is nothing else to do, so that a cut-off tail of the log is seen."""
        now = self._house.now()
        if now - self._sealed >= SEAL_EVERY:
            self._sealed = now
            with self._house.database.writing() as store:
                store.seal(now)


def _items(claims: Sequence[Claim], house: House) -> list[Item]:
    """Each claim with its stream as it stands now; work whose event is not there any more is left out."""
    with house.database.reading() as store:
        streams = house.recent.read(store, {claim.stream for claim in claims})
    items = []
    for claim in claims:
        known = streams.get(claim.stream)
        entry = next((entry for entry in known.entries if entry.seq == claim.seq), None) if known else None
        if known is not None and entry is not None:
            items.append(Item(claim, entry, known.entries, known.case, house.now()))
    return items


def _results(work: Work, items: Sequence[Item], house: House) -> list[_Result]:
    """The outcome of each item, or the error of the one that failed even alone."""
    if not items:
        return []
    live = [item for item in items if item.case is None or not item.case.erased]
    if len(live) < len(items):
        done = iter(_results(work, live, house))
        return [next(done) if item in live else Outcome() for item in items]
    try:
        return list(work(items, house))
    except Exception as error:  # noqa: BLE001  # the worker's edge: whatever a stage raises is charged to its item
        if len(items) == 1:
            log.warning(
                "work.failed", stage=items[0].claim.stage, stream=items[0].claim.stream, error=type(error).__name__
            )
            return [_Failed(error)]
        half = len(items) // 2
        return _results(work, items[:half], house) + _results(work, items[half:], house)


def _write(items: Sequence[Item], results: Sequence[_Result], house: House) -> None:
    """Finish the work and write its effects in one transaction; what moved meanwhile is given back uncharged."""
    left = list(zip(items, results, strict=True))
    while left:
        try:
            with house.database.writing() as store:
                written, gone = _write_all(store, left, house)
            house.recent.written(written)
            if gone:
                sweep(house, {case_id for item in gone if (case_id := _case_id(item))})
        except StreamMoved as moved:
            back = [(item, result) for item, result in left if moved.stream in _streams(item, result)]
            left = [pair for pair in left if pair not in back]
            _give_back([item for item, _ in back or left[:1]], house)
            left = left if back else left[1:]
        except NotAllowed as refused:
            left = _singled_out(left, refused, house)
        else:
            return


def _streams(item: Item, result: _Result) -> set[str]:
    appends = result.appends if isinstance(result, Outcome) else ()
    return {item.claim.stream, *(append.stream for append in appends)}


def _singled_out(left: Sequence[tuple[Item, _Result]], refused: NotAllowed, house: House) -> list[tuple[Item, _Result]]:
    """A guard refused one of them: written one by one, that one fails and the others stand."""
    if len(left) == 1:
        return [(left[0][0], _Failed(refused))]
    for item, result in left:
        _write([item], [result], house)
    return []


def _write_all(store: Store, pairs: Sequence[tuple[Item, _Result]], house: House) -> tuple[list[Appended], list[Item]]:
    """What was written, and the items that were no longer held, whose effects are dropped."""
    done = [(item, result) for item, result in pairs if isinstance(result, Outcome)]
    held = store.work.finish([item.claim for item, _ in done])
    outcomes = [outcome for item, outcome in done if item.claim in held]
    appends = [append for outcome in outcomes for append in outcome.appends]
    for append in appends:
        _certified_still(store, append)
    written = store.append_many(appends) if appends else []
    store.likeness.add_photos([photo for outcome in outcomes for photo in outcome.photos])
    store.likeness.add_vectors([vector for outcome in outcomes for vector in outcome.vectors])
    for item, result in pairs:
        if isinstance(result, _Failed):
            _charge(store, item, result.error, house)
    return written, [item for item, _ in done if item.claim not in held]


def _case_id(item: Item) -> str | None:
    return item.claim.stream if item.case is not None else getattr(item.entry.event, "case_id", None)


def _certified_still(store: Store, append: Append) -> None:
    """A closing decision is written only while its certificate stands, read in this same transaction."""
    for event, _ in append.events:
        if (
            isinstance(event, e.StepDecided)
            and event.step is Step.AUTO_CLOSE
            and not event.shadow
            and not still_stands(store, event)
        ):
            raise StreamMoved(append.stream, append.expected or 0)


def _charge(store: Store, item: Item, error: Exception, house: House) -> None:
    """Try again later, longer each time; after the last attempt park the work and call a person."""
    claim = item.claim
    patience = PATIENCE if claim.stage in OUTSIDE else 1
    if claim.attempts < house.settings.attempts * patience:
        wait = min(timedelta(seconds=2.0 ** (claim.attempts - 1)), LONGEST_BACK_OFF)
        store.work.fail(claim, due_at=house.now() + wait)
        return
    reason = type(error).__name__
    if not store.work.park(claim, reason):
        return
    log.error("work.parked", stage=claim.stage, stream=claim.stream, reason=reason)
    case_id = _case_id(item)
    if case_id:
        store.append(case_id, [(e.WorkParked(claim.stage, reason), MACHINE)], at=house.now())


def _give_back(items: Sequence[Item], house: House) -> None:
    with house.database.writing() as store:
        for item in items:
            store.work.fail(item.claim, due_at=house.now(), uncharged=True)


@contextmanager
def _renewed(house: House, claims: Sequence[Claim], lease: timedelta) -> Iterator[None]:
    """Keep the leases while a batch is worked on, renewing at a third of their time."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(lease.total_seconds() / 3):
            try:
                with house.database.writing() as store:
                    store.work.renew(claims, house.now() + lease)
            except Exception:
                # A thread's edge: a database that was busy once is asked again before the leases run out.
                log.exception("leases.not_renewed")

    thread = threading.Thread(target=renew, name="leases", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
