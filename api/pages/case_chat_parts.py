"""The chat as the desk shows it: in the file of its case, and all that wait above the list of cases."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from api.pages.desk import zone_of
from api.pages.templating import Pages
from api.pages.times import shown_moment
from api.security import Operation, may
from cases import events as e
from cases.case import Case, Entry
from cases.chatting import answer_words
from cases.people import User, decides
from cases.store.store import Store
from pipelines.channels.chat.answering import LONGEST
from pipelines.house import House

SHOWN = 60  # messages; earlier ones stand in the conversation


@dataclass(frozen=True, slots=True)
class ChatWord:
    who: Literal["you", "us"]
    name: str
    at_text: str
    text: str


@dataclass(frozen=True, slots=True)
class DeskChat:
    """tells: where it stands; there: whether the customer has the page open, while the chat goes on."""

    reference: str
    said: tuple[ChatWord, ...]
    tells: str
    there: str
    may_take: bool
    mine: bool
    goes_on: bool
    longest: int = LONGEST


@dataclass(frozen=True, slots=True)
class ChatLink:
    reference: str
    tells: str


def desk_chat(
    house: House, pages: Pages, case: Case, entries: Sequence[Entry], user: User, *, blind: bool = False
) -> DeskChat | None:
    """None where nobody ever wrote in it, and for who may not answer. blind: what colleagues said is left out."""
    chat = case.chat
    if chat.moved_at is None or case.erased or not may(user, Operation.DECIDE) or case.ties.into is not None:
        return None
    say = pages.desk_say()
    with house.database.reading() as store:
        is_open = store.chats.is_open(case.id, house.now())
    mine = chat.holder == user.name
    return DeskChat(
        reference=case.reference,
        said=tuple(_said(house, pages, case, entries, blind=blind))[-SHOWN:],
        tells=_tells(house, pages, case, user, is_open=is_open),
        there=say("desk.chat.open" if is_open else "desk.chat.left") if mine else "",
        may_take=chat.holder is None,
        mine=mine,
        goes_on=chat.goes_on,
    )


def waiting_chats(store: Store, house: House, pages: Pages, user: User) -> tuple[ChatLink, ...]:
    """Those that wait and this person may take, the longest first, and those that they hold."""
    if not may(user, Operation.DECIDE):
        return ()
    links = []
    for one in store.chats.going_on(house.now()):
        if not decides(user, one.line_of_business) or one.holder not in (None, user.name):
            continue
        at = _clock(pages, one.since, house) if one.since else ""
        key = "mine" if one.holder else "waits_open" if one.is_open else "waits"
        links.append(ChatLink(one.reference, pages.desk_say()(f"queue.chat.{key}", reference=one.reference, at=at)))
    return tuple(links)


def _tells(house: House, pages: Pages, case: Case, user: User, *, is_open: bool) -> str:
    say, chat = pages.desk_say(), case.chat
    if chat.holder is not None:
        return say("desk.chat.held_you" if chat.holder == user.name else "desk.chat.held_other", name=chat.holder)
    if chat.since is None:
        return say("desk.chat.ended")
    at = shown_moment(chat.since, zone=zone_of(house, case.journey), language=pages.desk_language)
    return say("desk.chat.waits_open" if is_open else "desk.chat.waits", at=at)


def _said(house: House, pages: Pages, case: Case, entries: Sequence[Entry], *, blind: bool) -> Iterator[ChatWord]:
    zone, own = zone_of(house, case.journey), {message.message_id for message in case.messages}

    def at(moment: datetime) -> str:
        return shown_moment(moment, zone=zone, language=pages.desk_language)

    for entry in entries:
        match entry.event:
            case e.MessageAdded(channel="chat", message_id=id_) as message if id_ in own:
                yield ChatWord("you", message.sender_name or message.sender, at(message.received_at), message.text)
            case e.LetterWritten(letter="chat") as letter if not blind:
                yield ChatWord("us", str(letter.approved_by), at(entry.at), answer_words(letter))
            case _:
                continue


def _clock(pages: Pages, moment: datetime, house: House) -> str:
    return shown_moment(moment, zone=house.zone, language=pages.desk_language)
