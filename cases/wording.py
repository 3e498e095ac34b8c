"""Dates, money and facts as people read them, in their language and the organisation's time zone."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_currency

from cases.journey_spec import Journey

#: Where a day is not written as a name, a number and a month.
_DAYS = {"de": "EEEE, d. MMMM"}


def day_pattern(language: str) -> str:
    """Of weekday, day and month, as Unicode writes patterns (UTS 35)."""
    return _DAYS.get(language, "EEEE d MMMM")


@lru_cache(maxsize=1024)
def day_text(day: date, language: str) -> str:
    """Tuesday 24 November."""
    return format_date(day, day_pattern(language), locale=language)


@lru_cache(maxsize=1024)
def date_text(day: date, language: str) -> str:
    """24 November."""
    return format_date(day, "d. MMMM" if language == "de" else "d MMMM", locale=language)


def moment_day(moment: datetime, journey: Journey, language: str) -> str:
    return day_text(moment.astimezone(ZoneInfo(journey.calendar.time_zone)).date(), language)


def moment_text(moment: datetime, journey: Journey, language: str) -> str:
    """Friday 20 November, 18:12."""
    local = moment.astimezone(ZoneInfo(journey.calendar.time_zone))
    return f"{day_text(local.date(), language)}, {format_time(local, 'HH:mm', locale=language)}"


@lru_cache(maxsize=1024)
def shown_value(value: str, kind: str, language: str) -> str:
    """A normalised fact or register value as people write it; unchanged when it is not of its kind."""
    try:
        match kind:
            case "money":
                return format_currency(Decimal(value), "EUR", locale=language)
            case "date":
                return format_date(date.fromisoformat(value), "d MMMM y", locale=language)
            case _:
                return value
    except (ValueError, InvalidOperation):
        return value
