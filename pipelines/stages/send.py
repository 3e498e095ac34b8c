"""A letter leaves, once, by the channel that reaches its customer."""

from collections.abc import Sequence

from cases import events as e
from cases.case import Case
from cases.vocabulary import Effect
from pipelines.communication.service import deliver
from pipelines.house import House
from pipelines.ports import AddressRefused, LetterUndeliverable
from pipelines.stages.work import NOTHING, Item, Outcome, case_of, follows


def send(batch: Sequence[Item], house: House) -> list[Outcome]:
    return [_send(item, house) for item in batch]


def _send(item: Item, house: House) -> Outcome:
    case = case_of(item)
    letter = _letter(case, item.entry.event)
    if letter is None:
        return NOTHING
    try:
        delivery = deliver(case, letter, house, at=item.entry.at)
    except AddressRefused as refused:
        withheld = e.LetterWithheld(letter.letter_id, str(refused))
        return follows(item, [e.LetterBounced(letter.letter_id, "", ""), withheld])
    except LetterUndeliverable as undeliverable:
        return follows(item, [e.LetterWithheld(letter.letter_id, str(undeliverable))])
    return follows(item, [e.LetterSent(letter.letter_id, delivery.message_id, delivery.via)])


def _letter(case: Case, event: e.Event) -> e.LetterWritten | None:
    """The letter to send: one just written, or one that came back for now, unless what it asks was answered since."""
    match event:
        case e.LetterWritten():
            return event
        case e.LetterBounced(letter_id=letter_id):
            letter = next((one for one in case.letters if one.letter_id == letter_id), None)
            in_vain = letter is not None and letter.effect is Effect.ASK and not case.open_requests
            return None if in_vain else letter
        case _:
            return None
