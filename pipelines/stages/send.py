"""A letter leaves, once, by the channel that reaches its customer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cases import events as e
from cases.attention import as_one
from cases.case import Case
from cases.chatting import CHAT, OVERTAKEN, overtaken, waits_for_end
from cases.keeping import REMINDER
from cases.representing import copies
from cases.vocabulary import Effect
from pipelines.communication.governor import govern
from pipelines.communication.service import deliver
from pipelines.house import House
from pipelines.ports import AddressRefused, LetterUndeliverable
from pipelines.reading_room import standing_of
from pipelines.stages.work import NOTHING, Item, Outcome, case_of, follows

LOOK_AGAIN = timedelta(minutes=5)  # whether the chat has ended for which a letter waits


def send(batch: Sequence[Item], house: House) -> list[Outcome]:
    return [_send(item, house) for item in batch]


def _send(item: Item, house: House) -> Outcome:
    case = case_of(item)
    letters, at = _due(case, item)
    if not letters:
        return NOTHING
    letter = letters[0]
    if kept := kept_still(item, letter):
        return follows(item, kept)
    may_wait = isinstance(item.entry.event, e.LetterWritten | e.LetterDelayed) and letter.letter != CHAT
    if may_wait and (instead := govern(case, letter, house, written_at=_written_at(letter, item), at=item.at)):
        return follows(item, instead)
    standing = standing_of(house, case, language=letter.language).text
    try:
        delivery = deliver(case, as_one(letters), house, at=at, standing=standing)
    except AddressRefused as refused:
        withheld = [e.LetterWithheld(one.letter_id, str(refused)) for one in letters]
        return follows(item, [e.LetterBounced(letter.letter_id, "", ""), *withheld])
    except LetterUndeliverable as undeliverable:
        return follows(item, [e.LetterWithheld(one.letter_id, str(undeliverable)) for one in letters])
    sent = [e.LetterSent(one.letter_id, delivery.message_id, delivery.via, standing) for one in letters]
    return follows(item, [*sent, *copies(case, [one.letter_id for one in letters], item.at)])


def kept_still(item: Item, letter: e.LetterWritten) -> Sequence[e.Written]:
    """What is written instead of sending while a person answers in the chat, and after it when nothing of the letter
    is left; nothing when it may leave.
    """
    case, event = case_of(item), item.entry.event
    if waits_for_end(case, letter):
        return [e.LetterDelayed(letter.letter_id, item.at + LOOK_AGAIN, "chat")]
    if isinstance(event, e.LetterDelayed) and event.why == "chat" and overtaken(case, letter):
        return [e.LetterWithheld(letter.letter_id, OVERTAKEN)]
    return []


def _due(case: Case, item: Item) -> tuple[tuple[e.LetterWritten, ...], datetime]:
    """The letters to send as one, the one that carries the others first, and their date: one just written, or whose
    time has come, or that came back for now, when it was to be offered again. None when what it asks was answered
    since, or it left with another one.
    """
    match item.entry.event:
        case e.LetterWritten() as letter:
            in_vain = letter.letter == REMINDER and not case.open_requests
            return () if in_vain else (letter,), item.entry.at
        case e.LetterDelayed() as delayed:
            waits = delayed in case.delayed
            return case.leaving_with(delayed.letter_id)[:1] if waits else (), delayed.until
        case e.LettersJoined(letters=ids):
            return case.leaving_with(ids[0]), item.entry.at
        case e.LetterBounced(letter_id=letter_id, again_at=datetime() as again):
            letters = case.leaving_with(letter_id)
            asks = any(one.effect is Effect.ASK for one in letters)
            return letters if not asks or case.open_requests or letters[1:] else (), again
        case _:
            return (), item.entry.at


def _written_at(letter: e.LetterWritten, item: Item) -> datetime:
    return next(entry.at for entry in item.entries if entry.event == letter)
