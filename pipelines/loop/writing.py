"""Writing what follows from a batch: effects and the end of the work in one transaction; failures charged or parked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from cases import events as e
from cases.errors import NotAllowed, StreamMoved
from cases.store.away import DatabaseAway
from cases.store.blobs import BlobsAway
from cases.store.log import Append, Appended
from cases.store.store import Store
from cases.store.work import ASIDE
from cases.vocabulary import MACHINE, Step
from pipelines import counters
from pipelines.erasing import sweep
from pipelines.flow import Stage
from pipelines.house import House
from pipelines.joined import warned
from pipelines.ports import TooBusy
from pipelines.stages.work import Item, Outcome
from pipelines.standing import still_stands
from pipelines.watching.away import part_away

log = structlog.get_logger()
#: Others' systems may be away for a while, or greylist (RFC 6647).
OUTSIDE = frozenset({Stage.SEND, Stage.REPRESENT, Stage.HAND_OVER})
PATIENCE = 12  # times the usual attempts for those: about twenty minutes at the default four
LONGEST_BACK_OFF = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Failed:
    error: Exception


Result = Outcome | Failed


def write(items: Sequence[Item], results: Sequence[Result], house: House) -> None:
    """Finish the work and write its effects in one transaction; what moved meanwhile is given back uncharged."""
    left = list(zip(items, results, strict=True))
    while left:
        try:
            with house.database.writing() as store:
                written, gone = _write_all(store, left, house)
            house.recent.written(written)
            house.counters.happened(written)
            if gone:
                sweep(house, {case_id for item in gone if (case_id := _case_id(item))})
        except StreamMoved as moved:
            back = [(item, result) for item, result in left if moved.stream in _streams(item, result)]
            left = [pair for pair in left if pair not in back]
            _give_back([item for item, _ in back or left[:1]], house)
            left = left if back else left[1:]
        except Exception as error:
            if not isinstance(error, NotAllowed) and part_away(error) is not None:
                raise  # nobody's fault: all of it is done again when the database is back
            left = _singled_out(left, error, house)
        else:
            return


def _streams(item: Item, result: Result) -> set[str]:
    appends = result.appends if isinstance(result, Outcome) else ()
    return {item.claim.stream, *(append.stream for append in appends)}


def _singled_out(left: Sequence[tuple[Item, Result]], error: Exception, house: House) -> list[tuple[Item, Result]]:
    """One of them cannot be written, as when a guard refuses it: one by one, that one fails and the others stand."""
    if len(left) == 1:
        if isinstance(left[0][1], Failed):
            raise error  # not even its failure could be noted
        claim = left[0][0].claim
        log.warning("work.not_written", stage=claim.stage, stream=claim.stream, error=type(error).__name__)
        return [(left[0][0], Failed(error))]
    for item, result in left:
        write([item], [result], house)
    return []


def _write_all(store: Store, pairs: Sequence[tuple[Item, Result]], house: House) -> tuple[list[Appended], list[Item]]:
    """What was written, and the items that were no longer held, whose effects are dropped."""
    done = [(item, result) for item, result in pairs if isinstance(result, Outcome)]
    if len(done) < len(pairs):
        store.work.hold([item.claim for item, _ in pairs])
    held = store.work.finish([item.claim for item, _ in done])
    outcomes = [outcome for item, outcome in done if item.claim in held]
    appends = [
        append if item.trace is None else replace(append, trace=item.trace)
        for item, outcome in done if item.claim in held
        for append in outcome.appends
    ]  # fmt: skip
    for append in appends:
        _certified_still(store, append)
    # With the others, whose streams are locked in one order, and before the locks of likeness: as everybody does.
    appends += [
        parked
        for item, result in pairs if isinstance(result, Failed)
        for parked in _charge(store, item, result.error, house)
    ]  # fmt: skip
    written = store.append_many(appends) if appends else []
    store.likeness.add_photos([photo for outcome in outcomes for photo in outcome.photos])
    store.likeness.add_vectors([vector for outcome in outcomes for vector in outcome.vectors])
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


def _charge(store: Store, item: Item, error: Exception, house: House) -> list[Append]:
    """Try again later, longer each time; after the last attempt park the work and call a person, but for what is done
    aside: nothing of the case rests on it.
    """
    claim = item.claim
    patience = PATIENCE if claim.stage in OUTSIDE or isinstance(error, BlobsAway | DatabaseAway) else 1
    if claim.attempts < house.settings.attempts * patience:
        wait = min(timedelta(seconds=2.0 ** (claim.attempts - 1)), LONGEST_BACK_OFF)
        if isinstance(error, TooBusy):
            wait = max(wait, timedelta(seconds=error.seconds))
        if store.work.fail(claim, due_at=house.now() + wait):
            house.counters.add(counters.RETRIES, claim.stage)
        return []
    reason = type(error).__name__
    if not store.work.park(claim, reason):
        return []
    house.counters.add(counters.PARKED, claim.stage)
    log.error("work.parked", stage=claim.stage, stream=claim.stream, reason=reason)
    case_id = _case_id(item)
    if case_id is None or claim.stage == ASIDE:
        return []
    at, case = house.now(), store.cases([case_id]).get(case_id)
    elsewhere = warned(case, "", danger=False, at=at) if case is not None else []
    return [Append(case_id, [(e.WorkParked(claim.stage, reason), MACHINE)], at), *elsewhere]


def _give_back(items: Sequence[Item], house: House) -> None:
    with house.database.writing() as store:
        store.work.hold([item.claim for item in items])
        for item in items:
            store.work.fail(item.claim, due_at=house.now(), uncharged=True)
