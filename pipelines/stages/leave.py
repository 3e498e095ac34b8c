"""What a person decided or wrote leaves the house: from here on it cannot be taken back."""

from collections.abc import Sequence
from functools import partial

from cases import consequences
from cases import events as e
from cases.case import Held
from cases.store.log import Append
from cases.store.store import Store
from cases.vocabulary import MACHINE, Actor
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.observing import observe_verdict
from pipelines.stages.work import NOTHING, Item, Outcome


def leave(batch: Sequence[Item], house: House) -> list[Outcome]:
    """Written here and not with the end of the work: whether it was taken back is read in the same transaction.

    Safe to repeat: what has left is held no longer.
    """
    for item in batch:
        write_in_turn(house.database, partial(_leave, item=item, house=house))
    return [NOTHING] * len(batch)


def _leave(store: Store, *, item: Item, house: House) -> None:
    case = store.case(item.claim.stream)
    held = next((one for one in case.held if one.seq == item.entry.seq), None)
    if held is None:
        return  # taken back, or kept back because the customer wrote
    at, folder = house.now(), house.journeys.get(str(case.journey))
    events = consequences.released(case, held, folder)
    if events is None:
        store.append(case.id, [(e.TakenBack(held.seq, "", "changed"), MACHINE)], at=at, expected=case.version)
        return
    person = _person(held)
    own = [(event, MACHINE if isinstance(event, e.Released) else person) for event in events]
    observed: list[Append] = []
    if isinstance(held.event, e.DecisionHeld):
        observed = observe_verdict(store, case, held.event.decision.choice, folder, at=at)
    store.append_many([Append(case.id, own, at, expected=case.version), *observed])


def _person(held: Held) -> Actor:
    event = held.event
    name = event.decision.by if isinstance(event, e.DecisionHeld) else str(event.letter.approved_by)
    return Actor("person", name)
