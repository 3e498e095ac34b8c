"""Working time of an organisation: hours and days are counted while it is open, in its own time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.journey_spec import Calendar


def is_working_day(day: date, calendar: Calendar) -> bool:
    return day.isoweekday() in calendar.weekdays and day.isoformat() not in calendar.holidays


def after_hours(start: datetime, hours: int, calendar: Calendar) -> datetime:
    """The moment when `hours` of opening time have passed since `start`; UTC."""
    left = timedelta(hours=hours)
    day = start.astimezone(ZoneInfo(calendar.time_zone)).date()
    for _ in range(3 * 366):
        if is_working_day(day, calendar):
            opens, closes = _opening(day, calendar)
            begin = max(start, opens)
            if begin < closes:
                if left <= closes - begin:
                    return (begin + left).astimezone(UTC)
                left -= closes - begin
        day += timedelta(days=1)
    raise ValueError("the calendar has no opening hours in three years; check weekdays and holidays")


def after_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    """Closing time of the `days`-th working day after the day of `start`; UTC."""
    day = start.astimezone(ZoneInfo(calendar.time_zone)).date()
    left = days
    for _ in range(3 * 366):
        day += timedelta(days=1)
        left -= is_working_day(day, calendar)
        if left == 0:
            return _opening(day, calendar)[1].astimezone(UTC)
    raise ValueError("the calendar has too few working days in three years; check weekdays and holidays")


def _opening(day: date, calendar: Calendar) -> tuple[datetime, datetime]:
    """Opening and closing moment in UTC: subtraction across a clock change then gives elapsed time."""
    zone = ZoneInfo(calendar.time_zone)
    return (
        datetime.combine(day, time.fromisoformat(calendar.opens), zone).astimezone(UTC),
        datetime.combine(day, time.fromisoformat(calendar.closes), zone).astimezone(UTC),
    )
