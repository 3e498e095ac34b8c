"""What a person decided or wrote leaves the house: from here on it cannot be taken back."""

from collections.abc import Sequence
from functools import partial

from cases import consequences
from cases import events as e
from cases.approving import role_asked
from cases.case import Case, Held
from cases.errors import NotAllowed
from cases.store.log import Append
from cases.store.store import Store
from cases.vocabulary import MACHINE, Actor
from pipelines.hand import check_authority
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.observing import observe_verdict
from pipelines.paying import check_not_paid_since
from pipelines.stages.work import NOTHING, Item, Outcome


def leave(batch: Sequence[Item], house: House) -> list[Outcome]:
    """Written here and not with the end of the work: whether it was taken back is read in the same transaction.

    What may not leave any more, because the case changed or what its person may, goes back to a person. Safe to
    repeat: what has left is held no longer.
    """
    for item in batch:
        try:
            write_in_turn(house.database, partial(_leave, item=item, house=house))
        except NotAllowed:
            write_in_turn(house.database, partial(_keep_back, item=item, house=house))
    return [NOTHING] * len(batch)


def _leave(store: Store, *, item: Item, house: House) -> None:
    case, held = _held(store, item)
    if held is None:
        return
    at, folder, person = house.now(), house.journeys.get(str(case.journey)), _person(held)
    role = role_asked(held.event, folder.journey)
    if role is not None and not held.approved_by:
        if held.role is None:
            store.append(case.id, [(e.ApprovalAsked(held.seq, role), MACHINE)], at=at, expected=case.version)
        return
    observed: list[Append] = []
    if isinstance(held.event, e.DecisionHeld):
        choice = held.event.decision.choice
        check_authority(store, case, folder, choice, person.name, now=at)
        check_not_paid_since(store, house, case, folder, choice, since=item.entry.at, at=at)
        observed = observe_verdict(store, case, choice, folder, at=at)
    events = consequences.released(case, held, folder)
    if events is None:
        raise NotAllowed("leaving", "its letters or orders would be others than those that its person saw")
    own = [(event, MACHINE if isinstance(event, e.Released) else person) for event in events]
    store.append_many([Append(case.id, own, at, expected=case.version), *observed])


def _keep_back(store: Store, *, item: Item, house: House) -> None:
    case, held = _held(store, item)
    if held is not None:
        back = e.TakenBack(held.seq, "", "changed"), MACHINE
        store.append(case.id, [back], at=house.now(), expected=case.version)


def _held(store: Store, item: Item) -> tuple[Case, Held | None]:
    """None when it was taken back, or kept back because the customer wrote."""
    case, event = store.case(item.claim.stream), item.entry.event
    seq = event.held if isinstance(event, e.LetterApproved) else item.entry.seq
    return case, next((one for one in case.held if one.seq == seq), None)


def _person(held: Held) -> Actor:
    return Actor("person", held.writer)
