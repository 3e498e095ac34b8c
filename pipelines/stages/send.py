"""A letter leaves, once, by the channel that reaches its customer."""

from collections.abc import Sequence

from cases import events as e
from pipelines.communication.service import deliver
from pipelines.house import House
from pipelines.ports import LetterUndeliverable
from pipelines.stages.work import NOTHING, Item, Outcome, case_of, follows


def send(batch: Sequence[Item], house: House) -> list[Outcome]:
    return [_send(item, house) for item in batch]


def _send(item: Item, house: House) -> Outcome:
    letter = item.entry.event
    if not isinstance(letter, e.LetterWritten):
        return NOTHING
    try:
        delivery = deliver(case_of(item), letter, house, at=item.entry.at)
    except LetterUndeliverable as undeliverable:
        return follows(item, [e.LetterWithheld(letter.letter_id, str(undeliverable))])
    return follows(item, [e.LetterSent(letter.letter_id, delivery.message_id, delivery.via)])
