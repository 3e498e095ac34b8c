"""Moments for the desk: short, in the organisation's time zone, with the whole moment in a tooltip."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names, get_month_names

from cases.calendar import open_time, working_day
from cases.clocks import AMBER
from cases.journey_spec import Calendar

Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Pill:
    text: str
    kind: str = ""  # late, soon, good, now or plain
    icon: str = ""
    title: str = ""


def shown_moment(at: datetime, *, zone: ZoneInfo, language: str) -> str:
    """Fri 20 Nov, 18:12: what Babel writes for "EEE d MMM, HH:mm", which reads its pattern anew each time."""
    there, (days, months) = at.astimezone(zone), _names(language)
    return f"{days[there.weekday()]} {there.day} {months[there.month]}, {there:%H:%M}"


@cache
def _names(language: str) -> tuple[Mapping[int, str], Mapping[int, str]]:
    """Short names of the days, from 0 for Monday, and of the months, from 1."""
    days = get_day_names("abbreviated", "format", locale=language)
    months = get_month_names("abbreviated", "format", locale=language)
    return {place: str(days[place]) for place in range(7)}, {place: str(months[place]) for place in range(1, 13)}


def shown_day(iso: str, *, language: str) -> str:
    return format_date(datetime.fromisoformat(iso).date(), "EEE d MMM", locale=language)


def span(length: timedelta, say: Say) -> str:
    """22 min, 3 h, 2 days: rounded down, so that nobody is told more time than there is."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:  # noqa: PLR2004  # minutes of an hour
        return say("desk.minutes", n=minutes)
    if minutes < 24 * 60:
        return say("desk.hours", n=minutes // 60)
    days = minutes // (24 * 60)
    return say("desk.day") if days == 1 else say("desk.days", n=days)


def due_pill(due: datetime | None, *, now: datetime, calendar: Calendar, language: str, say: Say) -> Pill | None:
    """How much working time there is until the promised moment; once it has passed, how long ago that was."""
    if due is None:
        return None
    at = shown_moment(due, zone=ZoneInfo(calendar.time_zone), language=language)
    if due < now:
        return Pill(say("desk.late", time=span(now - due, say)), "late", "triangle-alert", at)
    left = open_time(now, due, calendar)
    return Pill(working_time(left, calendar, say), "soon" if left < AMBER else "", "clock", say("desk.due_at", at=at))


def working_time(left: timedelta, calendar: Calendar, say: Say) -> str:
    """Opening time in working days and, under one, in hours; rounded down."""
    match left // working_day(calendar):
        case 0:
            return span(left, say)
        case 1:
            return say("desk.working_day")
        case days:
            return say("desk.working_days", n=days)
