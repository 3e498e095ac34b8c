"""A granted order reaches the organisation's own system; only after its acceptance does the customer read of it."""

from collections.abc import Sequence

from cases import consequences
from cases import events as e
from cases.case import Entry, apply
from cases.consequences import Occasion
from cases.vocabulary import MACHINE, Status
from pipelines.house import House
from pipelines.ports import HandoverDeclined
from pipelines.stages.work import NOTHING, Item, Outcome, case_of, follows


def hand_over(batch: Sequence[Item], house: House) -> list[Outcome]:
    return [_hand_over(item, house) for item in batch]


def _hand_over(item: Item, house: House) -> Outcome:
    case, order = case_of(item), item.entry.event
    if not isinstance(order, e.HandoverAsked) or case.handover is None or case.handover.id != order.id:
        return NOTHING
    try:
        receipt = house.handover.deliver(order, case_id=case.id, reference=case.reference)
    except HandoverDeclined as declined:
        return follows(item, [e.HandoverRefused(order.id, str(declined))])
    accepted = e.HandedOver(order.id, receipt)
    after = apply(case, Entry(case.version + 1, item.at, MACHINE, accepted))
    if after.status is not Status.DECIDED:
        return follows(item, [accepted])  # the customer wrote meanwhile: a person tells them, not this letter
    folder = house.journeys.get(str(case.journey))
    handler = after.human.by if after.human else ""
    message = after.human.message if after.human else ""
    occasion = Occasion(item.at, by=case.update_by, handler=handler, message=message, explained=after.explained)
    return follows(item, [accepted, *consequences.after_handover(after, folder, order.option, occasion)])
