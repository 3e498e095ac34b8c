"""Working time of an organisation: hours and days are counted while it is open, in its own time zone."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cases.journey_spec import Calendar

Opening = tuple[datetime, datetime]
_DAY = timedelta(days=1)


def is_working_day(day: date, calendar: Calendar) -> bool:
    return bool(_periods(day, calendar))


def next_working_day(day: date, calendar: Calendar) -> date:
    """The first one after this day; the day after it for a calendar that has none within a year."""
    days = (day + n * _DAY for n in range(1, 367))
    return next((one for one in days if is_working_day(one, calendar)), day + _DAY)


def after_hours(start: datetime, hours: int, calendar: Calendar) -> datetime:
    """The moment when `hours` of opening time have passed since `start`; UTC."""
    return after_open(start, timedelta(hours=hours), calendar)


def after_open(start: datetime, left: timedelta, calendar: Calendar) -> datetime:
    """The moment when it has been open for `left` since `start`, open then or not; UTC. left: more than nothing."""
    day = start.astimezone(ZoneInfo(calendar.time_zone)).date()
    for _ in range(3 * 366):
        for opens, closes in _openings(day, calendar):
            begin = max(start, opens)
            if begin < closes:
                if left <= closes - begin:
                    return (begin + left).astimezone(UTC)
                left -= closes - begin
        day += _DAY
    raise ValueError("the calendar has no opening hours in three years; check weekdays and holidays")


def after_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    """Closing time of the `days`-th working day after the day of `start`; UTC."""
    day = start.astimezone(ZoneInfo(calendar.time_zone)).date()
    left = days
    for _ in range(3 * 366):
        day += _DAY
        openings = list(_openings(day, calendar))
        left -= bool(openings)
        if left == 0:
            return openings[-1][1]
    raise ValueError("the calendar has too few working days in three years; check weekdays and holidays")


def openings(day: date, calendar: Calendar) -> tuple[Opening, ...]:
    """When it is open on a day, as moments in UTC, in order."""
    return tuple(_openings(day, calendar))


def open_time(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How long it is open between two moments; nothing when the second is not the later one.

    Exact for a year; a longer time is counted for its first year only, since nobody plans by the hour so far ahead.
    """
    zone, total = ZoneInfo(calendar.time_zone), timedelta()
    end = min(end, start + timedelta(days=366))
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        for opens, closes in _openings(day, calendar):
            total += max(timedelta(), min(end, closes) - max(start, opens))
        day += _DAY
    return total


def working_day(calendar: Calendar) -> timedelta:
    """The longest time that it is open on a day of the week: what "a working day" means in hours."""
    days = calendar.hours.values() or [(f"{calendar.opens}-{calendar.closes}",)]
    return max(sum((_length(*_ends(period)) for period in periods), timedelta()) for periods in days)


def _length(opens: time, closes: time) -> timedelta:
    return datetime.combine(date.min, closes) - datetime.combine(date.min, opens)


def _periods(day: date, calendar: Calendar) -> Sequence[str]:
    """Opening and closing times of a day as HH:MM-HH:MM, in order."""
    name = day.isoformat()
    if name in calendar.special_days:
        periods = calendar.special_days[name]
    elif name in calendar.holidays:
        periods = ()
    elif calendar.hours:
        periods = calendar.hours.get(day.isoweekday(), ())
    else:
        periods = (f"{calendar.opens}-{calendar.closes}",) if day.isoweekday() in calendar.weekdays else ()
    return periods


def _openings(day: date, calendar: Calendar) -> Iterator[Opening]:
    """Opening and closing moments in UTC, in order: subtraction across a clock change then gives elapsed time."""
    for period in _periods(day, calendar):
        opens, closes = _moments(day, period, calendar.time_zone)
        if opens < closes:  # an hour that the clocks skip may leave nothing of a period
            yield opens, closes


@lru_cache(maxsize=4096)  # every event of a case counts its clocks over the same few weeks
def _moments(day: date, period: str, time_zone: str) -> Opening:
    zone = ZoneInfo(time_zone)
    opens, closes = (datetime.combine(day, end, zone).astimezone(UTC) for end in _ends(period))
    return opens, closes


@lru_cache(maxsize=256)
def _ends(period: str) -> tuple[time, time]:
    opens, closes = map(time.fromisoformat, period.split("-"))
    return opens, closes
