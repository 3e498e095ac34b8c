"""Calling a customer back: when that may be promised, and what is said when it was not kept. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum, auto
from zoneinfo import ZoneInfo

from cases import calendar
from cases import events as e
from cases.case import Case
from cases.consequences import Occasion, write_letter
from cases.journey_folder import JourneyFolder
from cases.journey_spec import Calendar, Journey
from cases.wording import day_text

CALL_MISSED = "call_missed"
#: Nobody can plan a call into less time than this.
SHORTEST = timedelta(hours=1)
MOST_DAYS = 3  # working days to choose from
_LOOK_AHEAD = 31


class Part(StrEnum):
    """Of the customer's day."""

    MORNING = auto()
    AFTERNOON = auto()
    EVENING = auto()


_BEGINS = {Part.MORNING: time(0), Part.AFTERNOON: time(12), Part.EVENING: time(17, 30)}
_ENDS = {Part.MORNING: time(12), Part.AFTERNOON: time(17, 30), Part.EVENING: time.max}


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of a working day in which somebody may be called: open from the first moment to the last."""

    day: date
    part: Part
    opens: datetime
    closes: datetime

    @property
    def key(self) -> str:
        return f"{self.day.isoformat()}.{self.part}"


def slots(at: datetime, open_hours: Calendar) -> tuple[Slot, ...]:
    """Parts of the next working days in which there is time for it, the first one first."""
    zone = ZoneInfo(open_hours.time_zone)
    first = at.astimezone(zone).date()
    found: dict[date, list[Slot]] = {}
    for n in range(_LOOK_AHEAD):
        day = first + timedelta(days=n)
        if of_day := list(_of_day(day, at, open_hours, zone)):
            found[day] = of_day
        if len(found) == MOST_DAYS:
            break
    return tuple(slot for of_day in found.values() for slot in of_day)


def _of_day(day: date, at: datetime, open_hours: Calendar, zone: ZoneInfo) -> Iterator[Slot]:
    for part in Part:
        begins, ends = (datetime.combine(day, one[part], zone) for one in (_BEGINS, _ENDS))
        for opens, closes in calendar.openings(day, open_hours):
            start, end = max(opens, begins, at), min(closes, ends)
            if end - start >= SHORTEST:
                yield Slot(day, part, start.astimezone(opens.tzinfo), end.astimezone(opens.tzinfo))
                break


def promised_text(call: e.CallAsked, folder: JourneyFolder, language: str) -> str:
    """When somebody calls, and which number: of that only the end, since a link may be passed on."""
    zone = ZoneInfo(folder.journey.calendar.time_zone)
    opens, closes = call.opens.astimezone(zone), call.promised.astimezone(zone)
    return folder.say(
        language, "track.call.promised", day=day_text(opens.date(), language), opens=f"{opens:%H:%M}",
        closes=f"{closes:%H:%M}", number=f"…{call.number[-3:]}",
    )  # fmt: skip


def may_be_called(case: Case) -> bool:
    """Whether a call may be asked for: not once it is finished, nor where it goes on in another case."""
    return not case.erased and case.closed_at is None and case.ties.into is None


def missed(case: Case, folder: JourneyFolder, *, at: datetime) -> list[e.Written]:
    """What is written when nobody called in time: once an apology with a new time; then a person calls at once."""
    call = case.call
    if call is None or call.promised > at:
        return []
    again = _again(case, folder.journey, at)
    if again is None:
        return [e.CallMissed(call.promised)]
    letter = write_letter(case, folder, CALL_MISSED, Occasion(at, by=again.closes))
    return [e.CallMissed(call.promised, again.opens, again.closes, letter.letter_id), letter]


def _again(case: Case, journey: Journey, at: datetime) -> Slot | None:
    """None where a letter does not help: it was missed before, there is danger, or no letter arrives or is there."""
    unreached = case.unreached or case.sender.casefold() in case.dead_addresses
    if case.calls_missed or case.dangers or case.ties.danger or unreached or CALL_MISSED not in journey.letters:
        return None
    return next(iter(slots(at, journey.calendar)), None)
