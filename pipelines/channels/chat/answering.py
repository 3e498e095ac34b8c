"""A person takes a chat, answers in it and ends it; a chat in which nothing is said any more ends by itself."""

from datetime import timedelta

import structlog

from cases import chatting
from cases import events as e
from cases.case import Case
from cases.composing import language_of
from cases.consequences import next_letter_id
from cases.errors import NotAllowed
from cases.store.store import Store
from cases.vocabulary import MACHINE
from pipelines.hand import case_of, folder_of, write_from
from pipelines.house import House
from pipelines.in_turn import write_in_turn

log = structlog.get_logger()
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
    ended = 0
    for one in going_on:
        patience = SILENT if one.holder else WAITED
        if one.moved_at is not None and one.moved_at + patience <= now and not (one.holder is None and one.is_open):
            ended += _end(house, one.reference)
    with house.database.writing() as store:
        store.chats.drop_idle(now - timedelta(days=1))
    if ended:
        house.ring()
    return ended


def _end(house: House, reference: str) -> bool:
    def write(store: Store) -> bool:
        case, now = case_of(store, reference), house.now()
        patience = SILENT if case.chat.holder else WAITED
        if not case.chat.goes_on or case.chat.moved_at is None or case.chat.moved_at + patience > now:
            return False
        store.append(case.id, [(e.ChatEnded("", "silence"), MACHINE)], at=now, expected=case.version)
        return True

    return write_in_turn(house.database, write)
