"""How fast messages are answered, by the channel they came in on: what is published of it, and what happened. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from cases import calendar
from cases import events as e
from cases.case import RECEIPT, Entry
from cases.chatting import CHAT
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Calendar, ReplyTime


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """As customers read it: "E-mail", "within 1 working day"."""

    channel: str
    name: str
    within: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A customer's message, and when it was answered; None while it is not."""

    channel: str
    received_at: datetime
    answered_at: datetime | None = None


def answer_times(folder: JourneyFolder, language: str) -> tuple[AnswerTime, ...]:
    """What the journey publishes, in its order."""
    return tuple(
        AnswerTime(
            channel, folder.say(language, f"track.reply.channel.{channel}"), worded_time(folder, promised, language)
        )
        for channel, promised in folder.journey.promises.reply.items()
    )


def answered_by(promised: ReplyTime, open_hours: Calendar, *, received_at: datetime) -> datetime:
    """When a message of that moment is to be answered at the latest; UTC."""
    number, unit = _parts(promised)
    count = calendar.after_days if unit == "day" else calendar.after_hours
    return count(received_at, number, open_hours)


def replies(entries: Iterable[Entry]) -> list[Reply]:
    """Of one case, in order of arrival. A letter answers all that was said before; that a message arrived is no answer.

    A letter counts from when it left or could be read, an answer in the chat from when it was typed.
    """
    found: list[Reply] = []
    receipts: set[str] = set()
    for entry in entries:
        match entry.event:
            case e.MessageAdded(channel=channel, received_at=at):
                found.append(Reply(channel, at))
            case e.LetterWritten(letter=letter, letter_id=id_) if letter == RECEIPT:
                receipts.add(id_)
            case e.LettersJoined(letters=letters) if not receipts.issuperset(letters):
                receipts.difference_update(letters)  # the one that carries the others may be a receipt
            case e.LetterWritten(letter=letter) if letter == CHAT:
                found = _answered(found, entry.at)
            case e.LetterSent(letter_id=id_) | e.LetterWithheld(letter_id=id_) if id_ not in receipts:
                found = _answered(found, entry.at)
            case _:
                pass
    return found


def _answered(found: list[Reply], at: datetime) -> list[Reply]:
    return [replace(one, answered_at=at) if one.answered_at is None else one for one in found]


def worded_time(folder: JourneyFolder, promised: ReplyTime, language: str) -> str:
    """For example "within 1 working day"."""
    number, unit = _parts(promised)
    return folder.say(language, f"track.reply.{unit}" if number == 1 else f"track.reply.{unit}s", n=number)


def _parts(promised: ReplyTime) -> tuple[int, str]:
    """1 and "day" of "1 working day"."""
    number, _, unit = promised.split(" ")
    return int(number), unit.removesuffix("s")
