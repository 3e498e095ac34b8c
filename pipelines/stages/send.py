"""A letter leaves, once, by the channel that reaches its customer."""

from collections.abc import Sequence
from datetime import datetime

from cases import events as e
from cases.case import Case
from cases.keeping import REMINDER
from cases.vocabulary import Effect
from pipelines.communication.service import deliver
from pipelines.house import House
from pipelines.ports import AddressRefused, LetterUndeliverable
from pipelines.stages.work import NOTHING, Item, Outcome, case_of, follows


def send(batch: Sequence[Item], house: House) -> list[Outcome]:
    return [_send(item, house) for item in batch]


def _send(item: Item, house: House) -> Outcome:
    case = case_of(item)
    letter, at = _due(case, item)
    if letter is None:
        return NOTHING
    try:
        delivery = deliver(case, letter, house, at=at)
    except AddressRefused as refused:
        withheld = e.LetterWithheld(letter.letter_id, str(refused))
        return follows(item, [e.LetterBounced(letter.letter_id, "", ""), withheld])
    except LetterUndeliverable as undeliverable:
        return follows(item, [e.LetterWithheld(letter.letter_id, str(undeliverable))])
    return follows(item, [e.LetterSent(letter.letter_id, delivery.message_id, delivery.via)])


def _due(case: Case, item: Item) -> tuple[e.LetterWritten | None, datetime]:
    """The letter to send, and its date: one just written, or one that came back for now, when it was to be offered
    again; None when what it asks was answered since.
    """
    match item.entry.event:
        case e.LetterWritten() as letter:
            in_vain = letter.letter == REMINDER and not case.open_requests
            return None if in_vain else letter, item.entry.at
        case e.LetterBounced(letter_id=letter_id, again_at=datetime() as again):
            letters = (one for one in case.letters if one.letter_id == letter_id)
            return next((one for one in letters if one.effect is not Effect.ASK or case.open_requests), None), again
        case _:
            return None, item.entry.at
