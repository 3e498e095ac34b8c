"""The clocks of a case as the desk shows them: a pill in a list, all three at the head of the decision file."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.pages.desk import calendar_of
from api.pages.templating import Pages
from api.pages.times import Pill, Say, due_pill, shown_moment, span, working_time
from cases.case import Case
from cases.clocks import Clock, State, clocks_of, next_clock, read
from cases.journey_spec import Calendar
from cases.store.queue import CaseLine
from pipelines.house import House


@dataclass(frozen=True, slots=True)
class Face:
    """How clocks are told: in whose opening hours, in which language, at which moment."""

    calendar: Calendar
    language: str
    say: Say
    now: datetime

    def moment(self, at: datetime) -> str:
        return shown_moment(at, zone=ZoneInfo(self.calendar.time_zone), language=self.language)

    def left(self, left: timedelta) -> str:
        return working_time(left, self.calendar, self.say)

    def promise(self, due: datetime | None) -> Pill | None:
        return due_pill(due, now=self.now, calendar=self.calendar, language=self.language, say=self.say)


@dataclass(frozen=True, slots=True)
class ClockShown:
    title: str
    pill: Pill
    tell: str


def row_pill(line: CaseLine, face: Face) -> Pill | None:
    """What presses in an open case. One that waits for others shows its pause, unless the customer is to hear soon."""
    if line.closed_at is not None:
        return None
    promise, clock = face.promise(line.update_by), line.pressing
    if clock is None or (clock.due is None and promise is not None and promise.kind):
        return promise
    return clock_pill(clock, face)


def clock_pill(clock: Clock, face: Face) -> Pill:
    say, reading = face.say, read(clock, face.now, face.calendar)
    title, at = say(f"desk.clock.{clock.which}"), face.moment(reading.due)
    match reading.state:
        case State.PAUSED:
            whom = say(f"desk.clock.pause.{clock.pause}")
            tip = say("desk.clock.tip.paused", clock=title, left=face.left(reading.left), whom=whom)
            return Pill(say("desk.clock.paused"), "", "hourglass", tip)
        case State.MET:
            in_time = reading.left >= timedelta()
            text = say("desk.clock.in_time" if in_time else "desk.clock.too_late")
            return Pill(
                text, "good" if in_time else "soon", "circle-check", say("desk.clock.tip.due", clock=title, at=at)
            )
        case State.BREACHED:
            late = say("desk.late", time=span(face.now - reading.due, say))
            return Pill(late, "late", "triangle-alert", say("desk.clock.tip.due", clock=title, at=at))
        case State.RUNNING | State.AMBER:
            tip = say("desk.clock.tip.left", clock=title, left=face.left(reading.left), at=at)
            why = f" · {say('desk.clock.warned')}" if clock.warned else ""
            return Pill(face.left(reading.left), "soon" if reading.state is State.AMBER else "", "clock", tip + why)


def case_clocks(house: House, pages: Pages, case: Case) -> tuple[ClockShown, ...]:
    """Each clock with its moment in words; none for a case whose journey is not known."""
    face = face_of(house, pages, case.journey)
    return tuple(
        ClockShown(face.say(f"desk.clock.{clock.which}"), clock_pill(clock, face), _tell(clock, face))
        for clock in _clocks(house, case)
    )


def case_pill(house: House, pages: Pages, case: Case) -> Pill | None:
    clock = next_clock(_clocks(house, case))
    return clock_pill(clock, face_of(house, pages, case.journey)) if clock else None


def face_of(house: House, pages: Pages, journey: str | None) -> Face:
    return Face(calendar_of(house, journey), pages.desk_language, pages.desk_say(), house.now())


def _clocks(house: House, case: Case) -> tuple[Clock, ...]:
    return clocks_of(case, house.journeys.get(case.journey).journey) if case.journey in house.journeys.names() else ()


def _tell(clock: Clock, face: Face) -> str:
    say = face.say
    if clock.met is not None:
        return say("desk.clock.tell.met", at=face.moment(clock.met))
    if clock.due is None:
        left = face.left(clock.held or timedelta())
        return say("desk.clock.tell.paused", left=left, whom=say(f"desk.clock.pause.{clock.pause}"))
    told = say("desk.clock.tell.due", at=face.moment(clock.due))
    return f"{told}. {say('desk.clock.warned')}" if clock.warned else told
