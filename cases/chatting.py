"""The chat of a case: who waits in it, which person holds it, and what a chat answer reads like. Pure.

What a customer writes there is a message as any other: nothing is lost when nobody takes the chat. While a person
holds it the machine keeps still, and once one has, the case is a person's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from cases import events as e
from cases.letters import TRACKING_LINK
from cases.vocabulary import Effect

if TYPE_CHECKING:  # the case holds its chat, and is folded with it
    from cases.case import Case, Entry

#: The channel of such messages, and the name of the letters that answer them.
CHAT = "chat"
#: As mail has it (RFC 3676): what stands below is for those who read the answer elsewhere than in the chat.
_BELOW = "\n\n-- \n"


@dataclass(frozen=True, slots=True)
class Chat:
    """since: when its customer began to wait for a person; None when nobody waits. holder: who answers in it.

    moved_at: when anything was last said or done in it. taken: a person has held it, now or before.
    """

    since: datetime | None = None
    holder: str | None = None
    moved_at: datetime | None = None
    taken: bool = False

    @property
    def waits(self) -> bool:
        return self.since is not None and self.holder is None

    @property
    def goes_on(self) -> bool:
        return self.since is not None or self.holder is not None


NO_CHAT = Chat()


def chatted(chat: Chat, event: e.Event, at: datetime) -> Chat:
    """The chat after one more event; the same one when it changes nothing. A person's word elsewhere ends the wait."""
    match event:
        case e.MessageAdded(channel="chat"):
            return replace(chat, since=chat.since or (None if chat.holder else at), moved_at=at)
        case e.ChatTaken(by=by):
            return replace(chat, since=None, holder=by, moved_at=at, taken=True)
        case e.LetterWritten(letter="chat"):
            return replace(chat, moved_at=at)
        case e.LetterWritten(approved_by=str()) | e.HumanDecided() if chat.waits:
            return replace(chat, since=None, moved_at=at)
        case e.ChatEnded():
            return replace(chat, since=None, holder=None, moved_at=at)
        case _:
            return chat


def answer_words(letter: e.LetterWritten) -> str:
    """What a person typed as an answer in the chat."""
    return letter.body.partition(_BELOW)[0]


def answer(
    case: "Case", text: str, *, by: str, letter_id: str, language: str, subject: str, below: str
) -> e.LetterWritten:
    """A person's answer in the chat. below: what is added for who reads it as a mail; a link to the page follows it."""
    typed = text.replace(_BELOW, "\n\n--\n").strip()
    return e.LetterWritten(
        letter_id=letter_id, letter=CHAT, effect=Effect.INFORM, language=language, to=case.sender, subject=subject,
        body=f"{typed}{_BELOW}{below}\n{TRACKING_LINK}", approved_by=by, free_text=True,
    )  # fmt: skip


def decision_waits(case: "Case", entries: Sequence["Entry"]) -> bool:
    """Whether the case was read while its chat was held, and nobody has decided on that reading since."""
    decided = (e.StepDecided, e.HumanDecided)
    for entry in reversed(entries):
        if isinstance(entry.event, decided):
            return False
        if isinstance(entry.event, e.Enriched):
            return case.all_read
    return False


def waits_for_end(case: "Case", letter: e.LetterWritten) -> bool:
    """Whether this letter may not leave now: the machine's own, while a person holds the chat."""
    return case.chat.holder is not None and letter.approved_by is None


def overtaken(case: "Case", letter: e.LetterWritten) -> bool:
    """Whether what was said in the chat leaves nothing of a letter of the machine that waited for its end: a question
    that is open no longer, a promise after which a person decided, or what the clock alone wrote.
    """
    match letter.effect:
        case Effect.ASK:
            return not case.open_requests
        case Effect.GRANT | Effect.ADVERSE:
            return case.human is not None
        case Effect.INFORM:
            return letter.letter in BY_THE_CLOCK
        case _:  # pragma: no cover  # the type check proves it
            assert_never(letter.effect)


#: As cases.keeping.KEPT: a reminder, and that we need more time.
BY_THE_CLOCK = frozenset({"still_busy", "reminder", "call_missed"})
#: Why such a letter does not leave. Its customer does not read it on the page either.
OVERTAKEN = "a person answered in the chat"
