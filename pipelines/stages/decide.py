"""The next step of a case by guards, decision table and certificate, with all that follows from it."""

from collections.abc import Sequence

from cases import consequences
from cases import events as e
from cases.case import Entry, apply
from cases.steps import next_step
from cases.store.store import Store
from cases.vocabulary import MACHINE, Status
from pipelines.house import House
from pipelines.stages.work import NOTHING, Item, Outcome, case_of, follows
from pipelines.standing import standing

_READINGS = (e.Understood, e.Enriched)


def decide(batch: Sequence[Item], house: House) -> list[Outcome]:
    with house.database.reading() as store:
        return [_decide(item, store, house) for item in batch]


def _decide(item: Item, store: Store, house: House) -> Outcome:
    case = case_of(item)
    if case.status is Status.CLOSED or case.understood is None or not case.all_read:
        return NOTHING  # a word that came meanwhile has work of its own, and that work decides
    if any(entry.seq > item.entry.seq and isinstance(entry.event, _READINGS) for entry in item.entries):
        return NOTHING  # two messages came together: the reading of the later one is decided on, once
    folder = house.journeys.get(case.understood.journey)
    certificate = standing(store, folder, case.topic or "", model_digest=house.texts.version(folder.name))
    step = next_step(case, folder, certificate=certificate, at=item.at)
    decided = apply(case, Entry(case.version + 1, item.at, MACHINE, step))
    return follows(item, [step, *consequences.of_step(decided, step, folder, at=item.at)])
