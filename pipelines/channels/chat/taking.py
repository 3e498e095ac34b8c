"""A short message that the customer wrote in the chat: a message of the case as any other, once however often sent."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal

import orjson

from cases.chatting import CHAT
from cases.errors import CaseError
from pipelines.channels.parsed import clean_text
from pipelines.house import House
from pipelines.intake import Accepted, Incoming, accept

LONGEST = 2000  # characters: whoever has more to tell writes a message
#: So many in so long a time; people type slower.
TOO_FAST = ((timedelta(minutes=5), 20), (timedelta(days=1), 200))


class NotSaid(CaseError):
    """Nothing was stored. why: what the customer is told, in the words of their page."""

    def __init__(self, why: Literal["empty", "long", "fast"]) -> None:
        super().__init__(
            f"not taken in the chat: {why}; write some words, fewer than {LONGEST} characters, and not so fast"
        )
        self.why = why


@dataclass(frozen=True, slots=True)
class Said:
    """key: of the form that it was typed in, so that sending it twice says it once. caller: who sends, in the log."""

    text: str
    key: str
    caller: str
    sender: str
    sender_name: str
    language: str


def say(house: House, case_id: str, said: Said) -> Accepted:
    """Durable when it returns; the customer's page counts as open. Raises NotSaid, and NotFound for an erased case."""
    text = clean_text(said.text[: 4 * LONGEST]).strip()
    if not text:
        raise NotSaid("empty")
    if len(said.text.strip()) > LONGEST:
        raise NotSaid("long")
    now = house.now()
    with house.database.writing() as store:
        for length, most in TOO_FAST:
            begin = _window(now, length)
            if store.people.hit(f"chat {length.total_seconds():.0f} {case_id}", window=begin) > most:
                raise NotSaid("fast")
    raw = orjson.dumps(
        {"id": said.key or "1", "sender": said.sender or "unknown", "name": said.sender_name[:200], "text": text,
         "language": said.language},
    )  # fmt: skip
    key = f"chat {said.key[:80]} {sha256(raw).hexdigest()[:32]}" if said.key else None
    accepted = accept(Incoming("application/json", raw, CHAT, said.caller, now, key, case_id=case_id), house=house)
    with house.database.writing() as store:
        store.chats.see(case_id, now)
    return accepted


def _window(now: datetime, length: timedelta) -> datetime:
    seconds = length.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
