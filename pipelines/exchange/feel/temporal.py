"""Dates, times and durations of FEEL, from and to ISO 8601 text. None where the text means no moment at all."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipelines.exchange.feel.values import DayTime, Value, YearMonth

_DATE: Final = r"(\d{4})-(\d{2})-(\d{2})"
_TIME: Final = r"(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2}(?::\d{2})?|@[A-Za-z0-9_/+-]{1,60})?"
_IS_DATE: Final = re.compile(_DATE, re.ASCII)
_IS_TIME: Final = re.compile(_TIME, re.ASCII)
_IS_BOTH: Final = re.compile(f"{_DATE}T{_TIME}", re.ASCII)
_DAYS: Final = re.compile(
    r"(-?)P(?:(\d{1,12})D)?(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12}(?:\.\d{1,9})?)S)?)?", re.ASCII
)
_MONTHS: Final = re.compile(r"(-?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?", re.ASCII)
DAY: Final = 86_400  # seconds


def read_date(text: str) -> date | None:
    """`2026-01-31`."""
    match = _IS_DATE.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """`13:45:00`, with fractions, `Z`, an offset or `@Europe/Paris`."""
    match = _IS_TIME.fullmatch(text)
    return _time(match.groups()) if match else None


def read_date_time(text: str) -> datetime | None:
    """`2026-01-31T13:45:00`, or a date alone for its midnight."""
    match = _IS_BOTH.fullmatch(text)
    if match is None:
        day = read_date(text)
        return None if day is None else datetime.combine(day, time())
    day, clock = read_date("-".join(match.groups()[:3])), _time(match.groups()[3:])
    return None if day is None or clock is None else datetime.combine(day, clock)


def read_duration(text: str) -> DayTime | YearMonth | None:
    """`P3DT4H` or `P1Y6M`; the two kinds never mix."""
    if (match := _MONTHS.fullmatch(text)) and any(match.groups()[1:]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearMonth(-months if match[1] else months)
    if (match := _DAYS.fullmatch(text)) and any(match.groups()[1:]) and not text.endswith("T"):
        hours = int(match[2] or 0) * 24 + int(match[3] or 0)
        seconds = Decimal(hours * 3600 + int(match[4] or 0) * 60) + Decimal(match[5] or 0)
        return DayTime(-seconds if match[1] else seconds)
    return None


def read_moment(text: str) -> Value:
    """What `@"…"` means: a date, a time, a date and time or a duration."""
    for read in (read_date, read_time, read_date_time, read_duration):
        if (found := read(text)) is not None:
            return found
    return None


def moment_text(value: date | time | datetime | DayTime | YearMonth) -> str:
    """The same as ISO 8601 text."""
    match value:
        case DayTime(seconds=seconds):
            return _days_text(seconds)
        case YearMonth(months=months):
            return _months_text(months)
        case datetime() | time():
            return _clock_text(value)
        case date():
            return value.isoformat()


def _clock_text(value: datetime | time) -> str:
    zone = value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None
    text = value.replace(tzinfo=None).isoformat() if zone else value.isoformat()
    if "." in text:
        head, _, rest = text.partition(".")
        fraction = rest[:6].rstrip("0")
        text = f"{head}.{fraction}{rest[6:]}" if fraction else f"{head}{rest[6:]}"
    return f"{text}@{zone}" if zone else text.replace("+00:00", "Z")


def seconds_of(gap: timedelta) -> Decimal:
    """A timedelta in exact seconds."""
    return Decimal(gap.days * DAY + gap.seconds) + Decimal(gap.microseconds) / 1_000_000


def _time(parts: tuple[str | None, ...]) -> time | None:
    hour, minute, second, fraction, zone = parts
    micro = int((fraction or "0").ljust(6, "0")[:6])
    try:
        return time(int(hour or 0), int(minute or 0), int(second or 0), micro, tzinfo=_zone(zone))
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text in ("Z", "z"):  # the specification writes both
        return UTC
    if text.startswith("@"):
        return ZoneInfo(text[1:])
    hours, minutes, seconds = [int(part) for part in f"{text[1:]}:00".split(":")[:3]]
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-offset if text[0] == "-" else offset)


def _days_text(seconds: Decimal) -> str:
    sign, left = ("-" if seconds < 0 else ""), abs(seconds)
    days, left = int(left // DAY), left % DAY
    hours, left = int(left // 3600), left % 3600
    minutes, left = int(left // 60), left % 60
    rest = format(left, "f")
    rest = rest.rstrip("0").rstrip(".") if "." in rest else rest
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{rest}S" if left else "")
    if not days and not clock:
        return "PT0S"
    return f"{sign}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"


def _months_text(months: int) -> str:
    years, rest = divmod(abs(months), 12)
    if not months:
        return "P0M"
    return f"{'-' if months < 0 else ''}P{f'{years}Y' if years else ''}{f'{rest}M' if rest else ''}"
