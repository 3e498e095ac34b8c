"""A person takes a chat, answers in it and ends it; a chat in which nothing is said any more ends by itself."""

from datetime import datetime, timedelta
from functools import partial

from cases import chatting
from cases import events as e
from cases.case import Case
from cases.chatting import Chat
from cases.composing import language_of
from cases.consequences import next_letter_id
from cases.errors import NotAllowed
from cases.store.chats import ChatLine
from cases.store.store import Store
from cases.vocabulary import MACHINE
from pipelines.hand import folder_of, write_from
from pipelines.house import House
from pipelines.in_turn import write_in_turn
from pipelines.one_by_one import one_by_one

LONGEST = 4000  # characters of one answer
#: Nobody said anything for so long: the machine goes on with the case.
SILENT = timedelta(minutes=30)
#: So long does a chat that nobody took stand in the line; its message is a message all along.
WAITED = timedelta(hours=12)


class ChatsFull(NotAllowed):
    def __init__(self, most: int) -> None:
        super().__init__("taking one more chat", f"you answer in {most} at once; end one of them first")


def take(house: House, reference: str, *, person: str) -> int:
    """Returns the case's new version. Raises NotFound, NotAllowed when another one answers there or nothing was said,
    and ChatsFull.
    """

    def events(store: Store, _: Case) -> list[e.Written]:
        most = house.settings.chats_at_once
        if store.chats.held_by(person) >= most:
            raise ChatsFull(most)
        return [e.ChatTaken(person)]

    return write_from(house, reference, events, person=person)


def answer(house: House, reference: str, text: str, *, person: str) -> int:
    """The customer reads it at once where they chat, and by mail when they have left.

    Raises NotFound, and NotAllowed without words, with too many, or when this person does not hold the chat.
    """
    if not text.strip():
        raise NotAllowed("an answer without words", "write what you want to say")
    if len(text) > LONGEST:
        raise NotAllowed("such a long answer", f"keep to {LONGEST} characters, or write a letter")

    def events(_: Store, case: Case) -> list[e.Written]:
        if case.chat.holder != person:
            raise NotAllowed("answering in the chat", "take it first; then nobody else answers as well")
        folder = folder_of(house, case)
        language = language_of(case, folder)
        return [
            chatting.answer(
                case, text, by=person, letter_id=next_letter_id(case), language=language,
                subject=folder.say(language, "track.chat.mail_subject"),
                below=folder.say(language, "track.chat.mail_below"),
            )
        ]  # fmt: skip

    return write_from(house, reference, events, person=person)


def end(house: House, reference: str, *, person: str) -> int:
    """Whoever may answer in the case may end its chat. What the customer said last is then read and decided on."""
    return write_from(house, reference, lambda _, __: [e.ChatEnded(person)], person=person)


def end_silent(house: House) -> int:
    """End chats in which nobody says anything any more; returns how many. Safe to run twice."""
    now = house.now()
    with house.database.reading() as store:
        going_on = store.chats.going_on(now)
    silent = [one.case_id for one in going_on if _is_silent(one, now) and not (one.holder is None and one.is_open)]
    ended = one_by_one(silent, partial(_end, house), failed="chat.not_ended")
    with house.database.writing() as store:
        store.chats.drop_idle(now - timedelta(days=1))
    if ended:
        house.ring()
    return ended


def _is_silent(chat: Chat | ChatLine, now: datetime) -> bool:
    patience = SILENT if chat.holder else WAITED
    return chat.moved_at is not None and chat.moved_at + patience <= now


def _end(house: House, case_id: str) -> bool:
    def write(store: Store) -> bool:
        case, now = store.case(case_id), house.now()
        if case.erased or not case.chat.goes_on or not _is_silent(case.chat, now):
            return False
        store.append(case.id, [(e.ChatEnded("", "silence"), MACHINE)], at=now, expected=case.version)
        return True

    return write_in_turn(house.database, write)
