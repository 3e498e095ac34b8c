"""When a letter may ask for the customer's attention: now, together with others, at an hour that suits, or never. Pure.

Letters whose touchpoint spares the customer wait for each other and leave as one; whatever asks, refuses, keeps a
promise or holds a person's own words leaves at once and takes along what waits. Where there is danger a person speaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Literal, assert_never
from zoneinfo import ZoneInfo

from cases import events as e
from cases.case import RECEIPT, Case
from cases.events import LetterWritten
from cases.journey_spec import Journey, Touchpoint
from cases.keeping import KEPT, is_quiet
from cases.vocabulary import Effect, Status

HELD_OFFER = "the customer waits for us: nothing is offered while a problem is open"
STAYS_ON_PAGE = "the customer wants important news only; it stands on their page"
_CAN_WAIT = frozenset({Effect.INFORM, Effect.GRANT})


@dataclass(frozen=True, slots=True)
class Leaves:
    """letters: the first carries the others, which waited."""

    letters: tuple[LetterWritten, ...]


@dataclass(frozen=True, slots=True)
class Waits:
    until: datetime
    why: Literal["together", "quiet"]


@dataclass(frozen=True, slots=True)
class LeftToPerson:
    why: Literal["danger", "moment"]


@dataclass(frozen=True, slots=True)
class HeldOffer:
    """It would sell something to somebody who waits for us."""


@dataclass(frozen=True, slots=True)
class StaysOnPage:
    """It only says how things go, and the customer wants to hear no more than what matters."""


Move = Leaves | Waits | LeftToPerson | HeldOffer | StaysOnPage


def next_move(
    case: Case, letter: LetterWritten, journey: Journey, *, written_at: datetime, at: datetime, waits_elsewhere: bool
) -> Move:
    """What becomes of a letter now, when it was just written or its time has come.

    A letter waits no longer than the journey's window and the quiet hours after it, and never past the date that its
    customer was promised. waits_elsewhere: whether another case of the same customer is open.
    """
    if (why := _takes_a_person(case, letter, journey)) is not None:
        return LeftToPerson(why)
    if is_offer(letter, journey) and (waits_elsewhere or _waits_for_us(case)):
        return HeldOffer()
    if _only_tells(letter, journey) and case.notices.often == "important":
        return StaysOnPage()
    if spares(letter, journey) and case.timing.answered_at is not None:
        until, why_later = _later(case, letter, journey, written_at=written_at, at=at)
        if until > at:
            return Waits(until, why_later)
    known = {one.letter_id: one for one in case.letters}
    waiting = (known[one.letter_id] for one in _gathering(case) if one.letter_id != letter.letter_id)
    return Leaves((letter, *(one for one in waiting if _takes_a_person(case, one, journey) is None)))


def instead(move: Move, letter: LetterWritten) -> list[e.Written]:
    """What is written instead of sending a letter; nothing when it leaves now, by itself."""
    match move:
        case Leaves(letters=letters):
            return [e.LettersJoined(tuple(one.letter_id for one in letters))] if letters[1:] else []
        case Waits(until=until, why=why):
            return [e.LetterDelayed(letter.letter_id, until, why)]
        case LeftToPerson(why=moment):
            return [e.LetterLeftToPerson(letter.letter_id, moment)]
        case HeldOffer():
            return [e.LetterWithheld(letter.letter_id, HELD_OFFER)]
        case StaysOnPage():
            return [e.LetterWithheld(letter.letter_id, STAYS_ON_PAGE)]
        case _:  # pragma: no cover  # the type check proves it
            assert_never(move)


def spares(letter: LetterWritten, journey: Journey) -> bool:
    """Whether it can wait: its touchpoint says so, and it asks, refuses and promises nothing."""
    moment = touchpoint_of(letter, journey)
    can_wait = letter.effect in _CAN_WAIT and letter.letter not in KEPT and not letter.free_text
    return can_wait and moment is not None and moment.attention == "spare"


def _only_tells(letter: LetterWritten, journey: Journey) -> bool:
    return spares(letter, journey) and letter.effect is Effect.INFORM and letter.letter != RECEIPT


def touchpoint_of(letter: LetterWritten, journey: Journey) -> Touchpoint | None:
    spec = journey.letters.get(letter.letter)
    return journey.touchpoints.get(spec.touchpoint or "") if spec is not None else None


def is_offer(letter: LetterWritten, journey: Journey) -> bool:
    spec = journey.letters.get(letter.letter)
    return spec is not None and spec.category == "commercial"


def after_quiet(at: datetime, journey: Journey) -> datetime:
    """The next moment at which what can wait may leave: this one, or when the quiet hours end."""
    if not is_quiet(at, journey):
        return at
    local = at.astimezone(ZoneInfo(journey.calendar.time_zone))
    ends = local.replace(hour=journey.attention.quiet_until, minute=0, second=0, microsecond=0, fold=0)
    if ends <= local:
        ends += timedelta(days=1)
    return ends.astimezone(at.tzinfo)


def as_one(letters: Sequence[LetterWritten]) -> LetterWritten:
    """The first letter with the words of all: greeting and ending once where they are the same, all else as it was."""
    carrier, *others = letters
    if not others:
        return carrier
    bodies = [one.body.strip().split("\n\n") for one in letters]
    head = _shared(bodies, most=1)
    tail = _shared([body[len(head) :][::-1] for body in bodies], most=len(carrier.body))[::-1]
    parts = list(head)
    for letter, body in zip(letters, bodies, strict=True):
        parts += [f"* {letter.subject} *", *body[len(head) : len(body) - len(tail)]]
    subject = "; ".join(dict.fromkeys(one.subject for one in letters))
    fits = len(subject) <= _LONGEST_SUBJECT
    return replace(carrier, subject=subject if fits else carrier.subject, body="\n\n".join((*parts, *tail)) + "\n")


_LONGEST_SUBJECT = 150  # characters; what is longer is cut off in most lists of mail


def _shared(bodies: Sequence[Sequence[str]], *, most: int) -> list[str]:
    """The paragraphs with which all begin."""
    rows = takewhile(lambda row: len(set(row)) == 1, zip(*bodies, strict=False))
    return [row[0] for row in rows][:most]


def _takes_a_person(case: Case, letter: LetterWritten, journey: Journey) -> Literal["danger", "moment"] | None:
    """Why the machine does not write this now; the receipt, which names a person, always leaves."""
    if letter.approved_by is not None or letter.letter == RECEIPT:
        return None
    if case.dangers or case.ties.danger:
        return "danger"
    moment = touchpoint_of(letter, journey)
    return "moment" if moment is not None and moment.human_required else None


def _gathering(case: Case) -> list[e.LetterDelayed]:
    """What waits for others or for an hour; what waits for a chat to end goes its own way."""
    return [one for one in case.delayed if one.why != "chat"]


def _waits_for_us(case: Case) -> bool:
    return case.status is not Status.CLOSED


def _later(
    case: Case, letter: LetterWritten, journey: Journey, *, written_at: datetime, at: datetime
) -> tuple[datetime, Literal["together", "quiet"]]:
    """When it leaves: at the end of the window, or with the first of those that wait already, in no quiet hour."""
    begun = any(one.letter_id == letter.letter_id for one in _gathering(case))
    ends = [one.until for one in _gathering(case) if one.letter_id != letter.letter_id]
    window = min([written_at + timedelta(hours=journey.attention.window_hours), *ends])
    together = at if begun else max(window, at)
    until = after_quiet(together, journey)
    promised = case.update_by
    if promised is not None and promised < until:
        until = max(promised, at)
    return until, "together" if together > at else "quiet"
